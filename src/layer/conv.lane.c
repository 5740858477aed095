// Convolution (cross-correlation, as in PyTorch) over one or two axes:
//     y_o(p) = b_o + sum_{i, k} w_oi(k) x_i(stride p + k - pad)
// x is 0 outside. With groups, an output channel sees only the input channels of its own group.
#include "layer/conv.h"

enum { GROUPS = WINDOW_OPTIONS, BIAS };

static const Option OPTIONS[] = {
    WINDOW_STRIDE_OPTION("1", "positions from one window to the next"),
    WINDOW_PAD_OPTION("zeros added at both ends of each axis; by default (K-1)/2"),
    {.name = "groups",
     .type = OPTION_INT,
     .offset = LAYER_OPTION(GROUPS),
     .fallback = "1",
     .low = 1,
     .high = 9e18,
     .metavar = "N",
     .help = "parts of the channels that do not see each other"},
    LAYER_BIAS_OPTION(BIAS),
    {0},
};

// The "same" of the VGG paper: with an odd window and stride 1 the output is as large as the input.
static void defaults(Layer *layer) {
    layer->option[WINDOW_PAD].whole = layer->kernel > 0 ? (layer->kernel - 1) / 2 : 0;
}

// In PyTorch's order: (out, in / groups, K) or (out, in / groups, K, K).
static bool add_weight(Layer *layer, int64_t groups) {
    int64_t in = layer_channels(layer) / groups, out = layer->size;
    int axes = layer->in.rank - 1;
    LayerSlot weight = {
        .name = "weight", .rank = 2 + axes, .size = {out, in}, .role = ROLE_WEIGHT, .fan_in = in};
    bool fits = true;
    for (int i = 0; i < axes; i++) {
        weight.size[2 + i] = layer->kernel;
        fits = fits && !__builtin_mul_overflow(weight.fan_in, layer->kernel, &weight.fan_in);
    }
    int64_t count; // of weights; a fan_out is part of them
    if (!fits || __builtin_mul_overflow(weight.fan_in, out, &count)) return false;
    weight.fan_out = weight.fan_in / in * (out / groups);
    layer_add_slot(layer, weight);
    return true;
}

// At every position each output channel takes fan_in multiply-adds, those with padding included.
static bool count_macs(Layer *layer) {
    int64_t outputs = shape_count(&layer->out);
    return outputs >= 0 && !__builtin_mul_overflow(outputs, layer->slot[0].fan_in, &layer->macs);
}

static bool resolve(Layer *layer, Error *error) {
    if (!window_resolve(layer, layer->size, error)) return false;
    int64_t in = layer_channels(layer), groups = layer->option[GROUPS].whole;
    if (in % groups || layer->size % groups) {
        return error_set(error, "groups=%lld must divide the channels, %lld in and %lld out",
                         (long long)groups, (long long)in, (long long)layer->size);
    }
    if (!add_weight(layer, groups)) {
        return error_set(error,
                         "a window of %lld from %lld to %lld channels has more weights than can be "
                         "counted",
                         (long long)layer->kernel, (long long)in, (long long)layer->size);
    }
    if (layer->option[BIAS].choice) layer_add_bias(layer);
    if (count_macs(layer)) return true;
    Text shape = {0};
    shape_print(&layer->out, &shape);
    error_set(error, "an output of %s takes more multiply-adds than can be counted", shape.data);
    text_free(&shape);
    return false;
}

// The zeros of the padding bring nothing: what counts are the live taps, on average over positions.
static void signal(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out) {
    (void)in2;
    double channels = (double)layer->slot[0].size[1];
    layer_signal_weights(channels * window_live(layer).mean, in, out);
}

Conv conv_of(const Layer *layer, size_t examples) {
    WindowAxes window = window_axes(layer);
    ptrdiff_t groups = layer->option[GROUPS].whole, lanes = (ptrdiff_t)examples * LANE;
    return (Conv){
        .window = window,
        .groups = groups,
        .in = layer_channels(layer) / groups,
        .out = layer->size / groups,
        .lanes = lanes,
        .x_plane = window.down.in * window.along.in * lanes,
        .y_plane = window.down.out * window.along.out * lanes,
        .taps = window.down.kernel * window.along.kernel,
    };
}

// The passes use it one after the other.
static size_t work(const Layer *layer, size_t groups, size_t threads) {
    size_t sum = conv_sum_work(layer, groups, threads);
    size_t weights = conv_weights_work(layer, groups, threads);
    return sum > weights ? sum : weights;
}

static void backward(const Layer *layer, const LayerPass *pass) {
    conv_backward_weights(layer, pass);
    if (pass->dx) conv_backward_input(layer, pass);
}

const LayerKind LAYER_KIND(conv) = {
    .name = "conv",
    .form = "convK-CHANNELS [stride=1] [pad=(K-1)/2] [groups=1] [bias=yes|no]",
    .help = "convolution: every output sees a window of K or KxK positions",
    .has_kernel = true,
    .has_size = true,
    .options = OPTIONS,
    .defaults = defaults,
    .resolve = resolve,
    .signal = signal,
    .places = PLACES_SUM,
    .work = work,
    .forward = conv_forward,
    .backward = backward,
};
