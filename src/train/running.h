// Private: a run under way, learning in run.c and measured in run_measure.c.
#pragma once

#include "train/run.h"

enum { EVALUATION_BATCH = 256 };

// Everything a run owns while it runs.
typedef struct Run {
    const RunParts *parts;
    const TrainOptions *options;
    const Net *net;
    const DataView *sample;
    const DataSet *set;
    TaskRun *task;
    const Optimizer *optimizer;
    Team *team;
    Plan *learner, *judge;
    RunState state;
    float *dw, *start; // gradient; weights at the start
    uint32_t *order;   // of the samples in this epoch
    uint32_t *rows;    // of a batch
    int32_t *labels;   // of a batch
    float *targets;    // of a batch
    float *augmented;  // (batch, d), or NULL
    int64_t steps;     // an epoch
    bool diverged;
} Run;

static inline size_t running_smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

// Puts samples order[from ..] (NULL: from ..) into the batch of a plan and says what is true of
// them.
Truth running_load(Run *run, Plan *plan, const uint32_t *order, size_t from, size_t count);

// All metrics (METRICS) of the weights as they are, on the sample and on the test set.
void running_measure(Run *run, double *metrics);
