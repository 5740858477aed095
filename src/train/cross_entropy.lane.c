// Softmax and cross-entropy in one: L = log sum_c exp(u_c) - u_label, dL/du_c = p_c - [c = label].
#include "num/lane.h"
#include "train/kernels.h"

#define loss_cross_entropy LANE_NAME(loss_cross_entropy)
void loss_cross_entropy(const LossPass *pass);

// One group of 16 examples; returns log sum exp.
static lane log_sum_exp(const LossPass *pass, size_t g, lane scale) {
    size_t row = pass->groups * LANE;
    const float *u = pass->u + g;
    lane most = lane_load(u), sum = lane_zero();
    for (size_t c = 1; c < pass->outputs; c++) most = lane_max(most, lane_load(u + c * row));
    for (size_t c = 0; c < pass->outputs; c++) {
        lane e = lane_exp(lane_sub(lane_load(u + c * row), most));
        sum = lane_add(sum, e);
        if (pass->du) lane_store(pass->du + c * row + g, e);
    }
    lane share = lane_div(scale, sum);
    for (size_t c = 0; pass->du && c < pass->outputs; c++) {
        float *du = pass->du + c * row + g;
        lane_store(du, lane_mul(lane_load(du), share));
    }
    return lane_add(lane_log(sum), most);
}

void loss_cross_entropy(const LossPass *pass) {
    size_t row = pass->groups * LANE;
    float scale = 1 / (float)pass->live;
    for (size_t g = 0; g < row; g += LANE) {
        lane_store(pass->loss + g, log_sum_exp(pass, g, lane_splat(scale)));
    }
    for (size_t e = 0; e < pass->live; e++) {
        size_t at = (size_t)pass->truth->label[e] * row + e;
        pass->loss[e] -= pass->u[at];
        if (pass->du) pass->du[at] -= scale;
    }
    for (size_t c = 0; pass->du && c < pass->outputs; c++) {
        for (size_t e = pass->live; e < row; e++) pass->du[c * row + e] = 0;
    }
}
