// Max pooling: the largest number of each window, channel by channel. Padding never is the largest.
// Of equal numbers the first, row by row, has the gradient.
#include "layer/pooling.h"

// An infinity and a nan give nan: a run that has diverged is to be noticed.
static lane largest(const Pooling *p, const PoolingWindow *w, const float *x) {
    (void)p;
    lane most = lane_load(x), broken = lane_zero();
    for (ptrdiff_t h = 0; h < w->down; h++) {
        for (ptrdiff_t k = 0; k < w->along; k++) {
            lane here = lane_load(x + h * w->line + k * w->column);
            most = lane_max(here, most);
            broken = lane_fma(here, lane_zero(), broken);
        }
    }
    return lane_add(most, broken);
}

// The first that is as large as y gets all of dy, and nothing is left for the others.
static void hand_on(const Pooling *p, const PoolingWindow *w, const float *x, const float *y,
                    lane dy, float *dx) {
    (void)p;
    for (ptrdiff_t h = 0; h < w->down; h++) {
        for (ptrdiff_t k = 0; k < w->along; k++) {
            ptrdiff_t at = h * w->line + k * w->column;
            lane below = lane_sub(lane_load(y), lane_load(x + at));
            lane own = lane_where_positive(below, lane_zero(), dy);
            lane_store(dx + at, lane_add(lane_load(dx + at), own));
            dy = lane_where_positive(below, dy, lane_zero());
        }
    }
}

static void forward_part(void *pooling, size_t part, size_t thread) {
    (void)thread;
    pooling_forward(pooling, part, largest);
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
    .needs_output = true,
    .forward = forward,
    .backward = backward,
};
