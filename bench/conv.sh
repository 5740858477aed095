#!/bin/sh
# The three passes of convolutions on one core, against PyTorch's on the same shapes.
exec python bench/conv.py
