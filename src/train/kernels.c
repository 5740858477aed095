#include "train/kernels.h"

LANE_DECLARE(extern const TrainKernels, train_table);

const TrainKernels *train_kernels(void) {
    return LANE_PICK(train_table);
}

const char *const train_loss_names[] = {"cross_entropy", "squared", NULL};
const char *const train_optimizer_names[] = {"sgd", "adam", NULL};
