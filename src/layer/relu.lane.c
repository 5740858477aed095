// phi(u) = max(u, 0); its derivative at 0 is taken as 0.
#include "layer/kinds.h"

static void forward(const Layer *layer, const LayerPass *pass) {
    size_t count = (size_t)shape_count(&layer->out) * pass->groups * LANE;
    const float *x = pass->x;
    float *y = pass->y;
    for (size_t i = 0; i < count; i += LANE) {
        lane u = lane_load(x + i); // a nan stays one: max gives its second operand then
        lane_store(y + i, lane_max(lane_zero(), u));
    }
}

static void backward(const Layer *layer, const LayerPass *pass) {
    size_t count = (size_t)shape_count(&layer->out) * pass->groups * LANE;
    const float *y = pass->y, *dy = pass->dy;
    float *dx = pass->dx;
    for (size_t i = 0; dx && i < count; i += LANE) {
        lane_store(dx + i, lane_where_positive(lane_load(y + i), lane_load(dy + i), lane_zero()));
    }
}

const LayerKind LAYER_KIND(relu) = {
    .name = "relu",
    .form = "relu",
    .help = "max(u, 0)",
    .in_place = true,
    .resolve = layer_resolve_elementwise,
    .forward = forward,
    .backward = backward,
};
