// Private: what the files of the layer kinds share. For *.lane.c files.
#pragma once

#include "layer/layer.h"
#include "num/product.h"

// The name of a kind's LayerKind: one per instruction set.
#define LAYER_KIND(name) LANE_NAME(layer_kind_##name)

static inline void layer_add_slot(Layer *layer, LayerSlot slot) {
    layer->slot[layer->slots++] = slot;
}

// bias=no|yes as option number i, and the slot that goes with it: one number for each output
// channel of the weight in slot 0.
#define LAYER_BIAS_OPTION(i)                                                                       \
    {                                                                                              \
        .name = "bias", .type = OPTION_CHOICE, .offset = LAYER_OPTION(i), .fallback = "yes",       \
        .words = layer_no_yes, .help = "add a learned constant to every output"                    \
    }
extern const char *const layer_no_yes[];

static inline void layer_add_bias(Layer *layer) {
    layer_add_slot(layer, (LayerSlot){.name = "bias",
                                      .rank = 1,
                                      .size = {layer->slot[0].size[0]},
                                      .fan_in = layer->slot[0].fan_in,
                                      .fan_out = layer->slot[0].fan_out,
                                      .role = ROLE_BIAS});
}

// A kind that maps every number on its own: same shape, nothing to learn.
static inline bool layer_resolve_elementwise(Layer *layer, Error *error) {
    (void)error;
    layer->out = layer->in;
    return true;
}
