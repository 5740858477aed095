// Average pooling: the mean of each window, channel by channel. The zeros of the padding count, as
// they do in PyTorch unless told otherwise.
#include "layer/pooling.h"
#include <math.h>

// y = (sum of L live taps)/n: E y^2 = (L E x^2 + L(L-1) E x x')/n^2, averaged over L.
static void signal(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out) {
    (void)in2;
    WindowLive live = window_live(layer);
    double n = pow((double)layer->kernel, layer->in.rank - 1);
    double pairs = live.square - live.mean, common = window_pairs(layer, in);
    *out = (LayerSignal){
        .mean = in->mean * live.mean / n,
        .square = (live.mean * in->square + pairs * (common + in->excess)) / (n * n),
        .shared = (live.mean * in->shared + pairs * common) / (n * n),
        .apart = in->apart * (live.mean / n) * (live.mean / n),
        .excess = in->excess * (live.mean / n) * (live.mean / n),
        .gaussian = in->gaussian,
        .gradient = live.mean / (n * n),
    };
}

static lane mean(const Pooling *p, const PoolingWindow *w, const float *x) {
    lane sum = lane_zero();
    for (ptrdiff_t h = 0; h < w->down; h++) {
        for (ptrdiff_t k = 0; k < w->along; k++) {
            sum = lane_add(sum, lane_load(x + h * w->line + k * w->column));
        }
    }
    return lane_mul(lane_splat(p->scale), sum);
}

static void hand_on(const Pooling *p, const PoolingWindow *w, const float *x, const float *y,
                    lane dy, float *dx) {
    (void)x;
    (void)y;
    lane share = lane_mul(lane_splat(p->scale), dy);
    for (ptrdiff_t h = 0; h < w->down; h++) {
        for (ptrdiff_t k = 0; k < w->along; k++) {
            ptrdiff_t at = h * w->line + k * w->column;
            lane_store(dx + at, lane_add(lane_load(dx + at), share));
        }
    }
}

static void forward_part(void *pooling, size_t part, size_t thread) {
    (void)thread;
    pooling_forward(pooling, part, mean);
}

static void backward_part(void *pooling, size_t part, size_t thread) {
    (void)thread;
    pooling_backward(pooling, part, hand_on);
}

static void forward(const Layer *layer, const LayerPass *pass) {
    Pooling pooling = pooling_of(layer, pass);
    team_share(pass->team, (size_t)pooling.channels, forward_part, &pooling);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    if (!pass->dx) return;
    Pooling pooling = pooling_of(layer, pass);
    team_share(pass->team, (size_t)pooling.channels, backward_part, &pooling);
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
    .forward = forward,
    .backward = backward,
};
