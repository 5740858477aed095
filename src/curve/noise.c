#include "curve/noise.h"
#include "num/statistics.h"
#include <string.h>

enum {
    WINDOW = 5,     // points that share one estimate of the noise
    MOST_SEEDS = 64 // of a simulated curve
};

static double *slice(double **memory, size_t count) {
    double *start = *memory;
    *memory += count;
    return start;
}

double *test_start(Test *test, const Sample *sample) {
    size_t values = sample->seeds * sample->points, points = sample->points;
    double *memory = memory_new(2 * values + 11 * points + sample->seeds, sizeof(double));
    double *next = memory;
    *test = (Test){.seeds = sample->seeds,
                   .points = points,
                   .whole = sample->whole,
                   .paired = true,
                   .scale = 1};
    double **matrix[] = {&test->y, &test->residual};
    double **vector[] = {&test->mean,       &test->plain,       &test->variance,
                         &test->count,      &test->sum,         &test->freedom,
                         &test->lone,       &test->rise_before, &test->fall_before,
                         &test->rise_after, &test->fall_after};
    for (size_t i = 0; i < 2; i++) *matrix[i] = slice(&next, values);
    for (size_t i = 0; i < 11; i++) *vector[i] = slice(&next, points);
    test->level = slice(&next, sample->seeds);
    for (size_t i = 0; sample->y && i < values; i++) {
        test->y[i] = sample->y[i];
        if (isnan(sample->y[i])) test->paired = false;
    }
    return memory;
}

double *test_start_like(Test *test, const Sample *sample) {
    if (sample->seeds <= MOST_SEEDS) return test_start(test, sample);
    Sample fewer = {.seeds = MOST_SEEDS, .points = sample->points, .whole = sample->whole};
    double *memory = test_start(test, &fewer);
    test->scale = MOST_SEEDS / (double)sample->seeds;
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

// The level that a seed has at all points took a part of each residual with it. For the pooled
// variance that is one degree of freedom in so many points. A point noisier than the others lost
// more: its own variance takes the level from the other points, which is a factor P/(P-1).
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
    for (size_t j = 0; j < points; j++) {
        double around = window_sum(test->sum, points, j);
        double pooled = around / window_sum(test->freedom, points, j);
        double own = test->sum[j] / test->freedom[j] / paired;
        test->variance[j] = (test->count[j] > 1 ? fmax(pooled, own) : pooled) / test->count[j];
        test->lone[j] = test->sum[j] > 0.5 * around;
        test->plain[j] = (test->lone[j] > 0 ? own : pooled) / test->count[j];
    }
}

void test_measure(Test *test, const double *y) {
    take_residuals(test, y);
    take_variance(test);
}

// Rounding is no difference.
double test_t(const Test *test, size_t i, size_t j) {
    double a = test->mean[i], b = test->mean[j];
    if (fabs(b - a) <= 1e-12 * (fabs(a) + fabs(b))) return 0;
    return (b - a) / sqrt(test->variance[i] + test->variance[j]);
}

static void raise_to(double *most, double value) { // fmax is a call: this is the innermost loop
    if (value > *most) *most = value;
}

static void take_contrasts(Test *test, bool all) {
    for (size_t j = 0; j < test->points; j++)
        test->rise_before[j] = test->fall_before[j] = test->rise_after[j] = test->fall_after[j] = 0;
    for (size_t i = 0; i < test->points; i++) {
        for (size_t j = i + 1; j < test->points; j++) {
            if (!all && (test->lone[i] > 0 || test->lone[j] > 0)) continue;
            double t = test_t(test, i, j);
            raise_to(&test->rise_before[j], t);
            raise_to(&test->fall_before[j], -t);
            raise_to(&test->rise_after[i], t);
            raise_to(&test->fall_after[i], -t);
        }
    }
}

void test_contrast(Test *test, bool all, size_t peak, double *found) {
    take_contrasts(test, all);
    for (int k = 0; k < STATISTICS; k++) found[k] = 0;
    for (size_t j = 0; j < test->points; j++) {
        double rise = test->rise_before[j], fall = test->fall_before[j];
        found[ANY_FALL] = fmax(found[ANY_FALL], fall);
        found[ANY_RISE] = fmax(found[ANY_RISE], rise);
        found[PEAK] = fmax(found[PEAK], fmin(rise, test->fall_after[j]));
        found[VALLEY] = fmax(found[VALLEY], fmin(fall, test->rise_after[j]));
        if (peak == CURVE_NONE || j < peak) found[FIRST_DESCENT] = fmax(found[FIRST_DESCENT], fall);
        if (peak == CURVE_NONE || j <= peak) found[RISE] = fmax(found[RISE], rise);
        if (peak != CURVE_NONE && j > peak)
            found[FINAL_ASCENT] = fmax(found[FINAL_ASCENT], test->rise_after[j]);
    }
}

static void draw_points(const Test *test, const Test *seen, Random *random, double *noise) {
    for (size_t s = 0; s < test->seeds; s++) {
        for (size_t j = 0; j < test->points; j++) {
            size_t i = s * test->points + j;
            double sd = sqrt(seen->variance[j] * seen->count[j] * test->scale);
            noise[i] = isnan(test->y[i]) ? NAN : sd * random_normal(random);
        }
    }
}

static void draw_runs(const Test *test, const Test *seen, Random *random, double *noise) {
    size_t points = test->points, curves = seen->seeds < MOST_SEEDS ? seen->seeds : MOST_SEEDS;
    double scale = sqrt(test->scale / ((double)curves - 1));
    for (size_t i = 0; i < test->seeds * points; i++) noise[i] = isnan(test->y[i]) ? NAN : 0;
    for (size_t s = 0; s < test->seeds; s++) {
        for (size_t r = 0; r < curves; r++) {
            double weight = scale * random_normal(random);
            for (size_t j = 0; j < points; j++) {
                double part = seen->residual[r * points + j];
                if (!isnan(part)) noise[s * points + j] += weight * part;
            }
        }
    }
}

void test_draw(const Test *test, const Test *seen, Random *random, double *noise) {
    (test->whole ? draw_runs : draw_points)(test, seen, random, noise);
}

double test_student(double value, double freedom) {
    double x = isinf(value) ? 0 : freedom / (freedom + value * value);
    return statistics_beta(x, freedom / 2, 0.5);
}
