// Private: how the pools walk over their windows. For *.lane.c files.
#pragma once

#include "layer/kinds.h"
#include "layer/window.h"

typedef struct Pooling {
    const LayerPass *pass;
    WindowAxes window;
    ptrdiff_t channels, lanes;  // lanes: floats of a position
    ptrdiff_t x_plane, y_plane; // from one channel to the next
    float scale;
} Pooling;

// A window of one channel: what lies inside of the padding, and where the output is.
typedef struct PoolingWindow {
    ptrdiff_t x, y;         // floats from the start of the channel
    ptrdiff_t down, along;  // positions
    ptrdiff_t line, column; // floats from one row of x, and from one column, to the next
} PoolingWindow;

static inline Pooling pooling_of(const Layer *layer, const LayerPass *pass) {
    WindowAxes window = window_axes(layer);
    ptrdiff_t lanes = (ptrdiff_t)pass->groups * LANE;
    return (Pooling){
        .pass = pass,
        .window = window,
        .channels = layer_channels(layer),
        .lanes = lanes,
        .x_plane = window.down.in * window.along.in * lanes,
        .y_plane = window.down.out * window.along.out * lanes,
        .scale = 1 / (float)(window.down.kernel * window.along.kernel),
    };
}

static inline PoolingWindow pooling_window(const Pooling *p, ptrdiff_t row, ptrdiff_t position) {
    WindowTaps down = window_taps(&p->window.down, row);
    WindowTaps along = window_taps(&p->window.along, position);
    ptrdiff_t line = p->window.along.in * p->lanes;
    return (PoolingWindow){
        .x = down.x * line + along.x * p->lanes,
        .y = (row * p->window.along.out + position) * p->lanes,
        .down = down.count,
        .along = along.count,
        .line = line,
        .column = p->lanes,
    };
}

// y of one lane of a window, whose first number is at x.
typedef lane PoolingForward(const Pooling *p, const PoolingWindow *window, const float *x);

// Adds to dx of one lane of a window what it gets of dy.
typedef void PoolingBackward(const Pooling *p, const PoolingWindow *window, const float *x,
                             const float *y, lane dy, float *dx);

// All windows of channel `part`. Always inlined, and with it what is done to one.
LANE_INLINE void pooling_forward(const Pooling *p, size_t part, PoolingForward forward) {
    const float *x = (const float *)p->pass->x + (ptrdiff_t)part * p->x_plane;
    float *y = (float *)p->pass->y + (ptrdiff_t)part * p->y_plane;
    for (ptrdiff_t row = 0; row < p->window.down.out; row++) {
        for (ptrdiff_t position = 0; position < p->window.along.out; position++) {
            PoolingWindow w = pooling_window(p, row, position);
            for (ptrdiff_t j = 0; j < p->lanes; j += LANE) {
                lane_store(y + w.y + j, forward(p, &w, x + w.x + j));
            }
        }
    }
}

LANE_INLINE void pooling_backward(const Pooling *p, size_t part, PoolingBackward backward) {
    const float *x = (const float *)p->pass->x + (ptrdiff_t)part * p->x_plane;
    const float *y = (const float *)p->pass->y + (ptrdiff_t)part * p->y_plane;
    const float *dy = (const float *)p->pass->dy + (ptrdiff_t)part * p->y_plane;
    float *dx = (float *)p->pass->dx + (ptrdiff_t)part * p->x_plane;
    memset(dx, 0, (size_t)p->x_plane * sizeof *dx);
    for (ptrdiff_t row = 0; row < p->window.down.out; row++) {
        for (ptrdiff_t position = 0; position < p->window.along.out; position++) {
            PoolingWindow w = pooling_window(p, row, position);
            for (ptrdiff_t j = 0; j < p->lanes; j += LANE) {
                backward(p, &w, x + w.x + j, y + w.y + j, lane_load(dy + w.y + j), dx + w.x + j);
            }
        }
    }
}
