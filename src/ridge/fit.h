// What the task `ridge` does with a cell; private to ridge/.
#pragma once

#include "ridge/ridge.h"

enum { FEATURES_NONE, FEATURES_RELU, FEATURES_COSINE };
extern const char *const fit_features[]; // their names; ends in NULL

typedef struct FitOptions {
    char *data;
    DataOptions sample;
    int features;
    int64_t width;
    double bias;   // of relu
    int intercept; // whether one is fitted
    double mu;
    int64_t feature_seed;
} FitOptions;

enum {
    FIT_TRAIN_LOSS,
    FIT_TRAIN_ERROR,
    FIT_TRAIN_ERROR_CLEAN, // on the samples whose observed label is the true one
    FIT_TRAIN_ERROR_NOISY, // on the mislabelled ones
    FIT_TEST_LOSS,
    FIT_TEST_ERROR,
    FIT_WEIGHT_NORM,
    FIT_METRICS
};
extern const char *const fit_metrics[]; // their names; ends in NULL

// A is X (n, p) for mu = 0, or its contrasts (n - 1, p) with an intercept. Else its least-squares
// solution of least norm has w for its first p numbers: tall, sqrt(mu) I stands below X; wide,
// beside it, and its coefficients are the residuals over sqrt(mu), whose squares then count as
// those of w.
typedef struct FitShape {
    size_t inputs, n, n_test, p, outputs; // p: features
    size_t contrasts;                     // rows of A that are those of X
    size_t m, columns;                    // of A
} FitShape;

FitShape fit_shape(const FitOptions *options, const DataView *sample);
double fit_flops(const FitOptions *options, const FitShape *shape);
double fit_bytes(const FitOptions *options, const FitShape *shape);

bool fit_run(const FitOptions *options, const DataView *sample, TaskRun *task, RunOutcome *outcome,
             Error *error);

// FLOP/s, from solving and multiplying random matrices of at most 600 rows or columns.
double fit_measure_rate(const FitOptions *options, const FitShape *shape);
