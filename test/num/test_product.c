// The product kernel of every instruction set against the plain loop, to the bit.
#define LANE_ISA generic
#include "num/product.h"
#include "num/num.h"
#include "run_suite.h"
#include <stdlib.h>

#if defined(__x86_64__)
void product_avx2(const Product *p);
void product_avx512(const Product *p);
void transpose_avx2(const float *, size_t, size_t, size_t, float *, size_t);
void transpose_avx512(const float *, size_t, size_t, size_t, float *, size_t);
#endif

static void (*const PRODUCT[])(const Product *) = {
    product_generic,
#if defined(__x86_64__)
    product_avx2,
    product_avx512,
#endif
};
static void (*const TRANSPOSE[])(const float *, size_t, size_t, size_t, float *, size_t) = {
    transpose_generic,
#if defined(__x86_64__)
    transpose_avx2,
    transpose_avx512,
#endif
};

static float multiply_add(Isa isa, float a, float b, float c) {
#ifdef __FP_FAST_FMAF
    return fmaf(a, b, c);
#else
    volatile float ab = a * b; // rounded by itself
    return isa == ISA_GENERIC ? ab + c : fmaf(a, b, c);
#endif
}

static float *numbers(Random *random, size_t count) {
    Error error;
    float *x = memory_try(count, sizeof *x, "test", &error);
    for (size_t i = 0; i < count; i++) x[i] = (float)random_normal(random) * 2.385f;
    return x;
}

static void compare(Isa isa, size_t m, size_t k, size_t n, bool turned, bool with_bias) {
    Random random = random_stream(m * 1000003 + k * 1009 + n, RANDOM_TEST, turned);
    size_t row = (n + 15) / 16 * 16 + 16, slack = 3;
    float *a = numbers(&random, m * k + 1), *x = numbers(&random, k * row + 1);
    float *bias = numbers(&random, m), *y = numbers(&random, m * (n + slack));
    float *kept = malloc(m * (n + slack) * sizeof *kept);
    memcpy(kept, y, m * (n + slack) * sizeof *kept);
    Product p = {.m = m,
                 .k = k,
                 .n = n,
                 .a = a,
                 .a_row = turned ? 1 : k,
                 .a_column = turned ? m : 1,
                 .x = x,
                 .x_row = row,
                 .y = y,
                 .y_row = n + slack,
                 .bias = with_bias ? bias : NULL};
    PRODUCT[isa](&p);
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            float sum = with_bias ? bias[i] : 0;
            for (size_t l = 0; l < k; l++) {
                sum = multiply_add(isa, a[i * p.a_row + l * p.a_column], x[l * row + j], sum);
            }
            ck_assert_msg(memcmp(&sum, &y[i * p.y_row + j], sizeof sum) == 0,
                          "%s: m=%zu k=%zu n=%zu: y(%zu, %zu) = %.9g, plain loop %.9g",
                          num_isa_name(isa), m, k, n, i, j, (double)y[i * p.y_row + j],
                          (double)sum);
        }
        for (size_t j = n; j < n + slack; j++) { // nothing beyond n is touched
            ck_assert(y[i * p.y_row + j] == kept[i * p.y_row + j]);
        }
    }
    memory_free(a), memory_free(x), memory_free(bias), memory_free(y), free(kept);
}

START_TEST(product_equals_plain_loop) {
    static const size_t M[] = {1, 2, 3, 5, 6, 7, 13, 24, 31}, K[] = {1, 2, 17, 128, 131, 257},
                        N[] = {1, 15, 16, 17, 40, 48, 64, 83, 112, 147};
    Isa isa = (Isa)_i;
    for (size_t m = 0; m < sizeof M / sizeof *M; m++) {
        for (size_t k = 0; k < sizeof K / sizeof *K; k++) {
            for (size_t n = 0; n < sizeof N / sizeof *N; n++) {
                compare(isa, M[m], K[k], N[n], (m + k + n) % 2, (m + n) % 3 != 0);
            }
        }
    }
}
END_TEST

START_TEST(transpose_turns) {
    Random random = random_stream(7, RANDOM_TEST, 0);
    for (size_t rows = 1; rows < 40; rows += 3) {
        for (size_t columns = 1; columns < 70; columns += 5) {
            float *from = numbers(&random, rows * (columns + 2));
            float *to = numbers(&random, columns * (rows + 1));
            TRANSPOSE[_i](from, columns + 2, rows, columns, to, rows + 1);
            for (size_t i = 0; i < rows; i++) {
                for (size_t j = 0; j < columns; j++) {
                    ck_assert(to[j * (rows + 1) + i] == from[i * (columns + 2) + j]);
                }
            }
            memory_free(from), memory_free(to);
        }
    }
}
END_TEST

START_TEST(lanes_sum_in_order) {
    float a[LANE];
    for (int i = 0; i < LANE; i++) a[i] = 2.385f * (float)(i + 1);
    ck_assert_float_eq_tol(lane_sum(lane_load(a)), 2.385f * 136, 1e-3f);
    lane top = lane_max(lane_load(a), lane_splat(20.25f));
    float b[LANE];
    lane_store(b, top);
    for (int i = 0; i < LANE; i++) ck_assert_float_eq(b[i], a[i] > 20.25f ? a[i] : 20.25f);
    lane_store(b, lane_min(lane_load(a), lane_splat(20.25f)));
    for (int i = 0; i < LANE; i++) ck_assert_float_eq(b[i], a[i] < 20.25f ? a[i] : 20.25f);
    lane low = lane_splat(-7.25f), high = lane_splat(3.5f), nan = lane_splat(NAN);
    lane_store(b, lane_where_positive(lane_sub(lane_load(a), lane_splat(10.0f)), high, low));
    for (int i = 0; i < LANE; i++) ck_assert_float_eq(b[i], a[i] > 10.0f ? 3.5f : -7.25f);
    lane_store(b, lane_where_positive(nan, high, low));
    ck_assert_float_eq(b[7], -7.25f);
    lane_store(b, lane_add(lane_min(high, nan), lane_max(low, nan))); // the second operand
    ck_assert_float_nan(b[3]);
    lane_store(b, lane_add(lane_min(nan, high), lane_max(nan, low)));
    ck_assert_float_eq(b[3], -3.75f);
    lane_store(b, lane_tanh(lane_splat(0.385f)));
    ck_assert_double_eq_tol((double)b[5], tanh((double)0.385f), 1e-7);
    lane_store(b, lane_log(lane_exp(lane_splat(2.385f))));
    ck_assert_double_eq_tol((double)b[11], (double)2.385f, 5e-7);
    lane_store(b, lane_expm1(lane_splat(-2.385e-4f)));
    ck_assert_double_eq_tol((double)b[2], expm1((double)-2.385e-4f), 3e-11);
    lane_store(b, lane_erfc(lane_splat(2.385f)));
    ck_assert_double_eq_tol((double)b[13], erfc((double)2.385f), 2e-10);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("num/product");
    TCase *all = tcase_create("product");
    tcase_set_timeout(all, 120);
    int usable = (int)num_isa() + 1;
    tcase_add_loop_test(all, product_equals_plain_loop, 0, usable);
    tcase_add_loop_test(all, transpose_turns, 0, usable);
    tcase_add_test(all, lanes_sum_in_order);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
