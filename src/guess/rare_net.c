#include "guess/rare.h"
#include <math.h>
#include <string.h>

LANE_DECLARE(extern const RareKernels, rare_table);

const RareKernels *rare_kernels(void) {
    return LANE_PICK(rare_table);
}

// ---- the network as stages ----

static RareStage stage_of(const GuessModel *model, const Layer *layer) {
    const LayerSlot *slot = layer->slot;
    return (RareStage){
        .in = (size_t)slot[0].size[1],
        .out = (size_t)slot[0].size[0],
        .w = (size_t)slot[0].offset,
        .bias = layer->slots > 1 ? (size_t)slot[1].offset : RARE_NO_BIAS,
        .scale = (float)(model->prior.scale / sqrt((double)slot[0].fan_in)),
    };
}

// The kind maps numbers one by one: as a layer of one feature it takes any count of them.
static void add_activation(RareNet *net, const Layer *layer) {
    Layer *act = &net->act[net->acts++];
    *act = *layer;
    act->in = act->out = (Shape){.rank = 1, .size = {1}};
    if (net->stages) {
        net->stage[net->stages - 1].acts++;
    } else {
        net->leading++;
    }
}

static void add_stage(RareNet *net, const Layer *layer) {
    RareStage *stage = &net->stage[net->stages++];
    *stage = stage_of(net->model, layer);
    stage->unit = net->units;
    stage->first_act = net->acts;
    net->units += stage->out;
    if (rare_fan(stage) > net->widest) net->widest = rare_fan(stage);
}

bool rare_net(const GuessModel *model, RareNet *net, Error *error) {
    size_t layers = model->net->layers;
    *net = (RareNet){.model = model};
    net->stage = memory_try(layers, sizeof *net->stage, "the layers of a network", error);
    net->act = memory_try(layers, sizeof *net->act, "the layers of a network", error);
    if (!net->stage || !net->act) return false;
    for (size_t l = 0; l < layers; l++) {
        const Layer *layer = &model->net->layer[l];
        if (layer->kind->is_activation) {
            add_activation(net, layer);
        } else if (layer->slots) {
            add_stage(net, layer);
        }
    }
    return true;
}

void rare_net_free(RareNet *net) {
    memory_free(net->stage);
    memory_free(net->act);
}

// ---- sizes of moves ----

enum { STEPS = 7 };

static size_t redraws(size_t fan) { // fan, fan / 4, ..., 1
    size_t count = 1;
    for (; fan > 1; fan /= 4) count++;
    return count;
}

size_t rare_sizes(const RareNet *net, const RareStage *stage) {
    return redraws(rare_fan(stage)) + (net->model->prior.law == GUESS_LEVELS ? 0 : STEPS);
}

RareSize rare_size(const RareNet *net, const RareStage *stage, size_t size) {
    size_t fan = rare_fan(stage), steps = redraws(fan);
    if (size < steps) {
        size_t places = fan >> 2 * size;
        if (!places) places = 1;
        return (RareSize){.places = places, .draws = places, .gain = (double)places / (double)fan};
    }
    double s = ldexp(0.5, -(int)(size - steps)); // mean squares: 2 - 2 sqrt(1 - s^2), 4 s^2 sigma^2
    bool normal = net->model->prior.law == GUESS_NORMAL;
    return (RareSize){
        .step = (float)s, .draws = fan, .gain = normal ? 1 - sqrt(1 - s * s) : 2 * s * s};
}

// ---- the sample ----

RareGate rare_gate(int y, GuessZero zero) {
    bool tie = y > 0 ? zero == GUESS_ZERO_POSITIVE : zero != GUESS_ZERO_NEGATIVE;
    return (RareGate){.up = y > 0, .tie = tie};
}
