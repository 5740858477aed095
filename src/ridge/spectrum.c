#include "num/linear.h"
#include "ridge/design.h"
#include <float.h>
#include <math.h>
#include <string.h>

const char *const ridge_route_names[] = {"auto", "gram", "singular", "lanczos", NULL};

enum { DENSE_MOST = 20000 }; // beyond, AUTO takes Lanczos
static const size_t KEPT = (size_t)1
                           << 25; // what Lanczos keeps instead of reading it in every step
static const double EXACT = 1e-13;

double spectrum_zero(const RidgeSpectrum *spectrum) {
    size_t longer = spectrum->n > spectrum->d ? spectrum->n : spectrum->d;
    return (double)longer * DBL_EPSILON;
}

// Ascending values become descending ones; those that rounding may have made are 0.
static void take_ascending(RidgeSpectrum *spectrum, const double *value) {
    size_t count = spectrum->count;
    double least = value[count - 1] * spectrum_zero(spectrum);
    spectrum->rank = 0;
    for (size_t i = 0; i < count; i++) {
        double lambda = value[count - 1 - i];
        spectrum->lambda[i] = lambda > least ? lambda : 0;
        spectrum->rank += lambda > least;
    }
}

static bool by_gram(const RidgeDesign *design, RidgeSpectrum *spectrum, Error *error) {
    size_t s = spectrum->count;
    spectrum->route = RIDGE_GRAM;
    double *gram = factor_gram(design, error);
    double *value = gram ? memory_try(s, sizeof *value, "eigenvalues", error) : NULL;
    bool ok = value && design_tell(design, "eigenvalues", 0, 0, error) &&
              linear_eigenvalues(s, gram, value, error);
    if (ok) take_ascending(spectrum, value);
    memory_free(gram);
    memory_free(value);
    return ok;
}

// Whether every lambda is known to EXACT of lambda + mu. One that vanishes in rounding is not: only
// singular values tell whether it is 0.
static bool gram_is_exact(const RidgeSpectrum *spectrum, double least_mu) {
    double first = spectrum->lambda[0], last = spectrum->lambda[spectrum->count - 1];
    if (first == 0) return true;
    return last > 0 && DBL_EPSILON * first <= EXACT * (last + least_mu);
}

// Squares the singular values in lambda.
static void take_singular(RidgeSpectrum *spectrum) {
    double *sigma = spectrum->lambda, least = sigma[0] * spectrum_zero(spectrum);
    spectrum->rank = 0;
    for (size_t i = 0; i < spectrum->count; i++) {
        spectrum->rank += sigma[i] > least;
        spectrum->lambda[i] = sigma[i] > least ? sigma[i] * sigma[i] : 0;
    }
}

static bool by_singular(const RidgeDesign *design, RidgeSpectrum *spectrum, Error *error) {
    size_t s = spectrum->count;
    spectrum->route = RIDGE_SINGULAR;
    double *r = factor_triangle(design, 0, error);
    bool ok = r && design_tell(design, "singular values", 0, 0, error) &&
              linear_singular_values(s, s, r, spectrum->lambda, error);
    if (ok) take_singular(spectrum);
    memory_free(r);
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
    for (size_t i = 0; i < spectrum->count; i++) {
        if (spectrum->weight && spectrum->weight[i] == 0) continue;
        most = fmax(most, spectrum->lambda[i]);
        least = fmin(least, spectrum->lambda[i]);
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
    memory_free(spectrum->weight);
    memory_free(spectrum->end_lambda);
    memory_free(spectrum->end_weight);
    *spectrum = (RidgeSpectrum){0};
}
