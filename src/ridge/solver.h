// What the parts of RidgeSolver share; private to ridge/.
#pragma once

#include "ridge/ridge.h"

// X = U S V' of numerical rank `rank`, and y in the unit 2^k that makes its largest element lie in
// [1, 2), so that no square overflows.
struct RidgeSolver {
    size_t n, d, count, rank; // count = min(n, d)
    double tolerance;         // max(n, d) epsilon: what rounding may do to a number of size 1
    double *s;                // (rank)
    double *u, *v;            // (n, rank), (rank, d)
    double *a;                // (rank): U'y
    double *outside;          // (n): y - UU'y, 0 where it cannot be told from rounding
    double *gap;     // (n): 1 - |u_i|^2, the leverage of row i that X leaves free; 0 at rank n
    double outside2; // |outside|^2
    double unit;     // of y
    double *work;    // of ridge_solver_validate_all; 0 at first
};
