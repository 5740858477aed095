// phi(u) = u Phi(u) with Phi the normal distribution: Phi(u) = erfc(-u / sqrt 2) / 2, which does
// not cancel for negative u as (1 + erf) / 2 does. phi'(u) = Phi(u) + u exp(-u^2 / 2) / sqrt(2 pi).
// Hendrycks, Gimpel 2016; the exact form, not that by tanh.
#include "layer/activation.h"

static lane normal(lane u) {
    return lane_mul(lane_splat(0.5f), lane_erfc(lane_mul(u, lane_splat(-0.70710678118654752f))));
}

static lane phi(lane u, lane a) {
    (void)a;
    return lane_mul(u, normal(u));
}

static lane slope(lane x, lane a) {
    (void)a;
    lane density = lane_exp(lane_mul(lane_mul(x, x), lane_splat(-0.5f))); // times sqrt(2 pi)
    return lane_fma(lane_mul(x, density), lane_splat(0.39894228040143268f), normal(x));
}

static void forward(const Layer *layer, const LayerPass *pass) {
    activation_forward(layer, pass, phi);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    activation_backward(layer, pass, pass->x, slope);
}

const LayerKind LAYER_KIND(gelu) = {
    .name = "gelu",
    .form = "gelu",
    .help = "x times the normal distribution of x",
    .formula = "x*erfc(-x/sqrt(2))/2",
    .is_activation = true,
    .resolve = layer_resolve_elementwise,
    .forward = forward,
    .backward = backward,
};
