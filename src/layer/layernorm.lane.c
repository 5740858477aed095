// Layer normalisation: y = gamma (u - mean) / sqrt(variance + eps) + beta, with mean and variance
// over the channels of one position of one example (Ba, Kiros, Hinton 2016), as in a Transformer.
#include "layer/kinds.h"

static const Option OPTIONS[] = {
    LAYER_EPS_OPTION(0),
    {0},
};

// Over the weights the channels of a position are alike: their mean is E x. One channel is its own
// mean, and nothing is left.
static void signal(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out) {
    (void)in2;
    double mean_square = layer_channels(layer) > 1 ? in->mean * in->mean : in->square;
    layer_signal_norm(mean_square, layer->option[0].real, in, out);
    if (layer_channels(layer) == 1) out->shared = out->gradient = 0;
}

const LayerKind LAYER_KIND(layernorm) = {
    .name = "layernorm",
    .alias = "ln",
    .form = "layernorm [eps=1e-5]",
    .help = "normalises the channels of each position, then scales and shifts each channel",
    .options = OPTIONS,
    .resolve = layer_resolve_norm,
    .signal = signal,
    .places = PLACES_LEVEL,
};
