// Singular values by Jacobi rotations: of matrices whose rows or columns differ by many powers of
// ten, where the usual ones lose the small values.
#include "num/linear.h"
#include "run_suite.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 40 };

static void fill(size_t m, size_t n, uint64_t seed, double *a) {
    Random random = random_stream(seed, RANDOM_RIDGE, 7);
    for (size_t i = 0; i < m * n; i++) a[i] = random_normal(&random);
}

static void decompose(size_t m, size_t n, const double *a, double *value, double *u, double *vt) {
    double copy[MOST * MOST];
    Error error = {0};
    memcpy(copy, a, m * n * sizeof *copy);
    LinearSvd svd = {m, n, copy, value, u, vt};
    ck_assert_msg(linear_svd_graded(&svd, &error), "%s", error.text);
}

static void check_orthonormal(size_t rows, size_t length, size_t row_step, size_t step,
                              const double *x) {
    for (size_t a = 0; a < rows; a++) {
        for (size_t b = 0; b <= a; b++) {
            double sum = 0;
            for (size_t i = 0; i < length; i++)
                sum += x[a * row_step + i * step] * x[b * row_step + i * step];
            ck_assert_double_le(fabs(sum - (a == b)), 1e-13);
        }
    }
}

// Every column of u diag(value) vt is that of a to some epsilon of its own norm, tall, wide and
// square, of full rank and not.
START_TEST(columns_keep_their_digits) {
    static const size_t sizes[][2] = {{19, 7}, {7, 19}, {13, 13}, {1, 5}, {5, 1}, {1, 1}};
    size_t m = sizes[_i % 6][0], n = sizes[_i % 6][1], k = m < n ? m : n;
    double a[MOST * MOST], value[MOST], u[MOST * MOST], vt[MOST * MOST], again[MOST];
    fill(m, n, (uint64_t)_i, a);
    for (size_t i = 0; i < m * n; i++) a[i] *= pow(10, -9 + (double)(i % n * 5 % 15));
    for (size_t i = 0; _i >= 6 && n > 2 && i < m; i++) // a copy in another unit, and a column of 0
        a[i * n + 2] = 1e-3 * a[i * n], a[i * n + 1] = 0;
    decompose(m, n, a, value, u, vt);
    check_orthonormal(k, m, 1, k, u);
    check_orthonormal(k, n, n, 1, vt);
    for (size_t j = 0; j < n; j++) {
        double norm = 0, off = 0;
        for (size_t i = 0; i < m; i++) {
            double sum = 0;
            for (size_t l = 0; l < k; l++) sum += u[i * k + l] * value[l] * vt[l * n + j];
            norm += a[i * n + j] * a[i * n + j];
            off += (sum - a[i * n + j]) * (sum - a[i * n + j]);
        }
        // Of wide matrices the right vectors are known to epsilon, their small columns are not.
        double scale = m >= n ? sqrt(norm) : value[0];
        ck_assert_double_le(sqrt(off), 1e-13 * scale);
    }
    for (size_t l = 1; l < k; l++) ck_assert_double_le(value[l], value[l - 1]);
    decompose(m, n, a, again, NULL, NULL);
    for (size_t l = 0; l < k; l++)
        ck_assert_double_le(fabs(again[l] - value[l]), 1e-13 * value[l] + 1e-15 * value[0]);
}
END_TEST

// diag(1e5, 1, 1e-9) Q with orthonormal rows of Q has these singular values, and so has Q'diag(.).
START_TEST(small_values_are_right) {
    const double q[] = {2.0 / 3, 2.0 / 3, 1.0 / 3,  -2.0 / 3, 1.0 / 3,
                        2.0 / 3, 1.0 / 3, -2.0 / 3, 2.0 / 3};
    static const double scale[] = {2.385e-9, 1e5, 0.3};
    static const double want[] = {1e5, 0.3, 2.385e-9};
    for (int columns = 0; columns < 2; columns++) {
        double a[9], value[3];
        for (size_t i = 0; i < 9; i++) a[i] = q[i] * scale[columns ? i % 3 : i / 3];
        decompose(3, 3, a, value, NULL, NULL);
        for (int l = 0; l < 3; l++) ck_assert_double_le(fabs(value[l] / want[l] - 1), 1e-14);
    }
}
END_TEST

START_TEST(zero_matrix) {
    double a[12] = {0}, value[3] = {1, 1, 1}, u[12], vt[9];
    decompose(4, 3, a, value, u, vt);
    for (int l = 0; l < 3; l++) ck_assert_double_eq(value[l], 0);
    decompose(3, 4, a, value, NULL, NULL);
    for (int l = 0; l < 3; l++) ck_assert_double_eq(value[l], 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("num/svd");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, columns_keep_their_digits, 0, 12);
    tcase_add_test(tests, small_values_are_right);
    tcase_add_test(tests, zero_matrix);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
