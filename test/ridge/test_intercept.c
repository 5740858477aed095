// Ridge regression with an intercept against rows left out and fitted again, against centred
// columns as they are, and against simulation.
#include "intercept_reference.h"
#include "num/linear.h"
#include "ridge/ridge.h"
#include "run_suite.h"
#include <float.h>
#include <stdlib.h>
#include <string.h>

#define SIZE(array) (sizeof(array) / sizeof *(array))

static const RidgeLaw LAW = {.signal = 2.385, .noise = 0.7};

static double *numbers(size_t count, uint64_t index) {
    Random random = random_stream(2385, RANDOM_TEST, index);
    double *x = calloc(count, sizeof *x);
    for (size_t i = 0; i < count; i++) x[i] = random_normal(&random);
    return x;
}

static RidgeDesign *contrasts_of(size_t n, size_t d, const double *x) {
    Error error;
    RidgeDesign *design = ridge_design_contrasts(ridge_design_of(n, d, x), &error);
    ck_assert_msg(design != NULL, "%s", error.text);
    return design;
}

static RidgeSolver *solver_of(size_t n, size_t d, const double *x, const double *y) {
    Error error;
    RidgeDesign *design = contrasts_of(n, d, x);
    RidgeSolver *solver = ridge_solver_new(design, y, &error);
    ck_assert_msg(solver != NULL, "%s", error.text);
    ridge_design_close(design);
    return solver;
}

static void near(const char *what, const char *name, double mu, double found, double expected,
                 double tolerance) {
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        ck_abort_msg("%s, %s at mu = %g: %.17g, expected %.17g", name, what, mu, found, expected);
}

// Of this y, the variance that predicting its mean leaves.
static double variance(size_t n, const double *y) {
    double mean = 0, sum = 0;
    for (size_t i = 0; i < n; i++) mean += y[i] / (double)n;
    for (size_t i = 0; i < n; i++) sum += (y[i] - mean) * (y[i] - mean) / (double)n;
    return sum;
}

START_TEST(exact_refits) {
    const InterceptCase *now = &intercept_cases[_i];
    RidgeSolver *solver = solver_of(now->n, now->d, now->x, now->y);
    double size = variance(now->n, now->y), mean = 0;
    for (size_t i = 0; i < now->n; i++) mean += now->y[i] / (double)now->n;
    near("mean", now->name, 0, ridge_solver_mean(solver), mean, 1e-14);
    for (size_t k = 0; k < SIZE(reference_mu); k++) {
        double mu = reference_mu[k], w[11], largest = 0;
        RidgeValidation found = ridge_solver_validate(solver, mu);
        const double is[] = {found.leave_one_out, found.gcv, found.train};
        const double should[] = {now->leave_one_out[k], now->gcv[k], now->train[k]};
        for (int i = 0; i < 3; i++) { // an exact fit has errors of rounding
            if (!(fabs(is[i] - should[i]) <= 1e-10 * should[i] + 1e-26 * size))
                ck_abort_msg("%s, number %d at mu = %g: %.17g, expected %.17g", now->name, i, mu,
                             is[i], should[i]);
        }
        ridge_solver_weights(solver, mu, w);
        for (size_t j = 0; j < now->d; j++) largest = fmax(largest, fabs(now->w[k][j]));
        for (size_t j = 0; j < now->d; j++)
            ck_assert_double_le(fabs(w[j] - now->w[k][j]), 1e-11 * largest);
    }
    ridge_solver_free(solver);
}
END_TEST

static void check_least(const char *name, const RidgeChoice *found, double mu, double value,
                        double size) {
    if (!(fabs(found->value - value) <= 1e-11 * value + 1e-26 * size))
        ck_abort_msg("%s: least %.17g, expected %.17g", name, found->value, value);
    bool right = mu == 0 || isinf(mu) ? found->mu == mu : fabs(found->mu - mu) <= 1e-9 * mu;
    ck_assert_msg(right, "%s: at mu = %.17g, expected %.17g", name, found->mu, mu);
}

START_TEST(least_errors) {
    const InterceptCase *now = &intercept_cases[_i];
    RidgeSolver *solver = solver_of(now->n, now->d, now->x, now->y);
    double size = variance(now->n, now->y);
    RidgeChoice loo = ridge_solver_least(solver, RIDGE_LEAVE_ONE_OUT);
    RidgeChoice gcv = ridge_solver_least(solver, RIDGE_GCV);
    check_least(now->name, &loo, now->loo_mu, now->loo, size);
    check_least(now->name, &gcv, now->gcv_mu, now->gcv_least, size);
    bool flat = true;
    for (size_t k = 0; k < SIZE(reference_mu); k++)
        flat = flat && fabs(now->leave_one_out[k] - now->loo) <= 1e-12 * now->loo;
    ck_assert_int_eq(loo.flat, flat);
    ridge_solver_free(solver);
}
END_TEST

// The slope changes its sign at the minimum: on both sides, near by and far off, errors are larger.
// Without an intercept, too, and with many rows.
START_TEST(least_is_least) {
    enum { N = 90, D = 40 };
    const double noise[] = {0.1, 1, 5}, step[] = {1e-4, 1e-2, 0.3, 3};
    double *x = numbers(N * D, 20), *w = numbers(D, 21), *e = numbers(N, 22), y[N];
    for (size_t i = 0; i < N; i++) y[i] = linear_dot(D, x + i * D, w) + noise[_i % 3] * e[i];
    RidgeDesign *plain = ridge_design_of(N, D, x);
    RidgeSolver *solver =
        _i < 3 ? solver_of(N, D, x, y) : ridge_solver_new(plain, y, &(Error){.text = ""});
    RidgeChoice loo = ridge_solver_least(solver, RIDGE_LEAVE_ONE_OUT);
    RidgeChoice gcv = ridge_solver_least(solver, RIDGE_GCV);
    ck_assert(!loo.flat && !gcv.flat && loo.mu > 0 && isfinite(loo.mu) && gcv.mu > 0);
    for (size_t k = 0; k < 2 * SIZE(step); k++) {
        double by = exp(k % 2 ? step[k / 2] : -step[k / 2]);
        ck_assert_double_gt(ridge_solver_validate(solver, loo.mu * by).leave_one_out, loo.value);
        ck_assert_double_gt(ridge_solver_validate(solver, gcv.mu * by).gcv, gcv.value);
    }
    ridge_solver_free(solver);
    ridge_design_close(plain);
    free(x);
    free(w);
    free(e);
}
END_TEST

START_TEST(restricted_likelihood) {
    const RestrictedCase *now = &restricted_cases[_i];
    RidgeSolver *solver = solver_of(now->n, now->d, now->x, now->y);
    RidgeEvidence found = ridge_solver_evidence(solver);
    near("log likelihood", now->name, 0, found.log_likelihood, now->log_likelihood, 1e-9);
    near("signal", now->name, 0, found.law.signal, now->signal, 1e-8);
    near("noise", now->name, 0, found.law.noise, now->noise, 1e-8);
    ck_assert(found.at_edge == (now->signal == 0 || now->noise == 0));
    ridge_solver_free(solver);
}
END_TEST

// What is the same in every row of X or y changes nothing: the numbers are those without it, up to
// what its size costs.
START_TEST(offsets_are_the_intercept) {
    const InterceptCase *now = &intercept_cases[_i];
    double x[90], y[13], offset = 4096;
    for (size_t k = 0; k < now->n * now->d; k++) x[k] = now->x[k] + offset * (double)(k % now->d);
    for (size_t i = 0; i < now->n; i++) y[i] = now->y[i] - 3 * offset;
    RidgeSolver *a = solver_of(now->n, now->d, now->x, now->y);
    RidgeSolver *b = solver_of(now->n, now->d, x, y);
    double size = variance(now->n, now->y);
    for (size_t k = 2; k < SIZE(reference_mu); k++) {
        RidgeValidation one = ridge_solver_validate(a, reference_mu[k]);
        RidgeValidation two = ridge_solver_validate(b, reference_mu[k]);
        ck_assert_double_le(fabs(two.leave_one_out - one.leave_one_out), 1e-9 * (size + one.train));
        ck_assert_double_le(fabs(two.gcv - one.gcv), 1e-9 * (size + one.train));
    }
    ridge_solver_free(a);
    ridge_solver_free(b);
}
END_TEST

// Where no penalty chooses between units of columns, they change nothing: of scales from 1e-9 to
// 1e5 none is taken for rounding, and every leverage is right. (Tall X of full rank, at mu -> 0.)
START_TEST(units_of_columns) {
    const InterceptCase *now = &intercept_cases[_i];
    static const int shifts[] = {0, -30, 17, -9, 5, -20};
    double x[90];
    bool full = now->n > now->d + 1 && strstr(now->name, "rank") == NULL &&
                strstr(now->name, "constant") == NULL;
    if (!full) return;
    for (size_t k = 0; k < now->n * now->d; k++)
        x[k] = ldexp(now->x[k], shifts[k % now->d % SIZE(shifts)]);
    RidgeSolver *solver = solver_of(now->n, now->d, x, now->y);
    RidgeValidation found = ridge_solver_validate(solver, 0);
    double size = variance(now->n, now->y);
    ck_assert_double_le(fabs(found.leave_one_out - now->leave_one_out[0]),
                        1e-9 * now->leave_one_out[0] + 1e-22 * size);
    ck_assert_double_le(fabs(found.gcv - now->gcv[0]), 1e-9 * now->gcv[0] + 1e-22 * size);
    ridge_solver_free(solver);
}
END_TEST

// y that is constant, also but for rounding, has nothing to fit.
START_TEST(constant_targets) {
    double *x = numbers(9 * 4, 30), y[9];
    for (size_t i = 0; i < 9; i++) y[i] = i % 2 ? 0.3 : 0.1 + 0.2;
    RidgeSolver *solver = solver_of(9, 4, x, y);
    RidgeChoice choice = ridge_solver_least(solver, RIDGE_LEAVE_ONE_OUT);
    RidgeEvidence evidence = ridge_solver_evidence(solver);
    double w[4];
    ridge_solver_weights(solver, 0, w);
    ck_assert(choice.flat && choice.value == 0 && isinf(choice.mu));
    ck_assert(evidence.at_edge && evidence.law.signal == 0 && evidence.law.noise == 0);
    for (size_t j = 0; j < 4; j++) ck_assert_double_eq(w[j], 0);
    near("mean", "constant", 0, ridge_solver_mean(solver), 0.3, 1e-15);
    ridge_solver_free(solver);
    free(x);
}
END_TEST

// Columns that are centred already, to the digits of a float, are seen, and only then.
START_TEST(centred_without_an_intercept) {
    for (int i = 0; i < 4; i++) {
        size_t n = 9, d = i % 2 ? 4 : 14;
        double *x = numbers(n * d, 31), *y = numbers(n, 32);
        for (size_t j = 0; i < 2 && j < d; j++) {
            double mean = 0;
            for (size_t k = 0; k < n; k++) mean += x[k * d + j] / (double)n;
            for (size_t k = 0; k < n; k++) x[k * d + j] = (double)(float)(x[k * d + j] - mean);
        }
        double mean = 0;
        for (size_t k = 0; k < n; k++) mean += y[k] / (double)n;
        for (size_t k = 0; k < n; k++) y[k] = (double)(float)(y[k] - mean);
        RidgeDesign *plain = ridge_design_of(n, d, x);
        RidgeSolver *without = ridge_solver_new(plain, y, NULL), *with = solver_of(n, d, x, y);
        ck_assert_int_eq(ridge_solver_lacks_intercept(without), i < 2);
        ck_assert(!ridge_solver_lacks_intercept(with));
        ridge_solver_free(without);
        ridge_solver_free(with);
        ridge_design_close(plain);
        free(x);
        free(y);
    }
}
END_TEST

// ---- the design ----

// Z'Z is that of the centred columns, whatever the offsets (up to 6e13 beside eighths, both exact),
// and every rectangle is a part of the whole.
START_TEST(contrasts_are_centred_columns) {
    enum { N = 31, D = 7 };
    double *x = numbers(N * D, 40), z[(N - 1) * D], part[3 * 2], centred[N * D];
    for (size_t k = 0; k < N * D; k++)
        x[k] = round(8 * x[k]) / 8 + ldexp(1, 40) * pow((double)(k % D), 2);
    for (size_t i = 0; i < N; i++) x[i * D + 2] = 0.1, x[i * D + 5] = i % 3 ? 0.3 : 0.1 + 0.2;
    RidgeDesign *design = contrasts_of(N, D, x);
    ck_assert_uint_eq(design->n, N - 1);
    ck_assert_uint_eq(design->constant, 2);
    ck_assert(design->read(design, 0, N - 1, 0, D, z, NULL));
    for (size_t j = 0; j < D; j++) {
        double mean = 0, offset = ldexp(1, 40) * pow((double)j, 2);
        for (size_t i = 0; i < N; i++) mean += (x[i * D + j] - offset) / N;
        for (size_t i = 0; i < N; i++) centred[i * D + j] = x[i * D + j] - offset - mean;
    }
    for (size_t j = 0; j < D; j++) {
        for (size_t k = 0; k < D; k++) {
            double is = 0, should = 0;
            for (size_t i = 0; i + 1 < N; i++) is += z[i * D + j] * z[i * D + k];
            for (size_t i = 0; i < N; i++) should += centred[i * D + j] * centred[i * D + k];
            bool constant = j == 2 || j == 5 || k == 2 || k == 5;
            ck_assert_double_le(fabs(is - (constant ? 0 : should)), constant ? 0 : 1e-13 * N);
        }
    }
    ck_assert(design->read(design, 11, 3, 4, 2, part, NULL));
    for (size_t k = 0; k < 6; k++) ck_assert(part[k] == z[(11 + k / 2) * D + 4 + k % 2]);
    ridge_design_close(design);
    free(x);
}
END_TEST

// By every route the spectrum is that of the centred matrix, N - 1 of them at most, and the risk of
// the parameters is the same formula of it.
START_TEST(spectrum_by_every_route) {
    static const size_t sizes[][2] = {{23, 9}, {9, 23}, {12, 12}};
    static const RidgeRoute routes[] = {RIDGE_AUTO, RIDGE_GRAM, RIDGE_SINGULAR, RIDGE_LANCZOS};
    size_t n = sizes[_i / 4][0], d = sizes[_i / 4][1], least = n - 1 < d ? n - 1 : d;
    double *x = numbers(n * d, 50), *centred = calloc(n * d, sizeof *centred), sigma[23];
    for (size_t k = 0; k < n * d; k++) x[k] += 3;
    for (size_t j = 0; j < d; j++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) mean += x[i * d + j] / (double)n;
        for (size_t i = 0; i < n; i++) centred[i * d + j] = x[i * d + j] - mean;
    }
    Error error;
    RidgeSpectrum spectrum;
    RidgeDesign *design = contrasts_of(n, d, x);
    ck_assert(linear_singular_values(n, d, centred, sigma, &error));
    ck_assert(ridge_spectrum(design, 0.31, routes[_i % 4], &spectrum, &error));
    double risk = 0, degrees = 1, mu = 0.31;
    for (size_t i = 0; i < d; i++) {
        double lambda = i < least ? sigma[i] * sigma[i] : 0;
        risk += (LAW.signal / (double)d * mu * mu + LAW.noise * lambda) / pow(lambda + mu, 2);
        degrees += lambda / (lambda + mu);
    }
    RidgeWeights weights;
    ck_assert(ridge_weights(design, &spectrum, RIDGE_PARAMETERS, &LAW, NULL, &weights, &error));
    RidgeRisk found = ridge_risk(&spectrum, &weights, &LAW, mu);
    if (routes[_i % 4] == RIDGE_LANCZOS) {
        double off = ridge_risk_error(&spectrum, &weights, &LAW, mu);
        ck_assert_double_le(fabs(found.risk - risk), 5 * off + 1e-9 * risk);
    } else {
        near("risk", "spectrum", mu, found.risk, risk, 1e-12);
        near("degrees", "spectrum", mu, ridge_degrees(&spectrum, mu), degrees, 1e-12);
        ck_assert_uint_eq(spectrum.rank, least);
    }
    ridge_weights_free(&weights);
    ridge_spectrum_free(&spectrum);
    ridge_design_close(design);
    free(x);
    free(centred);
}
END_TEST

// Risks of predictions by plain simulation: y = 2.5 + X w_true + e, w_mu and b from centred columns
// by the normal equations, errors at the rows of X. A true sample fails with probability 6e-5
// (beyond 4 standard errors).
START_TEST(predictions_by_simulation) {
    enum { N = 12, D = 3, DRAWS = 20000 };
    const double mu = 1.31;
    double *x = numbers(N * D, 60), centred[N * D], gram[D * D] = {0}, sum = 0, squares = 0;
    for (size_t j = 0; j < D; j++) {
        double mean = 0;
        for (size_t i = 0; i < N; i++) mean += (x[i * D + j] += 2) / N;
        for (size_t i = 0; i < N; i++) centred[i * D + j] = x[i * D + j] - mean;
    }
    linear_gram_add(N, D, centred, gram);
    for (size_t j = 0; j < D; j++) gram[j * D + j] += mu;
    ck_assert(linear_cholesky(D, gram));
    for (uint64_t draw = 0; draw < DRAWS; draw++) {
        Random random = random_stream(7, RANDOM_TEST, draw);
        double w[D], y[N], mean = 0, fit[D] = {0}, error = 0;
        for (size_t j = 0; j < D; j++) w[j] = sqrt(LAW.signal / D) * random_normal(&random);
        for (size_t i = 0; i < N; i++)
            y[i] = 2.5 + linear_dot(D, x + i * D, w) + sqrt(LAW.noise) * random_normal(&random);
        for (size_t i = 0; i < N; i++) mean += y[i] / N;
        for (size_t k = 0; k < N * D; k++) fit[k % D] += centred[k] * (y[k / D] - mean);
        linear_triangle_solve(D, gram, true, 1, fit);
        linear_triangle_solve(D, gram, false, 1, fit);
        for (size_t i = 0; i < N; i++) {
            double truth = 2.5 + linear_dot(D, x + i * D, w);
            error += pow(mean + linear_dot(D, centred + i * D, fit) - truth, 2) / N;
        }
        sum += error;
        squares += error * error;
    }
    Error error;
    RidgeSpectrum spectrum;
    RidgeWeights weights;
    RidgeDesign *design = contrasts_of(N, D, x);
    ck_assert(ridge_spectrum(design, 0, RIDGE_AUTO, &spectrum, &error));
    ck_assert(ridge_weights(design, &spectrum, RIDGE_IN_SAMPLE, &LAW, NULL, &weights, &error));
    double risk = ridge_risk(&spectrum, &weights, &LAW, mu).risk, found = sum / DRAWS;
    double off = sqrt((squares / DRAWS - found * found) / DRAWS);
    ck_assert_msg(fabs(found - risk) <= 4 * off, "%.6g +- %.2g, formula %.6g", found, off, risk);
    ridge_weights_free(&weights);
    ridge_spectrum_free(&spectrum);
    ridge_design_close(design);
    free(x);
}
END_TEST

// The check and the formula are of the same risk, of every measure. Each comparison of a true
// sample fails with probability 6e-5.
START_TEST(check_knows_the_intercept) {
    const double mu[] = {0, 0.31, 2.385, INFINITY}, sigma[] = {2, 0.5, 0, 0.5, 1, 0, 0, 0, 0.25};
    static const RidgeMeasure measures[] = {RIDGE_PARAMETERS, RIDGE_ISOTROPIC, RIDGE_IN_SAMPLE,
                                            RIDGE_COVARIANCE};
    RidgeMeasure measure = measures[_i];
    const double *s = measure == RIDGE_COVARIANCE ? sigma : NULL;
    double *x = numbers(5 * 3, 70);
    RidgeCheck check[4];
    RidgeSpectrum spectrum;
    RidgeWeights weights;
    Error error;
    RidgeDesign *design = contrasts_of(5, 3, x);
    RidgeDraws draws = {LAW, 4000, 5, measure, s};
    ck_assert(ridge_check(design, &draws, 4, mu, check, &error));
    ck_assert(ridge_spectrum(design, 0, RIDGE_AUTO, &spectrum, &error));
    ck_assert(ridge_weights(design, &spectrum, measure, &LAW, s, &weights, &error));
    for (int k = 0; k < 4; k++) {
        RidgeRisk risk = ridge_risk(&spectrum, &weights, &LAW, mu[k]);
        ck_assert_double_le(fabs(check[k].risk.mean - risk.risk), 4 * check[k].risk.standard_error);
        ck_assert_double_le(fabs(check[k].variance.mean - risk.variance),
                            4 * check[k].variance.standard_error);
    }
    double extra = ridge_risk(&spectrum, &weights, &LAW, INFINITY).variance;
    near("variance of the mean", "check", INFINITY, extra,
         measure == RIDGE_PARAMETERS ? 0 : LAW.noise / 5, 1e-15);
    ridge_weights_free(&weights);
    ridge_spectrum_free(&spectrum);
    ridge_design_close(design);
    free(x);
}
END_TEST

// ---- along samples and features ----

// Along samples every count is centred anew: all is what the contrasts of the first rows give. The
// square case is one row later.
START_TEST(curves_are_those_of_the_parts) {
    static const char *const data[] = {"gaussian:17,6", "gaussian:6,11"};
    RidgeVary vary = _i < 2 ? RIDGE_SAMPLES : RIDGE_FEATURES;
    const double mu = 0.31;
    Error error = {0};
    RidgeAnalysis a;
    RidgeRequest request = {.data = data[_i % 2],
                            .law = LAW,
                            .mu = &mu,
                            .mu_count = 1,
                            .vary = vary,
                            .intercept = true};
    ck_assert_msg(ridge_analyse(&request, &a, &error), "%s", error.text);
    const RidgeCurve *curve = &a.curve;
    ck_assert_uint_eq(curve->counts, vary == RIDGE_SAMPLES ? a.n : a.d);
    ck_assert_uint_eq(curve->square, vary == RIDGE_SAMPLES ? a.d + 1 : a.n - 1);
    RidgeDesign *whole = ridge_design_open(request.data, &(RidgeDesignOptions){0}, NULL);
    double *x = calloc(a.n * a.d, sizeof *x);
    for (size_t i = 0; i < curve->points; i++) {
        size_t rows = vary == RIDGE_SAMPLES ? curve->at[i] : a.n;
        size_t columns = vary == RIDGE_SAMPLES ? a.d : curve->at[i];
        double least = curve->least_norm[curve->at[i] - 1].risk;
        if (rows == 1) {
            ck_assert(least == LAW.signal && curve->best[i] == LAW.signal);
            ck_assert(curve->fixed[i] == LAW.signal && curve->gaussian[i] == LAW.signal);
            continue;
        }
        RidgeSpectrum spectrum;
        RidgeWeights weights;
        ck_assert(whole->read(whole, 0, rows, 0, columns, x, NULL));
        RidgeDesign *part = contrasts_of(rows, columns, x);
        ck_assert(ridge_spectrum(part, 0, RIDGE_SINGULAR, &spectrum, NULL));
        ck_assert(ridge_weights(part, &spectrum, RIDGE_PARAMETERS, &LAW, NULL, &weights, NULL));
        double best = ridge_best_mu(&LAW, columns);
        near("fixed", "curve", mu, curve->fixed[i], ridge_risk(&spectrum, &weights, &LAW, mu).risk,
             1e-11);
        near("best", "curve", best, curve->best[i],
             ridge_risk(&spectrum, &weights, &LAW, best).risk, 1e-11);
        near("least norm", "curve", 0, least, ridge_risk(&spectrum, &weights, &LAW, 0).risk, 1e-7);
        ck_assert(curve->gaussian[i] == ridge_gaussian_risk(rows - 1, columns, &LAW));
        ridge_weights_free(&weights);
        ridge_spectrum_free(&spectrum);
        ridge_design_close(part);
    }
    free(x);
    ridge_design_close(whole);
    ridge_analysis_free(&a);
}
END_TEST

enum { ROWS = 11, TEST = 7, COLUMNS = 19, OUTPUTS = 2 };

// Of the first k columns: least squares of least norm on centred columns, by LAPACK.
static RidgeFit direct_fit(size_t k, const double *x, const double *y, const double *x_test,
                           const double *y_test) {
    double a[COLUMNS * ROWS], b[OUTPUTS * COLUMNS], mean[COLUMNS], centre[OUTPUTS];
    RidgeFit fit = {0};
    size_t longest = ROWS > k ? ROWS : k;
    for (size_t j = 0; j < k; j++) {
        mean[j] = 0;
        for (size_t i = 0; i < ROWS; i++) mean[j] += x[i * COLUMNS + j] / ROWS;
        for (size_t i = 0; i < ROWS; i++) a[j * ROWS + i] = x[i * COLUMNS + j] - mean[j];
    }
    for (size_t o = 0; o < OUTPUTS; o++) {
        centre[o] = 0;
        for (size_t i = 0; i < ROWS; i++) centre[o] += y[i * OUTPUTS + o] / ROWS;
        for (size_t i = 0; i < ROWS; i++) b[o * longest + i] = y[i * OUTPUTS + o] - centre[o];
    }
    LinearLeastSquares problem = {
        .m = ROWS, .n = k, .columns = OUTPUTS, .tolerance = 1e-12, .at = a, .b = b};
    ck_assert(linear_least_squares(&problem, NULL));
    for (int part = 0; part < 2; part++) {
        size_t rows = part ? TEST : ROWS;
        const double *rx = part ? x_test : x, *ry = part ? y_test : y;
        double sum = 0, wrong = 0;
        for (size_t i = 0; i < rows; i++) {
            double f[OUTPUTS];
            for (size_t o = 0; o < OUTPUTS; o++) {
                f[o] = centre[o];
                for (size_t j = 0; j < k; j++)
                    f[o] += (rx[i * COLUMNS + j] - mean[j]) * b[o * longest + j];
                sum += pow(f[o] - ry[i * OUTPUTS + o], 2);
            }
            wrong += (f[0] > f[1]) != (ry[i * OUTPUTS] > ry[i * OUTPUTS + 1]);
        }
        *(part ? &fit.test_error : &fit.train_error) = sum / (double)(rows * OUTPUTS);
        *(part ? &fit.test_wrong : &fit.train_wrong) = wrong / (double)rows;
    }
    for (size_t o = 0; o < OUTPUTS; o++)
        fit.norm += linear_dot(k, b + o * longest, b + o * longest);
    return fit;
}

// With a constant column, two that are one but for an offset, and columns far from 0.
START_TEST(fits_along_features) {
    double *x = numbers((ROWS + TEST) * COLUMNS, 80), *y = numbers((ROWS + TEST) * OUTPUTS, 81);
    for (size_t i = 0; i < ROWS + TEST; i++) {
        for (size_t j = 0; j < COLUMNS; j++) x[i * COLUMNS + j] += 5 * (double)j;
        x[i * COLUMNS + 3] = 0.7;
        x[i * COLUMNS + 6] = x[i * COLUMNS + 5] + 32;
        y[i * OUTPUTS] += 12;
        y[i * OUTPUTS + 1] += 11.5;
    }
    const double *x_test = x + ROWS * COLUMNS, *y_test = y + ROWS * OUTPUTS;
    Error error = {0};
    RidgeFit fit[COLUMNS];
    RidgeDesign *design = contrasts_of(ROWS, COLUMNS, x);
    RidgeDesign *test = ridge_design_of(TEST, COLUMNS, x_test);
    RidgeTargets targets = {OUTPUTS, TEST, y, test, y_test};
    ck_assert_msg(ridge_path_fit(design, &targets, fit, &error), "%s", error.text);
    for (size_t k = 1; k <= COLUMNS; k++) {
        RidgeFit direct = direct_fit(k, x, y, x_test, y_test);
        const RidgeFit *now = &fit[k - 1];
        ck_assert_double_le(fabs(now->train_error - direct.train_error), 1e-11);
        ck_assert_double_le(fabs(now->test_error - direct.test_error), 1e-8 * direct.test_error);
        ck_assert_double_le(fabs(now->norm - direct.norm), 1e-8 * direct.norm);
        ck_assert_double_eq(now->train_wrong, direct.train_wrong);
        ck_assert_double_eq(now->test_wrong, direct.test_wrong);
        // Two columns say nothing: rank N - 1 = 10 comes with 12 of them.
        ck_assert((now->train_error < 1e-20) == (k >= 12));
    }
    ridge_design_close(design);
    ridge_design_close(test);
    free(x);
    free(y);
}
END_TEST

// ---- everything at once ----

// Held-out errors are those of the test rows less the mean of the training rows, by the normal
// equations; and one request has one H.
START_TEST(held_out_error) {
    const char *data = "mnist1d:train=61,test=37";
    const double mus[] = {1e-3, 2.385, 50};
    Error error = {0};
    RidgeAnalysis a;
    RidgeRequest request = {.data = data,
                            .law = LAW,
                            .mu = mus,
                            .mu_count = 3,
                            .targets = "own",
                            .class = 3,
                            .intercept = true};
    ck_assert_msg(ridge_analyse(&request, &a, &error), "%s", error.text);
    const DataSet *set = data_open(data, NULL);
    const double chosen[] = {a.real->chosen_mu, a.real->evidence_mu, a.real->leave_one_out.mu,
                             a.real->gcv.mu};
    const double found[] = {a.real->held_out, a.real->held_out_evidence, a.real->held_out_loo,
                            a.real->held_out_gcv};
    size_t n = 61, d = set->d;
    double *gram = calloc(d * d, sizeof *gram), *x = calloc(n * d, sizeof *x),
           *w = calloc(d, sizeof *w), *mean = calloc(d, sizeof *mean), y[61], centre = 0;
    for (size_t i = 0; i < n; i++) centre += (y[i] = set->y_train[i] == 3 ? 1 : -1) / (double)n;
    for (size_t k = 0; k < n * d; k++) mean[k % d] += (double)set->x_train[k] / (double)n;
    for (size_t k = 0; k < n * d; k++) x[k] = (double)set->x_train[k] - mean[k % d];
    for (size_t c = 0; c < 4; c++) {
        double sum = 0;
        memset(gram, 0, d * d * sizeof *gram);
        memset(w, 0, d * sizeof *w);
        linear_gram_add(n, d, x, gram);
        for (size_t j = 0; j < d; j++) gram[j * d + j] += chosen[c];
        for (size_t k = 0; k < n * d; k++) w[k % d] += x[k] * (y[k / d] - centre);
        ck_assert(isfinite(chosen[c]) && linear_cholesky(d, gram));
        linear_triangle_solve(d, gram, true, 1, w);
        linear_triangle_solve(d, gram, false, 1, w);
        for (size_t i = 0; i < set->n_test; i++) {
            double f = centre;
            for (size_t j = 0; j < d; j++) f += ((double)set->x_test[i * d + j] - mean[j]) * w[j];
            sum += pow(f - (set->y_test[i] == 3 ? 1 : -1), 2) / (double)set->n_test;
        }
        near("held-out error", "mnist1d", chosen[c], found[c], sum, 1e-9);
    }
    near("degrees", "mnist1d", mus[1], a.degrees[1], ridge_degrees(&a.spectrum, mus[1]), 0);
    ck_assert(a.spectrum.intercept && a.spectrum.n == n - 1);
    Text text = {0};
    ridge_describe(&a, &text);
    ck_assert(strstr(text.data, "columns centred, intercept not penalised; not standardised"));
    text_free(&text);
    free(gram);
    free(x);
    free(w);
    free(mean);
    data_close(set);
    ridge_analysis_free(&a);
}
END_TEST

// R(mu*) alone and from the spectrum, tall and wide.
START_TEST(best_alone) {
    static const char *const data[] = {"gaussian:17,6", "gaussian:6,11"};
    RidgeAnalysis all, best;
    RidgeRequest request = {.data = data[_i], .law = LAW, .intercept = true};
    ck_assert(ridge_analyse(&request, &all, NULL));
    request.best_only = true;
    ck_assert(ridge_analyse(&request, &best, NULL));
    near("best risk", data[_i], best.best_mu, best.best.risk, all.best.risk, 1e-12);
    ck_assert(best.n == all.n && all.spectrum.n + 1 == all.n);
    ridge_analysis_free(&all);
    ridge_analysis_free(&best);
}
END_TEST

START_TEST(errors) {
    Error error = {0};
    const double x[6] = {1, 2.385, 3, 4, NAN, 5};
    ck_assert(ridge_design_contrasts(ridge_design_of(1, 3, x), &error) == NULL);
    ck_assert_str_eq(error.text,
                     "a matrix: 1 row; with an intercept at least 2 are needed (--intercept no)");
    ck_assert(ridge_design_contrasts(ridge_design_of(2, 3, x), &error) == NULL);
    ck_assert_str_eq(error.text, "a matrix: row 1, column 1 (counted from 0) is nan; every number "
                                 "must be finite");
}
END_TEST

int main(void) {
    linear_threads(1, NULL);
    Suite *suite = suite_create("intercept");
    TCase *cases = tcase_create("intercept");
    int all = SIZE(intercept_cases);
    tcase_add_loop_test(cases, exact_refits, 0, all);
    tcase_add_loop_test(cases, least_errors, 0, all);
    tcase_add_loop_test(cases, least_is_least, 0, 6);
    tcase_add_loop_test(cases, restricted_likelihood, 0, SIZE(restricted_cases));
    tcase_add_loop_test(cases, offsets_are_the_intercept, 0, all);
    tcase_add_loop_test(cases, units_of_columns, 0, all);
    tcase_add_test(cases, constant_targets);
    tcase_add_test(cases, centred_without_an_intercept);
    tcase_add_test(cases, contrasts_are_centred_columns);
    tcase_add_loop_test(cases, spectrum_by_every_route, 0, 12);
    tcase_add_test(cases, predictions_by_simulation);
    tcase_add_loop_test(cases, check_knows_the_intercept, 0, 4);
    tcase_add_loop_test(cases, curves_are_those_of_the_parts, 0, 4);
    tcase_add_test(cases, fits_along_features);
    tcase_add_test(cases, held_out_error);
    tcase_add_loop_test(cases, best_alone, 0, 2);
    tcase_add_test(cases, errors);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
