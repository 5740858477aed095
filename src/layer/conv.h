// Private: the three kernels of a convolution. For *.lane.c files.
#pragma once

#include "layer/conv_copy.h"
#include "layer/kinds.h"
#include "layer/window.h"

// A convolution as its kernels see it; all steps are in floats.
typedef struct Conv {
    WindowAxes window;
    ptrdiff_t groups, in, out;  // of channels; channels of one group
    ptrdiff_t lanes;            // of a position: groups of 16 examples, times LANE
    ptrdiff_t x_plane, y_plane; // from one channel to the next
    ptrdiff_t taps;             // weights between an input and an output channel
} Conv;

Conv LANE_NAME(conv_of)(const Layer *layer, size_t examples); // in groups of 16

// y_o(p) = b_o + sum_{i, k} w_oi(k) x_i(stride p + k - pad)
void LANE_NAME(conv_forward)(const Layer *layer, const LayerPass *pass);

// dx_i(q) = sum_{o, k} w_oi(k) dy_o((q + pad - k) / stride), where that is a position of dy
void LANE_NAME(conv_backward_input)(const Layer *layer, const LayerPass *pass);

// dw_oi(k) = sum_p dy_o(p) x_i(stride p + k - pad), and db_o = sum_p dy_o(p), over the examples,
// too
void LANE_NAME(conv_backward_weights)(const Layer *layer, const LayerPass *pass);

// Their scratch, in floats.
size_t LANE_NAME(conv_sum_work)(const Layer *layer, size_t groups, size_t threads);
size_t LANE_NAME(conv_weights_work)(const Layer *layer, size_t groups, size_t threads);

#define conv_of               LANE_NAME(conv_of)
#define conv_forward          LANE_NAME(conv_forward)
#define conv_backward_input   LANE_NAME(conv_backward_input)
#define conv_backward_weights LANE_NAME(conv_backward_weights)
#define conv_sum_work         LANE_NAME(conv_sum_work)
#define conv_weights_work     LANE_NAME(conv_weights_work)

// For lists of the sizes of tiles that a kernel has: X(a, 1) X(a, 2) ...
#define TILES_1(X, a) X(a, 1)
#define TILES_2(X, a) TILES_1(X, a) X(a, 2)
#define TILES_3(X, a) TILES_2(X, a) X(a, 3)
#define TILES_4(X, a) TILES_3(X, a) X(a, 4)
#define TILES_6(X, a) TILES_4(X, a) X(a, 5) X(a, 6)
#define TILES_8(X, a) TILES_6(X, a) X(a, 7) X(a, 8)

// The parts that n of something fall into, `most` or a few less in each.
static inline ptrdiff_t conv_parts(ptrdiff_t n, ptrdiff_t most) {
    return (n + most - 1) / most;
}

static inline ptrdiff_t conv_least(ptrdiff_t a, ptrdiff_t b) {
    return a < b ? a : b;
}
