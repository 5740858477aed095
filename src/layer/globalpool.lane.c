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
        .square = (in->square + (n - 1) * (in->apart + in->excess)) / n,
        .shared = (in->shared + (n - 1) * in->apart) / n,
        .apart = in->apart,
        .gaussian = in->gaussian,
        .gradient = 1 / n,
    };
}

typedef struct Task {
    const LayerPass *pass;
    size_t lines, line, row; // of a channel; positions of a line; floats of a position
    lane scale;              // 1 / positions
} Task;

static Task task_of(const Layer *layer, const LayerPass *pass) {
    size_t positions = (size_t)(shape_count(&layer->in) / layer_channels(layer));
    size_t line = (size_t)layer->in.size[layer->in.rank - 2];
    return (Task){pass, positions / line, line, pass->groups * LANE,
                  lane_splat(1 / (float)positions)};
}

// Line by line: one sum over all positions would lose digits.
static void forward_part(void *context, size_t channel, size_t thread) {
    (void)thread;
    const Task *t = context;
    const float *x = (const float *)t->pass->x + channel * t->lines * t->line * t->row;
    float *y = (float *)t->pass->y + channel * t->row;
    for (size_t j = 0; j < t->row; j += LANE) {
        lane sum = lane_zero();
        for (size_t i = 0; i < t->lines; i++) {
            lane part = lane_zero();
            for (size_t p = 0; p < t->line; p++) {
                part = lane_add(part, lane_load(x + (i * t->line + p) * t->row + j));
            }
            sum = lane_add(sum, part);
        }
        lane_store(y + j, lane_mul(t->scale, sum));
    }
}

static void backward_part(void *context, size_t channel, size_t thread) {
    (void)thread;
    const Task *t = context;
    size_t positions = t->lines * t->line;
    float *dx = (float *)t->pass->dx + channel * positions * t->row;
    const float *dy = (const float *)t->pass->dy + channel * t->row;
    for (size_t p = 0; p < positions; p++) {
        for (size_t j = 0; j < t->row; j += LANE) {
            lane_store(dx + p * t->row + j, lane_mul(t->scale, lane_load(dy + j)));
        }
    }
}

static void forward(const Layer *layer, const LayerPass *pass) {
    Task task = task_of(layer, pass);
    team_share(pass->team, (size_t)layer_channels(layer), forward_part, &task);
}

static void backward(const Layer *layer, const LayerPass *pass) {
    if (!pass->dx) return;
    Task task = task_of(layer, pass);
    team_share(pass->team, (size_t)layer_channels(layer), backward_part, &task);
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
    .forward = forward,
    .backward = backward,
};
