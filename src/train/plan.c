#include "train/kernels.h"
#include "train/layout.h"
#include <string.h>

enum { LANES = 16 };

struct Plan {
    const Net *net;
    size_t batch, groups, live;
    bool learns;
    float *buffers;
    Team *team;
    uint64_t seed, step; // of the random numbers
    Layout layout;
    const TrainKernels *kernels;
    float *storage;
};

static LayoutNeeds needs_of(const PlanOptions *options) {
    return (LayoutNeeds){
        .net = options->net,
        .groups = (options->batch + LANES - 1) / LANES,
        .threads =
            options->team || !options->threads ? team_threads(options->team) : options->threads,
        .learns = options->learns,
    };
}

static const size_t UNCOUNTED = (size_t)1 << 58; // floats that no machine has

// Do all sizes of this plan count in 64 bits with room to spare? More than 2^50 numbers are more
// than any machine holds.
static bool is_countable(const LayoutNeeds *needs) {
    const Net *net = needs->net;
    double numbers = (double)shape_count(&net->input), most = (double)net->parameters;
    for (size_t l = 0; l < net->layers; l++) numbers += (double)shape_count(&net->layer[l].out);
    return numbers * (double)(needs->groups * LANES) < 0x1p50 && most < 0x1p50;
}

size_t plan_parameters(const Net *net) {
    return ((size_t)net->parameters + LANES - 1) / LANES * LANES;
}

size_t plan_bytes(const PlanOptions *options) {
    LayoutNeeds needs = needs_of(options);
    Layout layout;
    if (!is_countable(&needs)) return UNCOUNTED * sizeof(float);
    layout_make(&needs, &layout);
    size_t bytes = layout.total * sizeof(float);
    layout_free(&layout);
    return bytes;
}

Plan *plan_new(const PlanOptions *options, Error *error) {
    LayoutNeeds needs = needs_of(options);
    Plan *plan = memory_new(1, sizeof *plan);
    *plan = (Plan){.net = options->net,
                   .batch = options->batch,
                   .groups = needs.groups,
                   .learns = options->learns,
                   .buffers = options->buffers,
                   .team = options->team,
                   .kernels = train_kernels()};
    REQUIRE(plan->learns || plan->buffers || plan->net->buffers == 0);
    if (is_countable(&needs)) layout_make(&needs, &plan->layout);
    size_t floats = plan->layout.total ? plan->layout.total : UNCOUNTED;
    plan->storage = memory_try(floats, sizeof(float), "activations of a batch", error);
    if (plan->storage) return plan;
    plan_free(plan);
    return NULL;
}

void plan_free(Plan *plan) {
    if (!plan) return;
    layout_free(&plan->layout);
    memory_free(plan->storage);
    memory_free(plan);
}

size_t plan_groups(const Plan *plan) {
    return plan->groups;
}

size_t plan_layers(const Plan *plan) {
    return plan->layout.layers;
}

void plan_draw(Plan *plan, uint64_t seed, uint64_t step) {
    plan->seed = seed;
    plan->step = step;
}

void plan_start_buffers(const Net *net, float *buffers) {
    for (size_t l = 0; l < net->layers; l++) {
        for (int i = 0; i < net->layer[l].buffers; i++) {
            const LayerBuffer *buffer = &net->layer[l].buffer[i];
            for (int64_t j = 0; j < buffer->count; j++) buffers[buffer->offset + j] = buffer->start;
        }
    }
}

static float *tensor(const Plan *plan, int64_t layer) { // by the number of the one that writes it
    return plan->storage + plan->layout.tensor[layer - LAYER_INPUT];
}

const float *plan_output(const Plan *plan, int64_t layer) {
    return tensor(plan, layer);
}

void plan_load(Plan *plan, const float *x, const uint32_t *row, size_t live) {
    REQUIRE(live > 0 && live <= plan->batch);
    plan->live = live;
    plan->kernels->gather(x, (size_t)shape_count(&plan->net->input), row, live, plan->groups,
                          plan->storage + plan->layout.rows, tensor(plan, LAYER_INPUT));
}

static LayerPass pass_of(const Plan *plan, size_t l, const float *w) {
    const Layer *layer = &plan->net->layer[l];
    return (LayerPass){.groups = plan->groups,
                       .live = plan->live,
                       .learns = plan->learns,
                       .w = w,
                       .buffers = plan->buffers,
                       .x = tensor(plan, layer->from),
                       .x2 = layer->kind->is_join ? tensor(plan, layer->from2) : NULL,
                       .y = tensor(plan, (int64_t)l),
                       .kept = plan->storage + plan->layout.kept[l],
                       .work = plan->storage + plan->layout.work,
                       .team = plan->team,
                       .seed = plan->seed,
                       .draw = (plan->step * plan->layout.layers + l) << 24};
}

const float *plan_step(Plan *plan, size_t l, const float *w) {
    const Layer *layer = &plan->net->layer[l];
    LayerPass pass = pass_of(plan, l, w);
    layer->kind->forward(layer, &pass);
    return pass.y;
}

const float *plan_forward(Plan *plan, const float *w) {
    for (size_t l = 0; l < plan->layout.layers; l++) plan_step(plan, l, w);
    return tensor(plan, (int64_t)plan->layout.layers - 1);
}

float *plan_gradient(Plan *plan, int64_t layer) {
    size_t t = (size_t)(layer - LAYER_INPUT);
    return plan->layout.wanted[t] ? plan->storage + plan->layout.gradient[t] : NULL;
}

// Where a layer writes the gradient of its input number i: to its place, or, when others that read
// the same have been there before, to the spare place.
static float *slope_place(const Plan *plan, size_t l, int i) {
    const Layer *layer = &plan->net->layer[l];
    size_t t = (size_t)((i ? layer->from2 : layer->from) - LAYER_INPUT);
    if (!plan->layout.wanted[t]) return NULL;
    bool first = layout_comes_first(plan->net, &plan->layout, l, i);
    return plan->storage + (first ? plan->layout.gradient[t] : plan->layout.spare);
}

static void add_spare(const Plan *plan, int64_t from, const float *slope) {
    if (!slope || slope != plan->storage + plan->layout.spare) return;
    size_t t = (size_t)(from - LAYER_INPUT);
    const Layer *writer = layout_writer(plan->net, t);
    plan->kernels->add(plan->storage + plan->layout.gradient[t], slope,
                       (size_t)shape_count(&writer->out) * plan->groups * LANES);
}

void plan_step_back(Plan *plan, size_t l, const float *w, float *dw) {
    const Layer *layer = &plan->net->layer[l];
    if (!plan->layout.wanted[l + 1]) return;
    LayerPass pass = pass_of(plan, l, w);
    pass.dw = dw;
    pass.dy = plan_gradient(plan, (int64_t)l);
    float *dx = slope_place(plan, l, 0);
    float *dx2 = layer->kind->is_join ? slope_place(plan, l, 1) : NULL;
    pass.dx = dx;
    pass.dx2 = dx2;
    REQUIRE(!dx || dx != dx2); // there is one spare place
    layer->kind->backward(layer, &pass);
    add_spare(plan, layer->from, dx);
    if (dx2) add_spare(plan, layer->from2, dx2);
}

const float *plan_loss(Plan *plan, int loss, const Truth *truth, const float *w, float *dw) {
    int64_t last = (int64_t)plan->layout.layers - 1;
    LossPass pass = {.groups = plan->groups,
                     .live = plan->live,
                     .outputs = (size_t)plan->net->outputs,
                     .u = tensor(plan, last),
                     .du = dw ? plan_gradient(plan, last) : NULL,
                     .truth = truth,
                     .loss = plan->storage + plan->layout.loss};
    plan->kernels->loss[loss].pass(&pass);
    for (size_t l = plan->layout.layers; dw && l-- > 0;) plan_step_back(plan, l, w, dw);
    return pass.loss;
}
