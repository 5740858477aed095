// phi(u) = max(u, a u) with a slope a from 0 to 1, phi'(u) = 1 where phi(u) > 0, otherwise a.
#include "layer/activation.h"

static const Option OPTIONS[] = {
    {"slope", OPTION_REAL, LAYER_OPTION(0), "0.01", 0, 1, .help = "of negative u"},
    {0},
};

static lane phi(lane u, lane a) {
    return lane_max(lane_mul(a, u), u); // a nan stays one: max gives its second operand then
}

static lane slope(lane y, lane a) {
    return lane_where_positive(y, lane_splat(1), a);
}

static void forward(const Layer *layer, const LayerPass *pass) {
    activation_forward(layer, pass, phi);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    activation_backward(layer, pass, pass->y, slope);
}

const LayerKind LAYER_KIND(leaky) = {
    .name = "leaky",
    .alias = "leakyrelu",
    .form = "leaky [slope=0.01]",
    .help = "leaky ReLU: a small slope below 0",
    .formula = "max(x, slope*x)",
    .torch_gain = "sqrt(2/(1 + slope^2))",
    .in_place = true,
    .options = OPTIONS,
    .is_activation = true,
    .resolve = layer_resolve_elementwise,
    .forward = forward,
    .backward = backward,
};
