// Max pooling: the largest number of each window, channel by channel. Padding never is the largest.
#include "layer/kinds.h"
#include "layer/window.h"

const LayerKind LAYER_KIND(pool) = {
    .name = "pool",
    .alias = "maxpool",
    .form = "poolK [stride=K] [pad=0]",
    .help = "max pooling: the largest of each window of K or KxK positions",
    .has_kernel = true,
    .options = window_pool_options,
    .defaults = window_pool_defaults,
    .resolve = window_resolve_pool,
    .signal = window_signal_largest,
    .mixes = true,
    .places = PLACES_ONE,
};
