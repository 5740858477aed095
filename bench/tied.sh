#!/bin/sh
# Tied layers beside fully connected ones, on one core; the pattern of a group beside GAP's orbits on
# pairs (Debian's gap-core), where it is installed.
bench_tied
for group in "S400" "C400" "S20 wr S20" "S20 on pairs" "torus 20x20" "C4096" "S2 wr S12 on product" \
    "S2 wr S13 on product" "torus 64x128"; do
    bench_tied --pattern "$group"
done
command -v gap > /dev/null || { echo "GAP is not installed"; exit 0; }
gap -q -A bench/tied.g < /dev/null
