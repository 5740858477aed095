// phi(u) = 1 / (1 + exp(-u)), phi'(u) = phi(u) (1 - phi(u)).
#include "layer/activation.h"

static lane phi(lane u, lane a) {
    (void)a;
    return sigmoid(u);
}

static lane slope(lane y, lane a) {
    (void)a;
    return lane_mul(y, lane_sub(lane_splat(1), y));
}

static void forward(const Layer *layer, const LayerPass *pass) {
    activation_forward(layer, pass, phi);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    activation_backward(layer, pass, pass->y, slope);
}

const LayerKind LAYER_KIND(sigmoid) = {
    .name = "sigmoid",
    .form = "sigmoid",
    .help = "from 0 to 1",
    .formula = "sigmoid(x)",
    .torch_gain = "1",
    .in_place = true,
    .is_activation = true,
    .resolve = layer_resolve_elementwise,
    .forward = forward,
    .backward = backward,
};
