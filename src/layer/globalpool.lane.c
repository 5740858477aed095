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

const LayerKind LAYER_KIND(globalpool) = {
    .name = "globalpool",
    .alias = "gap",
    .form = "globalpool",
    .help = "global average pooling: the mean of each channel over all positions",
    .sees_all = true,
    .resolve = resolve,
};
