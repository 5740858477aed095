// Random numbers: the published vectors, a second implementation, and the laws. Each statistical
// test names the probability that true random numbers would fail it; the seeds are fixed.
#include "base/base.h"
#include "run_suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// The vectors that Random123 publishes for philox4x32-10: counter, key, result.
START_TEST(known_answers) {
    static const uint32_t VECTOR[][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
         0x94fdcceb, 0x5001e420, 0x24126ea1},
    };
    for (size_t i = 0; i < 3; i++) {
        Random random = {.used = 4};
        memcpy(random.counter, VECTOR[i], sizeof random.counter);
        memcpy(random.key, VECTOR[i] + 4, sizeof random.key);
        for (int j = 0; j < 4; j++) ck_assert_uint_eq(random_bits(&random), VECTOR[i][6 + j]);
    }
}
END_TEST

// Philox as the paper writes it (SC 2011, section 3.3): ten rounds, each two products and a key.
static void philox(uint32_t c[4], uint32_t key_low, uint32_t key_high) {
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)c[0] * 0xD2511F53, b = (uint64_t)c[2] * 0xCD9E8D57;
        uint32_t first = (uint32_t)(b >> 32) ^ c[1] ^ key_low;
        uint32_t third = (uint32_t)(a >> 32) ^ c[3] ^ key_high;
        c[0] = first, c[1] = (uint32_t)b, c[2] = third, c[3] = (uint32_t)a;
        key_low += 0x9E3779B9;
        key_high += 0xBB67AE85;
    }
}

// What results depend on: the seed is the key; the counter holds block, index and purpose.
START_TEST(streams_are_as_documented) {
    uint64_t seed = 0x299f31d0a4093822, index = 0x0000000500000007;
    Random random = random_stream(seed, RANDOM_NOISE, index);
    for (uint32_t block = 0; block < 3; block++) {
        uint32_t c[4] = {block, 7, 5, RANDOM_NOISE};
        philox(c, 0xa4093822, 0x299f31d0);
        for (int i = 0; i < 4; i++) ck_assert_uint_eq(random_bits(&random), c[i]);
    }
    uint32_t c[4] = {3, 7, 5, RANDOM_NOISE};
    philox(c, 0xa4093822, 0x299f31d0);
    uint64_t high = (uint64_t)c[0] << 32 | c[1], low = (uint64_t)c[2] << 32 | c[3];
    ck_assert_uint_eq(random_bits64(&random), high);
    ck_assert_double_eq(random_uniform(&random), ldexp((double)(low >> 11), -53));
    ck_assert_int_eq(RANDOM_DATA, 1);
    ck_assert_int_eq(RANDOM_ORDER, 5);
    ck_assert_int_eq(RANDOM_BOOTSTRAP, 7);
}
END_TEST

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Kolmogorov-Smirnov. For samples of the law, P(sqrt(n) D > x) <= 2 exp(-2 x^2) (Massart 1990):
// 1e-9 at x = 3.273.
static void check_law(double *sample, size_t n, double (*law)(double)) {
    qsort(sample, n, sizeof *sample, ascending);
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double p = law(sample[i]);
        worst = fmax(worst, fmax(p - (double)i / (double)n, (double)(i + 1) / (double)n - p));
    }
    ck_assert_double_lt(worst * sqrt((double)n), 3.273);
}

static double uniform_law(double x) {
    return x;
}

static double normal_law(double x) {
    return erfc(-x / sqrt(2)) / 2;
}

enum { N = 100000 };
static double sample[N];

START_TEST(uniforms_are_uniform) { // fails for 2e-9 of all seeds
    Random random = random_stream(1, RANDOM_TEST, 0);
    for (int i = 0; i < N; i++) {
        sample[i] = random_uniform(&random);
        ck_assert(sample[i] >= 0 && sample[i] < 1);
    }
    check_law(sample, N, uniform_law);
    for (int i = 0; i < N; i++) { // across streams, as sample i has its own u_i
        random = random_stream(1, RANDOM_NOISE, (uint64_t)i);
        sample[i] = random_uniform(&random);
    }
    check_law(sample, N, uniform_law);
}
END_TEST

START_TEST(normals_are_normal) { // fails for 2e-9 of all seeds
    Random random = random_stream(2, RANDOM_TEST, 0);
    for (int i = 0; i < N; i++) sample[i] = random_normal(&random);
    check_law(sample, N, normal_law);
    // The two normals of a pair are independent: their sum over sqrt 2 is normal.
    for (int i = 0; i < N; i++) {
        sample[i] = random_normal(&random);
        sample[i] = (sample[i] + random_normal(&random)) / sqrt(2);
    }
    check_law(sample, N, normal_law);
}
END_TEST

// Hoeffding: |share - p| <= t but for 2 exp(-2 n t^2): 1e-9 at t = 3.273 / sqrt(n).
static void check_share(size_t count, size_t n, double p) {
    ck_assert_double_eq_tol((double)count / (double)n, p, 3.273 / sqrt((double)n));
}

START_TEST(below_is_unbiased) { // fails for 9e-9 of all seeds
    Random random = random_stream(3, RANDOM_TEST, 0);
    size_t count[7] = {0};
    for (int i = 0; i < N; i++) count[random_below(&random, 7)]++;
    for (int i = 0; i < 7; i++) check_share(count[i], N, 1.0 / 7);
    // A plain remainder would give the lower third half of the draws.
    uint64_t bound = UINT64_C(3) << 62, third = UINT64_C(1) << 62;
    size_t lower = 0, upper = 0;
    for (int i = 0; i < N; i++) {
        uint64_t value = random_below(&random, bound);
        ck_assert(value < bound);
        lower += value < third;
        upper += value >= 2 * third;
    }
    check_share(lower, N, 1.0 / 3);
    check_share(upper, N, 1.0 / 3);
    ck_assert_uint_eq(random_below(&random, 1), 0);
}
END_TEST

START_TEST(permutations_are_uniform) { // fails for 3e-8 of all seeds
    Random random = random_stream(4, RANDOM_TEST, 0);
    enum { DRAWS = 240000 };
    size_t count[256] = {0};
    for (int i = 0; i < DRAWS; i++) {
        uint32_t order[4];
        random_permutation(&random, order, 4);
        count[order[0] | order[1] << 2 | order[2] << 4 | order[3] << 6]++;
    }
    int kinds = 0;
    for (int code = 0; code < 256; code++) {
        int seen = 1 << (code & 3) | 1 << (code >> 2 & 3) | 1 << (code >> 4 & 3) | 1 << (code >> 6);
        if (seen != 15) {
            ck_assert_uint_eq(count[code], 0);
        } else {
            check_share(count[code], DRAWS, 1.0 / 24);
            kinds++;
        }
    }
    ck_assert_int_eq(kinds, 24);
}
END_TEST

START_TEST(every_number_once) {
    static uint32_t order[4001];
    static unsigned char seen[4001];
    Random random = random_stream(5, RANDOM_ORDER, 19);
    random_permutation(&random, order, 4001);
    for (int i = 0; i < 4001; i++) {
        ck_assert_uint_lt(order[i], 4001);
        ck_assert_int_eq(seen[order[i]]++, 0);
    }
    random_permutation(&random, order, 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("base/random");
    TCase *all = tcase_create("random");
    tcase_add_test(all, known_answers);
    tcase_add_test(all, streams_are_as_documented);
    tcase_add_test(all, uniforms_are_uniform);
    tcase_add_test(all, normals_are_normal);
    tcase_add_test(all, below_is_unbiased);
    tcase_add_test(all, permutations_are_uniform);
    tcase_add_test(all, every_number_once);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
