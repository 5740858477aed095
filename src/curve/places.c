#include "curve/inner.h"
#include <math.h>
#include <string.h>

const char *const CURVE_SAMPLE_COLUMNS[] = {"examples", "samples", "n", NULL};

static CurveSummary summarise(const double *y, size_t count, size_t stride) {
    CurveSummary summary = {.mean = NAN, .sd = NAN, .se = NAN, .min = NAN, .max = NAN};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        double value = y[i * stride];
        if (isnan(value)) continue;
        if (summary.n == 0 || value < summary.min) summary.min = value;
        if (summary.n == 0 || value > summary.max) summary.max = value;
        sum += value;
        summary.n++;
    }
    if (summary.n == 0) return summary;
    summary.mean = sum / (double)summary.n;
    if (summary.n == 1) return summary;
    for (size_t i = 0; i < count; i++) {
        double difference = y[i * stride] - summary.mean;
        if (!isnan(difference)) squares += difference * difference;
    }
    summary.sd = sqrt(squares / (double)(summary.n - 1));
    summary.se = summary.sd / sqrt((double)summary.n);
    return summary;
}

void curve_summarise(Curve *curve) {
    for (size_t i = 0; i < curve->points; i++) {
        curve->point[i].y = summarise(curve->y + i, curve->seeds, curve->points);
        curve->point[i].train = summarise(curve->train + i, curve->seeds, curve->points);
    }
}

size_t curve_find_peak(const double *mean, size_t points, double *prominence) {
    size_t peak = CURVE_NONE;
    double best = 0, *right = memory_new(points, sizeof *right); // right[j] = min of mean[j..]
    for (size_t j = points; j-- > 0;)
        right[j] = j + 1 < points ? fmin(mean[j], right[j + 1]) : mean[j];
    double left = points ? mean[0] : 0;
    for (size_t j = 1; j + 1 < points; j++) {
        double height = mean[j] - fmax(left, right[j + 1]);
        if (height > best) {
            best = height;
            peak = j;
        }
        left = fmin(left, mean[j]);
    }
    memory_free(right);
    if (prominence) *prominence = best;
    return peak;
}

static CurvePlace lowest(const double *x, const double *mean, size_t from, size_t end) {
    size_t low = from;
    for (size_t i = from; i < end; i++) {
        if (mean[i] < mean[low]) low = i;
    }
    return (CurvePlace){low, x[low], mean[low]};
}

void curve_find_places(const double *x, const double *mean, size_t points, CurveVerdict *verdict) {
    const CurvePlace nowhere = {CURVE_NONE, NAN, NAN};
    verdict->first_minimum = verdict->peak = verdict->after_peak = verdict->last = nowhere;
    verdict->largest = nowhere;
    verdict->height = NAN;
    if (points == 0) return;
    double height;
    size_t bump = curve_find_peak(mean, points, &height);
    verdict->last = (CurvePlace){points - 1, x[points - 1], mean[points - 1]};
    verdict->first_minimum = lowest(x, mean, 0, points);
    if (bump == CURVE_NONE) return;
    verdict->largest = (CurvePlace){bump, x[bump], mean[bump]};
    verdict->height = height;
}

void curve_name_peak(const double *x, const double *mean, size_t points, CurveVerdict *verdict) {
    curve_find_places(x, mean, points, verdict);
    size_t peak = verdict->largest.index;
    if (peak == CURVE_NONE) return;
    verdict->peak = verdict->largest;
    verdict->first_minimum = lowest(x, mean, 0, peak);
    verdict->after_peak = lowest(x, mean, peak + 1, points);
}
