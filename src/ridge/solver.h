// What the parts of RidgeSolver share; private to ridge/.
#pragma once

#include "ridge/ridge.h"

// X = U S V' of numerical rank `rank`, and y in the unit 2^k that makes its largest element lie in
// [1, 2), so that no square overflows.
struct RidgeSolver {
    size_t n, d;        // rows, columns
    size_t contrasts;   // of the rows: n, or n - 1 with an intercept
    size_t count, rank; // count = min(contrasts, d)
    double tolerance;   // max(n, d) epsilon: what rounding may do to a number of size 1
    double condition;   // of X with its columns scaled to norm 1, at most
    double mean;        // of y, with an intercept; else 0. Below, y stands for y - mean
    double *s;          // (rank)
    double *u, *v;      // (n, rank), (rank, d)
    double *a;          // (rank): U'y
    double *outside;    // (n): y - UU'y, 0 where it cannot be told from rounding
    double *gap;     // (n): 1 - |u_i|^2, with an intercept 1/n less: the leverage of row i that X
                     // leaves free; 0 at rank `contrasts`
    double outside2; // |outside|^2
    double unit;     // of y
    double *work;    // of SOLVER_VALUES of mu together; 0 at first
};

enum { SOLVER_ROWS = 64, SOLVER_VALUES = 64 }; // of a block of work

// What becomes of direction j at mu: lambda_j + mu = rho_j^2, of which the least is rho^2. All is
// kept as quotients of these roots, so that no square overflows and mu = 0 is no special case.
typedef struct Shrink {
    double root, rho; // sqrt(mu); rho of the last direction
    double kept;      // mu / rho^2
} Shrink;
Shrink solver_shrink(const RidgeSolver *solver, double mu);

// c_j = (lambda_rank + mu) / (lambda_j + mu): mu/(lambda_j + mu), which a residual keeps, over
// `kept`.
double solver_relative(const RidgeSolver *solver, const Shrink *shrink, size_t j);

// Whether row i has a gap, with weight = sum_j u_ij^2 c_j. It has none when a change of X by
// rounding, which moves row i of I - UU' by up to tolerance s_1 |(u_ij/rho_j)_j|, or in columns of
// their own scale by tolerance times their condition, explains it.
bool solver_has_gap(const RidgeSolver *solver, const Shrink *shrink, size_t i, double weight);
