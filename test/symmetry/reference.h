// Written by reference.py; do not edit.
#pragma once

#include <stddef.h>

static const struct {
    const char *text;
    size_t weights, biases;
    const char *order;
} SYMPY[] = {
    {"S7", 2, 1, "5040"},
    {"S5 on pairs", 15, 2, "120"},
    {"S4 on tuples(3)", 187, 5, "24"},
    {"S6 on distinct-pairs", 7, 1, "720"},
    {"S7 on subsets(3)", 4, 1, "5040"},
    {"S6 on subsets(3)", 4, 1, "720"},
    {"M11", 2, 1, "7920"},
    {"M11 on subsets(2)", 3, 1, "7920"},
    {"M11 on pairs", 15, 2, "7920"},
    {"rubik", 9, 2, "43252003274489856000"},
    {"S3 wr S4", 3, 1, "31104"},
    {"S3 wr S3 on product", 4, 1, "1296"},
    {"S2 wr S5 on product", 6, 1, "3840"},
    {"rot90 5x5", 157, 7, "4"},
    {"square 5x5", 91, 6, "8"},
    {"torus 6x6", 36, 1, "36"},
    {"p4m 6x6", 10, 1, "288"},
    {"(1 2 3 4 5 6 7), (2 3)(4 7)", 2, 1, "168"},
};
