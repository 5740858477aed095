// phi(u) = u clipped to -1 .. 1, phi'(u) = 1 inside (phi(u)^2 < 1), otherwise 0.
#include "layer/activation.h"

static lane phi(lane u, lane a) {
    (void)a;
    // A nan stays one: max and min give their second operand then.
    return lane_min(lane_splat(1), lane_max(lane_splat(-1), u));
}

static lane slope(lane y, lane a) {
    (void)a;
    lane one = lane_splat(1);
    return lane_where_positive(lane_sub(one, lane_mul(y, y)), one, lane_zero());
}

static void forward(const Layer *layer, const LayerPass *pass) {
    activation_forward(layer, pass, phi);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    activation_backward(layer, pass, pass->y, slope);
}

const LayerKind LAYER_KIND(hardtanh) = {
    .name = "hardtanh",
    .form = "hardtanh",
    .help = "clips to -1 .. 1",
    .formula = "max(min(1, x), -1)",
    .in_place = true,
    .is_activation = true,
    .resolve = layer_resolve_elementwise,
    .forward = forward,
    .backward = backward,
};
