// Private: what conv and the pools share, a window that slides over the positions of a shape.
#pragma once

#include "layer/layer.h"
#include <stddef.h>

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

// How many positions of a window lie inside its input rather than in the padding: the mean over all
// outputs, and the mean square.
typedef struct WindowLive {
    double mean, square;
} WindowLive;
WindowLive window_live(const Layer *layer);

// E x x' of two positions of a window, in two examples.
double window_pairs(const Layer *layer, const LayerSignal *in);

// The moment rule of the largest of a window, numerically, to about 1e-4: of as many numbers as are
// live on average. They are functions of Gaussians with one correlation c (a negative one counts as
// 0), z = sqrt(c) z0 + sqrt(1-c) z_i, and given z0 independent. Where such a function is not known
// the signal is taken for a Gaussian. Back, all that a window gets goes to its largest; those of an
// activation are steeper than others, so the rule's gradient is E phi'^2 of the largest over that
// of all. The largest of largest is the largest
// of all. NAN where the signal is neither an activation's nor Gaussian.
void window_signal_largest(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                           LayerSignal *out);

// ---- geometry of the passes ----

// One axis of a window. For the passes there are always two of them, and a row of positions is an
// image that is one position high.
typedef struct WindowAxis {
    ptrdiff_t in, out, kernel, stride, pad;
} WindowAxis;

typedef struct WindowAxes {
    WindowAxis down, along;
} WindowAxes;

WindowAxes window_axes(const Layer *layer);

// What meets inside of the padding: positions x, x + x_step, ... and taps w, w + w_step, ...
typedef struct WindowTaps {
    ptrdiff_t x, x_step, w, w_step, count;
} WindowTaps;

WindowTaps window_taps(const WindowAxis *axis, ptrdiff_t p);      // what output p sees: x is input
WindowTaps window_taps_back(const WindowAxis *axis, ptrdiff_t q); // who sees input q: x is output
