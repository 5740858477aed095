// Batch normalisation: y = gamma (u - mean) / sqrt(variance + eps) + beta, with mean and variance
// of each channel over the examples and positions of a batch (Ioffe, Szegedy 2015). The running
// mean and variance are no parameters.
#include "layer/kinds.h"

enum { EPS, MOMENTUM };

static const Option OPTIONS[] = {
    LAYER_EPS_OPTION(EPS),
    {.name = "momentum",
     .type = OPTION_REAL,
     .offset = LAYER_OPTION(MOMENTUM),
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

// A channel's own mean, squared, is what any two of its numbers have in
// common: E x x'.
static void signal(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out) {
    (void)in2;
    layer_signal_norm(in->apart, layer->option[EPS].real, in, out);
}

// ---- one channel ----

typedef struct Channel {
    const float *x, *dy;
    size_t positions, row; // floats of a position
    size_t full;           // floats of it whose lanes are all live; then come `rest` live ones
    size_t rest;
    float count;         // live numbers in all
    lane mean, inverse;  // 1/sqrt(variance + eps)
    lane scale, shift;   // gamma, beta
    lane dy_mean, slope; // of backward: mean of dy, mean of dy times what is normalised
} Channel;

// What is summed over the live numbers: of the lane at x + i, dy + i.
typedef lane Term(const Channel *c, size_t i);

static lane live_only(const Channel *c, lane a) { // of the group that is live in part
    float part[LANE];
    lane_store(part, a);
    return lane_load_part(part, c->rest);
}

// In blocks of positions: one sum over all would lose digits.
LANE_INLINE float sum_live(const Channel *c, Term term) {
    enum { BLOCK = 64 };
    lane sum = lane_zero();
    for (size_t first = 0; first < c->positions; first += BLOCK) {
        size_t end = first + BLOCK < c->positions ? first + BLOCK : c->positions;
        lane part = lane_zero();
        for (size_t p = first; p < end; p++) {
            size_t i = p * c->row, live = i + c->full;
            for (; i < live; i += LANE) part = lane_add(part, term(c, i));
            if (c->rest) part = lane_add(part, live_only(c, term(c, i)));
        }
        sum = lane_add(sum, part);
    }
    return lane_sum(sum);
}

static lane value(const Channel *c, size_t i) {
    return lane_load(c->x + i);
}

static lane square(const Channel *c, size_t i) {
    lane from_mean = lane_sub(lane_load(c->x + i), c->mean);
    return lane_mul(from_mean, from_mean);
}

static lane normal(const Channel *c, size_t i) {
    return lane_mul(lane_sub(lane_load(c->x + i), c->mean), c->inverse);
}

static lane gradient(const Channel *c, size_t i) {
    return lane_load(c->dy + i);
}

static lane gradient_normal(const Channel *c, size_t i) {
    return lane_mul(lane_load(c->dy + i), normal(c, i));
}

// ---- all channels ----

typedef struct Task {
    const Layer *layer;
    const LayerPass *pass;
    size_t channels;
} Task;

static Channel channel_of(const Task *t, size_t channel) {
    const LayerPass *pass = t->pass;
    size_t positions = (size_t)shape_count(&t->layer->in) / t->channels;
    size_t row = pass->groups * LANE, at = channel * positions * row;
    return (Channel){
        .x = (const float *)pass->x + at,
        .positions = positions,
        .row = row,
        .full = pass->live / LANE * LANE,
        .rest = pass->live % LANE,
        .count = (float)positions * (float)pass->live,
        .scale = lane_splat(pass->w[(size_t)t->layer->slot[0].offset + channel]),
        .shift = lane_splat(pass->w[(size_t)t->layer->slot[1].offset + channel]),
    };
}

static float inverse_root(const Layer *layer, float variance) {
    return 1 / sqrtf(variance + (float)layer->option[EPS].real);
}

static float *buffer(const Task *t, int i, size_t channel) {
    return t->pass->buffers + t->layer->buffer[i].offset + channel;
}

static void move(float *running, float newest, float share) {
    *running = (1 - share) * *running + share * newest;
}

// Mean and variance of the batch, the latter around the mean, so that nothing cancels. The running
// variance is that of the sample, with n - 1, as in PyTorch.
static void measure(const Task *t, Channel *c, size_t channel) {
    float share = (float)t->layer->option[MOMENTUM].real, *kept = t->pass->kept + 2 * channel;
    kept[0] = sum_live(c, value) / c->count;
    c->mean = lane_splat(kept[0]);
    float squares = sum_live(c, square);
    kept[1] = inverse_root(t->layer, squares / c->count);
    if (!t->pass->buffers) return;
    move(buffer(t, 0, channel), kept[0], share);
    move(buffer(t, 1, channel), squares / (c->count > 1 ? c->count - 1 : 1), share);
}

static void statistics(const Task *t, Channel *c, size_t channel) {
    const float *kept = t->pass->kept + 2 * channel;
    bool learns = t->pass->learns;
    c->mean = lane_splat(learns ? kept[0] : *buffer(t, 0, channel));
    c->inverse = lane_splat(learns ? kept[1] : inverse_root(t->layer, *buffer(t, 1, channel)));
}

static void forward_part(void *context, size_t channel, size_t thread) {
    (void)thread;
    const Task *t = context;
    Channel c = channel_of(t, channel);
    if (t->pass->learns) measure(t, &c, channel);
    statistics(t, &c, channel);
    float *y = (float *)t->pass->y + channel * c.positions * c.row;
    for (size_t i = 0; i < c.positions * c.row; i += LANE) {
        lane_store(y + i, lane_fma(c.scale, normal(&c, i), c.shift));
    }
}

// dx = gamma/sqrt(variance + eps) (dy - mean of dy - u mean of dy u), with the normalised u and
// means over the batch; running statistics do not depend on x, and the means are left out.
static void backward_input(const Channel *c, float *dx) {
    lane scale = lane_mul(c->scale, c->inverse), zero = lane_zero();
    for (size_t p = 0; p < c->positions; p++) {
        for (size_t j = 0; j < c->row; j += LANE) {
            size_t i = p * c->row + j;
            lane d = lane_sub(lane_load(c->dy + i), c->dy_mean);
            d = lane_mul(scale, lane_sub(d, lane_mul(normal(c, i), c->slope)));
            if (j >= c->full) d = j == c->full && c->rest ? live_only(c, d) : zero;
            lane_store(dx + i, d);
        }
    }
}

static void backward_part(void *context, size_t channel, size_t thread) {
    (void)thread;
    const Task *t = context;
    Channel c = channel_of(t, channel);
    size_t at = channel * c.positions * c.row;
    statistics(t, &c, channel);
    c.dy = (const float *)t->pass->dy + at;
    float scale = sum_live(&c, gradient_normal), shift = sum_live(&c, gradient);
    t->pass->dw[(size_t)t->layer->slot[0].offset + channel] = scale;
    t->pass->dw[(size_t)t->layer->slot[1].offset + channel] = shift;
    c.slope = lane_splat(t->pass->learns ? scale / c.count : 0);
    c.dy_mean = lane_splat(t->pass->learns ? shift / c.count : 0);
    if (t->pass->dx) backward_input(&c, (float *)t->pass->dx + at);
}

static size_t kept(const Layer *layer, size_t groups) {
    (void)groups;
    return 2 * (size_t)layer_channels(layer); // mean and 1/sqrt(variance + eps)
}

static void share_channels(const Layer *layer, const LayerPass *pass, TeamWork *work) {
    Task task = {layer, pass, (size_t)layer_channels(layer)};
    team_share(pass->team, task.channels, work, &task);
}

static void forward(const Layer *layer, const LayerPass *pass) {
    share_channels(layer, pass, forward_part);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    share_channels(layer, pass, backward_part);
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
    .places = PLACES_CENTRE,
    .kept = kept,
    .forward = forward,
    .backward = backward,
};
