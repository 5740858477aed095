#include "curve/noise.h"
#include <stdlib.h>

// The law of pure noise that a statistic is compared with: the largest fall, the largest rise, or
// the larger of both.
typedef enum Law { FALLS, RISES, EITHER } Law;
static const Law LAWS[STATISTICS] = {
    [FIRST_DESCENT] = FALLS, [RISE] = RISES,     [PEAK] = EITHER,    [VALLEY] = EITHER,
    [FINAL_ASCENT] = RISES,  [ANY_FALL] = FALLS, [ANY_RISE] = RISES,
};

typedef struct Tally {
    double all[STATISTICS];         // observed, over all points
    double some[STATISTICS];        // observed, over the points that are not alone
    size_t beyond_all[STATISTICS];  // simulated curves with at least that
    size_t beyond_some[STATISTICS]; //
    double *place;                  // (CURVE_REPLICATES) x of the peak
    size_t places;
} Tally;

static void count_extremes(Tally *tally, const double *flat) {
    double noise[] = {[FALLS] = flat[ANY_FALL], [RISES] = flat[ANY_RISE]};
    for (int k = 0; k < STATISTICS; k++) {
        double most = LAWS[k] == EITHER ? fmax(noise[FALLS], noise[RISES]) : noise[LAWS[k]];
        tally->beyond_all[k] += most >= tally->all[k];
        tally->beyond_some[k] += most >= tally->some[k];
    }
}

static void simulate(const Test *seen, Test *work, const double *x, Tally *tally) {
    Random random = random_stream(0, RANDOM_BOOTSTRAP, 0);
    size_t points = seen->points;
    double *noise = memory_new((work->seeds + 1) * points, sizeof *noise);
    double *shifted = noise + work->seeds * points, flat[STATISTICS];
    for (size_t b = 0; b < CURVE_REPLICATES; b++) {
        test_draw(work, seen, &random, noise);
        test_measure(work, noise);
        test_contrast(work, true, CURVE_NONE, flat);
        count_extremes(tally, flat);
        for (size_t j = 0; j < points; j++) shifted[j] = seen->mean[j] + work->mean[j];
        size_t peak = curve_find_peak(shifted, points, NULL);
        if (peak != CURVE_NONE) tally->place[tally->places++] = x[peak];
    }
    memory_free(noise);
}

static int compare_reals(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double share(size_t extremes) {
    return (1 + (double)extremes) / (1 + (double)CURVE_REPLICATES);
}

// curve.h says why: a contrast with a point that is alone is Student's, not the simulated one.
static double p_value(const Test *seen, const Tally *tally, int k) {
    double runs = seen->count[0], lones = 0;
    for (size_t j = 0; j < seen->points; j++) {
        runs = fmin(runs, seen->count[j]);
        lones += seen->lone[j];
    }
    if (seen->whole) lones = fmax(lones, 1);
    double sides = LAWS[k] == EITHER ? 1 : 0.5;
    double student = lones > 0 ? lones * sides * test_student(tally->all[k], runs - 1) : 0;
    double p = fmin(1, fmax(share(tally->beyond_all[k]), student));
    return seen->whole ? p : fmin(p, share(tally->beyond_some[k]));
}

static void conclude(const Test *seen, Tally *tally, CurveVerdict *verdict) {
    verdict->p_valley = p_value(seen, tally, VALLEY);
    verdict->p_second_descent = p_value(seen, tally, PEAK);
    bool shown = verdict->p_second_descent < CURVE_LEVEL;
    verdict->p_first_descent = p_value(seen, tally, shown ? FIRST_DESCENT : ANY_FALL);
    verdict->p_rise = p_value(seen, tally, shown ? RISE : ANY_RISE);
    if (!shown) return;
    verdict->p_final_ascent = p_value(seen, tally, FINAL_ASCENT);
    qsort(tally->place, tally->places, sizeof(double), compare_reals);
    if (2 * tally->places < CURVE_REPLICATES) return;
    verdict->peak_low = tally->place[tally->places / 40];
    verdict->peak_high = tally->place[tally->places - 1 - tally->places / 40];
}

static CurveShape name_shape(const CurveVerdict *verdict) {
    if (verdict->p_second_descent < CURVE_LEVEL) {
        if (verdict->p_first_descent >= CURVE_LEVEL) return CURVE_SINGLE_PEAK;
        bool again = verdict->p_final_ascent < CURVE_LEVEL;
        return again ? CURVE_FINAL_ASCENT : CURVE_DOUBLE_DESCENT;
    }
    if (verdict->p_valley < CURVE_LEVEL) return CURVE_CLASSICAL_U;
    if (2 * fmin(verdict->p_first_descent, verdict->p_rise) >= CURVE_LEVEL) return CURVE_FLAT;
    return verdict->p_first_descent < verdict->p_rise ? CURVE_FALLING : CURVE_RISING;
}

void curve_test_shape(const Sample *sample, const double *x, CurveVerdict *verdict) {
    Test seen, work;
    double *seen_memory = test_start(&seen, sample);
    double *work_memory = test_start_like(&work, sample);
    Tally tally = {.place = memory_new(CURVE_REPLICATES, sizeof(double))};
    test_measure(&seen, seen.y);
    size_t peak = curve_find_peak(seen.mean, seen.points, NULL);
    test_contrast(&seen, true, peak, tally.all);
    test_contrast(&seen, false, peak, tally.some);
    simulate(&seen, &work, x, &tally);
    conclude(&seen, &tally, verdict);
    verdict->shape = name_shape(verdict);
    memory_free(tally.place);
    memory_free(seen_memory);
    memory_free(work_memory);
}
