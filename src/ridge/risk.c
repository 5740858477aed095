#include "ridge/ridge.h"
#include "num/linear.h"
#include "ridge/rank.h"
#include "ridge/design.h"
#include <float.h>
#include <math.h>
#include <string.h>

const char *const ridge_measure_names[] = {"parameters", "isotropic", "in-sample", "covariance",
                                           NULL};

// ---- sums ----

// A sum with its rounding errors (Neumaier 1974): thousands of terms that differ by hundreds of
// powers of ten still agree to the last digits.
typedef struct Sum {
    double high, low;
} Sum;

static void sum_add(Sum *sum, double x) {
    double total = sum->high + x;
    sum->low += fabs(sum->high) >= fabs(x) ? (sum->high - total) + x : (x - total) + sum->high;
    sum->high = total;
}

static double sum_of(Sum sum) {
    return isfinite(sum.high) ? sum.high + sum.low : sum.high; // beside inf, low is nan
}

static double multiplicity(const RidgeSpectrum *spectrum, size_t i) {
    return spectrum->weight ? spectrum->weight[i] : 1;
}

// How many of the d eigenvalues no entry of lambda stands for. Those of Lanczos add up to a whole
// number but for rounding.
static double zeros(const RidgeSpectrum *spectrum) {
    Sum sum = {(double)spectrum->d, 0};
    for (size_t i = 0; i < spectrum->count; i++) sum_add(&sum, -multiplicity(spectrum, i));
    return fmax(0, round(sum_of(sum)));
}

// ---- what one eigenvalue contributes ----

typedef struct Term {
    double bias, variance;
} Term;

// lambda / (lambda + mu), mu / (lambda + mu) and share / (lambda + mu).
typedef struct Filter {
    double kept, lost, scaled;
} Filter;

// Everything through the ratio of the smaller to the larger: neither squares nor the sum overflow.
// 0 stands for a direction that X does not see, where the limit mu -> 0+ loses all.
static Filter filter(double lambda, double mu, double share) {
    if (lambda == 0) return (Filter){0, 1, 0};
    if (lambda >= mu) {
        double ratio = mu / lambda;
        return (Filter){1 / (1 + ratio), ratio / (1 + ratio), share / lambda / (1 + ratio)};
    }
    double ratio = lambda / mu;
    return (Filter){ratio / (1 + ratio), 1 / (1 + ratio), share / mu / (1 + ratio)};
}

// share times the contribution of lambda; one is the law per coordinate (sw2/d, se2).
typedef Term (*TermOf)(double lambda, double share, const RidgeLaw *one, double at);

static Term term_of_ridge(double lambda, double share, const RidgeLaw *one, double mu) {
    Filter f = filter(lambda, mu, share);
    return (Term){
        .bias = (one->signal * f.lost) * (share * f.lost),
        .variance = one->noise == 0 ? 0 : (one->noise * f.kept) * f.scaled,
    };
}

// (1 - exp(-x))^2 / lambda with x = lambda t; below 1 written with t, which stays finite.
static Term term_of_flow(double lambda, double share, const RidgeLaw *one, double t) {
    if (lambda == 0 || t == 0) return (Term){one->signal * share, 0};
    double x = lambda * t, grown = -expm1(-x);
    double variance = x >= 1  ? share / lambda * grown * grown
                      : x > 0 ? share * t * grown * (grown / x)
                              : 0;
    return (Term){
        .bias = one->signal * share * exp(-2 * x),
        .variance = one->noise == 0 ? 0 : one->noise * variance,
    };
}

// ---- the risk ----

typedef struct Question {
    const RidgeSpectrum *spectrum;
    const double *lambda, *share; // of the spectrum, or of its limit
    double rest, constant, intercept;
    bool limit;
    RidgeLaw one; // per coordinate
    TermOf term;
    double at; // mu or t
} Question;

static Question question(const RidgeSpectrum *spectrum, const RidgeWeights *weights,
                         const RidgeLaw *law, TermOf term, double at) {
    REQUIRE(at >= 0);
    Question q = {.spectrum = spectrum,
                  .lambda = spectrum->lambda,
                  .share = weights->share,
                  .rest = weights->rest,
                  .constant = weights->constant,
                  .intercept = weights->intercept,
                  .one = {law->signal / (double)spectrum->d, law->noise},
                  .term = term,
                  .at = at};
    if ((term == term_of_ridge ? at > 0 : isfinite(at)) || !spectrum->limit) return q;
    q.limit = true;
    q.lambda = spectrum->limit;
    if (!weights->limit_share) return q;
    q.share = weights->limit_share;
    q.rest = weights->limit_rest;
    return q;
}

static Term sum_terms(const Question *q, size_t from, size_t to) {
    Sum bias = {0, 0}, variance = {0, 0};
    for (size_t i = from; i < to; i++) {
        double share = (q->share ? q->share[i] : 1) * multiplicity(q->spectrum, i);
        Term term = q->term(q->lambda[i], share, &q->one, q->at);
        sum_add(&bias, term.bias);
        sum_add(&variance, term.variance);
    }
    return (Term){sum_of(bias), sum_of(variance)};
}

static RidgeRisk answer(const Question *q) {
    Term sum = sum_terms(q, 0, q->spectrum->count);
    Term rest = q->term(0, q->rest, &q->one, q->at);
    RidgeRisk risk = {.bias = sum.bias + rest.bias, .variance = sum.variance + rest.variance};
    risk.variance += q->intercept;
    risk.risk = risk.bias + risk.variance + q->constant;
    return risk;
}

RidgeRisk ridge_risk(const RidgeSpectrum *spectrum, const RidgeWeights *weights,
                     const RidgeLaw *law, double mu) {
    Question q = question(spectrum, weights, law, term_of_ridge, mu);
    return answer(&q);
}

RidgeRisk ridge_flow(const RidgeSpectrum *spectrum, const RidgeWeights *weights,
                     const RidgeLaw *law, double t) {
    Question q = question(spectrum, weights, law, term_of_flow, t);
    return answer(&q);
}

// Each group, times the number of groups, is an estimate of the whole sum.
static double scatter(const Question *q) {
    size_t groups = q->spectrum->probes, size = q->spectrum->count / groups;
    double mean = 0, square = 0; // Welford 1962
    for (size_t g = 0; g < groups; g++) {
        Term part = sum_terms(q, g * size, (g + 1) * size);
        double estimate = (double)groups * (part.bias + part.variance), step = estimate - mean;
        mean += step / (double)(g + 1);
        square += step * (estimate - mean);
    }
    return groups == 1 ? INFINITY : sqrt(square / (double)(groups - 1) / (double)groups);
}

// By how much the quadrature with a node at 0 exceeds the other, in the sums of u and u^2.
static void gaps(const RidgeSpectrum *s, double mu, double gap[2]) {
    Sum sum[2] = {{0, 0}, {0, 0}};
    for (size_t i = 0; i < 2 * s->count + s->probes; i++) {
        bool end = i >= s->count;
        size_t k = end ? i - s->count : i;
        double u = filter(end ? s->end_lambda[k] : s->lambda[k], mu, 1).lost;
        double weight = end ? s->end_weight[k] : -s->weight[k];
        sum_add(&sum[0], weight * u);
        sum_add(&sum[1], weight * u * u);
    }
    for (int i = 0; i < 2; i++) gap[i] = fmax(0, sum_of(sum[i]));
}

// The risk of the parameters is the sum of (se2/mu) u + (sw2/d - se2/mu) u^2. With shares lambda/n,
// the only ones that go with Lanczos, it is that of a constant, (b - se2) u and -b u^2, over n,
// with b = sw2 mu/d - se2.
static double truncation(const Question *q) {
    const RidgeSpectrum *s = q->spectrum;
    double gap[2], mu = q->at, signal = q->one.signal, noise = q->one.noise;
    double rows = (double)s->n + s->intercept;
    if (isinf(mu)) return 0;
    for (size_t i = 0; i < s->count; i++) { // nobody knows whether a node at 0 is one
        if (mu == 0 && s->lambda[i] == 0 && s->weight[i] > 0) return INFINITY;
    }
    if (!s->end_lambda) return 0;
    if (mu == 0) return INFINITY;
    gaps(s, mu, gap);
    double b = signal * mu - noise;
    if (q->share) return (fabs(b - noise) * gap[0] + fabs(b) * gap[1]) / rows;
    return (noise * gap[0] + fabs(b) * gap[1]) / mu;
}

// How far rounding may have moved an eigenvalue.
static void range(const Question *q, double lambda, double *low, double *high) {
    const RidgeSpectrum *s = q->spectrum;
    if (s->route == RIDGE_GRAM) {
        *low = fmax(0, lambda - s->gram);
        *high = lambda + s->gram;
        return;
    }
    double sigma = sqrt(lambda), relative = q->limit ? s->limit_relative : s->relative;
    double by = fmin(s->absolute, relative < 1 && lambda > 0 ? relative * sigma : INFINITY);
    *low = sigma > by ? (sigma - by) * (sigma - by) : 0;
    *high = (sigma + by) * (sigma + by);
}

static double term_sum(const Question *q, double lambda, double share) {
    Term term = q->term(lambda, share, &q->one, q->at);
    return term.bias + term.variance;
}

// The most that one eigenvalue's share of the risk can differ. As a function of lambda that has one
// maximum, at mu (1 - 2 (sw2/d) mu/se2), and else its largest and least values at the ends. A
// direction that may be none costs what the limit of none does.
static double doubt(const Question *q, size_t i) {
    double lambda = q->lambda[i], share = q->share ? q->share[i] : 1, low, high;
    range(q, lambda, &low, &high);
    if (q->at == 0 && lambda == 0) return 0; // the rank decided that
    if (q->at == 0 && low == 0) return q->one.noise > 0 ? INFINITY : q->one.signal * share;
    double mu = q->at, here = term_sum(q, lambda, share);
    double top = q->one.noise > 0 ? mu * (1 - 2 * q->one.signal * mu / q->one.noise) : 0;
    double most = fmax(fabs(term_sum(q, low, share) - here), fabs(term_sum(q, high, share) - here));
    if (top > low && top < high) most = fmax(most, fabs(term_sum(q, top, share) - here));
    return most;
}

static double rounding(const Question *q) {
    double sum = 0;
    if (q->spectrum->route == RIDGE_GRAM && q->at == 0 && q->spectrum->rank == RIDGE_RANK_UNKNOWN)
        return INFINITY;
    if (isinf(q->at)) return 0;
    for (size_t i = 0; i < q->spectrum->count; i++) sum += doubt(q, i);
    return sum + 8 * DBL_EPSILON * answer(q).risk;
}

double ridge_risk_error(const RidgeSpectrum *spectrum, const RidgeWeights *weights,
                        const RidgeLaw *law, double mu) {
    Question q = question(spectrum, weights, law, term_of_ridge, mu);
    if (spectrum->route == RIDGE_GRAM || spectrum->route == RIDGE_SINGULAR) return rounding(&q);
    return spectrum->weight && spectrum->probes > 0 ? scatter(&q) + truncation(&q) : 0;
}

// The factor that all terms share carries the sign; it is exact to rounding at the minimum.
double ridge_slope(const RidgeSpectrum *spectrum, const RidgeLaw *law, double mu) {
    REQUIRE(mu >= 0);
    bool large = mu > 1;
    double signal = law->signal / (double)spectrum->d;
    double balance = large ? signal - law->noise / mu : signal * mu - law->noise;
    if (balance == 0) return 0;
    const double *lambda = mu == 0 && spectrum->limit ? spectrum->limit : spectrum->lambda;
    Sum sum = {0, 0};
    for (size_t i = 0; i < spectrum->count; i++) {
        Filter f = filter(lambda[i], mu, 1);
        double last = large ? f.lost : f.scaled;
        sum_add(&sum, multiplicity(spectrum, i) * (f.kept * f.scaled) * last);
    }
    return 2 * balance * sum_of(sum);
}

double ridge_best_mu(const RidgeLaw *law, size_t d) {
    return law->signal == 0 ? INFINITY : (double)d * law->noise / law->signal;
}

double ridge_degrees(const RidgeSpectrum *spectrum, double mu) {
    REQUIRE(mu >= 0);
    if (mu == 0 && spectrum->rank == RIDGE_RANK_UNKNOWN) return NAN;
    const double *lambda = mu == 0 && spectrum->limit ? spectrum->limit : spectrum->lambda;
    Sum sum = {spectrum->intercept, 0};
    for (size_t i = 0; i < spectrum->count; i++)
        sum_add(&sum, multiplicity(spectrum, i) * filter(lambda[i], mu, 1).kept);
    return sum_of(sum);
}

// ---- the measures ----

static const char *const SHARES = "the weights of a measure";

static bool weigh_in_sample(const RidgeSpectrum *spectrum, RidgeWeights *weights, Error *error) {
    size_t count = spectrum->count;
    weights->share = memory_try(count, sizeof *weights->share, SHARES, error);
    if (!weights->share) return false;
    double rows = (double)spectrum->n + spectrum->intercept;
    for (size_t i = 0; i < count; i++) weights->share[i] = spectrum->lambda[i] / rows;
    if (!spectrum->limit) return true;
    weights->limit_share = memory_try(count, sizeof *weights->limit_share, SHARES, error);
    if (!weights->limit_share) return false;
    for (size_t i = 0; i < count; i++) weights->limit_share[i] = spectrum->limit[i] / rows;
    return true;
}

enum { BLOCK = 256 }; // rows of X that are read at a time

// The triangular factor of X into the upper d rows of stack (d + BLOCK, d).
static bool factor(const RidgeDesign *design, double *stack, Error *error) {
    size_t d = design->d;
    for (size_t row = 0; row < design->n; row += BLOCK) {
        size_t rows = design->n - row < BLOCK ? design->n - row : BLOCK;
        if (!design->read(design, row, rows, 0, d, stack + d * d, error) ||
            !linear_qr_add(rows, d, stack, error))
            return false;
    }
    return true;
}

// v_i' S v_i for the rows v_i of v (d, d); product (d, d) is scratch.
static void weigh_vectors(const double *v, const double *sigma, size_t d, double *product,
                          size_t count, RidgeWeights *weights) {
    linear_product(
        &(LinearProduct){.m = d, .n = d, .k = d, .alpha = 1, .a = v, .b = sigma, .y = product});
    Sum rest = {0, 0};
    for (size_t i = 0; i < d; i++) {
        double share = linear_dot(d, v + i * d, product + i * d);
        if (i < count)
            weights->share[i] = share;
        else
            sum_add(&rest, share);
    }
    weights->rest = sum_of(rest);
}

// v_i'S v_i of the right singular vectors of x (rows, d), which is destroyed, into share, and what
// is left of tr S into *rest.
static bool weigh_graded(size_t rows, size_t d, double *x, const double *sigma, double *share,
                         double *rest, Error *error) {
    size_t count = rows < d ? rows : d;
    double *value = design_matrix(count, 1, "eigenvectors", error), *u = NULL, *v = NULL,
           *product = NULL, trace = 0;
    bool ok = value && (u = design_matrix(rows, count, "eigenvectors", error)) &&
              (v = design_matrix(count, d, "eigenvectors", error)) &&
              (product = design_matrix(count, d, "eigenvectors", error)) &&
              (count == 0 || linear_svd_graded(&(LinearSvd){rows, d, x, value, u, v}, error));
    if (ok && count > 0)
        linear_product(&(LinearProduct){
            .m = count, .n = d, .k = d, .alpha = 1, .a = v, .b = sigma, .y = product});
    for (size_t j = 0; j < d; j++) trace += sigma[j * d + j];
    for (size_t i = 0; ok && i < count; i++) {
        share[i] = linear_dot(d, v + i * d, product + i * d);
        trace -= share[i];
    }
    *rest = count < d ? fmax(0, trace) : 0;
    memory_free(value);
    memory_free(u);
    memory_free(v);
    memory_free(product);
    return ok;
}

// The same of x without what lies beyond r directions.
static bool weigh_reduced(const RankFound *found, const double *x, size_t r, const double *sigma,
                          double *share, double *rest, Error *error) {
    size_t rows = r < found->count ? r : found->rows, d = found->columns;
    double *copy = r < found->count ? rank_reduce(found, x, r, NULL, error)
                                    : design_matrix(rows, d, "a copy of a matrix", error);
    if (copy && r == found->count) memcpy(copy, x, rows * d * sizeof *copy);
    bool ok = copy && weigh_graded(rows, d, copy, sigma, share, rest, error);
    memory_free(copy);
    return ok;
}

// Of an ill-conditioned X, and of the matrix of less rank that is left of it in the limit.
static bool weigh_ill(const RidgeDesign *design, const RidgeSpectrum *spectrum, const double *sigma,
                      RidgeWeights *weights, Error *error) {
    size_t rows, d = design->d;
    RankFound found = {.u = NULL};
    double *x = rank_matrix(design, &rows, error);
    bool ok = x && rank_find(rows, d, x, spectrum_zero(spectrum), &found, error) &&
              weigh_reduced(&found, x, found.seen, sigma, weights->share, &weights->rest, error);
    if (ok && spectrum->limit) {
        weights->limit_share = memory_try(spectrum->count, sizeof(double), SHARES, error);
        ok = weights->limit_share &&
             weigh_reduced(&found, x, found.rank.rank, sigma, weights->limit_share,
                           &weights->limit_rest, error);
    }
    rank_free(&found);
    memory_free(x);
    return ok;
}

// The eigenvectors of H are the right singular vectors of X, and those of its triangular factor:
// taken from there, not from H, they stay exact where the eigenvalues differ by much.
static bool weigh_covariance(const RidgeDesign *design, const RidgeSpectrum *spectrum,
                             const double *sigma, RidgeWeights *weights, Error *error) {
    if (spectrum->weight)
        return error_set(error, "the measure \"covariance\" needs the eigenvectors of X'X, which "
                                "the route \"lanczos\" does not have");
    size_t d = design->d;
    double *v = NULL, *product = NULL, *singular = NULL;
    weights->share = memory_try(spectrum->count, sizeof(double), SHARES, error);
    if (weights->share && isfinite(spectrum->relative))
        return weigh_ill(design, spectrum, sigma, weights, error);
    bool ok = weights->share && (v = memory_try(d + BLOCK, d * sizeof *v, "eigenvectors", error)) &&
              (product = memory_try(d, d * sizeof *product, "eigenvectors", error)) &&
              (singular = memory_try(d, sizeof *singular, "eigenvectors", error)) &&
              factor(design, v, error) &&
              linear_svd(&(LinearSvd){d, d, v, singular, .u = product}, error);
    if (ok) weigh_vectors(v, sigma, d, product, spectrum->count, weights);
    memory_free(v);
    memory_free(product);
    memory_free(singular);
    return ok;
}

bool ridge_weights(const RidgeDesign *design, const RidgeSpectrum *spectrum, RidgeMeasure measure,
                   const RidgeLaw *law, const double *sigma, RidgeWeights *weights, Error *error) {
    REQUIRE(design->n == spectrum->n && design->d == spectrum->d);
    *weights = (RidgeWeights){0};
    bool ok = true;
    if (measure == RIDGE_PARAMETERS || measure == RIDGE_ISOTROPIC)
        weights->rest = zeros(spectrum);
    else if (measure == RIDGE_IN_SAMPLE)
        ok = weigh_in_sample(spectrum, weights, error);
    else
        ok = weigh_covariance(design, spectrum, sigma, weights, error);
    if (measure == RIDGE_ISOTROPIC || measure == RIDGE_COVARIANCE) weights->constant = law->noise;
    if (measure != RIDGE_PARAMETERS && design->intercept)
        weights->intercept = law->noise / (double)(design->n + 1);
    if (!ok) ridge_weights_free(weights);
    return ok;
}

void ridge_weights_free(RidgeWeights *weights) {
    memory_free(weights->share);
    memory_free(weights->limit_share);
    *weights = (RidgeWeights){0};
}
