// The sums over the spectrum against dense matrices in 320 digits (risk_reference.py), long double,
// closed forms and limits; the best risk from its factorisation against the same references.
#include "ridge/ridge.h"
#include "num/linear.h"
#include "risk_reference.h"
#include "run_suite.h"
#include <float.h>
#include <math.h>
#include <string.h>

static const RidgeLaw LAW = {2.385, 0.71};

static void near(double found, double wanted, double tolerance, const char *what, double at) {
    bool same = found == wanted || fabs(found - wanted) <= tolerance * fabs(wanted) ||
                fabs(found - wanted) < 1e-300; // subnormal numbers have few digits
    ck_assert_msg(same, "%s at %g: %.17g, should be %.17g, off by %.2g", what, at, found, wanted,
                  (found - wanted) / wanted);
}

static void near_risk(RidgeRisk found, double bias, double variance, double constant,
                      double tolerance, const char *what, double at) {
    near(found.bias, bias, tolerance, what, at);
    near(found.variance, variance, tolerance, what, at);
    near(found.risk, bias + variance + constant, tolerance, what, at);
}

static RidgeSpectrum spectrum_of(size_t n, size_t d, const double *lambda) {
    size_t count = n < d ? n : d;
    return (RidgeSpectrum){.n = n, .d = d, .count = count, .lambda = (double *)(uintptr_t)lambda};
}

static RidgeSpectrum spectrum_of_case(const Case *c) {
    return spectrum_of(c->n, c->d, c->lambda);
}

// Every direction counts once.
static RidgeWeights plain(const RidgeSpectrum *spectrum) {
    return (RidgeWeights){.rest = (double)(spectrum->d - spectrum->count)};
}

static double risk_at(const RidgeSpectrum *spectrum, const RidgeLaw *law, double mu) {
    RidgeWeights weights = plain(spectrum);
    return ridge_risk(spectrum, &weights, law, mu).risk;
}

static RidgeWeights weights_of(const Case *c, const RidgeSpectrum *spectrum, RidgeMeasure measure) {
    Error error;
    RidgeWeights weights;
    RidgeDesign *design = ridge_design_of(c->n, c->d, c->x);
    const double *sigma = measure == RIDGE_COVARIANCE ? c->sigma : NULL;
    bool ok = ridge_weights(design, spectrum, measure, &LAW, sigma, &weights, &error);
    ck_assert_msg(ok, "%s", error.text);
    ridge_design_close(design);
    return weights;
}

// ---- theory.md's numbers, by hand: X = diag(1, 2, 3, 4), sw2 = 4, se2 = 1 ----

static const double DIAGONAL[] = {16, 9, 4, 1};

START_TEST(risk_of_a_diagonal_by_hand) {
    RidgeLaw law = {4, 1};
    RidgeSpectrum spectrum = spectrum_of(4, 4, DIAGONAL);
    near(risk_at(&spectrum, &law, 0), 205.0 / 144, 1e-15, "R", 0); // 1 + 1/4 + 1/9 + 1/16
    near(risk_at(&spectrum, &law, 0.5), 0.9276129605181902, 1e-14, "R", 0.5);
    near(risk_at(&spectrum, &law, 1), 73.0 / 85, 1e-15, "R", 1); // 1/2 + 1/5 + 1/10 + 1/17
    near(risk_at(&spectrum, &law, 2), 0.9469441893684318, 1e-14, "R", 2);
    near(risk_at(&spectrum, &law, 10), 1.838859680007452, 1e-14, "R", 10);
    near(risk_at(&spectrum, &law, INFINITY), 4, 0, "R", INFINITY);
    near(ridge_best_mu(&law, 4), 1, 0, "best mu", 4);
    near(ridge_degrees(&spectrum, 1), 1.0 / 2 + 4.0 / 5 + 9.0 / 10 + 16.0 / 17, 1e-15, "df", 1);
}
END_TEST

// ---- dense matrices ----

static const RidgeMeasure MEASURE[] = {RIDGE_PARAMETERS, RIDGE_IN_SAMPLE, RIDGE_COVARIANCE};

// Rounding X moves a direction by epsilon times the ratio of the singular values.
static double tolerance_of(const Case *c, RidgeMeasure measure) {
    bool ill = strncmp(c->name, "ill", 3) == 0;
    return ill && measure == RIDGE_COVARIANCE ? 1e-9 : 1e-12;
}

START_TEST(measures_are_those_of_dense_matrices) {
    const Case *c = &CASE[_i];
    RidgeSpectrum spectrum = spectrum_of_case(c);
    for (size_t k = 0; k < 3; k++) {
        RidgeWeights weights = weights_of(c, &spectrum, MEASURE[k]);
        double constant = MEASURE[k] == RIDGE_COVARIANCE ? NOISE : 0;
        double tolerance = tolerance_of(c, MEASURE[k]);
        ck_assert_double_eq(weights.constant, constant);
        for (size_t m = 0; m < MUS; m++)
            near_risk(ridge_risk(&spectrum, &weights, &LAW, MU[m]), c->ridge[m][2 * k],
                      c->ridge[m][2 * k + 1], constant, tolerance, c->name, MU[m]);
        for (size_t m = 0; m < TIMES; m++)
            near_risk(ridge_flow(&spectrum, &weights, &LAW, TIME[m]), c->flow[m][2 * k],
                      c->flow[m][2 * k + 1], constant, tolerance, c->name, TIME[m]);
        ridge_weights_free(&weights);
    }
}
END_TEST

START_TEST(isotropic_risk_is_that_of_parameters_and_noise) {
    const Case *c = &CASE[_i];
    RidgeSpectrum spectrum = spectrum_of_case(c);
    RidgeWeights weights = weights_of(c, &spectrum, RIDGE_ISOTROPIC);
    for (size_t m = 0; m < MUS; m++)
        near_risk(ridge_risk(&spectrum, &weights, &LAW, MU[m]), c->ridge[m][0], c->ridge[m][1],
                  NOISE, 1e-12, c->name, MU[m]);
    near_risk(ridge_risk(&spectrum, &weights, &LAW, INFINITY), SIGNAL, 0, NOISE, 1e-15, c->name,
              INFINITY);
    ridge_weights_free(&weights);
}
END_TEST

START_TEST(slope_and_degrees_are_those_of_dense_matrices) {
    const Case *c = &CASE[_i];
    RidgeSpectrum spectrum = spectrum_of_case(c);
    for (size_t m = 0; m < MUS; m++) {
        near(ridge_slope(&spectrum, &LAW, MU[m]), c->slope[m], 1e-12, c->name, MU[m]);
        near(ridge_degrees(&spectrum, MU[m]), c->degrees[m], 1e-12, c->name, MU[m]);
    }
    ck_assert_double_eq(ridge_slope(&spectrum, &LAW, INFINITY), 0);
    ck_assert_double_eq(ridge_degrees(&spectrum, INFINITY), 0);
}
END_TEST

START_TEST(the_measures_have_names) {
    ck_assert_str_eq(ridge_measure_names[RIDGE_PARAMETERS], "parameters");
    ck_assert_str_eq(ridge_measure_names[RIDGE_ISOTROPIC], "isotropic");
    ck_assert_str_eq(ridge_measure_names[RIDGE_IN_SAMPLE], "in-sample");
    ck_assert_str_eq(ridge_measure_names[RIDGE_COVARIANCE], "covariance");
    ck_assert_ptr_null(ridge_measure_names[RIDGE_COVARIANCE + 1]);
}
END_TEST

// ---- the minimum ----

START_TEST(slope_changes_sign_at_the_best_mu) {
    const Case *c = &CASE[_i];
    RidgeSpectrum spectrum = spectrum_of_case(c);
    double mu = ridge_best_mu(&LAW, c->d);
    near(mu, (double)c->d * NOISE / SIGNAL, 1e-15, c->name, 0);
    near(risk_at(&spectrum, &LAW, mu), c->best, 1e-12, c->name, mu);
    double below = ridge_slope(&spectrum, &LAW, mu * (1 - 1e-10));
    double above = ridge_slope(&spectrum, &LAW, mu * (1 + 1e-10));
    if (c->lambda[0] == 0) { // X = 0 teaches nothing, whatever mu
        ck_assert_double_eq(below, 0);
        ck_assert_double_eq(above, 0);
    } else {
        ck_assert_double_lt(below, 0);
        ck_assert_double_gt(above, 0);
    }
}
END_TEST

START_TEST(best_mu_without_signal_or_noise) {
    ck_assert_double_eq(ridge_best_mu(&(RidgeLaw){0, 2}, 7), INFINITY);
    ck_assert_double_eq(ridge_best_mu(&(RidgeLaw){0, 0}, 7), INFINITY);
    ck_assert_double_eq(ridge_best_mu(&(RidgeLaw){3, 0}, 7), 0);
}
END_TEST

// ---- limits and laws ----

START_TEST(limits_are_reached) {
    const Case *c = &CASE[_i];
    RidgeSpectrum spectrum = spectrum_of_case(c);
    RidgeWeights weights = plain(&spectrum);
    RidgeRisk none = ridge_risk(&spectrum, &weights, &LAW, 0);
    near_risk(ridge_flow(&spectrum, &weights, &LAW, INFINITY), none.bias, none.variance, 0, 1e-14,
              c->name, INFINITY);
    near_risk(ridge_risk(&spectrum, &weights, &LAW, 1e-170), none.bias, none.variance, 0, 1e-12,
              c->name, 1e-170);
    near_risk(ridge_risk(&spectrum, &weights, &LAW, INFINITY), SIGNAL, 0, 0, 1e-15, c->name,
              INFINITY);
    near_risk(ridge_flow(&spectrum, &weights, &LAW, 0), SIGNAL, 0, 0, 1e-15, c->name, 0);
}
END_TEST

START_TEST(parts_stand_alone) {
    const Case *c = &CASE[_i];
    RidgeSpectrum spectrum = spectrum_of_case(c);
    RidgeWeights weights = plain(&spectrum);
    for (size_t m = 0; m < MUS; m++) {
        RidgeRisk both = ridge_risk(&spectrum, &weights, &LAW, MU[m]);
        RidgeRisk quiet = ridge_risk(&spectrum, &weights, &(RidgeLaw){SIGNAL, 0}, MU[m]);
        RidgeRisk loud = ridge_risk(&spectrum, &weights, &(RidgeLaw){0, NOISE}, MU[m]);
        ck_assert_double_eq(both.bias + both.variance, both.risk);
        near_risk(quiet, both.bias, 0, 0, 0, c->name, MU[m]);
        near_risk(loud, 0, both.variance, 0, 0, c->name, MU[m]);
        near_risk(ridge_risk(&spectrum, &weights, &(RidgeLaw){0, 0}, MU[m]), 0, 0, 0, 0, c->name,
                  MU[m]);
    }
}
END_TEST

START_TEST(units_of_x_do_not_matter) {
    const Case *c = &CASE[_i];
    const double c2 = 1.7 * 1.7;
    double lambda[8];
    for (size_t i = 0; i < 8; i++) lambda[i] = c2 * c->lambda[i];
    RidgeSpectrum one = spectrum_of_case(c), other = spectrum_of(c->n, c->d, lambda);
    for (size_t m = 0; m < MUS; m++)
        near(risk_at(&other, &(RidgeLaw){SIGNAL, c2 * NOISE}, c2 * MU[m]),
             risk_at(&one, &LAW, MU[m]), 1e-13, c->name, MU[m]);
}
END_TEST

// ---- the whole range of numbers ----

static const double WIDE_RANGE[] = {1e300,  3e150, 7e30,   2e8,    2.385,
                                    0.3e-5, 5e-40, 3e-154, 1e-200, 1e-300};
enum { WIDE_COUNT = sizeof WIDE_RANGE / sizeof *WIDE_RANGE };

// What a double can hold of a long double.
static double held(long double x) {
    return x > DBL_MAX ? INFINITY : x < -DBL_MAX ? -INFINITY : (double)x;
}

// Squares of 1e300 fit a long double. count eigenvalues and 2 zeros.
static void check_wide_range(const double *lambda, size_t count, double mu) {
    RidgeSpectrum spectrum = spectrum_of(count, count + 2, lambda);
    RidgeWeights weights = plain(&spectrum);
    long double one = (long double)SIGNAL / (count + 2), m = mu;
    long double bias = 2 * one, variance = 0, degrees = 0, slope = 0;
    for (size_t i = 0; i < count; i++) {
        long double sum = lambda[i] + m;
        bias += one * (m / sum) * (m / sum);
        variance += (long double)NOISE * (lambda[i] / sum) / sum;
        degrees += lambda[i] / sum;
        slope += 2 * lambda[i] / sum / sum * ((one * m - (long double)NOISE) / sum);
    }
    near_risk(ridge_risk(&spectrum, &weights, &LAW, mu), held(bias), held(variance), 0, 1e-14,
              "wide range", mu);
    near(ridge_degrees(&spectrum, mu), held(degrees), 1e-14, "wide range", mu);
    near(ridge_slope(&spectrum, &LAW, mu), held(slope), 1e-13, "wide range", mu);
}

START_TEST(the_whole_range_of_numbers) {
    const double mu[] = {0, 1e-308, 1e-300, 1e-150, 1e-20, 1, 1e20, 1e150, 1e300, DBL_MAX};
    for (size_t m = 0; LDBL_MAX_EXP >= 16384 && m < sizeof mu / sizeof *mu; m++) {
        check_wide_range(WIDE_RANGE, WIDE_COUNT, mu[m]);
        for (size_t i = 0; i < WIDE_COUNT; i++) check_wide_range(WIDE_RANGE + i, 1, mu[m]);
    }
    RidgeSpectrum large = spectrum_of(1, 1, (double[]){DBL_MAX});
    near(risk_at(&large, &LAW, DBL_MAX), (SIGNAL + NOISE / DBL_MAX) / 4, 1e-15, "large", DBL_MAX);
}
END_TEST

static void check_wide_flow(const double *lambda, size_t count, double t) {
    RidgeSpectrum spectrum = spectrum_of(count, count, lambda);
    RidgeWeights weights = plain(&spectrum);
    long double bias = 0, variance = 0;
    for (size_t i = 0; i < count; i++) {
        long double x = (long double)lambda[i] * t, grown = -expm1l(-x);
        bias += (long double)SIGNAL / count * expl(-2 * x);
        variance += (long double)NOISE * grown / lambda[i] * grown;
    }
    near_risk(ridge_flow(&spectrum, &weights, &LAW, t), held(bias), held(variance), 0, 1e-13,
              "flow", t);
}

START_TEST(flow_over_the_whole_range) {
    const double t[] = {1e-300, 1e-160, 1e-9, 1, 70, 1e9, 1e160, 1e300}, least = 4e-310;
    for (size_t m = 0; LDBL_MAX_EXP >= 16384 && m < sizeof t / sizeof *t; m++) {
        check_wide_flow(WIDE_RANGE, WIDE_COUNT, t[m]);
        for (size_t i = 0; i < WIDE_COUNT; i++) check_wide_flow(WIDE_RANGE + i, 1, t[m]);
        check_wide_flow(&least, 1, t[m]);
    }
}
END_TEST

// Beyond the range of numbers: infinite where it must be, nan nowhere.
START_TEST(infinite_is_not_nan) {
    double lambda[] = {2.385, 4e-310};
    RidgeSpectrum spectrum = spectrum_of(2, 2, lambda);
    RidgeWeights weights = plain(&spectrum);
    RidgeLaw quiet = {SIGNAL, 0};
    ck_assert_double_eq(ridge_risk(&spectrum, &weights, &LAW, 0).risk, INFINITY);
    ck_assert_double_eq(ridge_flow(&spectrum, &weights, &LAW, INFINITY).risk, INFINITY);
    ck_assert_double_eq(ridge_slope(&spectrum, &LAW, 0), -INFINITY);
    ck_assert_double_eq(ridge_risk(&spectrum, &weights, &quiet, 0).risk, 0);
    ck_assert_double_eq(ridge_flow(&spectrum, &weights, &quiet, INFINITY).risk, 0);
    ck_assert_double_eq(ridge_slope(&spectrum, &quiet, 0), 0);
}
END_TEST

// A hundred thousand terms, where a plain sum is off by 1e-12 and more.
START_TEST(long_sums_keep_their_digits) {
    enum { COUNT = 100003 };
    double *lambda = memory_new(COUNT, sizeof *lambda);
    for (size_t i = 0; i < COUNT; i++) lambda[i] = 0.7;
    RidgeSpectrum spectrum = spectrum_of(COUNT, COUNT, lambda);
    RidgeWeights weights = plain(&spectrum);
    RidgeRisk risk = ridge_risk(&spectrum, &weights, &LAW, 0.1);
    near(risk.bias, SIGNAL * 0.01 / 0.64, 1e-15, "long sum", COUNT);
    near(risk.variance, COUNT * (NOISE * 0.7 / 0.64), 1e-15, "long sum", COUNT);
    memory_free(lambda);
}
END_TEST

// ---- Lanczos ----

START_TEST(a_node_counts_as_often_as_it_weighs) {
    double nodes[] = {5.5, 2.385, 0.3}, weight[] = {2, 4, 1};
    double each[] = {5.5, 5.5, 2.385, 2.385, 2.385, 2.385, 0.3};
    RidgeSpectrum few = {.n = 7, .d = 9, .count = 3, .lambda = nodes, .weight = weight};
    RidgeSpectrum many = spectrum_of(7, 9, each);
    RidgeDesign *design = ridge_design_of(7, 9, NULL);
    for (RidgeMeasure measure = RIDGE_PARAMETERS; measure <= RIDGE_IN_SAMPLE; measure++) {
        RidgeWeights a, b;
        ck_assert(ridge_weights(design, &few, measure, &LAW, NULL, &a, NULL));
        ck_assert(ridge_weights(design, &many, measure, &LAW, NULL, &b, NULL));
        ck_assert_double_eq(a.rest, b.rest);
        for (size_t m = 0; m < MUS; m++) {
            RidgeRisk wanted = ridge_risk(&many, &b, &LAW, MU[m]);
            near_risk(ridge_risk(&few, &a, &LAW, MU[m]), wanted.bias, wanted.variance, b.constant,
                      1e-14, "nodes", MU[m]);
            near(ridge_slope(&few, &LAW, MU[m]), ridge_slope(&many, &LAW, MU[m]), 1e-14, "nodes",
                 MU[m]);
            near(ridge_degrees(&few, MU[m]), ridge_degrees(&many, MU[m]), 1e-14, "nodes", MU[m]);
            ck_assert_double_eq(ridge_risk_error(&many, &b, &LAW, MU[m]), 0);
        }
        ridge_weights_free(&a);
        ridge_weights_free(&b);
    }
    Error error;
    RidgeWeights weights;
    ck_assert(!ridge_weights(design, &few, RIDGE_COVARIANCE, &LAW, each, &weights, &error));
    ck_assert_str_eq(error.text, "the measure \"covariance\" needs the eigenvectors of X'X, which "
                                 "the route \"lanczos\" does not have");
    ridge_design_close(design);
}
END_TEST

// Three probes of two nodes. At mu = 0 without signal a node gives weight se2 / lambda: the probes
// estimate 3 (1 + 2), 3 (1.5 + 1) and 3 (0.5 + 4), se2 times 9, 7.5, 13.5, with mean 10 and
// deviations -1, -2.5, 3.5: standard error sqrt(19.5 / 2 / 3).
START_TEST(probes_give_the_error) {
    double nodes[] = {1, 0.5, 2, 1, 4, 0.5}, weight[] = {1, 1, 3, 1, 2, 2};
    RidgeSpectrum spectrum = {
        .n = 10, .d = 12, .count = 6, .lambda = nodes, .weight = weight, .probes = 3};
    RidgeWeights weights = {.rest = 2};
    RidgeLaw law = {0, NOISE};
    near(ridge_risk(&spectrum, &weights, &law, 0).risk, 10 * NOISE, 1e-15, "probes", 0);
    near(ridge_risk_error(&spectrum, &weights, &law, 0), NOISE * sqrt(19.5 / 6), 1e-14, "probes",
         0);
    spectrum.probes = 1;
    ck_assert_double_eq(ridge_risk_error(&spectrum, &weights, &law, 0), INFINITY);
}
END_TEST

// ---- the best risk ----

static double best_of(size_t n, size_t d, const double *x, const RidgeLaw *law, RidgeRoute wanted) {
    Error error;
    RidgeRoute route;
    double risk;
    RidgeDesign *design = ridge_design_of(n, d, x);
    bool ok = ridge_best_risk(design, law, &risk, &route, &error);
    ck_assert_msg(ok, "%s", error.text);
    ck_assert_int_eq(route, wanted);
    ridge_design_close(design);
    return risk;
}

START_TEST(best_risk_of_dense_matrices) {
    const Case *c = &CASE[_i];
    double mu = ridge_best_mu(&LAW, c->d), least = c->lambda[(c->n < c->d ? c->n : c->d) - 1];
    bool gram = DBL_EPSILON * c->lambda[0] / (least + mu) <= 1e-13;
    double risk = best_of(c->n, c->d, c->x, &LAW, gram ? RIDGE_GRAM : RIDGE_SINGULAR);
    near(risk, c->best, 1e-12, c->name, mu);
}
END_TEST

// X = diag(1, 0) and mu* = noise: the Gram matrix is exact enough while epsilon / mu* <= 1e-13,
// that is 1 / mu* <= 450.
START_TEST(the_route_follows_the_rule) {
    const double x[] = {1, 0, 0, 0};
    for (int inverse = 410; inverse <= 490; inverse += 80) {
        RidgeLaw law = {2, 1.0 / inverse};
        double risk = best_of(2, 2, x, &law, inverse < 450 ? RIDGE_GRAM : RIDGE_SINGULAR);
        near(risk, 1 + law.noise / (1 + law.noise), 1e-14, "diag(1, 0)", inverse);
    }
}
END_TEST

// Singular values 8 to 1e-6, mu* down to 2e-12. By the Gram matrix the last would be off by 2e-4.
START_TEST(best_risk_of_an_ill_conditioned_matrix) {
    const Case *c = &CASE[CASES - 2];
    for (size_t m = 0; m < sizeof SMALL_NOISE / sizeof *SMALL_NOISE; m++) {
        RidgeLaw law = {SIGNAL, SMALL_NOISE[m]};
        double risk = best_of(c->n, c->d, c->x, &law, RIDGE_SINGULAR);
        near(risk, SMALL_BEST[m], 1e-10, c->name, law.noise);
    }
}
END_TEST

static double *random_matrix(size_t n, size_t d, double last) {
    double *x = memory_new(n * d, sizeof *x);
    Random random = random_stream(2385, RANDOM_TEST, n);
    for (size_t i = 0; i < n * d; i++) x[i] = random_normal(&random) * (i % d == d - 1 ? last : 1);
    return x;
}

// Several blocks, tall and transposed, against singular values; both routes.
static void check_blocks(bool wide, double last, RidgeRoute route) {
    size_t n = 601, d = 19;
    double *x = random_matrix(n, d, last), *turned = memory_new(n * d, sizeof *x), value[19];
    for (size_t i = 0; i < n * d; i++) turned[i % d * n + i / d] = x[i];
    RidgeLaw law = {SIGNAL, wide ? 1e-6 : 1e-5};
    double risk = wide ? best_of(d, n, turned, &law, route) : best_of(n, d, x, &law, route);
    ck_assert(linear_singular_values(n, d, x, value, NULL));
    for (size_t i = 0; i < d; i++) value[i] *= value[i];
    RidgeSpectrum spectrum = wide ? spectrum_of(d, n, value) : spectrum_of(n, d, value);
    double mu = ridge_best_mu(&law, spectrum.d);
    near(risk, risk_at(&spectrum, &law, mu), 1e-12, wide ? "wide" : "tall", mu);
    memory_free(x);
    memory_free(turned);
}

START_TEST(best_risk_reads_in_blocks) {
    linear_threads(1, NULL);
    check_blocks(false, 1, RIDGE_GRAM);
    check_blocks(true, 1, RIDGE_GRAM);
    check_blocks(false, 1e-3, RIDGE_SINGULAR);
    check_blocks(true, 1e-3, RIDGE_SINGULAR);
}
END_TEST

static void refuse_best(const double *x, RidgeLaw law, const char *message) {
    Error error;
    RidgeRoute route;
    double risk;
    RidgeDesign *design = ridge_design_of(3, 2, x);
    ck_assert(!ridge_best_risk(design, &law, &risk, &route, &error));
    ck_assert_str_eq(error.text, message);
    ridge_design_close(design);
}

START_TEST(best_risk_says_what_it_cannot_do) {
    const double x[] = {1e8, 1e8, 3e8, 3e8, -2e8, -2e8};
    refuse_best(x, (RidgeLaw){0, 1},
                "the best mu, d noise/signal with noise 1 and signal 0, should be above 0 and "
                "finite");
    refuse_best(x, (RidgeLaw){2.5, 0},
                "the best mu, d noise/signal with noise 0 and signal 2.5, should be above 0 and "
                "finite");
    refuse_best(x, (RidgeLaw){1, 1e-30},
                "a matrix: the best mu, 2e-30, is lost to rounding beside the largest eigenvalue; "
                "take the risk from the spectrum instead");
    double twice = 2.8e17, mu = 2e-4; // the same column twice: eigenvalues 2.8e17 and 0
    near(best_of(3, 2, x, &(RidgeLaw){1, mu / 2}, RIDGE_SINGULAR),
         mu / 2 * (1 / mu + 1 / (twice + mu)), 1e-9, "twice", mu);
}
END_TEST

static bool no_rows(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                    size_t columns, double *x, Error *error) {
    (void)design, (void)rows, (void)column, (void)columns, (void)x;
    return error_set(error, "row %zu is not there", row);
}

START_TEST(reading_may_fail) {
    RidgeDesign broken = {.name = "x.csv", .n = 5, .d = 3, .read = no_rows};
    const double lambda[] = {3, 2, 1}, sigma[9] = {0};
    RidgeSpectrum spectrum = spectrum_of(5, 3, lambda);
    RidgeWeights weights;
    RidgeRoute route;
    double risk;
    Error error;
    ck_assert(!ridge_best_risk(&broken, &LAW, &risk, &route, &error));
    ck_assert_str_eq(error.text, "row 0 is not there");
    ck_assert(!ridge_weights(&broken, &spectrum, RIDGE_COVARIANCE, &LAW, sigma, &weights, NULL));
    ck_assert_ptr_null(weights.share);
}
END_TEST

int main(void) {
    linear_threads(1, NULL);
    Suite *suite = suite_create("ridge/risk");
    TCase *all = tcase_create("risk");
    tcase_add_test(all, risk_of_a_diagonal_by_hand);
    tcase_add_loop_test(all, measures_are_those_of_dense_matrices, 0, CASES);
    tcase_add_loop_test(all, isotropic_risk_is_that_of_parameters_and_noise, 0, CASES);
    tcase_add_loop_test(all, slope_and_degrees_are_those_of_dense_matrices, 0, CASES);
    tcase_add_test(all, the_measures_have_names);
    tcase_add_loop_test(all, slope_changes_sign_at_the_best_mu, 0, CASES);
    tcase_add_test(all, best_mu_without_signal_or_noise);
    tcase_add_loop_test(all, limits_are_reached, 0, CASES);
    tcase_add_loop_test(all, parts_stand_alone, 0, CASES);
    tcase_add_loop_test(all, units_of_x_do_not_matter, 0, CASES);
    tcase_add_test(all, the_whole_range_of_numbers);
    tcase_add_test(all, flow_over_the_whole_range);
    tcase_add_test(all, infinite_is_not_nan);
    tcase_add_test(all, long_sums_keep_their_digits);
    tcase_add_test(all, a_node_counts_as_often_as_it_weighs);
    tcase_add_test(all, probes_give_the_error);
    tcase_add_loop_test(all, best_risk_of_dense_matrices, 0, CASES);
    tcase_add_test(all, the_route_follows_the_rule);
    tcase_add_test(all, best_risk_of_an_ill_conditioned_matrix);
    tcase_add_test(all, best_risk_reads_in_blocks);
    tcase_add_test(all, best_risk_says_what_it_cannot_do);
    tcase_add_test(all, reading_may_fail);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
