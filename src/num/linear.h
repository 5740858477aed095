// Dense linear algebra in double, a facade over OpenBLAS and its LAPACK. Matrices are row-major and
// contiguous. A result agrees to rounding, not to the bit, across OpenBLAS's thread counts.
#pragma once

#include "base/base.h"

// Loads OpenBLAS, and says how many threads the calls below may use, from now on, in the whole
// process. To be called before them, while nobody else uses OpenBLAS. Each thread has a buffer of
// 128 MB, taken here and kept: where the address space (ulimit -v) has less room, there are fewer
// threads. False when there is no room for one, or no library.
bool linear_threads(int threads, Error *error);

// For a thread that is one of several that call at a time, each with one thread of OpenBLAS: it has
// a buffer from linear_enter to linear_leave. Where there is no room for one more it waits until
// another thread leaves; false when nobody is inside, and there is no room for one.
bool linear_enter(Error *error);
void linear_leave(void);

int linear_thread_count(void);

// "0.3.21-SkylakeX", OpenBLAS's version and its kernels: with one thread the bits of a result
// depend on nothing else.
const char *linear_arithmetic(void);

// c (n, n) += a'a for a (rows, n), its upper triangle. Cost: rows n^2 multiply-adds.
void linear_gram_add(size_t rows, size_t n, const double *a, double *c);

// The eigenvalues of symmetric a (n, n), upper triangle, ascending, into value (n). Destroys a.
// Cost: 4/3 n^3 flops, half of them bound by memory. linear_eigen also puts the eigenvectors into
// the rows of a.
bool linear_eigenvalues(size_t n, double *a, double *value, Error *error);
bool linear_eigen(size_t n, double *a, double *value, Error *error);

// The singular values of a (m, n), descending, into value (min(m, n)). Destroys a.
bool linear_singular_values(size_t m, size_t n, double *a, double *value, Error *error);

// The triangular factor of a taller and taller matrix. stack (n + rows, n) holds R in its upper n
// rows (0 at first) and more rows of the matrix below; afterwards R'R is that of all of them.
// Destroys the rows below. Cost: 2 (n + rows) n^2 flops.
bool linear_qr_add(size_t rows, size_t n, double *stack, Error *error);

// a (n, n) symmetric, upper triangle: its Cholesky factor R, a = R'R, in the same place. False
// without an error when a is not positive definite.
bool linear_cholesky(size_t n, double *a);

// The inverse of upper triangular r (n, n) in the same place; every diagonal element is not 0.
void linear_triangle_inverse(size_t n, double *r);

// v = R v (transposed: R'v) for upper triangular r (n, n).
void linear_triangle_multiply(size_t n, const double *r, bool transposed, double *v);

// Solves R x = b (transposed: R'x = b) for upper triangular r (n, n), in place, for the `columns`
// right-hand sides in the columns of b (n, columns).
void linear_triangle_solve(size_t n, const double *r, bool transposed, size_t columns, double *b);

// y (m, n) = beta y + alpha op(a) op(b), op as in "transposed". a is (m, k) or, transposed, (k, m);
// b is (k, n) or, transposed, (n, k).
typedef struct LinearProduct {
    size_t m, n, k;
    double alpha, beta;
    bool a_transposed, b_transposed;
    const double *a, *b;
    double *y;
} LinearProduct;
void linear_product(const LinearProduct *product);

double linear_dot(size_t n, const double *a, const double *b);

// The least-squares solution of least norm, by a complete orthogonal factorisation. Its matrix A
// (m, n) is given as its transpose at (n, m), which is destroyed. Each row of b (columns, max(m,
// n)) holds a right-hand side in its first m places, and then the solution in its first n. Parts of
// A below tolerance times its largest singular value count as 0.
typedef struct LinearLeastSquares {
    size_t m, n, columns;
    double tolerance;
    double *at, *b;
    size_t rank; // how many parts count: set by the solver
} LinearLeastSquares;
bool linear_least_squares(LinearLeastSquares *problem, Error *error);

// The thin singular value decomposition a = u diag(value) vt, k = min(m, n), values descending.
// Destroys a. Cost: about 20 k^3 flops when square; workspace: about 4 k^2 doubles more.
typedef struct LinearSvd {
    size_t m, n;
    double *a;      // (m, n)
    double *value;  // (k)
    double *u, *vt; // (m, k), (k, n): columns of u and rows of vt are orthonormal; vt may be NULL
                    // when m = n: it is then left in a
} LinearSvd;
bool linear_svd(const LinearSvd *svd, Error *error);

// The same by one-sided Jacobi rotations behind a QR with row and column pivots: where rows or
// columns differ in scale alone, a = D1 C D2 with diagonal D1 and D2, each singular value, the
// small ones too, is right to about epsilon times the condition of C, where linear_svd knows it to
// epsilon times the largest (Drmac, Veselic 2008; LAPACK's dgejsv). u and vt may both be NULL. Five
// to ten times as slow; workspace: a copy of a and about 2 k^2 doubles more.
bool linear_svd_graded(const LinearSvd *svd, Error *error);

// a (m, n) = L Q with k = min(m, n). Afterwards a begins with L (m, k), 0 above its diagonal: its
// first rows are the factor of the first rows of a. q (k, n), unless NULL, has orthonormal rows.
bool linear_lq(size_t m, size_t n, double *a, double *q, Error *error);
