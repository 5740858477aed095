// Private: what conv and the pools share, a window that slides over the positions of a shape.
#pragma once

#include "layer/layer.h"

// The options that every window takes come first, under these numbers.
enum { WINDOW_STRIDE, WINDOW_PAD, WINDOW_OPTIONS };

#define WINDOW_OPTION(i, word, least, value, text)                                                 \
    {                                                                                              \
        .name = (word), .type = OPTION_INT, .offset = LAYER_OPTION(i), .fallback = (value),        \
        .low = (least), .high = 1000000, .metavar = "N", .help = (text)                            \
    }
#define WINDOW_STRIDE_OPTION(value, text) WINDOW_OPTION(WINDOW_STRIDE, "stride", 1, value, text)
#define WINDOW_PAD_OPTION(text)           WINDOW_OPTION(WINDOW_PAD, "pad", 0, "0", text)

// Sets out to `channels` channels at the positions that a window of layer->kernel takes, along an
// axis of n:
//     floor((n + 2 pad - kernel) / stride) + 1
// and sets window and step. An input of rank 1, a kernel that is not 1 to 1000000 and a window
// longer than the padded axis are errors.
bool window_resolve(Layer *layer, int64_t channels, Error *error);

// The pools: a stride of the kernel is their default. Their pad is at most half the kernel, so that
// no window lies in the padding.
extern const Option window_pool_options[];
void window_pool_defaults(Layer *layer);
bool window_resolve_pool(Layer *layer, Error *error);
