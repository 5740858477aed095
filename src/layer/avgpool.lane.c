// Average pooling: the mean of each window, channel by channel. The zeros of the padding count, as
// they do in PyTorch unless told otherwise.
#include "layer/kinds.h"
#include "layer/window.h"

const LayerKind LAYER_KIND(avgpool) = {
    .name = "avgpool",
    .form = "avgpoolK [stride=K] [pad=0]",
    .help = "average pooling: the mean of each window of K or KxK positions, zeros of pad included",
    .has_kernel = true,
    .options = window_pool_options,
    .defaults = window_pool_defaults,
    .resolve = window_resolve_pool,
};
