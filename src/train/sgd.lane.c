// Stochastic gradient descent with momentum mu and weight decay lambda, as torch.optim.SGD:
//     g = dL/dw + lambda w,   v = mu v + g,   w = w - lr v
#include "num/lane.h"
#include "train/kernels.h"

#define optimizer_sgd LANE_NAME(optimizer_sgd)
void optimizer_sgd(const OptimizerStep *step);

void optimizer_sgd(const OptimizerStep *step) {
    lane mu = lane_splat((float)step->options->momentum);
    lane lambda = lane_splat((float)step->options->weight_decay);
    lane minus_lr = lane_splat((float)-step->lr);
    for (size_t i = 0; i < step->count; i += LANE) {
        lane w = lane_load(step->w + i);
        lane g = lane_fma(lambda, w, lane_load(step->dw + i));
        lane v = lane_fma(mu, lane_load(step->state[0] + i), g);
        lane_store(step->state[0] + i, v);
        lane_store(step->w + i, lane_fma(minus_lr, v, w));
    }
}
