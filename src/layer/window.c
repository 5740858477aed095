#include "layer/window.h"

enum { KERNEL_MOST = 1000000 };

static bool check_input(const Layer *layer, Error *error) {
    if (layer->kernel < 1 || layer->kernel > KERNEL_MOST) {
        return error_set(error, "its window is %lld; it takes a whole number from 1 to %d",
                         (long long)layer->kernel, KERNEL_MOST);
    }
    if (layer->in.rank > 1) return true;
    long long features = layer->in.size[0];
    return error_set(error,
                     "its window slides over positions, and %lld features have none; "
                     "a row of %lld numbers is %lldx1",
                     features, features, features);
}

static bool count_positions(Layer *layer, int axis, Error *error) {
    static const char *const AXIS[][2] = {[2] = {"length"}, [3] = {"height", "width"}};
    const char *name = AXIS[layer->in.rank][axis];
    int64_t n = layer->in.size[axis], pad = layer->option[WINDOW_PAD].whole, padded;
    if (__builtin_add_overflow(n, 2 * pad, &padded)) {
        return error_set(error, "a %s of %lld with pad=%lld is more than can be counted", name,
                         (long long)n, (long long)pad);
    }
    if (padded < layer->kernel) {
        return error_set(error,
                         "a window of %lld needs a %s of %lld, and with pad=%lld there is %lld",
                         (long long)layer->kernel, name, (long long)layer->kernel, (long long)pad,
                         (long long)padded);
    }
    layer->out.size[axis] = (padded - layer->kernel) / layer->option[WINDOW_STRIDE].whole + 1;
    return true;
}

bool window_resolve(Layer *layer, int64_t channels, Error *error) {
    if (!check_input(layer, error)) return false;
    int axes = layer->in.rank - 1;
    layer->out.rank = layer->in.rank;
    layer->out.size[axes] = channels;
    for (int axis = 0; axis < axes; axis++) {
        if (!count_positions(layer, axis, error)) return false;
    }
    layer->window = layer->kernel;
    layer->step = layer->option[WINDOW_STRIDE].whole;
    return true;
}

const Option window_pool_options[] = {
    WINDOW_STRIDE_OPTION(
        "1", "positions from one window to the next; by default the size of the window"),
    WINDOW_PAD_OPTION("positions added at both ends of each axis, at most half the window"),
    {0},
};

void window_pool_defaults(Layer *layer) {
    layer->option[WINDOW_STRIDE].whole = layer->kernel;
}

bool window_resolve_pool(Layer *layer, Error *error) {
    if (!window_resolve(layer, layer->in.size[layer->in.rank - 1], error)) return false;
    int64_t pad = layer->option[WINDOW_PAD].whole, most = layer->kernel / 2;
    if (pad <= most) return true;
    return error_set(error, "pad=%lld is more than half a window of %lld; it takes at most %lld",
                     (long long)pad, (long long)layer->kernel, (long long)most);
}

WindowAxes window_axes(const Layer *layer) {
    WindowAxis axis[2] = {{1, 1, 1, 1, 0}, {1, 1, 1, 1, 0}};
    int axes = layer->in.rank - 1;
    for (int i = 0; i < axes; i++) {
        axis[2 - axes + i] = (WindowAxis){.in = layer->in.size[i],
                                          .out = layer->out.size[i],
                                          .kernel = layer->kernel,
                                          .stride = layer->option[WINDOW_STRIDE].whole,
                                          .pad = layer->option[WINDOW_PAD].whole};
    }
    return (WindowAxes){axis[0], axis[1]};
}

static ptrdiff_t largest(ptrdiff_t a, ptrdiff_t b) {
    return a > b ? a : b;
}

static ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) {
    return a < b ? a : b;
}

WindowTaps window_taps(const WindowAxis *a, ptrdiff_t p) {
    ptrdiff_t x = p * a->stride - a->pad, first = largest(0, -x), end = least(a->kernel, a->in - x);
    return (WindowTaps){
        .x = x + first, .x_step = 1, .w = first, .w_step = 1, .count = largest(0, end - first)};
}

// Tap w of output p meets input q where p stride + w = q + pad.
WindowTaps window_taps_back(const WindowAxis *a, ptrdiff_t q) {
    ptrdiff_t at = q + a->pad, most = least(a->kernel - 1, at);
    ptrdiff_t first = largest(at % a->stride, at - (a->out - 1) * a->stride);
    return (WindowTaps){.x = (at - first) / a->stride,
                        .x_step = -1,
                        .w = first,
                        .w_step = a->stride,
                        .count = first > most ? 0 : (most - first) / a->stride + 1};
}
