// RidgeSolver against exact rational refits, dense covariances and simulated laws.
#include "ridge/ridge.h"
#include "num/linear.h"
#include "solver_reference.h"
#include "run_suite.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SIZE(array) (sizeof(array) / sizeof *(array))

static double *numbers(size_t count, uint64_t index) {
    Random random = random_stream(2385, RANDOM_TEST, index);
    double *x = calloc(count, sizeof *x);
    for (size_t i = 0; i < count; i++) x[i] = random_normal(&random);
    return x;
}

static RidgeSolver *solver_of(size_t n, size_t d, const double *x, const double *y) {
    Error error;
    RidgeDesign *design = ridge_design_of(n, d, x);
    RidgeSolver *solver = ridge_solver_new(design, y, &error);
    if (!solver) ck_abort_msg("%s", error.text);
    ridge_design_close(design);
    return solver;
}

static void near(const char *what, const char *name, double mu, double found, double expected,
                 double tolerance) {
    if (!(fabs(found - expected) <= tolerance * fabs(expected)))
        ck_abort_msg("%s, %s at mu = %g: %.17g, expected %.17g", name, what, mu, found, expected);
}

// At mu = 0 the training error of an interpolating fit is 0 to rounding.
START_TEST(exact_refits) {
    const ValidationCase *now = &validation_cases[_i];
    RidgeSolver *solver = solver_of(now->n, now->d, now->x, now->y);
    for (size_t k = 0; k < SIZE(reference_mu); k++) {
        double mu = reference_mu[k], w[11], largest = 0;
        RidgeValidation found = ridge_solver_validate(solver, mu);
        near("leave-one-out", now->name, mu, found.leave_one_out, now->leave_one_out[k], 1e-11);
        near("GCV", now->name, mu, found.gcv, now->gcv[k], 1e-11);
        near("training error", now->name, mu, found.train, now->train[k], 1e-11);
        ridge_solver_weights(solver, mu, w);
        for (size_t j = 0; j < now->d; j++) largest = fmax(largest, fabs(now->w[k][j]));
        for (size_t j = 0; j < now->d; j++)
            ck_assert_double_le(fabs(w[j] - now->w[k][j]), 1e-12 * largest);
    }
    ridge_solver_free(solver);
}
END_TEST

// mu -> infinity: w = 0, and every error is that of predicting 0. Also where mu^2 overflows.
START_TEST(infinite_mu) {
    const ValidationCase *now = &validation_cases[_i];
    double y2 = linear_dot(now->n, now->y, now->y) / (double)now->n, w[11];
    const double large[] = {INFINITY, 1e200};
    RidgeSolver *solver = solver_of(now->n, now->d, now->x, now->y);
    for (size_t k = 0; k < SIZE(large); k++) {
        RidgeValidation found = ridge_solver_validate(solver, large[k]);
        near("leave-one-out", now->name, large[k], found.leave_one_out, y2, 1e-14);
        near("GCV", now->name, large[k], found.gcv, y2, 1e-14);
        near("training error", now->name, large[k], found.train, y2, 1e-14);
        ridge_solver_weights(solver, large[k], w);
        for (size_t j = 0; j < now->d; j++) ck_assert_double_le(fabs(w[j]), k == 0 ? 0 : 1e-197);
    }
    ridge_solver_free(solver);
}
END_TEST

// Nothing overflows on the way: x and y in units of 2^-k give the same, in units.
START_TEST(extreme_units) {
    const ValidationCase *now = &validation_cases[_i];
    double x[80], y[13], w[2][11], unit_x = ldexp(1, 700), unit_y = ldexp(1, 500), mu = 0;
    for (size_t i = 0; i < now->n * now->d; i++) x[i] = now->x[i] * unit_x;
    for (size_t i = 0; i < now->n; i++) y[i] = now->y[i] * unit_y;
    RidgeSolver *a = solver_of(now->n, now->d, now->x, now->y);
    RidgeSolver *b = solver_of(now->n, now->d, x, y);
    RidgeValidation one = ridge_solver_validate(a, mu), two = ridge_solver_validate(b, mu);
    near("leave-one-out", now->name, mu, ldexp(two.leave_one_out, -1000), one.leave_one_out, 1e-12);
    near("GCV", now->name, mu, ldexp(two.gcv, -1000), one.gcv, 1e-12);
    ridge_solver_weights(a, mu, w[0]);
    ridge_solver_weights(b, mu, w[1]);
    for (size_t j = 0; j < now->d; j++)
        ck_assert_double_le(fabs(ldexp(w[1][j], 200) - w[0][j]), 1e-11);
    ridge_solver_free(a);
    ridge_solver_free(b);
}
END_TEST

// (X'X + mu I)^-1 of x (n, d) by Cholesky, into inverse (d, d).
static void invert(size_t n, size_t d, const double *x, double mu, double *inverse) {
    double *gram = calloc(d * d, sizeof *gram);
    linear_gram_add(n, d, x, gram);
    for (size_t j = 0; j < d; j++) gram[j * d + j] += mu;
    ck_assert(linear_cholesky(d, gram));
    linear_triangle_inverse(d, gram);
    for (size_t i = 0; i < d; i++) memset(gram + i * d, 0, i * sizeof *gram);
    linear_product(&(LinearProduct){.m = d,
                                    .n = d,
                                    .k = d,
                                    .alpha = 1,
                                    .b_transposed = true,
                                    .a = gram,
                                    .b = gram,
                                    .y = inverse});
    free(gram);
}

static void vector(size_t m, size_t k, bool transposed, const double *a, const double *b,
                   double *y) {
    linear_product(&(LinearProduct){
        .m = m, .n = 1, .k = k, .alpha = 1, .a_transposed = transposed, .a = a, .b = b, .y = y});
}

// e, and h_ii, from the normal equations.
static void normal_equations(size_t n, size_t d, const double *x, const double *y, double mu,
                             double *e, double *h) {
    double *inverse = calloc(d * d, sizeof *inverse), *xy = calloc(3 * d, sizeof *xy), *w = xy + d;
    invert(n, d, x, mu, inverse);
    vector(d, n, true, x, y, xy);
    vector(d, d, false, inverse, xy, w);
    for (size_t i = 0; i < n; i++) {
        e[i] = y[i] - linear_dot(d, x + i * d, w);
        vector(d, d, false, inverse, x + i * d, xy + 2 * d);
        h[i] = linear_dot(d, x + i * d, xy + 2 * d);
    }
    free(inverse);
    free(xy);
}

// More rows and more values of mu than one block holds, against the normal equations.
START_TEST(many_rows_and_values) {
    enum { N = 150, D = 71, VALUES = 130 };
    double *x = numbers(N * D, 0), *y = numbers(N, 1), mu[VALUES], e[N], h[N];
    RidgeValidation found[VALUES];
    for (size_t k = 0; k < VALUES; k++) mu[k] = 0.2385 * pow(1.1, (double)k);
    RidgeSolver *solver = solver_of(N, D, x, y);
    ridge_solver_validate_all(solver, VALUES, mu, found);
    for (size_t k = 0; k < VALUES; k += 43) {
        normal_equations(N, D, x, y, mu[k], e, h);
        double left_out = 0, train = 0, trace = 0;
        for (size_t i = 0; i < N; i++) {
            left_out += pow(e[i] / (1 - h[i]), 2) / N;
            train += e[i] * e[i] / N;
            trace += h[i];
        }
        near("leave-one-out", "many", mu[k], found[k].leave_one_out, left_out, 1e-12);
        near("GCV", "many", mu[k], found[k].gcv, train / pow(1 - trace / N, 2), 1e-12);
        near("training error", "many", mu[k], found[k].train, train, 1e-12);
    }
    ridge_solver_free(solver);
    free(x);
    free(y);
}
END_TEST

// The first 70 of 150 rows have a feature of their own, of size `own`: at mu = 0 they are fitted
// exactly, and left out they are predicted from the 5 common features alone, which the other rows
// determine by least squares.
START_TEST(rows_with_leverage_1) {
    enum { N = 150, OWN = 70, COMMON = 5, D = OWN + COMMON, REST = N - OWN };
    const double sizes[] = {2.385, 1e-3, 1e-6, 1e3};
    double own = sizes[_i], *z = numbers(N * COMMON, 2), *y = numbers(N, 3), expected = 0;
    double *x = calloc(N * D, sizeof *x), inverse[COMMON * COMMON], zy[COMMON], beta[COMMON];
    for (size_t i = 0; i < N; i++) {
        if (i < OWN) x[i * D + i] = own;
        memcpy(x + i * D + OWN, z + i * COMMON, COMMON * sizeof *x);
    }
    const double *rest = z + OWN * COMMON;
    double e[REST], h[REST];
    normal_equations(REST, COMMON, rest, y + OWN, 0, e, h);
    invert(REST, COMMON, rest, 0, inverse);
    vector(COMMON, REST, true, rest, y + OWN, zy);
    vector(COMMON, COMMON, false, inverse, zy, beta);
    for (size_t i = 0; i < OWN; i++)
        expected += pow(y[i] - linear_dot(COMMON, z + i * COMMON, beta), 2) / N;
    for (size_t i = 0; i < REST; i++) expected += pow(e[i] / (1 - h[i]), 2) / N;
    RidgeSolver *solver = solver_of(N, D, x, y);
    double condition = fmax(1e2 / own, own);
    near("leave-one-out", "leverage 1", 0, ridge_solver_validate(solver, 0).leave_one_out, expected,
         1e-14 * condition);
    ridge_solver_free(solver);
    free(x);
    free(y);
    free(z);
}
END_TEST

// ---- the marginal likelihood ----

static RidgeEvidence evidence_of(size_t n, size_t d, const double *x, const double *y) {
    RidgeSolver *solver = solver_of(n, d, x, y);
    RidgeEvidence evidence = ridge_solver_evidence(solver);
    ridge_solver_free(solver);
    return evidence;
}

START_TEST(brute_force_maximum) {
    const EvidenceCase *now = &evidence_cases[_i];
    RidgeEvidence found = evidence_of(now->n, now->d, now->x, now->y);
    near("log likelihood", now->name, 0, found.log_likelihood, now->log_likelihood, 1e-10);
    near("signal", now->name, 0, found.law.signal, now->signal, 1e-9);
    near("noise", now->name, 0, found.law.noise, now->noise, 1e-9);
    ck_assert(found.at_edge == (now->signal == 0 || now->noise == 0));
}
END_TEST

// log N(y; 0, C), C = (signal/d) XX' + noise I, by Cholesky, and the gradients to log signal and
// log noise: (y'C^-1 A C^-1 y - tr C^-1 A)/2 with A = (signal/d) XX' or noise I.
static double dense(size_t n, size_t d, const double *x, const double *y, const RidgeLaw *law,
                    double gradient[2]) {
    double c[13 * 13], root[13 * 13], inverse[13 * 13], z[13], log_determinant = 0;
    LinearProduct product = {.m = n,
                             .n = n,
                             .k = d,
                             .alpha = law->signal / (double)d,
                             .b_transposed = true,
                             .a = x,
                             .b = x,
                             .y = c};
    linear_product(&product);
    for (size_t i = 0; i < n; i++) c[i * n + i] += law->noise;
    memcpy(root, c, sizeof c);
    ck_assert(linear_cholesky(n, root));
    for (size_t i = 0; i < n; i++) log_determinant += 2 * log(root[i * n + i]);
    linear_triangle_inverse(n, root);
    for (size_t i = 0; i < n; i++) memset(root + i * n, 0, i * sizeof *root);
    linear_product(&(LinearProduct){.m = n,
                                    .n = n,
                                    .k = n,
                                    .alpha = 1,
                                    .b_transposed = true,
                                    .a = root,
                                    .b = root,
                                    .y = inverse});
    vector(n, n, false, inverse, y, z);
    double trace = 0, yz = linear_dot(n, y, z), zz = linear_dot(n, z, z);
    for (size_t i = 0; i < n; i++) trace += inverse[i * n + i];
    gradient[1] = law->noise * (zz - trace) / 2;
    gradient[0] = (yz - (double)n) / 2 - gradient[1]; // A = C - noise I
    return -((double)n * log(2 * acos(-1)) + log_determinant + yz) / 2;
}

START_TEST(dense_gaussian) {
    const EvidenceCase *now = &evidence_cases[_i];
    RidgeEvidence found = evidence_of(now->n, now->d, now->x, now->y);
    double gradient[2];
    double value = dense(now->n, now->d, now->x, now->y, &found.law, gradient);
    near("log likelihood", now->name, 0, found.log_likelihood, value, 1e-9);
    if (found.law.signal > 0) ck_assert_double_le(fabs(gradient[0]), 1e-8);
    if (found.law.noise > 0) ck_assert_double_le(fabs(gradient[1]), 1e-8);
}
END_TEST

// Both variances come back within 4 standard errors (Fisher information: tr(C^-1 A C^-1 B)/2). For
// Gaussian estimates a true sample fails with probability 2 * 6.3e-5.
START_TEST(simulated_law) {
    static const size_t sizes[][2] = {{140, 90}, {90, 140}};
    const size_t n = sizes[_i][0], d = sizes[_i][1], count = n < d ? n : d;
    const RidgeLaw law = {.signal = 2.385, .noise = 0.7};
    double *x = numbers(n * d, 10), *w = numbers(d, 11), *y = numbers(n, 12);
    for (size_t i = 0; i < n; i++)
        y[i] = sqrt(law.noise) * y[i] + sqrt(law.signal / (double)d) * linear_dot(d, x + i * d, w);
    RidgeEvidence found = evidence_of(n, d, x, y);
    double *sigma = calloc(count, sizeof *sigma), a = 0, b = 0, c = 0;
    Error error;
    ck_assert(linear_singular_values(n, d, x, sigma, &error));
    for (size_t j = 0; j < n; j++) {
        double k = j < count ? sigma[j] * sigma[j] / (double)d : 0, v = law.signal * k + law.noise;
        a += k * k / (v * v) / 2;
        b += k / (v * v) / 2;
        c += 1 / (v * v) / 2;
    }
    double determinant = a * c - b * b;
    ck_assert(!found.at_edge);
    ck_assert_double_le(fabs(found.law.signal - law.signal), 4 * sqrt(c / determinant));
    ck_assert_double_le(fabs(found.law.noise - law.noise), 4 * sqrt(a / determinant));
    free(x);
    free(w);
    free(y);
    free(sigma);
}
END_TEST

static void expect(RidgeEvidence found, double signal, double noise, double log_likelihood) {
    ck_assert(found.at_edge);
    near("signal", "edge", 0, found.law.signal, signal, 1e-13);
    near("noise", "edge", 0, found.law.noise, noise, 1e-13);
    if (isinf(log_likelihood))
        ck_assert(found.log_likelihood == log_likelihood);
    else
        near("log likelihood", "edge", 0, found.log_likelihood, log_likelihood, 1e-13);
}

// Where the likelihood cannot tell signal from noise, or grows without bound.
START_TEST(edges) {
    const double y[5] = {2.385, -1.5, 0.25, 3, -0.75}, zero[5 * 3] = {0}, one[3] = {0.5, -2, 1};
    const double pi2 = 2 * acos(-1), y2 = linear_dot(5, y, y) / 5;
    double white = -2.5 * (log(pi2 * y2) + 1);
    expect(evidence_of(5, 3, zero, y), 0, y2, white);
    expect(evidence_of(5, 3, zero, zero), 0, 0, INFINITY);
    // One row: only the sum of both parts is known.
    expect(evidence_of(1, 3, one, y), 0, y[0] * y[0], -0.5 * (log(pi2 * y[0] * y[0]) + 1));
    // XX' = 4 I.
    double same[25] = {0}, twice[5 * 2];
    for (size_t i = 0; i < 5; i++) same[i * 6] = 2;
    expect(evidence_of(5, 5, same, y), 0, y2, white);
    // y = X w: X (5, 2) with X'X = diag(|a|^2, |b|^2), y = 3 a.
    static const double a[5] = {1, 2, 0, -2, 1}, b[5] = {0, 1, 5, 1, 0};
    double fitted[5];
    for (size_t i = 0; i < 5; i++)
        twice[2 * i] = a[i], twice[2 * i + 1] = b[i], fitted[i] = 3 * a[i];
    expect(evidence_of(5, 2, twice, fitted), 2 * 9.0 / 2, 0, INFINITY);
    // y orthogonal to the columns.
    static const double across[5] = {1, 0, 0, 0, -1};
    expect(evidence_of(5, 2, twice, across), 0, 0.4, -2.5 * (log(pi2 * 0.4) + 1));
}
END_TEST

// A tiny residual outside the columns' space is noise all the same: (X (5, 2) with columns a and b,
// y = 3 a + c) noise = |c|^2/(n - rank) and signal = d 9/rank, up to a relative noise/signal.
START_TEST(nearly_noiseless) {
    static const double x[5 * 2] = {1, 0, 2, 1, 0, 5, -2, 1, 1, 0}, c[5] = {1, 0, 0, 0, -1};
    double y[5], tiny = 1e-9;
    for (size_t i = 0; i < 5; i++) y[i] = 3 * x[2 * i] + tiny * c[i];
    RidgeEvidence found = evidence_of(5, 2, x, y);
    ck_assert(!found.at_edge);
    near("noise", "nearly noiseless", 0, found.law.noise, 2 * tiny * tiny / 3, 1e-6);
    near("signal", "nearly noiseless", 0, found.law.signal, 2 * 9.0 / 2, 1e-12);
}
END_TEST

// The law scales with the units of y, and its signal against those of X. Where the noise leaves the
// range of doubles the rest is right all the same.
START_TEST(evidence_units) {
    const EvidenceCase *now = &evidence_cases[_i];
    const int shifts[] = {400, 600, -600};
    for (size_t k = 0; k < SIZE(shifts); k++) {
        double x[96], y[13], jacobian = -shifts[k] * log(2) * (double)now->n;
        for (size_t i = 0; i < now->n * now->d; i++) x[i] = ldexp(now->x[i], shifts[k] + 50);
        for (size_t i = 0; i < now->n; i++) y[i] = ldexp(now->y[i], shifts[k]);
        RidgeEvidence found = evidence_of(now->n, now->d, x, y);
        near("log likelihood", now->name, 0, found.log_likelihood, now->log_likelihood + jacobian,
             1e-11);
        near("signal", now->name, 0, ldexp(found.law.signal, 100), now->signal, 1e-9);
        double expected = ldexp(now->noise, 2 * shifts[k]); // 0 and infinity included
        ck_assert(found.law.noise == expected ||
                  fabs(found.law.noise - expected) <= 1e-9 * expected);
    }
}
END_TEST

static void refused(size_t n, size_t d, const double *x, const double *y, const char *message) {
    Error error = {0};
    RidgeDesign *design = ridge_design_of(n, d, x);
    ck_assert(ridge_solver_new(design, y, &error) == NULL);
    ck_assert_str_eq(error.text, message);
    ridge_design_close(design);
}

START_TEST(errors) {
    const double x[6] = {1, 2, 3, 4, 5, 2.385}, y[3] = {1, 2.385, -NAN}, z[3] = {-INFINITY, 1, 1};
    refused(3, 2, x, y, "a matrix: the target of row 2 is nan; a finite number is expected");
    refused(3, 2, x, z, "a matrix: the target of row 0 is -inf; a finite number is expected");
    const double huge[4] = {DBL_MAX, DBL_MAX, DBL_MAX, DBL_MAX};
    refused(2, 2, huge, x, "a matrix: the singular values overflow; divide it by a power of 10");
    const size_t large = (size_t)1 << 31;
    refused(large, large, x, x,
            "left singular vectors: 2147483648 items of 17179869184 bytes are more than any memory "
            "holds");
    ridge_solver_free(NULL);
}
END_TEST

int main(void) {
    linear_threads(1, NULL);
    Suite *suite = suite_create("solver");
    TCase *cases = tcase_create("solver");
    int validations = SIZE(validation_cases), evidences = SIZE(evidence_cases);
    tcase_add_loop_test(cases, exact_refits, 0, validations);
    tcase_add_loop_test(cases, infinite_mu, 0, validations);
    tcase_add_loop_test(cases, extreme_units, 0, validations);
    tcase_add_test(cases, many_rows_and_values);
    tcase_add_loop_test(cases, rows_with_leverage_1, 0, 4);
    tcase_add_loop_test(cases, brute_force_maximum, 0, evidences);
    tcase_add_loop_test(cases, dense_gaussian, 0, evidences);
    tcase_add_loop_test(cases, evidence_units, 0, evidences);
    tcase_add_loop_test(cases, simulated_law, 0, 2);
    tcase_add_test(cases, nearly_noiseless);
    tcase_add_test(cases, edges);
    tcase_add_test(cases, errors);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
