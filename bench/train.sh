#!/bin/sh
# The published MNIST-1D sweep, one seed: FLOP/s against the machine's peak, seconds against PyTorch.
# EPOCHS (default 500) is what we run; PEER_EPOCHS (default 60) what both run for the ratio.
exec python bench/train.py
