// Private: what the activations share. For *.lane.c files. An activation is two functions of one
// number of each of 16 examples,
//     phi(u, a)
//     slope(v, a)    phi'(u), of v = y in a kind that is in_place, of v = x = u otherwise
// where a is the value of the kind's first option, if it has one.
//
// Any finite u must give a finite slope (dead lanes hold rubbish, and their dy is 0), and a nan in
// u must come out of phi: a run that has diverged is to be noticed.
#pragma once

#include "layer/kinds.h"

typedef lane Activation(lane u, lane a);

static inline size_t activation_count(const Layer *layer, const LayerPass *pass) {
    return (size_t)shape_count(&layer->out) * pass->groups * LANE;
}

static inline lane activation_option(const Layer *layer) {
    return lane_splat(layer->kind->options ? (float)layer->option[0].real : 0);
}

// y = phi(x). Always inlined, and with it phi.
LANE_INLINE void activation_forward(const Layer *layer, const LayerPass *pass, Activation phi) {
    size_t count = activation_count(layer, pass);
    lane a = activation_option(layer);
    const float *x = pass->x;
    float *y = pass->y;
    for (size_t i = 0; i < count; i += LANE) lane_store(y + i, phi(lane_load(x + i), a));
}

// dx = slope(v) dy, with v = pass->y or pass->x.
LANE_INLINE void activation_backward(const Layer *layer, const LayerPass *pass, const float *v,
                                     Activation slope) {
    size_t count = activation_count(layer, pass);
    lane a = activation_option(layer);
    const float *dy = pass->dy;
    float *dx = pass->dx;
    for (size_t i = 0; dx && i < count; i += LANE) {
        lane_store(dx + i, lane_mul(slope(lane_load(v + i), a), lane_load(dy + i)));
    }
}

// 1 / (1 + exp(-u)). Where exp is inf the quotient is 0.
LANE_INLINE lane sigmoid(lane u) {
    lane one = lane_splat(1);
    return lane_div(one, lane_add(one, lane_exp(lane_sub(lane_zero(), u))));
}
