// L = sum_c (u_c - t_c)^2, dL/du_c = 2 (u_c - t_c); with labels, t is 1 at the label and 0
// elsewhere.
#include "num/lane.h"
#include "train/kernels.h"

#define loss_squared LANE_NAME(loss_squared)
void loss_squared(const LossPass *pass);

static float target(const LossPass *pass, size_t e, size_t c) {
    if (pass->truth->label) return (size_t)pass->truth->label[e] == c;
    return pass->truth->target[e * pass->outputs + c];
}

void loss_squared(const LossPass *pass) {
    size_t row = pass->groups * LANE;
    float scale = 2 / (float)pass->live;
    memset(pass->loss, 0, row * sizeof *pass->loss);
    for (size_t c = 0; c < pass->outputs; c++) {
        const float *u = pass->u + c * row;
        for (size_t e = 0; e < row; e++) {
            float miss = e < pass->live ? u[e] - target(pass, e, c) : 0;
            pass->loss[e] += miss * miss;
            if (pass->du) pass->du[c * row + e] = scale * miss;
        }
    }
}
