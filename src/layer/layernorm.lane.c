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
    if (layer_channels(layer) == 1) out->shared = out->apart = out->gradient = 0;
}

// ---- one position of one group of examples ----

typedef struct Column {
    const float *x, *gamma, *beta;
    size_t channels, plane; // floats from one channel to the next
    lane mean, inverse;     // 1/sqrt(variance + eps)
} Column;

static lane normal(const Column *c, size_t channel) {
    return lane_mul(lane_sub(lane_load(c->x + channel * c->plane), c->mean), c->inverse);
}

// The variance is taken around the mean, so that nothing cancels.
static void measure(Column *c, float eps) {
    lane share = lane_splat(1 / (float)c->channels), sum = lane_zero(), squares = lane_zero();
    for (size_t i = 0; i < c->channels; i++) sum = lane_add(sum, lane_load(c->x + i * c->plane));
    c->mean = lane_mul(share, sum);
    for (size_t i = 0; i < c->channels; i++) {
        lane from_mean = lane_sub(lane_load(c->x + i * c->plane), c->mean);
        squares = lane_fma(from_mean, from_mean, squares);
    }
    lane variance = lane_fma(share, squares, lane_splat(eps));
    c->inverse = lane_div(lane_splat(1), lane_sqrt(variance));
}

static void write_output(const Column *c, float *y) {
    for (size_t i = 0; i < c->channels; i++) {
        lane u = normal(c, i);
        lane_store(y + i * c->plane, lane_fma(lane_splat(c->gamma[i]), u, lane_splat(c->beta[i])));
    }
}

// dx = (g - mean of g - u mean of g u)/sqrt(variance + eps), g = gamma dy, u what is normalised.
static void write_gradient(const Column *c, const float *dy, float *dx) {
    lane share = lane_splat(1 / (float)c->channels), mean = lane_zero(), slope = lane_zero();
    for (size_t i = 0; i < c->channels; i++) {
        lane g = lane_mul(lane_splat(c->gamma[i]), lane_load(dy + i * c->plane));
        mean = lane_add(mean, g);
        slope = lane_fma(g, normal(c, i), slope);
    }
    mean = lane_mul(share, mean);
    slope = lane_mul(share, slope);
    for (size_t i = 0; i < c->channels; i++) {
        lane g = lane_mul(lane_splat(c->gamma[i]), lane_load(dy + i * c->plane));
        g = lane_sub(lane_sub(g, mean), lane_mul(normal(c, i), slope));
        lane_store(dx + i * c->plane, lane_mul(c->inverse, g));
    }
}

// ---- all of them ----

typedef struct Task {
    const Layer *layer;
    const LayerPass *pass;
    size_t channels, positions, row; // floats of a position
} Task;

static Task task_of(const Layer *layer, const LayerPass *pass) {
    size_t channels = (size_t)layer_channels(layer);
    return (Task){layer, pass, channels, (size_t)shape_count(&layer->in) / channels,
                  pass->groups * LANE};
}

static Column column_of(const Task *t, size_t at) {
    Column c = {
        .x = (const float *)t->pass->x + at,
        .gamma = t->pass->w + t->layer->slot[0].offset,
        .beta = t->pass->w + t->layer->slot[1].offset,
        .channels = t->channels,
        .plane = t->positions * t->row,
    };
    measure(&c, (float)t->layer->option[0].real);
    return c;
}

static void forward_part(void *context, size_t position, size_t thread) {
    (void)thread;
    const Task *t = context;
    for (size_t at = position * t->row; at < (position + 1) * t->row; at += LANE) {
        Column c = column_of(t, at);
        write_output(&c, (float *)t->pass->y + at);
    }
}

// What backward measures anew it leaves to the channels: work holds means, then inverses.
static void backward_part(void *context, size_t position, size_t thread) {
    (void)thread;
    const Task *t = context;
    const LayerPass *pass = t->pass;
    for (size_t at = position * t->row; at < (position + 1) * t->row; at += LANE) {
        Column c = column_of(t, at);
        lane_store(pass->work + at, c.mean);
        lane_store(pass->work + c.plane + at, c.inverse);
        if (pass->dx) write_gradient(&c, (const float *)pass->dy + at, (float *)pass->dx + at);
    }
}

static void weights_part(void *context, size_t channel, size_t thread) {
    (void)thread;
    const Task *t = context;
    size_t plane = t->positions * t->row;
    const float *x = (const float *)t->pass->x + channel * plane;
    const float *dy = (const float *)t->pass->dy + channel * plane;
    lane scale = lane_zero(), shift = lane_zero();
    for (size_t i = 0; i < plane; i += LANE) {
        lane mean = lane_load(t->pass->work + i), inverse = lane_load(t->pass->work + plane + i);
        lane d = lane_load(dy + i), u = lane_mul(lane_sub(lane_load(x + i), mean), inverse);
        scale = lane_fma(d, u, scale);
        shift = lane_add(shift, d);
    }
    t->pass->dw[(size_t)t->layer->slot[0].offset + channel] = lane_sum(scale);
    t->pass->dw[(size_t)t->layer->slot[1].offset + channel] = lane_sum(shift);
}

static size_t work(const Layer *layer, size_t groups, size_t threads) {
    (void)threads;
    size_t positions = (size_t)(shape_count(&layer->in) / layer_channels(layer));
    return 2 * positions * groups * LANE;
}

static void forward(const Layer *layer, const LayerPass *pass) {
    Task task = task_of(layer, pass);
    team_share(pass->team, task.positions, forward_part, &task);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    Task task = task_of(layer, pass);
    team_share(pass->team, task.positions, backward_part, &task);
    team_share(pass->team, task.channels, weights_part, &task);
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
    .work = work,
    .forward = forward,
    .backward = backward,
};
