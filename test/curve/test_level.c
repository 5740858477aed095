// How often a second descent is "shown" that is not there, and how often one is that is.
//
// As a test: a few settings, in seconds. With LEVEL_TRIALS=N in the environment: the table of
// doc/curve-level.md, N curves for a level and N/4 for a power.
//
// The true curve rises by a step and is flat from there on: of the curves without an inner peak
// this is the hardest, since any fall makes a peak of the step. Each seed has a level of its own.
#include "curve/inner.h"
#include "run_suite.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_POINTS = 40, MOST_SEEDS = 10 };

typedef enum Law { NORMAL, T3, SKEWED, ALONG } Law; // ALONG: AR(1) of 0.9 along epochs, normal
static const char *const LAWS[] = {"normal", "t, 3 degrees", "exponential", "AR(1), epochs"};

typedef enum Where { EVEN, ONE, TWO, SLOPE } Where;
static const char *const WHERE[] = {"all alike", "one point", "two points", "growing along x"};

typedef struct Noise {
    Law law;
    Where where;
    double ratio; // of the noisy points' standard deviation to the others', which is 1
    size_t seeds, points;
} Noise;

static double draw(Law law, Random *random) {
    double z = random_normal(random), sum = 0;
    if (law == SKEWED) return -log1p(-random_uniform(random)) - 1;
    if (law != T3) return z;
    for (int i = 0; i < 3; i++) sum += pow(random_normal(random), 2);
    return z / sqrt(sum); // t has variance 3: so this has variance 1
}

static double deviation(const Noise *noise, size_t j) {
    size_t points = noise->points;
    bool noisy = (noise->where == ONE && j == 3 * points / 4) ||
                 (noise->where == TWO && (j == points / 3 || j == points - 2));
    if (noise->where == SLOPE) return pow(noise->ratio, (double)j / ((double)points - 1));
    return noisy ? noise->ratio : 1;
}

// A step at point 1 when bump is 0, else a bump of that height in the middle of a flat curve.
static void make(const Noise *noise, double bump, Random *random, double *y) {
    size_t points = noise->points;
    for (size_t s = 0; s < noise->seeds; s++) {
        double level = random_normal(random), last = random_normal(random);
        for (size_t j = 0; j < points; j++) {
            double error = draw(noise->law, random);
            if (noise->law == ALONG) error = last = 0.9 * last + sqrt(1 - 0.81) * error;
            double truth = bump > 0 ? bump * (j == points / 2) : 1000 * (j > 0);
            y[s * points + j] = truth + level + deviation(noise, j) * error;
        }
    }
}

static double share_shown(const Noise *noise, double bump, size_t trials, uint64_t stream) {
    double y[MOST_SEEDS * MOST_POINTS], x[MOST_POINTS];
    Sample sample = {noise->seeds, noise->points, y, noise->law == ALONG};
    Random random = random_stream(5, RANDOM_TEST, stream);
    size_t shown = 0;
    for (size_t j = 0; j < noise->points; j++) x[j] = (double)j;
    for (size_t trial = 0; trial < trials; trial++) {
        CurveVerdict verdict = {0};
        make(noise, bump, &random, y);
        curve_test_shape(&sample, x, &verdict);
        shown += verdict.p_second_descent < CURVE_LEVEL;
    }
    return (double)shown / (double)trials;
}

// The smallest detectable bump, as curves without one state it: mean over some.
static double mean_detectable(const Noise *noise, size_t trials) {
    double y[MOST_SEEDS * MOST_POINTS], sum = 0;
    Sample sample = {noise->seeds, noise->points, y, noise->law == ALONG};
    Random random = random_stream(6, RANDOM_TEST, 0);
    for (size_t trial = 0; trial < trials; trial++) {
        make(noise, 1e-9, &random, y);
        sum += curve_detect_shape(&sample, 0).smallest;
    }
    return sum / (double)trials;
}

// 60 curves each. At a true level of 0.05 more than 8 are shown with probability 0.003.
static const Noise HELD[] = {
    {NORMAL, ONE, 25, 3, 12},
    {ALONG, EVEN, 1, 5, 12},
};

START_TEST(test_holds_its_level) {
    ck_assert_double_le(share_shown(&HELD[_i], 0, 60, 20 + (uint64_t)_i), 8.0 / 60);
}
END_TEST

// A bump of 3 standard deviations is shown in half of all cases (the table); fewer than 10 of 40
// have probability 0.0003.
START_TEST(test_has_power) {
    const Noise even = {NORMAL, EVEN, 1, 3, 12};
    ck_assert_double_ge(share_shown(&even, 3, 40, 40), 10.0 / 40);
}
END_TEST

// A bump of the stated size is found in at least about 80 % of cases (in the middle it is easier
// than at the ends, so 0.85 in the table): fewer than 25 of 40 have probability 0.003 at 0.8. Half
// of it is not: more than 20 of 40 do not happen.
START_TEST(test_finds_the_smallest_detectable_bump) {
    const Noise even = {NORMAL, EVEN, 1, 5, 12};
    double smallest = mean_detectable(&even, 10);
    ck_assert_double_ge(share_shown(&even, smallest, 40, 50), 25.0 / 40);
    ck_assert_double_le(share_shown(&even, smallest / 2, 40, 51), 20.0 / 40);
}
END_TEST

// As many seeds as are said to be needed find the effect.
START_TEST(test_seeds_needed_are_enough) {
    Noise noise = {NORMAL, EVEN, 1, 3, 12};
    double y[MOST_SEEDS * MOST_POINTS], needed[9];
    Random random = random_stream(7, RANDOM_TEST, 0);
    Sample sample = {noise.seeds, noise.points, y, false};
    for (int i = 0; i < 9; i++) {
        make(&noise, 1e-9, &random, y);
        needed[i] = curve_detect_shape(&sample, 2.385).seeds;
        for (int k = i; k > 0 && needed[k] < needed[k - 1]; k--) {
            double swap = needed[k];
            needed[k] = needed[k - 1];
            needed[k - 1] = swap;
        }
    }
    noise.seeds = (size_t)needed[4]; // the median: 3 seeds tell the noise roughly
    ck_assert(noise.seeds > 3 && noise.seeds <= MOST_SEEDS);
    ck_assert_double_ge(share_shown(&noise, 2.385, 40, 60), 25.0 / 40); // as above
}
END_TEST

static void print_row(const Noise *noise, size_t trials) {
    double level = share_shown(noise, 0, trials, 1), bump = 3 * sqrt(3.0 / (double)noise->seeds);
    double power = share_shown(noise, bump, trials / 4, 2);
    printf("| %s | %s | %g | %zu | %zu | %.3f | %.2f |", LAWS[noise->law], WHERE[noise->where],
           noise->ratio, noise->points, noise->seeds, level, power);
    if (noise->where == EVEN) {
        double smallest = mean_detectable(noise, 10);
        printf(" %.2f | %.2f |\n", smallest, share_shown(noise, smallest, trials / 4, 3));
    } else {
        printf(" | |\n");
    }
    fflush(stdout);
}

static void print_table(size_t trials) {
    static const size_t seeds[] = {3, 5, 10};
    static const Noise rows[] = {
        {NORMAL, EVEN, 1, 0, 12},  {NORMAL, ONE, 3, 0, 12},    {NORMAL, ONE, 10, 0, 12},
        {NORMAL, ONE, 25, 0, 12},  {NORMAL, ONE, 100, 0, 12},  {NORMAL, TWO, 10, 0, 12},
        {NORMAL, TWO, 100, 0, 12}, {NORMAL, SLOPE, 10, 0, 12}, {NORMAL, SLOPE, 100, 0, 12},
        {NORMAL, ONE, 10, 0, 5},   {NORMAL, ONE, 10, 0, 19},   {T3, EVEN, 1, 0, 12},
        {T3, ONE, 25, 0, 12},      {T3, SLOPE, 100, 0, 12},    {ALONG, EVEN, 1, 0, 12},
        {ALONG, SLOPE, 10, 0, 12}, {SKEWED, EVEN, 1, 0, 12},   {SKEWED, ONE, 25, 0, 12},
    };
    printf("| noise | uneven | ratio | points | seeds | level | power | smallest | found |\n"
           "|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t k = 0; k < 3; k++) {
            Noise noise = rows[i];
            noise.seeds = seeds[k];
            print_row(&noise, trials);
        }
    }
}

int main(void) {
    const char *trials = getenv("LEVEL_TRIALS");
    if (trials) {
        print_table(strtoul(trials, NULL, 10));
        return 0;
    }
    Suite *suite = suite_create("level");
    TCase *group = tcase_create("level");
    tcase_set_timeout(group, 120);
    tcase_add_loop_test(group, test_holds_its_level, 0, sizeof HELD / sizeof *HELD);
    tcase_add_test(group, test_has_power);
    tcase_add_test(group, test_finds_the_smallest_detectable_bump);
    tcase_add_test(group, test_seeds_needed_are_enough);
    suite_add_tcase(suite, group);
    return run_suite(suite);
}
