// Inside curve/: what its files share.
#pragma once

#include "curve/curve.h"

// The names under which a table may carry the number of training samples.
extern const char *const CURVE_SAMPLE_COLUMNS[];

// Fills point[].y and .train from the (seeds, points) values.
void curve_summarise(Curve *curve);

// Several noisy runs of one curve.
typedef struct Sample {
    size_t seeds, points;
    const double *y; // (seeds, points) row-major; nan: missing. NULL: nothing is missing
    bool whole;      // the points of a seed belong to one run and move together
} Sample;

// Places on a mean curve (points): first_minimum, last and the largest bump.
void curve_find_places(const double *x, const double *mean, size_t points, CurveVerdict *verdict);

// Index of the inner maximum of greatest prominence, or CURVE_NONE; *prominence when not NULL.
size_t curve_find_peak(const double *mean, size_t points, double *prominence);

// Calls the largest bump the peak and finds the lowest points on both sides of it.
void curve_name_peak(const double *x, const double *mean, size_t points, CurveVerdict *verdict);

// The tests and the interval. x: (points).
void curve_test_shape(const Sample *sample, const double *x, CurveVerdict *verdict);

// At least 3 points, each with at least 2 runs.
CurveDetection curve_detect_shape(const Sample *sample, double effect);
