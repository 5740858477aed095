// residual: y = x + x2, what a block gives and what its shortcut gives.
#include "layer/kinds.h"

static bool resolve(Layer *layer, Error *error) {
    if (!shape_equal(&layer->in, &layer->in2))
        return error_set(error, "a sum takes two equal shapes");
    layer->out = layer->in;
    return true;
}

// Fresh weights of mean 0 make a block independent of its shortcut but for what both have as a
// mean.
static void signal(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out) {
    (void)layer;
    double means = 2 * in->mean * in2->mean;
    *out = (LayerSignal){
        .mean = in->mean + in2->mean,
        .square = in->square + in2->square + means,
        .shared = in->shared + in2->shared + means,
        .apart = in->apart + in2->apart + means,
        .excess = in->excess + in2->excess,
        .gaussian = in->gaussian && in2->gaussian,
        .gradient = 1,
    };
}

static void forward(const Layer *layer, const LayerPass *pass) {
    size_t count = (size_t)shape_count(&layer->out) * pass->groups * LANE;
    const float *x = pass->x, *x2 = pass->x2;
    float *y = pass->y;
    for (size_t i = 0; i < count; i += LANE) {
        lane_store(y + i, lane_add(lane_load(x + i), lane_load(x2 + i)));
    }
}

static void backward(const Layer *layer, const LayerPass *pass) {
    layer_copy(layer, pass, pass->dy, pass->dx);
    layer_copy(layer, pass, pass->dy, pass->dx2);
}

const LayerKind LAYER_KIND(residual) = {
    .name = "residual",
    .form = "residual { LAYERS } [shortcut { LAYERS }]",
    .help = "the sum of a block and its shortcut; without layers the shortcut is the identity",
    .is_join = true,
    .resolve = resolve,
    .signal = signal,
    .forward = forward,
    .backward = backward,
};
