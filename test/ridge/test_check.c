// The Monte Carlo check against the sums over the spectrum, which know nothing of each other. Means
// are compared within 4 standard errors: 10 designs and 6 values of mu make 240 comparisons, of
// which one fails by chance with probability 1.5 %; the seed is fixed, so it passes always or
// never.
#include "ridge/ridge.h"
#include "num/linear.h"
#include "risk_reference.h"
#include "run_suite.h"
#include <math.h>
#include <string.h>

enum { DRAWS = 4001, SEED = 2385, VALUES = 6 };
static const RidgeLaw LAW = {2.385, 0.71};
static const double VALUE[VALUES] = {0, 1e-3, 0.4, 2.385, 14.25, INFINITY};

static void run(const Case *c, const RidgeLaw *law, size_t count, const double *mu, size_t draws,
                uint64_t seed, RidgeCheck *check) {
    Error error;
    RidgeDesign *design = ridge_design_of(c->n, c->d, c->x);
    RidgeDraws ask = {.law = *law, .draws = draws, .seed = seed};
    bool ok = ridge_check(design, &ask, count, mu, check, &error);
    ck_assert_msg(ok, "%s", error.text);
    ridge_design_close(design);
}

static RidgeSpectrum spectrum_of(const Case *c) {
    size_t count = c->n < c->d ? c->n : c->d;
    return (RidgeSpectrum){
        .n = c->n, .d = c->d, .count = count, .lambda = (double *)(uintptr_t)c->lambda};
}

// 1e-18: where the bias is 0, b is the rounding of w_mu - w_true.
static void within(RidgeMoment found, double wanted, const char *what, const char *name,
                   double mu) {
    ck_assert_msg(fabs(found.mean - wanted) <= 4 * found.standard_error + 1e-18,
                  "%s of %s at %g: %.9g +- %.2g, should be %.9g", what, name, mu, found.mean,
                  found.standard_error, wanted);
}

START_TEST(means_are_those_of_the_formula) {
    const Case *c = &CASE[_i];
    RidgeSpectrum spectrum = spectrum_of(c);
    RidgeWeights weights = {.rest = (double)(c->d - spectrum.count)};
    RidgeCheck check[VALUES];
    run(c, &LAW, VALUES, VALUE, DRAWS, SEED, check);
    for (size_t m = 0; m < VALUES; m++) {
        RidgeRisk wanted = ridge_risk(&spectrum, &weights, &LAW, VALUE[m]);
        within(check[m].risk, wanted.risk, "risk", c->name, VALUE[m]);
        within(check[m].bias, wanted.bias, "bias", c->name, VALUE[m]);
        within(check[m].variance, wanted.variance, "variance", c->name, VALUE[m]);
        within(check[m].cross, 0, "cross", c->name, VALUE[m]);
        double sum = check[m].bias.mean + check[m].variance.mean + check[m].cross.mean;
        ck_assert_double_le(fabs(check[m].risk.mean - sum), 1e-12 * sum);
    }
}
END_TEST

// With B_i = (sw2/d) mu^2/(lambda_i + mu)^2 and V_i = se2 lambda_i/(lambda_i + mu)^2, the variances
// of one draw: |b|^2 2 sum B^2, |v|^2 2 sum V^2, 2b'v 4 sum B V, the risk 2 sum (B + V)^2. The
// kurtosis is at most 15, that of one chi-square: a standard error from 4001 draws is off by at
// most sqrt(14/4/4001) = 3 % of itself. By 5 times that, one of the 48 is with probability 3e-5.
static void check_scatter(RidgeMoment found, double wanted, const char *what, const char *name) {
    wanted = sqrt(wanted / DRAWS);
    ck_assert_msg(fabs(found.standard_error - wanted) <= 0.15 * wanted,
                  "error of the %s of %s: %.6g, should be %.6g", what, name, found.standard_error,
                  wanted);
}

START_TEST(standard_errors_are_those_of_the_formula) {
    const Case *c = &CASE[_i];
    const double mu[] = {0.001, 0.4, 2.385, 14.25};
    RidgeCheck check[4];
    run(c, &LAW, 4, mu, DRAWS, SEED + 1, check);
    for (size_t m = 0; m < 4; m++) {
        double risk = 0, bias = 0, variance = 0, cross = 0;
        for (size_t i = 0; i < c->d; i++) {
            double lambda = i < c->n ? c->lambda[i] : 0, sum = lambda + mu[m];
            double b = LAW.signal / (double)c->d * mu[m] * mu[m] / (sum * sum);
            double v = LAW.noise * lambda / (sum * sum);
            bias += 2 * b * b;
            variance += 2 * v * v;
            cross += 4 * b * v;
            risk += 2 * (b + v) * (b + v);
        }
        check_scatter(check[m].risk, risk, "risk", c->name);
        check_scatter(check[m].bias, bias, "bias", c->name);
        check_scatter(check[m].variance, variance, "variance", c->name);
        check_scatter(check[m].cross, cross, "cross", c->name);
    }
}
END_TEST

START_TEST(draws_depend_on_seed_and_number_alone) {
    const Case *c = &CASE[0];
    double three[] = {0, 0.4, 2.385}, one[] = {2.385};
    RidgeCheck all[3], same, other;
    run(c, &LAW, 3, three, 50, SEED, all);
    run(c, &LAW, 1, one, 50, SEED, &same);
    run(c, &LAW, 1, one, 50, SEED + 1, &other);
    ck_assert_mem_eq(&all[2], &same, sizeof same);
    ck_assert_double_ne(same.risk.mean, other.risk.mean);
    // The first two of three draws again: the third is what the sums differ by.
    RidgeCheck two, more;
    run(c, &LAW, 1, one, 2, SEED, &two);
    run(c, &LAW, 1, one, 3, SEED, &more);
    double third = 3 * more.risk.mean - 2 * two.risk.mean, mean = more.risk.mean;
    double first = two.risk.mean + two.risk.standard_error; // two draws: mean +- their half gap
    double last = two.risk.mean - two.risk.standard_error;
    double square = pow(first - mean, 2) + pow(last - mean, 2) + pow(third - mean, 2);
    ck_assert_double_eq_tol(more.risk.standard_error, sqrt(square / 2 / 3), 1e-12);
}
END_TEST

START_TEST(parts_vanish_with_their_cause) {
    const Case *c = &CASE[1];
    const double mu[] = {0, 2.385};
    RidgeCheck quiet[2], loud[2];
    run(c, &(RidgeLaw){LAW.signal, 0}, 2, mu, 20, SEED, quiet);
    run(c, &(RidgeLaw){0, LAW.noise}, 2, mu, 20, SEED, loud);
    for (size_t m = 0; m < 2; m++) {
        ck_assert_double_eq(quiet[m].variance.mean, 0);
        ck_assert_double_eq(quiet[m].cross.mean, 0);
        ck_assert_double_eq(quiet[m].risk.mean, quiet[m].bias.mean);
        ck_assert_double_eq(loud[m].bias.mean, 0);
        ck_assert_double_eq(loud[m].cross.standard_error, 0);
        ck_assert_double_eq(loud[m].risk.mean, loud[m].variance.mean);
        ck_assert_double_gt(quiet[m].bias.mean * loud[m].variance.mean, 0);
    }
}
END_TEST

// More draws than fit a batch, which holds 2^22 numbers, here 3 draws.
START_TEST(batches_join) {
    enum { ROWS = 1 << 20 };
    double *x = memory_new(ROWS, sizeof *x), square = 0, mu = 3e5;
    for (size_t i = 0; i < ROWS; i++) {
        x[i] = (double)(i % 7) / 8 - 0.3;
        square += x[i] * x[i];
    }
    RidgeDesign *design = ridge_design_of(ROWS, 1, x);
    RidgeCheck check;
    RidgeDraws ask = {.law = {LAW.signal, 0}, .draws = 7, .seed = SEED};
    ck_assert(ridge_check(design, &ask, 1, &mu, &check, NULL));
    double mean = 0;
    for (uint64_t k = 0; k < 7; k++) {
        Random random = random_stream(SEED, RANDOM_RIDGE, k);
        double w = sqrt(LAW.signal) * random_normal(&random), b = mu / (square + mu) * w;
        mean += b * b / 7;
    }
    ck_assert_double_eq_tol(check.bias.mean / mean, 1, 1e-10);
    ridge_design_close(design);
    memory_free(x);
}
END_TEST

// Every measure, against its weights of the spectrum. 3 designs, 3 measures, 4 numbers at 4 values
// of mu: 144 comparisons within 4 standard errors, of which one fails by chance with probability
// 0.9 %.
START_TEST(measures_are_those_of_the_formula) {
    const Case *c = &CASE[_i];
    const double mu[] = {1e-3, 0.4, 2.385, INFINITY};
    double *sigma = memory_new(c->d * c->d, sizeof *sigma);
    for (size_t i = 0; i < c->d; i++) {
        for (size_t j = 0; j < c->d; j++)
            sigma[i * c->d + j] =
                1 / (1 + fabs((double)i - (double)j)) + (i == j ? 0.3 * (double)i : 0);
    }
    RidgeDesign *design = ridge_design_of(c->n, c->d, c->x);
    RidgeSpectrum spectrum;
    ck_assert(ridge_spectrum(design, 0, RIDGE_AUTO, &spectrum, NULL));
    for (RidgeMeasure measure = RIDGE_ISOTROPIC; measure <= RIDGE_COVARIANCE; measure++) {
        RidgeWeights weights;
        RidgeCheck check[4];
        RidgeDraws ask = {LAW, DRAWS, SEED + 2, measure, NULL};
        if (measure == RIDGE_COVARIANCE) ask.sigma = sigma;
        ck_assert(ridge_weights(design, &spectrum, measure, &LAW, ask.sigma, &weights, NULL));
        ck_assert(ridge_check(design, &ask, 4, mu, check, NULL));
        for (size_t m = 0; m < 4; m++) {
            RidgeRisk wanted = ridge_risk(&spectrum, &weights, &LAW, mu[m]);
            const char *name = ridge_measure_names[measure];
            within(check[m].risk, wanted.risk, "risk", name, mu[m]);
            within(check[m].bias, wanted.bias, "bias", name, mu[m]);
            within(check[m].variance, wanted.variance, "variance", name, mu[m]);
            within(check[m].cross, 0, "cross", name, mu[m]);
        }
        ridge_weights_free(&weights);
    }
    ridge_spectrum_free(&spectrum);
    ridge_design_close(design);
    memory_free(sigma);
}
END_TEST

static size_t calls_left;

static bool let(const char *stage, size_t part, size_t parts) {
    ck_assert(strcmp(stage, "the Monte Carlo check") != 0 || part < parts);
    return calls_left-- > 0;
}

// Interrupted, what was drawn counts as if no more had been asked for.
START_TEST(an_interrupted_check_keeps_its_draws) {
    enum { ROWS = 1 << 20 }; // 3 draws fit a batch
    double *x = memory_new(ROWS, sizeof *x), square = 0, mu[2] = {1e4, 3e5};
    for (size_t i = 0; i < ROWS; i++) {
        x[i] = (double)(i % 7) / 8 - 0.3;
        square += x[i] * x[i];
    }
    RidgeDesign *design = ridge_design_of(ROWS, 1, x);
    RidgeDraws ask = {{LAW.signal, 0}, 8, SEED, RIDGE_PARAMETERS, NULL};
    RidgeCheck check[2];
    Error error;
    calls_left = 3;
    design->progress = let;
    ck_assert(!ridge_check(design, &ask, 2, mu, check, &error));
    ck_assert_int_eq(error.kind, ERROR_INTERRUPTED);
    ck_assert_str_eq(error.text,
                     "a matrix: interrupted with 3 of 6 parts of the Monte Carlo check done");
    ck_assert(check[0].draws == 6 && check[1].draws == 3);
    for (int m = 0; m < 2; m++) {
        double mean = 0, draws = (double)check[m].draws;
        for (uint64_t k = 0; k < check[m].draws; k++) {
            Random random = random_stream(SEED, RANDOM_RIDGE, k);
            double w = sqrt(LAW.signal) * random_normal(&random);
            mean += pow(mu[m] / (square + mu[m]) * w, 2) / draws;
        }
        ck_assert_double_eq_tol(check[m].bias.mean / mean, 1, 1e-10);
        ck_assert_double_gt(check[m].bias.standard_error, 0);
    }
    calls_left = 0;
    ck_assert(!ridge_check(design, &ask, 2, mu, check, &error));
    ck_assert(check[0].draws == 0 && isnan(check[0].bias.mean));
    ridge_design_close(design);
    memory_free(x);
}
END_TEST

static bool no_rows(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                    size_t columns, double *x, Error *error) {
    (void)design, (void)rows, (void)column, (void)columns, (void)x;
    return error_set(error, "row %zu is not there", row);
}

START_TEST(says_what_it_cannot_do) {
    Error error;
    RidgeCheck check;
    double mu = 1;
    RidgeDesign *design = ridge_design_of(7, 5, CASE[0].x);
    RidgeDraws ask = {.law = LAW, .draws = 1, .seed = SEED};
    ck_assert(!ridge_check(design, &ask, 1, &mu, &check, &error));
    ck_assert_str_eq(error.text, "a standard error needs at least 2 draws, not 1");
    ridge_design_close(design);
    ask.draws = 9;
    RidgeDesign broken = {.name = "x.csv", .n = 5, .d = 3, .read = no_rows};
    ck_assert(!ridge_check(&broken, &ask, 1, &mu, &check, &error));
    ck_assert_str_eq(error.text, "row 0 is not there");
    RidgeDesign huge = {.name = "x.csv", .n = SIZE_MAX / 16, .d = 3, .read = no_rows};
    ck_assert(!ridge_check(&huge, &ask, 1, &mu, &check, &error));
    ck_assert_str_eq(error.text, "the Monte Carlo check: 1152921504606846975 items of 24 bytes are "
                                 "more than any memory holds");
}
END_TEST

int main(void) {
    linear_threads(1, NULL);
    Suite *suite = suite_create("ridge/check");
    TCase *all = tcase_create("check");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, means_are_those_of_the_formula, 0, CASES);
    tcase_add_loop_test(all, standard_errors_are_those_of_the_formula, 0, 3);
    tcase_add_loop_test(all, measures_are_those_of_the_formula, 0, 3);
    tcase_add_test(all, draws_depend_on_seed_and_number_alone);
    tcase_add_test(all, parts_vanish_with_their_cause);
    tcase_add_test(all, batches_join);
    tcase_add_test(all, an_interrupted_check_keeps_its_draws);
    tcase_add_test(all, says_what_it_cannot_do);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
