// Global average pooling: the mean of each channel over all positions. The rank stays: 1xC, 1x1xC.
#include "layer/kinds.h"

static bool resolve(Layer *layer, Error *error) {
    if (layer->in.rank == 1) {
        return error_set(error, "it averages over positions, and %lld features have none",
                         (long long)layer->in.size[0]);
    }
    layer->out = layer->in;
    for (int i = 0; i + 1 < layer->in.rank; i++) layer->out.size[i] = 1;
    layer->window = layer_extent(layer);
    return true;
}

static void signal(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out) {
    (void)in2;
    double n = (double)shape_count(&layer->in) / (double)layer_channels(layer);
    *out = (LayerSignal){
        .mean = in->mean,
        .square = (in->square + (n - 1) * (in->shared + in->excess)) / n,
        .shared = in->shared,
        .gaussian = in->gaussian,
        .gradient = 1 / n,
    };
}

const LayerKind LAYER_KIND(globalpool) = {
    .name = "globalpool",
    .alias = "gap",
    .form = "globalpool",
    .help = "global average pooling: the mean of each channel over all positions",
    .sees_all = true,
    .resolve = resolve,
    .signal = signal,
    .mixes = true,
};
