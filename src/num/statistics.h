// A few laws of statistics in double: the beta law and what follows from it for a share of hits,
// the divergence of two coins, and a test of waiting times. No function here fails; arguments out
// of range are bugs of the caller.
#pragma once

#include "base/base.h"

// The regularised incomplete beta function I_x(a, b), 0 <= x <= 1, a, b > 0, and 1 - I_x(a, b)
// without cancellation. Relative error below 1e-13 (as a function of the double x) while the result
// is above 1e-300 and 1e-3 <= a, b <= 1e15. Where a or b is small by a continued fraction
// (DiDonato, Morris 1992, equation 9), a few hundred steps at most; else by 64 points of
// Gauss-Legendre quadrature in the log-odds of x. The power x^a (1-x)^b / B(a, b) comes from
// deviances (Loader 2000), never from a difference of large logarithms.
double statistics_beta(double x, double a, double b);
double statistics_beta_upper(double x, double a, double b);

// The x with I_x(a, b) = probability, or 1 - I_x(a, b) = probability, 0 <= probability <= 1, to the
// last bits of x: bisection over the doubles themselves, 62 evaluations.
double statistics_beta_inverse(double probability, double a, double b);
double statistics_beta_upper_inverse(double probability, double a, double b);

// Of `trials` independent trials with one unknown probability p, `hits` hit: whole numbers, 0 <=
// hits <= trials, 1 <= trials <= 1e15. One-sided limits of Clopper and Pearson (1934): p >= lower
// with probability at least 1 - alpha, and p <= upper with probability at least 1 - alpha, 0 <
// alpha < 1. Without hits lower is 0; with nothing but hits upper is 1.
double statistics_lower_limit(double hits, double trials, double alpha);
double statistics_upper_limit(double hits, double trials, double alpha);

typedef struct StatisticsInterval {
    double low, high;
} StatisticsInterval;

// Both at once, with probability at least level: the limits at alpha = (1 - level)/2 each.
StatisticsInterval statistics_clopper_pearson(double hits, double trials, double level);

// The same where the trials went on until there were so many hits, 1 <= hits: the number of trials
// is random then (negative binomial law; inverse sampling, Haldane 1945). The lower limit is the
// same; the upper one is that of hits - 1 in trials - 1, since P(so many trials or more) is P(at
// most hits - 1 in trials - 1). Trials that end at so many hits or at a largest number, whichever
// comes first, take this interval where the hits came first, and Clopper and Pearson's where they
// did not: exact all the same, for the outcomes keep their order.
StatisticsInterval statistics_inverse_sampling(double hits, double trials, double level);

// Into ascending order; no value is nan.
void statistics_sort(double *value, size_t count);

// Of ascending values, between the two that are nearest to this share of the way, as NumPy's
// default.
double statistics_quantile(const double *sorted, size_t count, double share);

// kl(a || b) = a ln(a/b) + (1-a) ln((1-a)/(1-b)), the divergence of a coin of probability a from
// one of probability b, in nat; accurate also where a is near b. Infinite where b is 0 or 1 and a
// is not.
double statistics_kl(double a, double b);

// The largest b in [a, 1] with kl(a || b) <= divergence, 0 <= divergence (infinity: 1).
double statistics_kl_inverse(double a, double divergence);

// Are waiting times between hits geometric, as they are where all guesses hit independently with
// one probability? Given the number of hits, their positions are then a uniformly random subset of
// the guesses, whatever that probability is, so the test is exact: its statistic is the largest
// distance between the law of the gaps found (the first counted from 0) and the geometric law with
// p = hits/guesses, the law of the statistic is simulated (RANDOM_GEOMETRIC), and
//     p-value = (1 + #{simulated >= found}) / (1 + replicates).
// Below 10 hits it is NAN: too few to say anything. Of more than 2000 hits the first 2000 are used,
// and the guesses up to that hit: given that the last one hit, the others are a random subset.
// Cost: replicates sorts of at most 2000 numbers, 0.1 s for 2000 hits and 999 replicates.
typedef struct StatisticsHits {
    const uint64_t *position; // (hits) ascending, from 1
    size_t hits;
    uint64_t guesses;   // at least the last position
    bool ends_with_hit; // the guessing ended because there were enough hits, not enough guesses
    size_t replicates;  // 0: 999
    uint64_t seed;
} StatisticsHits;
double statistics_geometric_test(const StatisticsHits *hits);

enum { STATISTICS_LEAST_HITS = 10, STATISTICS_MOST_HITS = 2000 };
