#include "num/linear.h"
#include "ridge/design.h"
#include "ridge/rank.h"
#include <float.h>
#include <math.h>
#include <string.h>

const char *const ridge_route_names[] = {"auto", "gram", "singular", "lanczos", NULL};

enum { DENSE_MOST = 20000 }; // beyond, AUTO takes Lanczos
enum { JACOBI_MOST = 1500 }; // singular values: beyond, only where they gain much
static const size_t KEPT = (size_t)1
                           << 25; // what Lanczos keeps instead of reading it in every step
static const double EXACT = 1e-13;
static const double WELL_CONDITIONED = 1e4; // up to here singular values keep 12 digits

double spectrum_zero(const RidgeSpectrum *spectrum) {
    return rank_tolerance(spectrum->n, spectrum->d);
}

// Ascending values become descending ones. What rounding may have made of a 0 is 0 in the limit,
// and then nobody knows the rank.
static bool take_ascending(RidgeSpectrum *spectrum, const double *value, Error *error) {
    size_t count = spectrum->count;
    spectrum->gram = value[count - 1] * spectrum_zero(spectrum);
    spectrum->limit = memory_try(count, sizeof(double), "eigenvalues", error);
    if (!spectrum->limit) return false;
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        double lambda = value[count - 1 - i];
        spectrum->lambda[i] = fmax(lambda, 0);
        spectrum->limit[i] = lambda > spectrum->gram ? lambda : 0;
        known += lambda > spectrum->gram;
    }
    spectrum->rank = known == count || value[count - 1] <= 0 ? known : RIDGE_RANK_UNKNOWN;
    return true;
}

static bool by_gram(const RidgeDesign *design, RidgeSpectrum *spectrum, Error *error) {
    size_t s = spectrum->count;
    spectrum->route = RIDGE_GRAM;
    double *gram = factor_gram(design, error);
    double *value = gram ? memory_try(s, sizeof *value, "eigenvalues", error) : NULL;
    bool ok = value && design_tell(design, "eigenvalues", 0, 0, error) &&
              linear_eigenvalues(s, gram, value, error) && take_ascending(spectrum, value, error);
    memory_free(gram);
    memory_free(value);
    return ok;
}

// Whether every lambda is known to EXACT of lambda + mu. One that vanishes in rounding is not: only
// singular values tell whether it is 0.
static bool gram_is_exact(const RidgeSpectrum *spectrum, double least_mu) {
    double first = spectrum->lambda[0], last = spectrum->limit[spectrum->count - 1];
    if (first == 0) return true;
    return last > 0 && DBL_EPSILON * first <= EXACT * (last + least_mu);
}

// ---- singular values ----

static bool graded_values(size_t rows, size_t columns, const double *x, double *value,
                          Error *error) {
    double *copy = design_matrix(rows, columns, "a copy of a matrix", error);
    if (!copy) return false;
    memcpy(copy, x, rows * columns * sizeof *copy);
    bool ok = linear_svd_graded(&(LinearSvd){rows, columns, copy, value, NULL, NULL}, error);
    memory_free(copy);
    return ok;
}

// The condition of x with rows of norm 1.
static bool row_condition(size_t rows, size_t columns, const double *x, double *condition,
                          Error *error) {
    size_t count = rows < columns ? rows : columns;
    double *copy = design_matrix(rows, columns, "a copy of a matrix", error);
    double *value = copy ? design_matrix(count, 1, "singular values", error) : NULL;
    for (size_t i = 0; value && i < rows; i++) {
        double norm = sqrt(linear_dot(columns, x + i * columns, x + i * columns));
        for (size_t j = 0; norm > 0 && j < columns; j++)
            copy[i * columns + j] = x[i * columns + j] / norm;
    }
    bool ok = value && linear_singular_values(rows, columns, copy, value, error);
    if (ok) *condition = value[0] / value[count - 1];
    memory_free(copy);
    memory_free(value);
    return ok;
}

// Of x without what lies beyond r directions; the other values stay 0.
static bool reduced_values(const RankFound *found, const double *x, size_t r, double *value,
                           Error *error) {
    if (r == found->count) return graded_values(found->rows, found->columns, x, value, error);
    double *reduced = rank_reduce(found, x, r, NULL, error);
    bool ok = reduced && (r == 0 || graded_values(r, found->columns, reduced, value, error));
    for (size_t i = r; i < found->count; i++) value[i] = 0;
    memory_free(reduced);
    return ok;
}

// Singular values in lambda of an ill-conditioned X become better ones where its columns' scales
// are what makes it so, and those of the matrix of less rank go to limit.
static bool refine(const RidgeDesign *design, RidgeSpectrum *spectrum, Error *error) {
    size_t rows, d = spectrum->d, count = spectrum->count;
    double zero = spectrum_zero(spectrum), by_rows = INFINITY;
    RankFound found = {.u = NULL};
    double *x = rank_matrix(design, &rows, error);
    bool ok = x && design_tell(design, "singular values of scaled columns", 0, 0, error) &&
              rank_find(rows, d, x, zero, &found, error);
    spectrum->found = found.rank;
    bool better = count <= JACOBI_MOST || found.seen_least > 100 / spectrum->condition;
    if (ok && found.seen == count && found.seen_least * WELL_CONDITIONED < 1)
        ok = row_condition(rows, d, x, &by_rows, error);
    if (ok && (better || found.seen < count)) {
        spectrum->relative = zero * fmin(1 / found.seen_least, by_rows);
        ok = design_tell(design, "singular values by Jacobi rotations", 0, 0, error) &&
             reduced_values(&found, x, found.seen, spectrum->lambda, error);
    }
    if (ok && found.rank.rank < found.seen) {
        spectrum->limit_relative = zero / found.rank.least;
        spectrum->limit = design_matrix(count, 1, "eigenvalues", error);
        ok = spectrum->limit && reduced_values(&found, x, found.rank.rank, spectrum->limit, error);
    }
    rank_free(&found);
    memory_free(x);
    return ok;
}

static void square(size_t count, double *sigma) {
    for (size_t i = 0; sigma && i < count; i++) sigma[i] *= sigma[i];
}

static bool by_singular(const RidgeDesign *design, RidgeSpectrum *spectrum, Error *error) {
    size_t s = spectrum->count;
    double *sigma = spectrum->lambda, zero = spectrum_zero(spectrum);
    spectrum->route = RIDGE_SINGULAR;
    spectrum->gram = 0;
    memory_free(spectrum->limit);
    spectrum->limit = NULL;
    double *r = factor_triangle(design, 0, error);
    bool ok = r && design_tell(design, "singular values", 0, 0, error) &&
              linear_singular_values(s, s, r, sigma, error);
    memory_free(r);
    if (!ok) return false;
    spectrum->relative = spectrum->limit_relative = INFINITY;
    spectrum->absolute = zero * sigma[0];
    spectrum->condition = sigma[s - 1] > 0 ? sigma[0] / sigma[s - 1] : INFINITY;
    // Scaled to unit columns the condition is at most sqrt(d) times as large.
    double least = sigma[s - 1] / sigma[0] / sqrt((double)spectrum->d);
    spectrum->found = (RidgeRank){.rank = s, .tolerance = zero, .least = least};
    ok = spectrum->condition <= WELL_CONDITIONED || refine(design, spectrum, error);
    spectrum->rank = spectrum->found.rank;
    square(s, spectrum->lambda);
    square(s, spectrum->limit);
    return ok;
}

bool spectrum_is_huge(const RidgeDesign *design) {
    return design->n > DENSE_MOST && design->d > DENSE_MOST;
}

static bool by_auto(const RidgeDesign *design, double least_mu, RidgeSpectrum *spectrum,
                    Error *error) {
    if (spectrum_is_huge(design)) return spectrum_lanczos(design, least_mu, KEPT, spectrum, error);
    if (!by_gram(design, spectrum, error)) return false;
    return gram_is_exact(spectrum, least_mu) || by_singular(design, spectrum, error);
}

static bool by_route(const RidgeDesign *design, double least_mu, RidgeRoute route,
                     RidgeSpectrum *spectrum, Error *error) {
    if (route == RIDGE_LANCZOS) return spectrum_lanczos(design, least_mu, KEPT, spectrum, error);
    if (route == RIDGE_GRAM) return by_gram(design, spectrum, error);
    if (route == RIDGE_SINGULAR) return by_singular(design, spectrum, error);
    return by_auto(design, least_mu, spectrum, error);
}

static double condition(const RidgeSpectrum *spectrum, double mu) {
    if (isinf(mu)) return 1;
    double most = 0, least = INFINITY;
    const double *lambda = mu == 0 && spectrum->limit ? spectrum->limit : spectrum->lambda;
    for (size_t i = 0; i < spectrum->count; i++) {
        if (spectrum->weight && spectrum->weight[i] == 0) continue;
        most = fmax(most, lambda[i]);
        least = fmin(least, lambda[i]);
    }
    return least + mu > 0 ? (most + mu) / (least + mu) : INFINITY;
}

bool ridge_spectrum(const RidgeDesign *design, double least_mu, RidgeRoute route,
                    RidgeSpectrum *spectrum, Error *error) {
    REQUIRE(least_mu >= 0);
    size_t n = design->n, d = design->d, s = n < d ? n : d;
    *spectrum = (RidgeSpectrum){.n = n, .d = d, .count = s, .intercept = design->intercept};
    spectrum->lambda = memory_try(s, sizeof(double), "eigenvalues", error);
    bool ok = spectrum->lambda && by_route(design, least_mu, route, spectrum, error);
    if (ok)
        spectrum->condition = condition(spectrum, least_mu);
    else
        ridge_spectrum_free(spectrum);
    return ok;
}

void ridge_spectrum_free(RidgeSpectrum *spectrum) {
    memory_free(spectrum->lambda);
    memory_free(spectrum->limit);
    memory_free(spectrum->weight);
    memory_free(spectrum->end_lambda);
    memory_free(spectrum->end_weight);
    *spectrum = (RidgeSpectrum){0};
}
