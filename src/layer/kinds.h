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

static inline int64_t layer_channels(const Layer *layer) { // of its input; features at rank 1
    return layer->in.size[layer->in.rank - 1];
}

// The largest number of positions of its input along an axis: the window of what sees all of them.
static inline int64_t layer_extent(const Layer *layer) {
    int64_t most = 1;
    for (int i = 0; i + 1 < layer->in.rank; i++) {
        if (layer->in.size[i] > most) most = layer->in.size[i];
    }
    return most;
}

// A kind that maps every number on its own: same shape, nothing to learn.
static inline bool layer_resolve_elementwise(Layer *layer, Error *error) {
    (void)error;
    layer->out = layer->in;
    return true;
}

// Of numbers that go on as they are: `to` may be NULL (not wanted) or `from` itself.
static inline void layer_copy(const Layer *layer, const LayerPass *pass, const void *from,
                              void *to) {
    size_t count = (size_t)shape_count(&layer->in) * pass->groups * LANE;
    if (to && to != from) memcpy(to, from, count * sizeof(float));
}

// A normalisation: same shape, then a learned scale and a learned shift for each channel.
#define LAYER_EPS_OPTION(i)                                                                        \
    {                                                                                              \
        .name = "eps", .type = OPTION_REAL, .offset = LAYER_OPTION(i), .fallback = "1e-5",         \
        .low = 1e-12, .high = 1, .help = "added to the variance before its root is taken"          \
    }

static inline bool layer_resolve_norm(Layer *layer, Error *error) {
    LayerSlot slot = {.rank = 1, .size = {layer_channels(layer)}, .fan_in = 1, .fan_out = 1};
    slot.name = "weight", slot.role = ROLE_SCALE;
    layer_add_slot(layer, slot);
    slot.name = "bias", slot.role = ROLE_SHIFT;
    layer_add_slot(layer, slot);
    return layer_resolve_elementwise(layer, error);
}

// ---- moment rules that kinds share ----

// Every number goes on as it is.
static inline void layer_signal_same(const Layer *layer, const LayerSignal *in,
                                     const LayerSignal *in2, LayerSignal *out) {
    (void)layer;
    (void)in2;
    *out = *in;
    out->gradient = 1;
}

// Weights of variance 1 on `inputs` numbers: u is Gaussian when they are many.
static inline void layer_signal_weights(double inputs, const LayerSignal *in, LayerSignal *out) {
    *out = (LayerSignal){
        .square = inputs * in->square,
        .shared = inputs * in->shared,
        .apart = inputs * in->apart, // borders: init/places.h
        .excess = inputs * in->excess,
        .gaussian = true,
        .gradient = inputs,
    };
}

// x - mean over a root of (variance + eps): the normalisations, which differ in whose they are.
static inline void layer_signal_norm(double mean_square, double eps, const LayerSignal *in,
                                     LayerSignal *out) {
    double scale = 1 / (in->square - mean_square + eps);
    *out = *in;
    out->mean = 0;
    out->square = (in->square - mean_square) * scale;
    out->shared = (in->shared - mean_square) * scale;
    out->apart = (in->apart - mean_square) * scale;
    out->excess = in->excess * scale;
    out->sample = NULL;
    out->gradient = scale;
}
