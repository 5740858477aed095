// Private: the lane side of training, one table per instruction set.
#pragma once

#include "num/num.h"
#include "train/train.h"

typedef struct LossPass {
    size_t groups, live, outputs;
    const float *u; // (outputs, groups) lanes
    float *du;      // gradient of the mean loss, 0 in dead lanes; NULL: not wanted
    const Truth *truth;
    float *loss; // (groups) lanes: the loss of each example
} LossPass;

typedef struct Loss {
    const char *name;
    void (*pass)(const LossPass *pass);
} Loss;

typedef struct OptimizerStep {
    size_t count; // of parameters, whole lanes
    float *w;
    const float *dw;
    float *state[2];
    const TrainOptions *options;
    double lr; // after the schedule
    int64_t t; // number of this step, from 1
} OptimizerStep;

typedef struct Optimizer {
    const char *name;
    int states; // blocks of memory as long as the parameters
    void (*step)(const OptimizerStep *step);
} Optimizer;

// The tables of losses and optimisers (name, blocks of memory): one line each.
#define TRAIN_LOSSES(X)     X(cross_entropy) X(squared) X(logistic)
#define TRAIN_OPTIMIZERS(X) X(sgd, 1) X(adam, 2)

#define TRAIN_COUNT(...) +1
enum { LOSSES = TRAIN_LOSSES(TRAIN_COUNT), OPTIMIZERS = TRAIN_OPTIMIZERS(TRAIN_COUNT) };

typedef struct TrainKernels {
    Loss loss[LOSSES];
    Optimizer optimizer[OPTIMIZERS];
    // Rows of x, each d floats, into features of lanes (d, groups); rows (groups * 16, whole lanes)
    // is scratch that stays 0 beyond live.
    void (*gather)(const float *x, size_t d, const uint32_t *row, size_t live, size_t groups,
                   float *rows, float *lanes);
    void (*add)(float *sum, const float *x, size_t count); // sum += x; whole lanes
} TrainKernels;

const TrainKernels *train_kernels(void);
extern const char *const train_loss_names[], *const train_optimizer_names[];
