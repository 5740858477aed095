#include "ridge/ridge.h"
#include "num/linear.h"
#include <float.h>
#include <math.h>

enum { BLOCK = 256 }; // rows (or, when wide, columns) of X in a block

// The smaller side of X: its columns, or its rows when it is wide. `across` are the others.
typedef struct Side {
    const RidgeDesign *design;
    bool wide;
    size_t size, across;
} Side;

static Side side_of(const RidgeDesign *design) {
    if (design->d > design->n) return (Side){design, true, design->n, design->d};
    return (Side){design, false, design->d, design->n};
}

// Rows first .. first + count - 1 of X, or of X' when wide, into block (count, size). scratch, as
// large as block, is needed when wide.
static bool read_block(const Side *side, size_t first, size_t count, double *scratch, double *block,
                       Error *error) {
    const RidgeDesign *design = side->design;
    size_t size = side->size;
    if (!side->wide) return design->read(design, first, count, 0, size, block, error);
    if (!design->read(design, 0, size, first, count, scratch, error)) return false;
    for (size_t i = 0; i < size; i++) {
        for (size_t j = 0; j < count; j++) block[j * size + i] = scratch[i * count + j];
    }
    return true;
}

static double *matrix_new(size_t rows, size_t columns, Error *error) {
    size_t bytes;
    if (__builtin_mul_overflow(columns, sizeof(double), &bytes)) {
        error_set(error, "a matrix with %zu columns is more than any memory holds", columns);
        return NULL;
    }
    return memory_try(rows, bytes, "a factorisation of the design matrix", error);
}

// ---- the factor R, R'R = H + mu I (XX' + mu I when wide) ----

// By Cholesky; *factor stays NULL when the matrix is not positive definite to rounding.
static bool factor_gram(const Side *side, double mu, double **factor, Error *error) {
    size_t size = side->size;
    double *r = matrix_new(size, size, error), *block = NULL, *scratch = NULL;
    bool ok = r && (block = matrix_new(BLOCK, size, error)) &&
              (scratch = matrix_new(side->wide ? BLOCK : 0, size, error));
    for (size_t first = 0; ok && first < side->across; first += BLOCK) {
        size_t count = side->across - first < BLOCK ? side->across - first : BLOCK;
        ok = read_block(side, first, count, scratch, block, error);
        if (ok) linear_gram_add(count, size, block, r);
    }
    memory_free(block);
    memory_free(scratch);
    for (size_t i = 0; ok && i < size; i++) r[i * size + i] += mu;
    if (ok && linear_cholesky(size, r))
        *factor = r;
    else
        memory_free(r);
    return ok;
}

// By QR of X on top of sqrt(mu) I. The order matters: with sqrt(mu) I on top, rounding of X would
// perturb sqrt(mu) itself, by epsilon sigma_1.
static bool factor_stack(const Side *side, double mu, double **factor, Error *error) {
    size_t size = side->size, most = size > BLOCK ? size : BLOCK, rows;
    if (__builtin_add_overflow(size, most, &rows)) rows = SIZE_MAX;
    double *r = matrix_new(rows, size, error), *scratch = NULL;
    bool ok = r && (scratch = matrix_new(side->wide ? most : 0, size, error));
    for (size_t first = 0; ok && first < side->across; first += most) {
        size_t count = side->across - first < most ? side->across - first : most;
        ok = read_block(side, first, count, scratch, r + size * size, error) &&
             linear_qr_add(count, size, r, error);
    }
    memory_free(scratch);
    if (ok) {
        double *below = r + size * size;
        for (size_t i = 0; i < size * size; i++) below[i] = i % (size + 1) == 0 ? sqrt(mu) : 0;
        ok = linear_qr_add(size, size, r, error);
    }
    if (ok)
        *factor = r;
    else
        memory_free(r);
    return ok;
}

// ---- how well it is conditioned ----

static double normalise(size_t n, double *v) {
    double length = sqrt(linear_dot(n, v, v));
    for (size_t i = 0; i < n; i++) v[i] /= length;
    return length;
}

// The largest eigenvalue of R'R or, inverse, of its inverse, by power iteration from a random
// direction: from below, on average short by less than 0.87 log n / (STEPS - 1) of itself, mostly
// by a few parts in a hundred (Kuczynski, Wozniakowski 1992). 0 or nan when numbers overflow. v (n)
// is scratch.
static double largest(size_t n, const double *r, bool inverse, double *v) {
    enum { STEPS = 12 };
    Random random = random_stream(0, RANDOM_RIDGE, UINT64_MAX);
    for (size_t i = 0; i < n; i++) v[i] = random_normal(&random);
    normalise(n, v);
    double value = 0;
    for (int step = 0; step < STEPS; step++) {
        if (inverse) {
            linear_triangle_solve(n, r, true, 1, v);
            linear_triangle_solve(n, r, false, 1, v);
        } else {
            linear_triangle_multiply(n, r, false, v);
            linear_triangle_multiply(n, r, true, v);
        }
        value = normalise(n, v);
    }
    return value;
}

// The rule of ridge_spectrum: epsilon lambda_1 / (lambda_last + mu) <= 1e-13.
static bool exact_enough(size_t n, const double *r, double mu, bool *exact, Error *error) {
    double *v = matrix_new(1, n, error);
    if (!v) return false;
    double top = largest(n, r, false, v) - mu, inverse = largest(n, r, true, v);
    memory_free(v);
    *exact = DBL_EPSILON * top * inverse <= 1e-13; // false for nan
    return true;
}

static double square_sum(size_t n, const double *r) { // of an upper triangle
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += linear_dot(n - i, r + i * n + i, r + i * n + i);
    return sum;
}

// tr (R'R)^-1, the sum of squares of R^-1, which replaces R. NAN when what is small in R is less
// than the rounding of what is large.
static double trace_inverse(const Side *side, double *r) {
    size_t n = side->size;
    for (size_t i = 0; i < n; i++) {
        if (r[i * n + i] == 0) return NAN;
    }
    double norm = square_sum(n, r);
    linear_triangle_inverse(n, r);
    double trace = square_sum(n, r);
    double lost = (double)side->across * DBL_EPSILON;
    return lost * sqrt(norm) * sqrt(trace) < 1 ? trace : NAN;
}

bool ridge_best_risk(const RidgeDesign *design, const RidgeLaw *law, double *risk,
                     RidgeRoute *route, Error *error) {
    double mu = ridge_best_mu(law, design->d);
    if (!(mu > 0 && mu < INFINITY))
        return error_set(error,
                         "the best mu, d noise/signal with noise %g and signal %g, should be "
                         "above 0 and finite",
                         law->noise, law->signal);
    Side side = side_of(design);
    double *r = NULL;
    bool ok = factor_gram(&side, mu, &r, error), exact = false;
    if (ok && r) ok = exact_enough(side.size, r, mu, &exact, error);
    if (ok && !exact) {
        memory_free(r);
        r = NULL;
        ok = factor_stack(&side, mu, &r, error);
    }
    double trace = ok ? trace_inverse(&side, r) : 0;
    memory_free(r);
    if (!ok) return false;
    if (isnan(trace))
        return error_set(error,
                         "%s: the best mu, %g, is lost to rounding beside the largest eigenvalue; "
                         "take the risk from the spectrum instead",
                         design->name, mu);
    // The d - n zeros of a wide X contribute se2/mu* = sw2/d each.
    double unseen = side.wide ? (double)(design->d - design->n) / (double)design->d : 0;
    *route = exact ? RIDGE_GRAM : RIDGE_SINGULAR;
    *risk = law->noise * trace + law->signal * unseen;
    return true;
}
