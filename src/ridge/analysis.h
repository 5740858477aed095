// The parts of ridge_analyse; private to ridge/.
#pragma once

#include "ridge/design.h"

// The risk along samples or features, into analysis->curve, where it was asked for.
bool analysis_vary(const RidgeDesign *design, RidgeAnalysis *analysis, Error *error);

// Whether the request's targets fit the design, before anything is computed: as many as rows, one
// column or a class that there is, where one is needed.
bool targets_check(const RidgeDesign *design, const RidgeRequest *request, Error *error);

// What targets say, into analysis->real, where there are any.
bool analysis_targets(const RidgeDesign *design, RidgeAnalysis *analysis, Error *error);

// Targets of the training or the test rows: y (n, outputs).
typedef struct Targets {
    size_t n, outputs;
    double *y;   // memory_free
    int classes; // 0: real targets
} Targets;

// All outputs of the request's targets: real ones as they are; classes as one column each, 1 - 1/C
// in that of the label and -1/C elsewhere.
bool targets_read(const RidgeRequest *request, bool test, Targets *targets, Error *error);
