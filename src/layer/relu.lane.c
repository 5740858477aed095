// phi(u) = max(u, 0), phi'(u) = 1 where phi(u) > 0; its derivative at 0 is taken as 0.
#include "layer/activation.h"

static lane phi(lane u, lane a) {
    (void)a;
    return lane_max(lane_zero(), u); // a nan stays one: max gives its second operand then
}

static lane slope(lane y, lane a) {
    (void)a;
    return lane_where_positive(y, lane_splat(1), lane_zero());
}

static void forward(const Layer *layer, const LayerPass *pass) {
    activation_forward(layer, pass, phi);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    activation_backward(layer, pass, pass->y, slope);
}

const LayerKind LAYER_KIND(relu) = {
    .name = "relu",
    .form = "relu",
    .help = "cuts off what is below 0",
    .formula = "max(x, 0)",
    .torch_gain = "sqrt(2)",
    .in_place = true,
    .is_activation = true,
    .resolve = layer_resolve_elementwise,
    .forward = forward,
    .backward = backward,
};
