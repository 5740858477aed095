// One row of features, channel by channel (CHW). It mixes positions: what follows sees all of them.
#include "layer/kinds.h"

static bool resolve(Layer *layer, Error *error) {
    int64_t features = shape_count(&layer->in);
    if (features < 0) return error_set(error, "its input has more numbers than can be counted");
    layer->out = (Shape){.rank = 1, .size = {features}};
    layer->window = layer_extent(layer);
    return true;
}

static void forward(const Layer *layer, const LayerPass *pass) {
    layer_copy(layer, pass, pass->x, pass->y);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    layer_copy(layer, pass, pass->dy, pass->dx);
}

const LayerKind LAYER_KIND(flatten) = {
    .name = "flatten",
    .form = "flatten",
    .help = "all numbers as one row of features, channel by channel",
    .in_place = true,
    .resolve = resolve,
    .signal = layer_signal_same,
    .forward = forward,
    .backward = backward,
};
