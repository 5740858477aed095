// phi(u) = 1 where u > 0, otherwise -1 (so phi(0) = -1); phi'(u) = 0: nothing below it learns.
#include "layer/activation.h"

static lane phi(lane u, lane a) {
    (void)a;
    lane one = lane_splat(1), minus_one = lane_splat(-1);
    lane rest = lane_min(one, lane_max(minus_one, u)); // a nan stays one, infinities do not
    return lane_add(lane_where_positive(u, one, minus_one), lane_sub(rest, rest));
}

static lane slope(lane y, lane a) {
    (void)a;
    return lane_sub(y, y);
}

static void forward(const Layer *layer, const LayerPass *pass) {
    activation_forward(layer, pass, phi);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    activation_backward(layer, pass, pass->y, slope);
}

const LayerKind LAYER_KIND(sign) = {
    .name = "sign",
    .form = "sign",
    .help = "1 or -1; layers before it do not learn",
    .formula = "sign(x)",
    .in_place = true,
    .is_activation = true,
    .resolve = layer_resolve_elementwise,
    .forward = forward,
    .backward = backward,
};
