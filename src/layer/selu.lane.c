// phi(u) = l u where u > 0, otherwise l a (exp(u) - 1); phi'(u) = l or l a exp(u) = phi(u) + l a.
// With these l and a, mean 0 and variance 1 of u are kept. Klambauer, Unterthiner, Mayr, Hochreiter
// 2017.
#include "layer/activation.h"

static const double L = 1.0507009873554804934193349852946, A = 1.6732632423543772848170429916717;

static lane phi(lane u, lane a) {
    (void)a;
    lane below = lane_expm1(lane_min(lane_zero(), u)); // a nan stays one
    return lane_where_positive(u, lane_mul(lane_splat((float)L), u),
                               lane_mul(lane_splat((float)(L * A)), below));
}

static lane slope(lane y, lane a) {
    (void)a;
    return lane_where_positive(y, lane_splat((float)L), lane_add(y, lane_splat((float)(L * A))));
}

static void forward(const Layer *layer, const LayerPass *pass) {
    activation_forward(layer, pass, phi);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    activation_backward(layer, pass, pass->y, slope);
}

const LayerKind LAYER_KIND(selu) = {
    .name = "selu",
    .form = "selu",
    .help = "elu, scaled so that mean 0 and variance 1 are kept",
    .formula = "1.0507009873554804935*(max(x, 0) + 1.6732632423543772848*expm1(min(x, 0)))",
    .torch_gain = "3/4",
    .in_place = true,
    .is_activation = true,
    .resolve = layer_resolve_elementwise,
    .forward = forward,
    .backward = backward,
};
