// phi(u) = u s(u) with s(u) = 1 / (1 + exp(-u)), phi'(u) = s(u) + u s(u) s(-u).
// Elfwing, Uchibe, Doya 2018.
#include "layer/activation.h"

static lane phi(lane u, lane a) {
    (void)a;
    return lane_mul(u, sigmoid(u));
}

static lane slope(lane x, lane a) {
    (void)a;
    lane s = sigmoid(x), other = sigmoid(lane_sub(lane_zero(), x)); // 1 - s would cancel
    return lane_fma(lane_mul(x, s), other, s);
}

static void forward(const Layer *layer, const LayerPass *pass) {
    activation_forward(layer, pass, phi);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    activation_backward(layer, pass, pass->x, slope);
}

const LayerKind LAYER_KIND(silu) = {
    .name = "silu",
    .alias = "swish",
    .form = "silu",
    .help = "x times its sigmoid",
    .formula = "x*sigmoid(x)",
    .is_activation = true,
    .resolve = layer_resolve_elementwise,
    .forward = forward,
    .backward = backward,
};
