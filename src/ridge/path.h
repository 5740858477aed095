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
#pragma once

#include "num/linear.h"
#include "ridge/design.h"

typedef struct PathFactor {
    size_t m, p, q; // q = min(m, p)
    double *l;      // (m, q), row k is 0 from coordinate rank[k] on
    double *basis;  // Q (q, p), or NULL
    size_t *rank;   // (m): of the first k + 1 rows
    double *square; // (m): sum of the squares of the first k + 1 rows of A
    double *lost;   // (m): sum of the squares of what was taken for 0 in them
} PathFactor;

// A row depends when what it adds is at most max(k, p) epsilon |A_k|_F. That is lost: it can lift a
// singular value from 0 to sqrt(lost). Takes a (m, p) over, also when it fails. Cost: 2 m p
// min(m, p) multiply-adds.
bool path_factor(size_t m, size_t p, double *a, bool basis, PathFactor *factor, Error *error);
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

    // Rows one step away from the base: all, or all but the first, last row first.
    size_t steps;
    double *solved;  // M C' (rank, steps)
    double *inverse; // (steps, steps), upper triangle: D'^-1, or U^-1
    double *along;   // (steps, rank): D^-1 C R^-1, or W

    // Of a deficient row: the singular values that count, and what belongs to them.
    size_t kept;
    double *value;  // (kept)
    double *vector; // (kept, rank): orthonormal rows, eigenvectors of G
} PathBlock;

typedef bool PathVisit(void *context, const PathBlock *block, Error *error);

// Visits all rows, in blocks of at most `most` rows, in order.
bool path_walk(const PathFactor *factor, size_t most, PathVisit *visit, void *context,
               Error *error);

// Rows of X, or its columns, as the rows of a matrix in memory; NULL and an error when it does not
// fit there.
double *path_read(const RidgeDesign *design, bool columns, Error *error);

// linear_product and linear_triangle_solve, also for empty matrices.
void path_product(const LinearProduct *product);
void path_solve(size_t n, const double *r, bool transposed, size_t columns, double *b);
