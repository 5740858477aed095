// Layer normalisation: y = gamma (u - mean) / sqrt(variance + eps) + beta, with mean and variance
// over the channels of one position of one example (Ba, Kiros, Hinton 2016), as in a Transformer.
#include "layer/kinds.h"

static const Option OPTIONS[] = {
    LAYER_EPS_OPTION(0),
    {0},
};

// Over the weights the channels of a position are alike: their mean is E x.
static void signal(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out) {
    (void)in2;
    layer_signal_norm(in->mean * in->mean, layer->option[0].real, in, out);
}

const LayerKind LAYER_KIND(layernorm) = {
    .name = "layernorm",
    .alias = "ln",
    .form = "layernorm [eps=1e-5]",
    .help = "normalises the channels of each position, then scales and shifts each channel",
    .options = OPTIONS,
    .resolve = layer_resolve_norm,
    .signal = signal,
};
