// residual: y = x + x2, what a block gives and what its shortcut gives.
#include "layer/kinds.h"

static bool resolve(Layer *layer, Error *error) {
    if (!shape_equal(&layer->in, &layer->in2))
        return error_set(error, "a sum takes two equal shapes");
    layer->out = layer->in;
    return true;
}

const LayerKind LAYER_KIND(residual) = {
    .name = "residual",
    .form = "residual { LAYERS } [shortcut { LAYERS }]",
    .help = "the sum of a block and its shortcut; without layers the shortcut is the identity",
    .is_join = true,
    .resolve = resolve,
};
