// The minimum-norm solution of every prefix of the rows of a matrix A (m, p), private to ridge/.
//
// A = L Q with orthonormal rows of Q: the first k rows of A have rank r and are L_k Q_r, L_k (k, r)
// of full column rank. G_k = L_k'L_k = R'R holds the eigenvalues of A_k A_k' that are not 0. A row
// either grows (r becomes r + 1) or depends on those before it (r stays).
//
// A run of rows that grow starts from R before it: L_k = [L_0, 0; C, D], D lower triangular, so
// the inverse of [R, 0; C, D] has the further rows D^-1 [-C R^-1, I].
// A run of rows that depend starts from R AFTER it and takes rows away, so that numbers grow
// towards the ill-conditioned end and none cancel: with M = G^-1 and S = I - C M C' = U'U
// (Woodbury), taking away j rows adds W_j'W_j to M, W = U^-T C M, for every j at once.
// R comes from orthogonal transformations alone and never loses accuracy on the way; a run is cut
// into blocks, each with an R of its own, where Woodbury's formula would lose too much.
//
// Rank is that of the rule in rank.h, of X with its columns scaled to norm 1. A row depends when
// what it and those like it before it add is below the tolerance in that scale for sure; any other
// one grows. The pseudo-inverse of the scaled prefix then tells whether all that grew counts; where
// it may not, singular values of the prefix decide.
#pragma once

#include "num/linear.h"
#include "ridge/rank.h"
#include "ridge/design.h"

typedef struct PathFactor {
    size_t m, p, q; // q = min(m, p)
    double *l;      // (m, q), row k is 0 from coordinate rank[k] on
    double *basis;  // Q (q, p), or NULL
    size_t *rank;   // (m): of the first k + 1 rows
    // X with columns of norm 1: its factor is L with row k times by[k], or, where columns of X are
    // columns of A, another one, with the same rank.
    double *by, *other; // (m), or (m, q)
    double *scale;      // (m): the largest norm of a column of X in the first k + 1 rows
    double *square;     // (m): sum of squares of the first k + 1 rows in that scale
    double *lost;       // (m): sum of the squares there of what was taken for 0
    double contrast;    // the largest norm of a row or column of X by the least that is not 0
} PathFactor;

// The factor of the columns of X, read as rows of A, with its basis; or of its rows, without. Cost:
// 2 n d min(n, d) multiply-adds; twice that for rows.
bool path_factor(const RidgeDesign *design, bool columns, PathFactor *factor, Error *error);
void path_factor_free(PathFactor *factor);

typedef enum PathKind {
    PATH_GROWS,     // every row grows; the base is before the first row
    PATH_DEPENDS,   // no row grows; the base is after the last row
    PATH_DEFICIENT, // one row, after which singular values are too small to tell from 0
} PathKind;

typedef struct PathBlock {
    PathKind kind;
    size_t first, rows;
    size_t rank;      // r of the base
    double *triangle; // R of the base (rank, rank)
    double *trace;    // (rows): tr of the pseudo-inverse of A_k A_k'
    RidgeRank *found; // (rows): rank; `least` is a lower bound, `dropped` an upper one

    // Rows one step away from the base: all, or all but the first, last row first.
    size_t steps;
    double *solved;  // M C' (rank, steps)
    double *inverse; // (steps, steps), upper triangle: D'^-1, or U^-1
    double *along;   // (steps, rank): D^-1 C R^-1, or W

    // Of a deficient row of columns: the singular values of X_r, and what belongs to them.
    size_t kept;
    double *value;  // (kept)
    double *vector; // (kept, rank): orthonormal rows, its right vectors in the coordinates of L
} PathBlock;

typedef bool PathVisit(void *context, const PathBlock *block, Error *error);

// Visits all rows, in blocks of at most `most` rows, in order.
bool path_walk(const RidgeDesign *design, const PathFactor *factor, size_t most, PathVisit *visit,
               void *context, Error *error);

// Whether prefixes differ so much in scale that each should be decomposed on its own, and are few
// and small enough for that.
bool path_goes_one_by_one(const PathFactor *factor);

// The first k columns or rows of X.
typedef bool PathVisitOne(void *context, size_t k, const RankSvd *svd, Error *error);
bool path_each(const RidgeDesign *design, bool columns, PathVisitOne *visit, void *context,
               Error *error);

// linear_product and linear_triangle_solve, also for empty matrices.
void path_product(const LinearProduct *product);
void path_solve(size_t n, const double *r, bool transposed, size_t columns, double *b);
