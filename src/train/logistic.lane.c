// Of two classes, by one output: L = log(1 + exp(-y u)), y = 1 for class 1, -1 for class 0; dL/du =
// -y / (1 + exp(y u)).
#include "num/lane.h"
#include "train/kernels.h"

#define loss_logistic LANE_NAME(loss_logistic)
void loss_logistic(const LossPass *pass);

// y of 16 examples; 0 in dead lanes.
static lane signs(const LossPass *pass, size_t g) {
    float y[LANE];
    for (size_t l = 0; l < LANE; l++)
        y[l] = g + l >= pass->live ? 0 : pass->truth->label[g + l] ? 1 : -1;
    return lane_load(y);
}

void loss_logistic(const LossPass *pass) {
    lane one = lane_splat(1), zero = lane_zero(), scale = lane_splat(-1 / (float)pass->live);
    for (size_t g = 0; g < pass->groups * LANE; g += LANE) {
        lane y = signs(pass, g), yu = lane_mul(y, lane_load(pass->u + g));
        lane minus = lane_sub(zero, yu), small = lane_exp(lane_min(yu, minus)); // of -|u|
        lane_store(pass->loss + g, lane_add(lane_max(minus, zero), lane_log1p(small)));
        if (!pass->du) continue;
        lane slope = lane_div(lane_mul(scale, y), lane_add(one, lane_exp(yu)));
        lane_store(pass->du + g, slope);
    }
}
