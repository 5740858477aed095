// phi(u) = tanh u, phi'(u) = 1 - phi(u)^2.
#include "layer/kinds.h"

static void forward(const Layer *layer, const LayerPass *pass) {
    size_t count = (size_t)shape_count(&layer->out) * pass->groups * LANE;
    const float *x = pass->x;
    float *y = pass->y;
    for (size_t i = 0; i < count; i += LANE) lane_store(y + i, lane_tanh(lane_load(x + i)));
}

static void backward(const Layer *layer, const LayerPass *pass) {
    size_t count = (size_t)shape_count(&layer->out) * pass->groups * LANE;
    const float *y = pass->y, *dy = pass->dy;
    float *dx = pass->dx;
    for (size_t i = 0; dx && i < count; i += LANE) {
        lane u = lane_load(y + i), slope = lane_sub(lane_splat(1), lane_mul(u, u));
        lane_store(dx + i, lane_mul(slope, lane_load(dy + i)));
    }
}

const LayerKind LAYER_KIND(tanh) = {
    .name = "tanh",
    .form = "tanh",
    .help = "the hyperbolic tangent",
    .in_place = true,
    .resolve = layer_resolve_elementwise,
    .forward = forward,
    .backward = backward,
};
