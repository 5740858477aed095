#include "num/linear.h"
#include "ridge/design.h"
#include <float.h>
#include <math.h>

// ---- the factor R, R'R = H + mu I (XX' + mu I when wide), s = min(n, d) ----

static size_t smaller_side(const RidgeDesign *design) {
    return design->n < design->d ? design->n : design->d;
}

// By Cholesky; *factor stays NULL when the matrix is not positive definite to rounding.
static bool by_cholesky(const RidgeDesign *design, double mu, double **factor, Error *error) {
    size_t s = smaller_side(design);
    double *r = factor_gram(design, error);
    if (!r) return false;
    for (size_t i = 0; i < s; i++) r[i * s + i] += mu;
    if (!design_tell(design, "a Cholesky factorisation", 0, 0, error)) {
        memory_free(r);
        return false;
    }
    if (linear_cholesky(s, r))
        *factor = r;
    else
        memory_free(r);
    return true;
}

// By QR of X on top of sqrt(mu) I. The order matters: with sqrt(mu) I on top, rounding of X would
// perturb sqrt(mu) itself, by epsilon sigma_1.
static bool by_triangle(const RidgeDesign *design, double mu, double **factor, Error *error) {
    size_t s = smaller_side(design);
    double *r = factor_triangle(design, s, error);
    if (!r) return false;
    double *below = r + s * s;
    for (size_t i = 0; i < s * s; i++) below[i] = i % (s + 1) == 0 ? sqrt(mu) : 0;
    if (linear_qr_add(s, s, r, error)) {
        *factor = r;
        return true;
    }
    memory_free(r);
    return false;
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
    double *v = memory_try(n, sizeof *v, "a direction", error);
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
static double trace_inverse(const RidgeDesign *design, double *r) {
    size_t n = smaller_side(design), across = design->n + design->d - n;
    for (size_t i = 0; i < n; i++) {
        if (r[i * n + i] == 0) return NAN;
    }
    double norm = square_sum(n, r);
    linear_triangle_inverse(n, r);
    double trace = square_sum(n, r);
    double lost = (double)across * DBL_EPSILON;
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
    double *r = NULL;
    bool ok = by_cholesky(design, mu, &r, error), exact = false;
    if (ok && r) ok = exact_enough(smaller_side(design), r, mu, &exact, error);
    if (ok && !exact) {
        memory_free(r);
        r = NULL;
        ok = by_triangle(design, mu, &r, error);
    }
    double trace = ok ? trace_inverse(design, r) : 0;
    memory_free(r);
    if (!ok) return false;
    if (isnan(trace))
        return error_set(error,
                         "%s: the best mu, %g, is lost to rounding beside the largest eigenvalue; "
                         "take the risk from the spectrum instead",
                         design->name, mu);
    // The d - n zeros of a wide X contribute se2/mu* = sw2/d each.
    double unseen = (double)(design->d - smaller_side(design)) / (double)design->d;
    *route = exact ? RIDGE_GRAM : RIDGE_SINGULAR;
    *risk = law->noise * trace + law->signal * unseen;
    return true;
}
