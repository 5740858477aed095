// Private: one run, from its options to its records.
#pragma once

#include "train/kernels.h"
#include "train/state.h"

// A stop rule such as train_error<=0, read.
typedef struct StopRule {
    int metric; // -1: none
    bool or_equal;
    double bound;
} StopRule;

bool run_read_rule(const char *text, StopRule *rule, Error *error);

// True when epoch lies on the grid of floor(2^(j / records)): those where every run measures,
// however long it is going to be. 0 is on it.
bool run_on_grid(int64_t epoch, int64_t records);

typedef struct RunParts { // what a run stands on, opened by its caller
    const TrainOptions *options;
    const Net *net;
    const DataView *sample;
    StopRule rule;
} RunParts;

bool run_train(const RunParts *parts, TaskRun *run, RunOutcome *outcome, Error *error);

// How many steps an epoch over n samples has, and how many samples the last of them.
int64_t run_steps(const TrainOptions *options, size_t n);
int64_t run_last_batch(const TrainOptions *options, size_t n);

// Multiply-adds of learning from one example: no gradient reaches the input.
double run_learning_macs(const Net *net);
size_t run_bytes(const TrainOptions *options, const Net *net, int threads);

// Does this machine have that much memory? The kernel would promise it and then kill us.
bool run_fits(const TrainOptions *options, const Net *net, int threads, Error *error);
