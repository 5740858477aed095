// phi(u) = u where u > 0, otherwise a (exp(u) - 1); phi'(u) = 1 or a exp(u) = phi(u) + a.
// Clevert, Unterthiner, Hochreiter 2016.
#include "layer/activation.h"

static const Option OPTIONS[] = {
    {"alpha", OPTION_REAL, LAYER_OPTION(0), "1", 0, 100, .help = "minus the limit at -infinity"},
    {0},
};

static lane phi(lane u, lane a) {
    lane below = lane_mul(a, lane_expm1(lane_min(lane_zero(), u))); // a nan stays one
    return lane_where_positive(u, u, below);
}

static lane slope(lane y, lane a) {
    return lane_where_positive(y, lane_splat(1), lane_add(y, a));
}

static void forward(const Layer *layer, const LayerPass *pass) {
    activation_forward(layer, pass, phi);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    activation_backward(layer, pass, pass->y, slope);
}

const LayerKind LAYER_KIND(elu) = {
    .name = "elu",
    .form = "elu [alpha=1]",
    .help = "the identity above 0, an exponential below",
    .formula = "max(x, 0) + alpha*expm1(min(x, 0))",
    .in_place = true,
    .options = OPTIONS,
    .is_activation = true,
    .resolve = layer_resolve_elementwise,
    .forward = forward,
    .backward = backward,
};
