#!/bin/sh
# The exact risk of ridge regression against NumPy, cross-validation against scikit-learn, on the same
# matrices and threads. D (default 4000) features, 2 D samples; cross-validation at D / 4 and D / 2;
# stochastic Lanczos quadrature at 30000 x 20500 (2.5 GB of disk);
# a matrix of ROWS (default 1000000) rows that stays in its file, 4 kB a row of disk in $TMPDIR.
set -eu
ninja -C build/release benign bench_ridge >/dev/null
python -c 'import sklearn' 2>/dev/null || python -m pip install --quiet scikit-learn
exec python bench/ridge.py
