// Products with panels against plain loops, at odd sizes, on every instruction set.
#include "num/linear.h"
#include "num/num.h"
#include "num/panel.h"
#include "run_suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIZES = 5 };
// Around a tile of 6 rows, a strip of 32, 192 columns and 1024 terms.
static const size_t SIZE[SIZES][2] = {{1, 1}, {7, 19}, {33, 211}, {13, 391}, {5, 1031}};

static double *numbers(size_t count, uint64_t stream) {
    double *x = memory_new(count, sizeof *x);
    Random random = random_stream(23, RANDOM_TEST, stream);
    for (size_t i = 0; i < count; i++) x[i] = random_normal(&random);
    return x;
}

// The bits of chains of fused multiply-adds; without them, rounding may differ.
static void same(size_t count, const double *got, const double *want) {
    bool fused = strcmp(num_arithmetic(), "fma") == 0;
    for (size_t i = 0; i < count; i++)
        ck_assert_double_le(fabs(got[i] - want[i]), fused ? 0 : 1e-12 * (1 + fabs(want[i])));
}

static void check_products(size_t rows, size_t n) {
    double *a = numbers(rows * n, 0), *x = numbers(n * PANEL, 1), *y = numbers(rows * PANEL, 2);
    double *want = memory_new(rows * PANEL, sizeof *want), *sum = numbers(n * PANEL, 3);
    double *got = memory_new(n * PANEL, sizeof *got);
    memcpy(got, sum, n * PANEL * sizeof *got);
    for (size_t i = 0; i < rows; i++) {
        for (size_t l = 0; l < n; l++)
            for (size_t p = 0; p < PANEL; p++)
                want[i * PANEL + p] = fma(a[i * n + l], x[l * PANEL + p], want[i * PANEL + p]);
    }
    panel_times(rows, n, a, x, y);
    same(rows * PANEL, y, want);
    for (size_t i = 0; i < rows; i++) {
        for (size_t l = 0; l < n; l++)
            for (size_t p = 0; p < PANEL; p++)
                sum[l * PANEL + p] = fma(a[i * n + l], y[i * PANEL + p], sum[l * PANEL + p]);
    }
    size_t half = rows / 2; // in two calls
    panel_add_transposed(half, n, a, y, got);
    panel_add_transposed(rows - half, n, a + half * n, y + half * PANEL, got);
    same(n * PANEL, got, sum);
    memory_free(a), memory_free(x), memory_free(y);
    memory_free(want), memory_free(sum), memory_free(got);
}

static void check_subtract(size_t count, size_t n) {
    double *basis[3], *w = numbers(n * PANEL, 9), *want = memory_new(n * PANEL, sizeof *want);
    double dot[3 * PANEL], dots[3 * PANEL] = {0};
    for (size_t k = 0; k < count; k++) basis[k] = numbers(n * PANEL, 10 + k);
    memcpy(want, w, n * PANEL * sizeof *want);
    for (size_t k = 0; k < count; k++) {
        for (size_t i = 0; i < n * PANEL; i++)
            dots[k * PANEL + i % PANEL] = fma(basis[k][i], w[i], dots[k * PANEL + i % PANEL]);
    }
    for (size_t k = 0; k < count; k++) {
        for (size_t i = 0; i < n * PANEL; i++)
            want[i] = fma(-dots[k * PANEL + i % PANEL], basis[k][i], want[i]);
    }
    panel_subtract(count, n, (const double *const *)basis, dot, w);
    same(count * PANEL, dot, dots);
    same(n * PANEL, w, want);
    for (size_t k = 0; k < count; k++) memory_free(basis[k]);
    memory_free(w), memory_free(want);
}

START_TEST(panels_agree_with_plain_loops) {
    static const char *const isas[] = {"generic", "avx2", "avx512"};
    setenv("BENIGN_ISA", isas[_i / SIZES], 1); // where there is no such thing, the best there is
    const size_t *size = SIZE[_i % SIZES];
    for (int threads = 1; threads <= 3; threads += 2) {
        linear_threads(threads, NULL);
        check_products(size[0], size[1]);
        check_subtract(1 + (size_t)_i % 3, size[1]);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("num/panel");
    TCase *all = tcase_create("panel");
    tcase_set_timeout(all, 60);
    tcase_add_loop_test(all, panels_agree_with_plain_loops, 0, 3 * SIZES);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
