// phi(u) = tanh u, phi'(u) = 1 - phi(u)^2.
#include "layer/activation.h"

static lane phi(lane u, lane a) {
    (void)a;
    return lane_tanh(u);
}

static lane slope(lane y, lane a) {
    (void)a;
    return lane_sub(lane_splat(1), lane_mul(y, y));
}

static void forward(const Layer *layer, const LayerPass *pass) {
    activation_forward(layer, pass, phi);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    activation_backward(layer, pass, pass->y, slope);
}

const LayerKind LAYER_KIND(tanh) = {
    .name = "tanh",
    .form = "tanh",
    .help = "the hyperbolic tangent",
    .formula = "tanh(x)",
    .torch_gain = "5/3",
    .in_place = true,
    .is_activation = true,
    .resolve = layer_resolve_elementwise,
    .forward = forward,
    .backward = backward,
};
