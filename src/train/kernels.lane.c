#include "train/kernels.h"
#include "num/product.h"

#define DECLARE_LOSS(name)              void LANE_NAME(loss_##name)(const LossPass *pass);
#define DECLARE_OPTIMIZER(name, states) void LANE_NAME(optimizer_##name)(const OptimizerStep *step);
#define LOSS(name)                      {#name, LANE_NAME(loss_##name)},
#define OPTIMIZER(name, states)         {#name, states, LANE_NAME(optimizer_##name)},

TRAIN_LOSSES(DECLARE_LOSS)
TRAIN_OPTIMIZERS(DECLARE_OPTIMIZER)

static void gather(const float *x, size_t d, const uint32_t *row, size_t live, size_t groups,
                   float *rows, float *lanes) {
    size_t padded = (d + LANE - 1) / LANE * LANE;
    for (size_t e = 0; e < groups * LANE; e++) {
        if (e < live) {
            memcpy(rows + e * padded, x + row[e] * d, d * sizeof *x);
        } else {
            memset(rows + e * padded, 0, d * sizeof *x);
        }
    }
    transpose(rows, padded, groups * LANE, d, lanes, groups * LANE);
}

static void add(float *sum, const float *x, size_t count) {
    for (size_t i = 0; i < count; i += LANE) {
        lane_store(sum + i, lane_add(lane_load(sum + i), lane_load(x + i)));
    }
}

const TrainKernels LANE_NAME(train_table) = {
    .loss = {TRAIN_LOSSES(LOSS)},
    .optimizer = {TRAIN_OPTIMIZERS(OPTIMIZER)},
    .gather = gather,
    .add = add,
};
