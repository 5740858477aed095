#include "curve/noise.h"
#include "num/statistics.h"
#include <stdlib.h>
#include <string.h>

enum { REPLICATES = 1000, MOST_SIMULATED = 32 }; // seeds; beyond, a bump shrinks as 1/sqrt(seeds)

static int compare_reals(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double quantile(double *values, double level) {
    qsort(values, REPLICATES, sizeof *values, compare_reals);
    return values[(size_t)(level * REPLICATES)];
}

// The least height at point j that gives it a contrast of at least t on both sides.
static double height_found(const Test *test, size_t j, double t) {
    double before = INFINITY, after = INFINITY;
    for (size_t i = 0; i < test->points; i++) {
        double spread = sqrt(test->variance[i] + test->variance[j]);
        double height = t * spread - (test->mean[j] - test->mean[i]);
        if (i < j) before = fmin(before, height);
        if (i > j) after = fmin(after, height);
    }
    return fmax(0, fmax(before, after));
}

// |t| of Student's law that is exceeded with probability `level`.
static double student_quantile(double level, double freedom) {
    double x = statistics_beta_inverse(level, freedom / 2, 0.5);
    return sqrt(freedom * (1 - x) / x);
}

// Twice over the same noise: once for the contrast that counts as found, once for the height of a
// bump that has it.
static double smallest_bump(const Test *seen, size_t seeds) {
    Test work;
    Sample sample = {.seeds = seeds,
                     .points = seen->points,
                     .y = seeds == seen->seeds ? seen->y : NULL,
                     .whole = seen->whole};
    double *memory = test_start_like(&work, &sample), t = 0, statistics[STATISTICS];
    double *noise = memory_new(work.seeds * seen->points, sizeof *noise);
    double *value = memory_new(REPLICATES, sizeof *value);
    for (int pass = 0; pass < 2; pass++) {
        Random random = random_stream(0, RANDOM_BOOTSTRAP, 1);
        Random place = random_stream(0, RANDOM_BOOTSTRAP, 2);
        for (size_t b = 0; b < REPLICATES; b++) {
            test_draw(&work, seen, &random, noise);
            test_measure(&work, noise);
            size_t j = 1 + (size_t)random_below(&place, seen->points - 2);
            if (pass == 0) test_contrast(&work, true, CURVE_NONE, statistics);
            value[b] = pass == 0 ? fmax(statistics[ANY_FALL], statistics[ANY_RISE])
                                 : height_found(&work, j, t);
        }
        if (pass == 0) t = quantile(value, 1 - CURVE_LEVEL);
        if (pass == 0 && seen->whole) t = fmax(t, student_quantile(CURVE_LEVEL, (double)seeds - 1));
    }
    double height = quantile(value, CURVE_POWER);
    memory_free(value);
    memory_free(noise);
    memory_free(memory);
    return height;
}

static double seeds_needed(const Test *seen, double effect) {
    double height = smallest_bump(seen, MOST_SIMULATED);
    if (height > effect) return ceil(MOST_SIMULATED * pow(height / effect, 2));
    size_t low = CURVE_SEEDS_LEAST, high = MOST_SIMULATED; // the answer lies in low .. high
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (smallest_bump(seen, middle) <= effect)
            high = middle;
        else
            low = middle + 1;
    }
    return (double)high;
}

CurveDetection curve_detect_shape(const Sample *sample, double effect) {
    CurveDetection detection = {NAN, NAN};
    Test seen;
    double *memory = test_start(&seen, sample);
    test_measure(&seen, seen.y);
    memcpy(seen.variance, seen.plain, seen.points * sizeof(double)); // no reserve: what noise is
    bool enough = true;
    for (size_t j = 0; j < seen.points; j++) enough &= seen.count[j] >= CURVE_SEEDS_LEAST;
    if (enough) detection.smallest = smallest_bump(&seen, seen.seeds);
    if (effect > 0) detection.seeds = seeds_needed(&seen, effect);
    memory_free(memory);
    return detection;
}
