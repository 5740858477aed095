#include "train/kernels.h"

LANE_DECLARE(extern const TrainKernels, train_table);

const TrainKernels *train_kernels(void) {
    return LANE_PICK(train_table);
}

#define LOSS_NAME(name)              #name,
#define OPTIMIZER_NAME(name, states) #name,

const char *const train_loss_names[] = {TRAIN_LOSSES(LOSS_NAME) NULL};
const char *const train_optimizer_names[] = {TRAIN_OPTIMIZERS(OPTIMIZER_NAME) NULL};
