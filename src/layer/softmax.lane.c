// softmax: p_c = exp(u_c) / sum_k exp(u_k), over the features of one example. Training fuses it
// into the cross-entropy (train/loss.lane.c) and never calls it.
#include "layer/kinds.h"

static void forward(const Layer *layer, const LayerPass *pass) {
    size_t classes = (size_t)shape_count(&layer->out), row = pass->groups * LANE;
    const float *x = pass->x;
    float *y = pass->y;
    for (size_t g = 0; g < row; g += LANE) {
        lane most = lane_load(x + g), sum = lane_zero();
        for (size_t c = 1; c < classes; c++) most = lane_max(most, lane_load(x + c * row + g));
        for (size_t c = 0; c < classes; c++) {
            lane e = lane_exp(lane_sub(lane_load(x + c * row + g), most));
            sum = lane_add(sum, e);
            lane_store(y + c * row + g, e);
        }
        for (size_t c = 0; c < classes; c++) {
            lane_store(y + c * row + g, lane_div(lane_load(y + c * row + g), sum));
        }
    }
}

// dx_c = p_c (dy_c - sum_k p_k dy_k)
static void backward(const Layer *layer, const LayerPass *pass) {
    size_t classes = (size_t)shape_count(&layer->out), row = pass->groups * LANE;
    const float *y = pass->y, *dy = pass->dy;
    float *dx = pass->dx;
    for (size_t g = 0; dx && g < row; g += LANE) {
        lane mean = lane_zero();
        for (size_t c = 0; c < classes; c++) {
            mean = lane_fma(lane_load(y + c * row + g), lane_load(dy + c * row + g), mean);
        }
        for (size_t c = 0; c < classes; c++) {
            lane p = lane_load(y + c * row + g), d = lane_load(dy + c * row + g);
            lane_store(dx + c * row + g, lane_mul(p, lane_sub(d, mean)));
        }
    }
}

const LayerKind LAYER_KIND(softmax) = {
    .name = "softmax",
    .form = "softmax",
    .help = "probabilities of the classes; last, and fused into the loss by training",
    .in_place = true,
    .is_loss = true,
    .resolve = layer_resolve_elementwise,
    .signal = layer_signal_same,
    .forward = forward,
    .backward = backward,
};
