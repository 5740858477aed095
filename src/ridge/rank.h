// Rank, by one rule everywhere in ridge/: how many singular values of X, its columns scaled to norm
// 1, exceed max(n, d) epsilon times the largest. Private to ridge/.
//
// Scaling decides the rank only. With left singular vectors U_r of the scaled matrix, X_r = U_r
// U_r'X is the matrix of that rank, in the columns' own units: what rounding added is gone, and no
// small column with it. Its pseudo-inverse gives the solution of least norm, its eigenvalues the
// limit mu
// -> 0+. A change of X by rounding moves it by as little as X.
#pragma once

#include "ridge/ridge.h"

// The tolerance, max(n, d) epsilon.
double rank_tolerance(size_t n, size_t d);

// The norm of a column of x (rows, columns), without overflow; all into norm (columns).
void rank_norms(size_t rows, size_t columns, const double *x, double *norm);

// X (*rows, d) where it is wide or small, else its triangular factor; memory_free.
double *rank_matrix(const RidgeDesign *design, size_t *rows, Error *error);

// Of singular values (count), descending, of the scaled matrix.
RidgeRank rank_of(size_t count, const double *value, double tolerance);

// What singular values of the scaled matrix say. `seen` of its directions are more than rounding in
// the arithmetic makes of none; those beyond the rank are few and uncertain, and count for mu > 0.
typedef struct RankFound {
    RidgeRank rank;
    size_t rows, columns, count; // of x; min(rows, columns)
    size_t seen;                 // rank.rank at least
    double seen_least;           // of those singular values, over the largest
    double *u;                   // (rows, count): left singular vectors
} RankFound;

// Of x (rows, columns), which is X or has X's singular values whatever its columns are scaled by
// (the triangular factor of a tall X). An X that is centred is centred before. Cost: a singular
// value decomposition, a copy of x and its vectors.
bool rank_find(size_t rows, size_t columns, const double *x, double tolerance, RankFound *found,
               Error *error);
void rank_free(RankFound *found);

// U_r'x (r, columns), with the singular values and right vectors of X_r, for r = rank.rank or seen;
// left (rows, r), unless NULL, becomes U_r: X_r = left times it.
double *rank_reduce(const RankFound *found, const double *x, size_t r, double *left, Error *error);

// The rank of the first `rows` rows of X, and, unless trace is NULL, the trace of the
// pseudo-inverse of X_r X_r'.
bool rank_of_rows(const RidgeDesign *design, size_t rows, RidgeRank *found, double *trace,
                  Error *error);

// The singular value decomposition of a whole X (n, d) without what counts as 0: of X_r, of which
// the limit mu -> 0+ is, or of the directions seen, for mu > 0.
typedef struct RankSvd {
    RidgeRank rank;
    size_t count;           // rank.rank, or those seen
    double *value, *u, *vt; // (count), (n, count), (count, d)
} RankSvd;
bool rank_reduced_svd(size_t n, size_t d, const double *x, bool limit, RankSvd *svd, Error *error);
void rank_svd_free(RankSvd *svd);

// The least-squares solutions of least norm with the rank of X by this rule. For mu > 0 A is X with
// sqrt(mu) I below it or, wide, beside it, whose first d unknowns are w. fill writes A (m, columns)
// as its transpose each time that it is asked to: twice where A is ill-conditioned and singular
// values decide. b (outputs, max(m, columns)) as in
// LinearLeastSquares.
typedef struct RankProblem {
    size_t n, d, outputs; // of X
    size_t m, columns;    // of A
    double mu;
    bool (*fill)(void *context, double *at, Error *error);
    void *context;
    double *at, *b; // at (columns, m): room
} RankProblem;
bool rank_least_squares(const RankProblem *problem, Error *error);

// The singular value decomposition of a whole X (n, d): u (n, k), value (k), vt (k, d) with k =
// min(n, d), by linear_svd, or linear_svd_graded where X is ill-conditioned.
bool rank_svd(size_t n, size_t d, const double *x, double *value, double *u, double *vt,
              Error *error);
