// Batch normalisation: y = gamma (u - mean) / sqrt(variance + eps) + beta, with mean and variance
// of each channel over the examples and positions of a batch (Ioffe, Szegedy 2015). The running
// mean and variance are no parameters.
#include "layer/kinds.h"

static const Option OPTIONS[] = {
    LAYER_EPS_OPTION(0),
    {.name = "momentum",
     .type = OPTION_REAL,
     .offset = LAYER_OPTION(1),
     .fallback = "0.1",
     .low = 0,
     .high = 1,
     .metavar = "M",
     .help = "share of the newest batch in the running mean and variance"},
    {0},
};

static bool resolve(Layer *layer, Error *error) {
    int64_t channels = layer_channels(layer);
    layer->buffer[layer->buffers++] = (LayerBuffer){.name = "running_mean", .count = channels};
    layer->buffer[layer->buffers++] =
        (LayerBuffer){.name = "running_var", .count = channels, .start = 1};
    return layer_resolve_norm(layer, error);
}

// A channel's own mean, squared, is what two examples have in common: E x x'.
static void signal(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out) {
    (void)in2;
    layer_signal_norm(in->shared, layer->option[0].real, in, out);
}

const LayerKind LAYER_KIND(batchnorm) = {
    .name = "batchnorm",
    .alias = "bn",
    .form = "batchnorm [eps=1e-5] [momentum=0.1]",
    .help = "normalises each channel over the batch, then scales and shifts it",
    .options = OPTIONS,
    .resolve = resolve,
    .signal = signal,
    .mixes = true,
};
