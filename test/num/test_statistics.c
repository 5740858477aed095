// The beta law, limits, divergences against arithmetic in 50 digits (statistics_reference.py); the
// two ways of computing a tail against each other; the test of waiting times by its own promise.
#include "num/statistics.h"
#include "num/statistics_reference.h"
#include "num/waiting_reference.h"
#include "run_suite.h"
#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void near(double found, double wanted, double tolerance, const char *what, size_t at) {
    ck_assert_msg(found == wanted || fabs(found - wanted) <= tolerance * fabs(wanted),
                  "%s %zu: %.17g, should be %.17g, off by %.2g", what, at, found, wanted,
                  (found - wanted) / wanted);
}

// ---- the beta law ----

START_TEST(tails_in_50_digits) {
    for (size_t i = 0; i < COUNT(TAIL); i++) {
        double least = fmin(TAIL[i].lower, TAIL[i].upper),
               tolerance = least > 1e-100 ? 1e-13 : 3e-13;
        near(statistics_beta(TAIL[i].x, TAIL[i].a, TAIL[i].b), TAIL[i].lower, tolerance, "lower",
             i);
        near(statistics_beta_upper(TAIL[i].x, TAIL[i].a, TAIL[i].b), TAIL[i].upper, tolerance,
             "upper", i);
    }
}
END_TEST

START_TEST(tails_by_hand) {
    near(statistics_beta(0.2385, 1, 1), 0.2385, 1e-15, "uniform", 0);
    near(statistics_beta(0.2385, 7, 1), pow(0.2385, 7), 1e-14, "power", 0);
    near(statistics_beta(0.2385, 1, 7), 1 - pow(1 - 0.2385, 7), 1e-14, "power", 1);
    near(statistics_beta(0.2385, 0.5, 0.5), 2 / acos(-1) * asin(sqrt(0.2385)), 1e-14, "arcsine", 0);
    near(statistics_beta(0.3, 2, 3), 6 * 0.09 - 8 * 0.027 + 3 * 0.0081, 1e-14, "polynomial", 0);
    ck_assert_double_eq(statistics_beta(0, 2, 3), 0);
    ck_assert_double_eq(statistics_beta(1, 2, 3), 1);
    ck_assert_double_eq(statistics_beta_upper(0, 2, 3), 1);
    ck_assert_double_eq(statistics_beta_upper(1, 2, 3), 0);
}
END_TEST

// I_x(a, b) = I_x(a + 1, b) + x^a (1-x)^b / (a B(a, b)) leads across the border between the
// continued fraction (a or b up to 200) and quadrature (both above).
START_TEST(recurrence_across_the_border) {
    const double shift[] = {0.6, 0.9, 1, 1.1, 1.4};
    for (size_t i = 0; i < COUNT(shift); i++) {
        double a = 199.5, b = 2385, x = shift[i] * a / (a + b);
        double step = exp(a * log(x) + b * log1p(-x) + lgamma(a + b) - lgamma(a + 1) - lgamma(b));
        double found = shift[i] < 1
                           ? statistics_beta(x, a, b) - statistics_beta(x, a + 1, b)
                           : statistics_beta_upper(x, a + 1, b) - statistics_beta_upper(x, a, b);
        near(found, step, 3e-11, "step", i); // lgamma's own rounding
    }
}
END_TEST

START_TEST(inverse_inverts) {
    const double probability[] = {1e-290, 1e-12, 0.02385, 0.5, 0.93};
    const double shape[][2] = {{1.3, 2.385}, {1, 1e12}, {19, 41}, {1000, 3e9}, {1e15, 1e15}};
    for (size_t i = 0; i < COUNT(shape); i++) {
        double a = shape[i][0], b = shape[i][1], spread = sqrt(fmin(a, b)) + 30;
        for (size_t j = 0; j < COUNT(probability); j++) {
            double x = statistics_beta_inverse(probability[j], a, b);
            near(statistics_beta(x, a, b), probability[j], 1e-13 + 1e-14 * spread, "inverse", j);
            x = statistics_beta_upper_inverse(probability[j], b, a);
            ck_assert_double_ge(statistics_beta_upper(x, b, a), probability[j]);
            ck_assert_double_le(statistics_beta_upper(nextafter(x, 1), b, a), probability[j]);
        }
    }
    ck_assert_double_eq(statistics_beta_inverse(0, 2, 3), 0);
    ck_assert_double_eq(statistics_beta_inverse(1, 2, 3), 1);
    ck_assert_double_eq(statistics_beta_upper_inverse(0, 2, 3), 1);
    ck_assert_double_eq(statistics_beta_upper_inverse(1, 2, 3), 0);
}
END_TEST

// ---- limits ----

START_TEST(limits_in_50_digits) {
    for (size_t i = 0; i < COUNT(LIMIT); i++) {
        double hits = LIMIT[i].hits, trials = LIMIT[i].trials, alpha = LIMIT[i].alpha;
        near(statistics_lower_limit(hits, trials, alpha), LIMIT[i].lower, 1e-13, "lower", i);
        near(statistics_upper_limit(hits, trials, alpha), LIMIT[i].upper, 1e-13, "upper", i);
    }
}
END_TEST

START_TEST(limits_by_hand) {
    near(statistics_upper_limit(0, 23, 0.05), 1 - pow(0.05, 1 / 23.0), 1e-14, "none", 0);
    near(statistics_lower_limit(23, 23, 0.05), pow(0.05, 1 / 23.0), 1e-14, "all", 0);
    StatisticsInterval both = statistics_clopper_pearson(4, 19, 0.9);
    near(both.low, statistics_lower_limit(4, 19, 0.05), 1e-13, "both", 0);
    near(both.high, statistics_upper_limit(4, 19, 0.05), 1e-13, "both", 1);
}
END_TEST

// The promise itself, without simulation: summed over the law of the hits, an interval of level
// 0.9 misses p with probability at most 0.05 on each side, whatever p is.
START_TEST(limits_cover) {
    enum { TRIALS = 37 };
    for (double p = 0.0123; p < 1; p += 0.0385) {
        double missed_above = 0, missed_below = 0;
        for (int hits = 0; hits <= TRIALS; hits++) {
            double law = exp(lgamma(TRIALS + 1) - lgamma(hits + 1) - lgamma(TRIALS - hits + 1) +
                             hits * log(p) + (TRIALS - hits) * log1p(-p));
            if (statistics_lower_limit(hits, TRIALS, 0.05) > p) missed_below += law;
            if (statistics_upper_limit(hits, TRIALS, 0.05) < p) missed_above += law;
        }
        ck_assert_double_le(missed_below, 0.05);
        ck_assert_double_le(missed_above, 0.05);
    }
}
END_TEST

// The same where trials end at 4 hits, or at 60 trials: the law of the number of trials is summed
// up.
START_TEST(limits_cover_inverse_sampling) {
    enum { HITS = 4, MOST = 60 };
    for (double p = 0.0123; p < 1; p += 0.0385) {
        double below = 0, above = 0, sum = 0, law = pow(p, HITS); // of the 4th hit at trial n
        for (int n = HITS; n <= MOST; n++, law *= (1 - p) * (n - 1) / (n - HITS)) {
            StatisticsInterval inside = statistics_inverse_sampling(HITS, n, 0.9);
            below += inside.low > p ? law : 0;
            above += inside.high < p ? law : 0;
            sum += law;
        }
        for (int hits = 0; hits < HITS; hits++) {
            law = exp(lgamma(MOST + 1) - lgamma(hits + 1) - lgamma(MOST - hits + 1) +
                      hits * log(p) + (MOST - hits) * log1p(-p));
            StatisticsInterval inside = statistics_clopper_pearson(hits, MOST, 0.9);
            below += inside.low > p ? law : 0;
            above += inside.high < p ? law : 0;
            sum += law;
        }
        ck_assert_double_eq_tol(sum, 1, 1e-12);
        ck_assert_double_le(below, 0.05);
        ck_assert_double_le(above, 0.05);
    }
    ck_assert_double_eq(statistics_inverse_sampling(1, 1, 0.9).high, 1);
}
END_TEST

// As numpy.quantile; values that are infinite are no hindrance.
START_TEST(quantiles) {
    double value[] = {2.385, -1, 0.7, 19, 3};
    const double wanted[] = {-1, 0.7, 2.385, 3, 19};
    statistics_sort(value, 5);
    for (int i = 0; i < 5; i++)
        ck_assert_double_eq(statistics_quantile(value, 5, i / 4.0), wanted[i]);
    near(statistics_quantile(value, 5, 0.16), 0.088, 1e-14, "quantile", 0);
    const double infinite[] = {0, 0, INFINITY, INFINITY};
    ck_assert_double_eq(statistics_quantile(infinite, 4, 0.9), INFINITY);
    ck_assert_double_eq(statistics_quantile(infinite, 4, 0.2), 0);
    ck_assert_double_eq(statistics_quantile(infinite, 1, 0.9), 0);
}
END_TEST

// ---- divergence ----

START_TEST(divergence_in_50_digits) {
    for (size_t i = 0; i < COUNT(COIN); i++)
        near(statistics_kl(COIN[i].a, COIN[i].b), COIN[i].kl, 1e-14, "kl", i);
    ck_assert_double_eq(statistics_kl(0.3, 0), INFINITY);
    ck_assert_double_eq(statistics_kl(0.3, 1), INFINITY);
    ck_assert_double_eq(statistics_kl(1, 1), 0);
}
END_TEST

START_TEST(divergence_inverted) {
    for (size_t i = 0; i < COUNT(INVERSE); i++)
        near(statistics_kl_inverse(INVERSE[i].a, INVERSE[i].divergence), INVERSE[i].b, 1e-14,
             "inverse", i);
    ck_assert_double_eq(statistics_kl_inverse(0.3, INFINITY), 1);
    ck_assert_double_eq(statistics_kl_inverse(0, INFINITY), 1);
    ck_assert_double_eq(statistics_kl_inverse(0.3, 0), 0.3);
}
END_TEST

// ---- waiting times ----

enum { MOST = 3000 };

// The positions of the hits among `guesses` guesses that hit with probability p.
static size_t guess(double p, uint64_t guesses, uint64_t index, uint64_t *position) {
    Random random = random_stream(19, RANDOM_TEST, index);
    size_t hits = 0;
    for (uint64_t k = 1; k <= guesses && hits < MOST; k++) {
        if (random_uniform(&random) < p) position[hits++] = k;
    }
    return hits;
}

// p-values of runs that are as they should be are at most u with probability at most u (the test is
// exact up to ties). 400 runs: a count beyond the mean by 4 standard deviations has probability
// below 2e-4; four counts.
START_TEST(waiting_times_of_a_fair_run) {
    const double p[] = {0.02385, 0.71};
    uint64_t position[MOST];
    for (size_t which = 0; which < COUNT(p); which++) {
        int below_tenth = 0, below_half = 0;
        for (uint64_t run = 0; run < 400; run++) {
            StatisticsHits hits = {position, 0, which ? 40 : 900, false, 99, run};
            hits.hits = guess(p[which], hits.guesses, 1000 * which + run, position);
            double value = statistics_geometric_test(&hits);
            if (hits.hits < STATISTICS_LEAST_HITS) {
                ck_assert(isnan(value));
                continue;
            }
            below_tenth += value <= 0.1;
            below_half += value <= 0.5;
        }
        ck_assert_int_le(below_tenth, 40 + 4 * 6);
        ck_assert_int_le(below_half, 200 + 4 * 10);
        if (which == 0) ck_assert_int_ge(below_half, 100); // nor does it never complain
    }
}
END_TEST

// With 4000 replicates a p-value is off by more than 4.5 standard deviations (and what the
// reference is off) with probability 7e-6; 24 of them: 2e-4.
START_TEST(waiting_times_by_listing_all_subsets) {
    enum { REPLICATES = 4000 };
    for (size_t i = 0; i < COUNT(WAITING); i++) {
        StatisticsHits hits = {WAITING[i].position,      10,         WAITING[i].guesses,
                               WAITING[i].ends_with_hit, REPLICATES, i};
        double p = WAITING[i].p, found = statistics_geometric_test(&hits);
        double error = 4.5 * sqrt(p * (1 - p) / REPLICATES) + 0.002;
        ck_assert_msg(fabs(found - p) <= error, "%zu: %g, should be %g +- %g", i, found, p, error);
    }
}
END_TEST

// A guesser that sleeps through every other thousand, and one that hits every hundredth time: no
// simulated distance comes near.
START_TEST(waiting_times_that_are_not_geometric) {
    uint64_t position[MOST];
    StatisticsHits hits = {position, 0, 20000, false, 0, 7};
    hits.hits = guess(0.02385, 10000, 7, position);
    for (size_t i = 0; i < hits.hits; i++) position[i] += 1000 * (position[i] / 1000);
    near(statistics_geometric_test(&hits), 0.001, 1e-15, "sleep", 0);
    for (hits.hits = 0; hits.hits < 60; hits.hits++) position[hits.hits] = 100 * (hits.hits + 1);
    hits.guesses = 6050;
    near(statistics_geometric_test(&hits), 0.001, 1e-15, "march", 0);
    hits.replicates = 19;
    near(statistics_geometric_test(&hits), 0.05, 1e-15, "march", 1);
}
END_TEST

START_TEST(waiting_times_at_the_ends) {
    uint64_t position[MOST];
    for (size_t i = 0; i < MOST; i++) position[i] = i + 1;
    StatisticsHits hits = {position, 9, 19, false, 19, 0};
    ck_assert(isnan(statistics_geometric_test(&hits)));
    hits = (StatisticsHits){position, 30, 30, false, 19, 0}; // nothing but hits: the only subset
    ck_assert_double_eq(statistics_geometric_test(&hits), 1);
    for (size_t i = 0; i < 10; i++)
        position[i] = (i + 1) * (i + 1) * 100000000000; // trials of 1e13
    hits = (StatisticsHits){position, 10, 10000000000000, true, 19, 0};
    ck_assert_double_ge(statistics_geometric_test(&hits), 0.1);
}
END_TEST

// Beyond 2000 hits only the first 2000 count, and nothing after them.
START_TEST(waiting_times_use_the_first_hits) {
    uint64_t position[MOST];
    size_t found = guess(0.2385, 1 << 20, 3, position);
    ck_assert_uint_eq(found, MOST);
    StatisticsHits all = {position, found, 1 << 20, false, 29, 5};
    StatisticsHits first = {position, STATISTICS_MOST_HITS, position[1999], true, 29, 5};
    double value = statistics_geometric_test(&all);
    ck_assert_double_eq(value, statistics_geometric_test(&first));
    ck_assert_double_gt(value, 0.01);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("statistics");
    TCase *beta = tcase_create("beta"), *waiting = tcase_create("waiting times");
    tcase_add_test(beta, tails_in_50_digits);
    tcase_add_test(beta, tails_by_hand);
    tcase_add_test(beta, recurrence_across_the_border);
    tcase_add_test(beta, inverse_inverts);
    tcase_add_test(beta, limits_in_50_digits);
    tcase_add_test(beta, limits_by_hand);
    tcase_add_test(beta, limits_cover);
    tcase_add_test(beta, limits_cover_inverse_sampling);
    tcase_add_test(beta, quantiles);
    tcase_add_test(beta, divergence_in_50_digits);
    tcase_add_test(beta, divergence_inverted);
    tcase_add_test(waiting, waiting_times_of_a_fair_run);
    tcase_add_test(waiting, waiting_times_by_listing_all_subsets);
    tcase_add_test(waiting, waiting_times_that_are_not_geometric);
    tcase_add_test(waiting, waiting_times_at_the_ends);
    tcase_add_test(waiting, waiting_times_use_the_first_hits);
    suite_add_tcase(suite, beta);
    suite_add_tcase(suite, waiting);
    return run_suite(suite);
}
