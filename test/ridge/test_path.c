// Every prefix against brute force: NumPy's pseudo-inverse for small matrices, singular values of
// each prefix for larger ones.
#include "base/random.h"
#include "num/linear.h"
#include "ridge/ridge.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Reference {
    const char *name;
    size_t n, d, outputs, n_test;
    const double *x, *y, *x_test, *y_test;
    const double *rows, *columns; // condition, bias, variance of each prefix
    const double *fits; // condition, train_error, test_error, norm, train_wrong, test_wrong
} Reference;

#include "path_reference.h"
#include "run_suite.h"

enum { CASES = sizeof REFERENCE / sizeof *REFERENCE };

// What rounding does to the smallest singular value, with a factor to spare.
static void ck_near(const char *name, size_t count, double is, double should, double condition) {
    double allowed = 1e-13 + 2e-15 * condition, scale = fabs(should) > 1 ? fabs(should) : 1;
    ck_assert_msg(fabs(is - should) <= allowed * scale,
                  "%s, %zu: %.17g instead of %.17g, off by %.2g at condition %.2g", name, count, is,
                  should, fabs(is - should) / scale, condition);
}

static void compare_risk(const char *name, size_t count, const RidgeRisk *risk,
                         const double *reference) {
    for (size_t k = 0; k < count; k++, reference += 3) {
        ck_near(name, k + 1, risk[k].bias, reference[1], 1);
        ck_near(name, k + 1, risk[k].variance, reference[2], reference[0]);
        ck_assert_double_eq(risk[k].risk, risk[k].bias + risk[k].variance);
    }
}

START_TEST(risk_of_every_prefix) {
    const Reference *c = REFERENCE + _i;
    RidgeLaw law = {SIGNAL, NOISE};
    RidgeDesign *design = ridge_design_of(c->n, c->d, c->x);
    RidgeRisk *risk = malloc((c->n + c->d) * sizeof *risk);
    Error error;
    ck_assert(ridge_path_samples(design, &law, risk, NULL, &error));
    compare_risk(c->name, c->n, risk, c->rows);
    ck_assert(ridge_path_features(design, &law, risk, NULL, &error));
    compare_risk(c->name, c->d, risk, c->columns);
    free(risk);
    ridge_design_close(design);
}
END_TEST

START_TEST(fit_of_every_prefix) {
    const Reference *c = REFERENCE + _i;
    RidgeDesign *design = ridge_design_of(c->n, c->d, c->x);
    RidgeDesign *test = ridge_design_of(c->n_test, c->d, c->x_test);
    RidgeTargets targets = {
        .outputs = c->outputs, .n_test = c->n_test, .y = c->y, .test = test, .y_test = c->y_test};
    RidgeFit *fit = malloc(c->d * sizeof *fit);
    Error error;
    ck_assert(ridge_path_fit(design, &targets, fit, &error));
    const double *reference = c->fits;
    for (size_t k = 0; k < c->d; k++, reference += 6) {
        ck_near(c->name, k + 1, fit[k].train_error, reference[1], reference[0]);
        ck_near(c->name, k + 1, fit[k].test_error, reference[2], reference[0]);
        ck_near(c->name, k + 1, fit[k].norm, reference[3], reference[0]);
        if (!isnan(reference[4])) ck_near(c->name, k + 1, fit[k].train_wrong, reference[4], 1);
        if (!isnan(reference[5])) ck_near(c->name, k + 1, fit[k].test_wrong, reference[5], 1);
    }
    free(fit);
    ridge_design_close(test);
    ridge_design_close(design);
}
END_TEST

static double *normals(size_t count, uint64_t index) {
    double *x = malloc(count * sizeof *x);
    Random random = random_stream(2385, RANDOM_TEST, index);
    for (size_t i = 0; i < count; i++) x[i] = random_normal(&random);
    return x;
}

typedef struct Size {
    size_t n, d;
    size_t late; // the last column of rows before this one is smaller by 2^-20
} Size;
static const Size SIZES[] = {{151, 67, 0}, {67, 151, 0}, {97, 97, 0}, {151, 67, 103}};

// Variance of the first k rows of x (n, d) from their singular values; also their condition.
static double variance_of(size_t k, size_t d, const double *x, double *condition) {
    double *copy = malloc(k * d * sizeof *copy), value[256], sum = 0;
    size_t count = k < d ? k : d;
    Error error;
    memcpy(copy, x, k * d * sizeof *copy);
    ck_assert(linear_singular_values(k, d, copy, value, &error));
    for (size_t i = 0; i < count; i++) sum += 1 / (value[i] * value[i]);
    *condition = value[0] / value[count - 1];
    free(copy);
    return NOISE * sum;
}

// 1e-9 away from the peak at k = d is what is promised; what comes out is some epsilon times the
// condition at every k, the peak included.
START_TEST(risk_of_long_paths) {
    size_t n = SIZES[_i].n, d = SIZES[_i].d, peak = 0;
    RidgeLaw law = {SIGNAL, NOISE};
    double *x = normals(n * d, 0), *turned = malloc(n * d * sizeof *turned);
    for (size_t i = 0; i < SIZES[_i].late; i++) x[i * d + d - 1] *= 0x1p-20;
    for (size_t i = 0; i < n * d; i++) turned[i % d * n + i / d] = x[i];
    RidgeDesign *design = ridge_design_of(n, d, x), *features = ridge_design_of(d, n, turned);
    RidgeRisk *risk = malloc(n * sizeof *risk), *same = malloc(n * sizeof *same);
    Error error;
    ck_assert(ridge_path_samples(design, &law, risk, NULL, &error));
    ck_assert(ridge_path_features(features, &law, same, NULL, &error));
    for (size_t k = 0; k < n; k++) {
        double condition, variance = variance_of(k + 1, d, x, &condition);
        double off = fabs(risk[k].variance / variance - 1);
        ck_assert_msg(off < 1e-14 * (10 + condition), "%zux%zu, %zu: off by %.2g at %.2g", n, d,
                      k + 1, off, condition);
        ck_assert_double_eq_tol(risk[k].bias, k < d ? SIGNAL * (double)(d - k - 1) / (double)d : 0,
                                1e-14);
        ck_assert_double_le(fabs(same[k].variance / risk[k].variance - 1),
                            1e-14 * (10 + condition));
        ck_assert_double_eq(same[k].bias,
                            k < d ? 0 : SIGNAL / (double)(k + 1) * (double)(k + 1 - d));
        if (risk[k].variance > risk[peak].variance) peak = k;
    }
    ck_assert_uint_eq(peak + 1, n < d ? n : d);
    ridge_design_close(features);
    ridge_design_close(design);
    free(same);
    free(risk);
    free(turned);
    free(x);
}
END_TEST

// Products of small whole numbers: rows that depend come early, late and on ill-conditioned ones.
START_TEST(risk_of_dependent_rows) {
    enum { N = 35, D = 40, RANK = 14 };
    static double x[N * D], copy[N * D], value[N];
    Random random = random_stream(2385, RANDOM_TEST, (uint64_t)_i);
    memset(x, 0, sizeof x);
    for (size_t k = 0; k < RANK; k++) {
        double a[N], b[D];
        for (size_t i = 0; i < N; i++) a[i] = (double)random_below(&random, 5) - 2;
        for (size_t j = 0; j < D; j++) b[j] = (double)random_below(&random, 5) - 2;
        for (size_t i = 0; i < N * D; i++) x[i] += a[i / D] * b[i % D];
    }
    RidgeDesign *design = ridge_design_of(N, D, x);
    RidgeRisk risk[N];
    Error error;
    ck_assert(ridge_path_samples(design, &(RidgeLaw){SIGNAL, NOISE}, risk, NULL, &error));
    for (size_t k = 1; k <= N; k++) {
        memcpy(copy, x, k * D * sizeof *x);
        ck_assert(linear_singular_values(k, D, copy, value, &error));
        double reference[3] = {1, SIGNAL, 0};
        for (size_t i = 0; i < k && value[i] > 1e-10 * value[0]; i++) {
            reference[0] = value[0] / value[i];
            reference[1] = SIGNAL * (double)(D - i - 1) / D;
            reference[2] += NOISE / (value[i] * value[i]);
        }
        ck_near("bias", k, risk[k - 1].bias, reference[1], 1);
        ck_near("variance", k, risk[k - 1].variance, reference[2], reference[0]);
    }
    ridge_design_close(design);
}
END_TEST

// Without noise KNOWN columns tell everything, and more of them do no harm; with noise the test
// error peaks at k = n.
START_TEST(fit_of_a_long_path) {
    enum { N = 83, D = 211, TEST = 101, KNOWN = 41 };
    double *x = normals(N * D, 1), *x_test = normals(TEST * D, 2), *noise = normals(N + TEST, 3);
    double y[N], y_test[TEST];
    for (size_t i = 0; i < N + TEST; i++) {
        const double *row = i < N ? x + i * D : x_test + (i - N) * D;
        double sum = 0;
        for (size_t j = 0; j < KNOWN; j++) sum += row[j] * (2.385 - 0.1 * (double)j);
        *(i < N ? y + i : y_test + i - N) = sum;
    }
    RidgeDesign *design = ridge_design_of(N, D, x), *test = ridge_design_of(TEST, D, x_test);
    RidgeTargets targets = {.outputs = 1, .n_test = TEST, .y = y, .test = test, .y_test = y_test};
    RidgeFit fit[D];
    Error error;
    ck_assert(ridge_path_fit(design, &targets, fit, &error));
    for (size_t k = KNOWN; k <= N - 3; k++) {
        ck_assert_double_lt(fit[k - 1].test_error, 1e-20);
        ck_assert_double_lt(fit[k - 1].train_error, 1e-20);
    }
    ck_assert_double_gt(fit[KNOWN - 2].test_error, 1);
    for (size_t i = 0; i < N; i++) y[i] += 7 * noise[i];
    ck_assert(ridge_path_fit(design, &targets, fit, &error));
    size_t peak = 0;
    for (size_t k = 0; k < D; k++) {
        if (fit[k].test_error > fit[peak].test_error) peak = k;
        if (k > 0) ck_assert_double_le(fit[k].train_error, fit[k - 1].train_error + 1e-20);
        if (k + 1 >= N) ck_assert_double_lt(fit[k].train_error, 1e-20);
        if (k + 1 >= N) ck_assert_double_eq(fit[k].train_wrong, 0);
        if (k >= N) ck_assert_double_le(fit[k].norm, fit[k - 1].norm);
    }
    ck_assert_uint_eq(peak + 1, N);
    ck_assert_double_gt(fit[N - 2].train_error, 1e-3);
    ridge_design_close(test);
    ridge_design_close(design);
    free(noise);
    free(x_test);
    free(x);
}
END_TEST

START_TEST(no_test_rows) {
    double x[] = {1.5, -0.25, 2.385, 0.75}, y[] = {2, -1};
    RidgeDesign *design = ridge_design_of(2, 2, x);
    RidgeFit fit[2];
    Error error;
    ck_assert(ridge_path_fit(design, &(RidgeTargets){.outputs = 1, .y = y}, fit, &error));
    double w = (1.5 * 2 - 2.385) / (1.5 * 1.5 + 2.385 * 2.385);
    ck_assert_double_eq_tol(fit[0].norm, w * w, 1e-15);
    ck_assert_double_eq(fit[0].train_wrong, 0.5);
    ck_assert_double_nan(fit[0].test_error);
    ck_assert_double_nan(fit[1].test_wrong);
    ridge_design_close(design);
}
END_TEST

START_TEST(no_noise_no_signal) {
    double x[] = {0.625, 0, 0, 0};
    RidgeDesign *design = ridge_design_of(2, 2, x);
    RidgeRisk risk[2];
    Error error;
    ck_assert(ridge_path_samples(design, &(RidgeLaw){.noise = 2.385}, risk, NULL, &error));
    ck_assert_double_eq(risk[1].bias, 0);
    ck_assert_double_eq_tol(risk[1].risk, 2.385 / (0.625 * 0.625), 1e-14);
    ck_assert(ridge_path_samples(design, &(RidgeLaw){.signal = 2.385}, risk, NULL, &error));
    ck_assert_double_eq(risk[0].risk, 2.385 / 2);
    ck_assert_double_eq(risk[1].variance, 0);
    ridge_design_close(design);
}
END_TEST

static void refused(size_t n, size_t d, const double *x, const char *message) {
    RidgeDesign *design = ridge_design_of(n, d, x);
    RidgeLaw law = {SIGNAL, NOISE};
    RidgeRisk risk[4];
    Error error;
    ck_assert(!ridge_path_samples(design, &law, risk, NULL, &error));
    ck_assert_str_eq(error.text, message);
    ck_assert(!ridge_path_features(design, &law, risk, NULL, &error));
    ck_assert_str_eq(error.text, message);
    ridge_design_close(design);
}

START_TEST(refusals) {
    refused(0, 3, NULL, "a matrix: a matrix of 0 rows and 3 columns has no path");
    refused(3, 0, NULL, "a matrix: a matrix of 3 rows and 0 columns has no path");
    refused((size_t)1 << 40, (size_t)1 << 30, NULL,
            "a matrix: the matrix of a path: 1099511627776 items of 8589934592 bytes are more "
            "than any memory holds");
    refused(2, 2, (double[]){1, 2, NAN, 3},
            "a matrix: a number is not finite, or its square is too large");
    refused(2, 2, (double[]){1, 2, 3, 1e180},
            "a matrix: a number is not finite, or its square is too large");
    double x[] = {1, 2, 3}, y[] = {1};
    RidgeDesign *design = ridge_design_of(1, 3, x), *test = ridge_design_of(1, 2, x);
    RidgeTargets targets = {.outputs = 1, .n_test = 1, .y = y, .test = test, .y_test = y};
    RidgeFit fit[3];
    Error error;
    ck_assert(!ridge_path_fit(design, &targets, fit, &error));
    ck_assert_str_eq(error.text, "a matrix: 2 columns, but a matrix has 3");
    ridge_design_close(test);
    ridge_design_close(design);
}
END_TEST

// Of two columns that differ by 1e-9 z the fit is that of x and z = (b - a)/1e-9, whose weights
// follow from two normal equations. w is of the size 1e9, what test rows make of it is not.
START_TEST(near_columns_predict) {
    static const double a[] = {1.2, -0.7, 2.385, 0.3, 0.9, -1.1}, z[] = {3, -1, 0.5, 2, -2.385, 1};
    static const double y[] = {3.4, 0.7, -0.1, 4.1, -1.6, -0.3}, target[] = {0.3, -0.2};
    static const double at[] = {0.6, -1.9}, zt[] = {1.4, 0.2};
    double x[18] = {0}, x_test[6], aa = 0, az = 0, zz = 0, ay = 0, zy = 0, want = 0;
    for (int i = 0; i < 6; i++) {
        x[3 * i] = a[i], x[3 * i + 1] = a[i] + 1e-9 * z[i];
        double off = (x[3 * i + 1] - a[i]) / 1e-9; // to the bit
        aa += a[i] * a[i], az += a[i] * off, zz += off * off, ay += a[i] * y[i], zy += off * y[i];
    }
    double det = aa * zz - az * az, u = (ay * zz - zy * az) / det, v = (zy * aa - ay * az) / det;
    for (int i = 0; i < 2; i++) {
        x_test[3 * i] = at[i], x_test[3 * i + 1] = at[i] + 1e-9 * zt[i], x_test[3 * i + 2] = 2.385;
        double off = (x_test[3 * i + 1] - at[i]) / 1e-9, error = u * at[i] + v * off - target[i];
        want += error * error / 2;
    }
    RidgeDesign *design = ridge_design_of(6, 3, x), *test = ridge_design_of(2, 3, x_test);
    RidgeTargets targets = {1, 2, y, test, target};
    RidgeFit fit[3];
    Error error;
    ck_assert(ridge_path_fit(design, &targets, fit, &error));
    for (int k = 1; k < 3; k++) ck_assert_double_le(fabs(fit[k].test_error / want - 1), 1e-6);
    ck_assert_double_ge(fit[1].norm, 1e16);
    ridge_design_close(test);
    ridge_design_close(design);
}
END_TEST

// Columns in units from 1e-9 to 1e5, one of them twice: ranks count each of them, and the risk of
// those that do not depend on others is exact to rounding.
START_TEST(units_do_not_matter) {
    static const double power[] = {1e5, 1e-9, 2.385, 3e-4, 1e-9};
    static const size_t rank[] = {1, 2, 3, 4, 4};
    double *z = normals(7 * 5, 3), x[7 * 5];
    for (size_t i = 0; i < 7; i++) {
        for (size_t j = 0; j < 5; j++) x[i * 5 + j] = power[j] * z[i * 5 + (j < 4 ? j : 1)];
    }
    RidgeDesign *design = ridge_design_of(7, 5, x);
    RidgeRisk risk[5];
    RidgeRank found[5];
    Error error;
    ck_assert(ridge_path_features(design, &(RidgeLaw){.noise = 2.385}, risk, found, &error));
    for (size_t k = 0; k < 5; k++) ck_assert_uint_eq(found[k].rank, rank[k]);
    double square = 0;
    for (size_t i = 0; i < 7; i++) square += x[i * 5] * x[i * 5];
    ck_assert_double_le(fabs(risk[0].variance * square / 2.385 - 1), 1e-14);
    double aa = 0, ab = 0, bb = 0; // of the unit columns 0 and 1: tr G^-1 of the two, scaled back
    for (size_t i = 0; i < 7; i++) {
        aa += z[i * 5] * z[i * 5], ab += z[i * 5] * z[i * 5 + 1];
        bb += z[i * 5 + 1] * z[i * 5 + 1];
    }
    double want = 2.385 * (aa / 1e-18 + bb / 1e10) / (aa * bb - ab * ab);
    ck_assert_double_le(fabs(risk[1].variance / want - 1), 1e-12);
    ck_assert_double_le(fabs(risk[4].variance / risk[3].variance - 0.5), 1e-6); // 1/s^2, 1/(2 s^2)
    ridge_design_close(design);
    free(z);
}
END_TEST

int main(void) {
    linear_threads(1, NULL);
    Suite *suite = suite_create("path");
    TCase *prefix = tcase_create("prefix");
    tcase_add_loop_test(prefix, risk_of_every_prefix, 0, CASES);
    tcase_add_loop_test(prefix, fit_of_every_prefix, 0, CASES);
    tcase_add_loop_test(prefix, risk_of_long_paths, 0, sizeof SIZES / sizeof *SIZES);
    tcase_add_loop_test(prefix, risk_of_dependent_rows, 0, 110);
    tcase_add_test(prefix, fit_of_a_long_path);
    tcase_add_test(prefix, no_test_rows);
    tcase_add_test(prefix, no_noise_no_signal);
    tcase_add_test(prefix, refusals);
    tcase_add_test(prefix, near_columns_predict);
    tcase_add_test(prefix, units_do_not_matter);
    suite_add_tcase(suite, prefix);
    return run_suite(suite);
}
