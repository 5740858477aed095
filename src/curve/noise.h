// Inside curve/: the noise of a curve, as its tests and the search for its smallest detectable bump
// see it.
#pragma once

#include "curve/inner.h"
#include <math.h>

// Statistics of one curve that are compared with what noise alone gives.
enum {
    FIRST_DESCENT,
    RISE,
    PEAK,
    VALLEY,
    FINAL_ASCENT,
    ANY_FALL,
    ANY_RISE,
    STATISTICS,
};

// One curve under test, allocated once. Arrays of doubles, (points) unless said otherwise.
typedef struct Test {
    size_t seeds, points;
    bool whole, paired;            // paired: every seed has every point
    double scale;                  // of the variance of a run in test_draw
    double *y, *residual;          // (seeds, points)
    double *mean, *variance;       // v_j, of the mean
    double *plain;                 // that variance, estimated without taking the larger of two
    double *count, *sum, *freedom; // runs; sum of squared residuals; degrees of freedom
    double *lone;                  // 1: no neighbour vouches for its variance, else 0
    double *level;                 // (seeds) mean of a seed's row
    double *rise_before, *fall_before, *rise_after, *fall_after; // largest contrast that ends or
                                                                 // begins at a point
} Test;

// Memory for the test, which the caller frees; y is copied when it is not NULL.
double *test_start(Test *test, const Sample *sample);

// The same for simulated curves like those of a sample. Beyond 64 seeds, 64 of a smaller variance
// stand for all of them: the means scatter as much, and more degrees of freedom change nothing.
double *test_start_like(Test *test, const Sample *sample);

// Means, residuals, variances and who is alone, of y (seeds, points).
void test_measure(Test *test, const double *y);

// The largest contrasts, of all points or of those that are not alone; then the statistics. peak:
// the place that splits them, or CURVE_NONE.
void test_contrast(Test *test, bool all, size_t peak, double *statistics);

// t_ij > 0: a rise from i to j.
double test_t(const Test *test, size_t i, size_t j);

// Noise about a curve of which `seen` was measured, into noise (test->seeds, points); nan where
// test->y is. Points that are runs of their own: independent normal numbers of variance v_j. Whole
// runs: normal combinations of the residual curves, which keep their covariance along x.
void test_draw(const Test *test, const Test *seen, Random *random, double *noise);

// P(|t| >= value) under Student's law.
double test_student(double value, double freedom);
