#!/bin/sh
# Guess and check: networks a second of one core, ours against batched PyTorch, on the same core.
# SECONDS_EACH (default 1) of core time are given to each of PyTorch's variants.
set -eu
ninja -C build/release bench_guess >/dev/null
exec python bench/peer_guess.py
