// Average pooling: the mean of each window, channel by channel. The zeros of the padding count, as
// they do in PyTorch unless told otherwise.
#include "layer/kinds.h"
#include "layer/window.h"
#include <math.h>

// y = (sum of L live taps)/n: E y^2 = (L E x^2 + L(L-1) E x x')/n^2, averaged over L.
static void signal(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out) {
    (void)in2;
    WindowLive live = window_live(layer);
    double n = pow((double)layer->kernel, layer->in.rank - 1);
    double pairs = live.square - live.mean;
    *out = (LayerSignal){
        .mean = in->mean * live.mean / n,
        .square = (live.mean * in->square + pairs * in->shared) / (n * n),
        .shared = in->shared * (live.mean / n) * (live.mean / n),
        .gaussian = in->gaussian,
        .gradient = live.mean / (n * n),
    };
}

const LayerKind LAYER_KIND(avgpool) = {
    .name = "avgpool",
    .form = "avgpoolK [stride=K] [pad=0]",
    .help = "average pooling: the mean of each window of K or KxK positions, zeros of pad included",
    .has_kernel = true,
    .options = window_pool_options,
    .defaults = window_pool_defaults,
    .resolve = window_resolve_pool,
    .signal = signal,
    .mixes = true,
    .places = PLACES_SUM,
};
