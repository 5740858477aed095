#include "curve/inner.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 5 }; // points that share one estimate of the noise

// Everything the tests need, allocated once. Arrays of doubles, (points) unless said otherwise.
typedef struct Test {
    size_t seeds, points;
    bool whole, paired;            // paired: every seed has every point
    double *y, *residual, *noise;  // (seeds, points)
    double *mean, *variance;       // of the mean
    double *count, *sum, *freedom; // runs; sum of squared residuals; degrees of freedom
    double *level;                 // (seeds) mean of a seed's row
    double *rise_before, *fall_before, *rise_after, *fall_after; // largest contrast that ends or
                                                                 // begins at a point
} Test;

typedef struct Statistics {
    double first_descent, rise, peak, valley, final_ascent, any_fall, any_rise;
} Statistics;

static double *slice(double **memory, size_t count) {
    double *start = *memory;
    *memory += count;
    return start;
}

static double *start_test(Test *test, const Sample *sample) {
    size_t values = sample->seeds * sample->points, points = sample->points;
    double *memory = memory_new(3 * values + 9 * points + sample->seeds, sizeof(double));
    double *next = memory;
    *test =
        (Test){.seeds = sample->seeds, .points = points, .whole = sample->whole, .paired = true};
    double **matrix[] = {&test->y, &test->residual, &test->noise};
    double **vector[] = {&test->mean,        &test->variance,   &test->count,
                         &test->sum,         &test->freedom,    &test->rise_before,
                         &test->fall_before, &test->rise_after, &test->fall_after};
    for (size_t i = 0; i < 3; i++) *matrix[i] = slice(&next, values);
    for (size_t i = 0; i < 9; i++) *vector[i] = slice(&next, points);
    test->level = slice(&next, sample->seeds);
    for (size_t i = 0; i < values; i++) {
        test->y[i] = sample->y[i];
        if (isnan(sample->y[i])) test->paired = false;
    }
    return memory;
}

// Means over seeds, and what is left of y without them and (paired) without the seeds' levels.
static void take_residuals(Test *test, const double *y) {
    size_t points = test->points;
    for (size_t j = 0; j < points; j++) {
        double sum = 0, count = 0;
        for (size_t s = 0; s < test->seeds; s++) {
            if (isnan(y[s * points + j])) continue;
            sum += y[s * points + j];
            count++;
        }
        test->mean[j] = sum / count;
        test->count[j] = count;
    }
    for (size_t s = 0; s < test->seeds; s++) {
        test->level[s] = 0;
        for (size_t j = 0; test->paired && j < points; j++)
            test->level[s] += (y[s * points + j] - test->mean[j]) / (double)points;
        for (size_t j = 0; j < points; j++)
            test->residual[s * points + j] = y[s * points + j] - test->mean[j] - test->level[s];
    }
}

static double window_sum(const double *value, size_t points, size_t j) {
    size_t width = points < WINDOW ? points : WINDOW;
    size_t start = j < width / 2 ? 0 : j - width / 2;
    if (start + width > points) start = points - width;
    double sum = 0;
    for (size_t i = start; i < start + width; i++) sum += value[i];
    return sum;
}

static void take_variance(Test *test) {
    size_t points = test->points;
    double paired = test->paired ? ((double)points - 1) / (double)points : 1;
    for (size_t j = 0; j < points; j++) {
        test->sum[j] = 0;
        test->freedom[j] = (test->count[j] - 1) * paired;
        for (size_t s = 0; s < test->seeds; s++) {
            double residual = test->residual[s * points + j];
            if (!isnan(residual)) test->sum[j] += residual * residual;
        }
    }
    for (size_t j = 0; j < points; j++)
        test->variance[j] = window_sum(test->sum, points, j) /
                            window_sum(test->freedom, points, j) / test->count[j];
}

// t_ij; rounding is no difference.
static double contrast(const Test *test, size_t i, size_t j) {
    double a = test->mean[i], b = test->mean[j];
    if (fabs(b - a) <= 1e-12 * fmax(fabs(a), fabs(b))) return 0;
    return (b - a) / sqrt(test->variance[i] + test->variance[j]);
}

static void take_contrasts(Test *test) {
    for (size_t j = 0; j < test->points; j++)
        test->rise_before[j] = test->fall_before[j] = test->rise_after[j] = test->fall_after[j] = 0;
    for (size_t i = 0; i < test->points; i++) {
        for (size_t j = i + 1; j < test->points; j++) {
            double t = contrast(test, i, j);
            test->rise_before[j] = fmax(test->rise_before[j], t);
            test->fall_before[j] = fmax(test->fall_before[j], -t);
            test->rise_after[i] = fmax(test->rise_after[i], t);
            test->fall_after[i] = fmax(test->fall_after[i], -t);
        }
    }
}

static Statistics take_statistics(Test *test, const double *y, size_t peak) {
    take_residuals(test, y);
    take_variance(test);
    take_contrasts(test);
    Statistics found = {0};
    for (size_t j = 0; j < test->points; j++) {
        found.any_fall = fmax(found.any_fall, test->fall_before[j]);
        found.any_rise = fmax(found.any_rise, test->rise_before[j]);
        found.peak = fmax(found.peak, fmin(test->rise_before[j], test->fall_after[j]));
        found.valley = fmax(found.valley, fmin(test->fall_before[j], test->rise_after[j]));
        if (peak == CURVE_NONE || j < peak)
            found.first_descent = fmax(found.first_descent, test->fall_before[j]);
        if (peak == CURVE_NONE || j <= peak) found.rise = fmax(found.rise, test->rise_before[j]);
        if (peak != CURVE_NONE && j > peak)
            found.final_ascent = fmax(found.final_ascent, test->rise_after[j]);
    }
    return found;
}

// Each point a run of its own: independent normal numbers of the pooled variance.
static void draw_points(Test *test, const double *variance, Random *random) {
    for (size_t s = 0; s < test->seeds; s++) {
        for (size_t j = 0; j < test->points; j++) {
            size_t i = s * test->points + j;
            double sd = sqrt(variance[j] * test->count[j]);
            test->noise[i] = isnan(test->y[i]) ? NAN : sd * random_normal(random);
        }
    }
}

// Whole runs: normal combinations of the residual curves, which keep their covariance along x.
static void draw_runs(Test *test, const double *residual, Random *random) {
    size_t points = test->points, seeds = test->seeds;
    for (size_t i = 0; i < seeds * points; i++) test->noise[i] = isnan(test->y[i]) ? NAN : 0;
    for (size_t s = 0; s < seeds; s++) {
        for (size_t r = 0; r < seeds; r++) {
            double weight = random_normal(random) / sqrt((double)seeds - 1);
            for (size_t j = 0; j < points; j++) {
                double part = residual[r * points + j];
                if (!isnan(part)) test->noise[s * points + j] += weight * part;
            }
        }
    }
}

typedef struct Tally {
    // simulated >= observed
    size_t first_descent, rise, peak, valley, final_ascent, any_fall, any_rise;
    double *place; // (CURVE_REPLICATES) x of the peak
    size_t places;
} Tally;

static void count_extremes(Tally *tally, const Statistics *seen, const Statistics *flat) {
    double either = fmax(flat->any_fall, flat->any_rise);
    tally->first_descent += flat->any_fall >= seen->first_descent;
    tally->rise += flat->any_rise >= seen->rise;
    tally->peak += either >= seen->peak;
    tally->valley += either >= seen->valley;
    tally->final_ascent += flat->any_rise >= seen->final_ascent;
    tally->any_fall += flat->any_fall >= seen->any_fall;
    tally->any_rise += flat->any_rise >= seen->any_rise;
}

// seen: the observed mean, variance and residuals, kept while *test is used for simulated curves.
static void simulate(Test *test, const Test *seen, const Statistics *observed, const double *x,
                     Tally *tally) {
    Random random = random_stream(0, RANDOM_BOOTSTRAP, 0);
    double *shifted = memory_new(test->points, sizeof *shifted);
    for (size_t b = 0; b < CURVE_REPLICATES; b++) {
        if (test->whole)
            draw_runs(test, seen->residual, &random);
        else
            draw_points(test, seen->variance, &random);
        Statistics flat = take_statistics(test, test->noise, CURVE_NONE);
        count_extremes(tally, observed, &flat);
        for (size_t j = 0; j < test->points; j++) shifted[j] = seen->mean[j] + test->mean[j];
        size_t peak = curve_find_peak(shifted, test->points, NULL);
        if (peak != CURVE_NONE) tally->place[tally->places++] = x[peak];
    }
    memory_free(shifted);
}

static int compare_reals(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double p_value(size_t extremes) {
    return (1 + (double)extremes) / (1 + (double)CURVE_REPLICATES);
}

static void conclude(const Tally *tally, size_t peak, CurveVerdict *verdict) {
    verdict->p_valley = p_value(tally->valley);
    verdict->p_second_descent = p_value(tally->peak);
    bool found = verdict->p_second_descent < CURVE_LEVEL;
    verdict->p_first_descent = p_value(found ? tally->first_descent : tally->any_fall);
    verdict->p_rise = p_value(found ? tally->rise : tally->any_rise);
    if (found) verdict->p_final_ascent = p_value(tally->final_ascent);
    if (peak == CURVE_NONE) return;
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
    double *seen_memory = start_test(&seen, sample), *work_memory = start_test(&work, sample);
    take_residuals(&seen, seen.y);
    size_t peak = curve_find_peak(seen.mean, seen.points, NULL);
    Statistics observed = take_statistics(&seen, seen.y, peak);
    memcpy(work.count, seen.count, seen.points * sizeof(double));
    Tally tally = {.place = memory_new(CURVE_REPLICATES, sizeof(double))};
    simulate(&work, &seen, &observed, x, &tally);
    conclude(&tally, peak, verdict);
    verdict->shape = name_shape(verdict);
    memory_free(tally.place);
    memory_free(seen_memory);
    memory_free(work_memory);
}
