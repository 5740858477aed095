// Adam (Kingma, Ba 2015), with weight decay lambda added to the gradient as in torch.optim.Adam:
//     g = dL/dw + lambda w,   m = b1 m + (1 - b1) g,   v = b2 v + (1 - b2) g^2
//     w = w - lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + epsilon)
#include "num/lane.h"
#include "train/kernels.h"

#define optimizer_adam LANE_NAME(optimizer_adam)
void optimizer_adam(const OptimizerStep *step);

void optimizer_adam(const OptimizerStep *step) {
    const TrainOptions *o = step->options;
    double t = (double)step->t;
    lane lambda = lane_splat((float)o->weight_decay), epsilon = lane_splat((float)o->epsilon);
    lane b1 = lane_splat((float)o->beta1), rest1 = lane_splat((float)(1 - o->beta1));
    lane b2 = lane_splat((float)o->beta2), rest2 = lane_splat((float)(1 - o->beta2));
    lane minus_lr = lane_splat((float)(-step->lr / (1 - pow(o->beta1, t))));
    lane root = lane_splat((float)(1 / sqrt(1 - pow(o->beta2, t))));
    for (size_t i = 0; i < step->count; i += LANE) {
        lane w = lane_load(step->w + i);
        lane g = lane_fma(lambda, w, lane_load(step->dw + i));
        lane m = lane_fma(b1, lane_load(step->state[0] + i), lane_mul(rest1, g));
        lane v = lane_fma(b2, lane_load(step->state[1] + i), lane_mul(rest2, lane_mul(g, g)));
        lane_store(step->state[0] + i, m);
        lane_store(step->state[1] + i, v);
        lane size = lane_fma(lane_sqrt(v), root, epsilon);
        lane_store(step->w + i, lane_fma(minus_lr, lane_div(m, size), w));
    }
}
