#!/usr/bin/env python3
"""Eigenvalues of X'X from singular values in 50 digits (mpmath), for matrices that C repeats exactly.

    python3 test/ridge/spectrum_reference.py > test/ridge/spectrum_reference.h
"""
from fractions import Fraction
from mpmath import mp, matrix, mpf

mp.dps = 50


def element(kind, i, j):
    if kind == "mixed":
        signs = [(-1) ** bin(j & k).count("1") for k in range(8)]
        return sum(element("graded", i, k) * signs[k] for k in range(8))
    if kind == "zero":
        return Fraction(0)
    if kind == "constant" and j == 3:
        return Fraction(2385, 1024)
    if kind == "hole" and j == 4:
        return Fraction(0)
    if kind == "deficient" and j == 5:
        return element(kind, i, 2) + element(kind, i, 3)
    if kind == "deficient" and j == 7:
        return element(kind, i, 1) - 2 * element(kind, i, 6)
    value = Fraction((7919 * i + 104729 * j + 31 * i * j + 17 * i * i * j) % 1009 - 504, 64)
    return value / 4 ** j if kind == "graded" else value


cases = [("plain", 12, 12), ("plain", 23, 6), ("plain", 7, 19), ("plain", 1, 9), ("plain", 11, 1),
         ("plain", 1, 1), ("deficient", 15, 8), ("deficient", 5, 9), ("hole", 10, 6),
         ("constant", 9, 7), ("zero", 5, 4), ("graded", 14, 7), ("graded", 5, 9),
         ("mixed", 14, 8)]
width = max(min(n, d) for _, n, d in cases)
lines = ["// Written by test/ridge/spectrum_reference.py; do not edit.",
         "// clang-format off", "#pragma once", "#include <stddef.h>", "",
         "static const struct {", "    const char *kind;", "    size_t n, d, rank;",
         f"    double lambda[{width}];", "} spectrum_reference[] = {"]
for kind, n, d in cases:
    x = matrix(n, d)
    for i in range(n):
        for j in range(d):
            e = element(kind, i, j)
            x[i, j] = mpf(e.numerator) / e.denominator
    sigma = [mpf(0)] * min(n, d)
    if kind != "zero":
        sigma = sorted(mp.svd_r(x if n >= d else x.T, compute_uv=False), reverse=True)
    exact = [s ** 2 if s > mpf(10) ** -30 else mpf(0) for s in sigma]
    rank = sum(value > 0 for value in exact)
    numbers = ", ".join(mp.nstr(value, 20) for value in exact)
    lines.append(f'    {{"{kind}", {n}, {d}, {rank}, {{{numbers}}}}},')
lines.append("};")
print("\n".join(lines))
