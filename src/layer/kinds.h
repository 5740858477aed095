// Private: what the files of the layer kinds share. For *.lane.c files.
#pragma once

#include "layer/layer.h"
#include "num/product.h"

// The name of a kind's LayerKind: one per instruction set.
#define LAYER_KIND(name) LANE_NAME(layer_kind_##name)

// A kind that maps every number on its own: same shape, nothing to learn.
static inline bool layer_resolve_elementwise(Layer *layer, Error *error) {
    (void)error;
    layer->out = layer->in;
    return true;
}
