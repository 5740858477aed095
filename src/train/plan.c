#include "train/kernels.h"
#include <string.h>

enum { LANES = 16 };

struct Plan {
    const Net *net;
    size_t batch, groups, live;
    size_t layers; // that run: all but a final softmax
    size_t first;  // the first layer with weights: gradients go no further down
    float **y;     // y[l]: input of layer l, y[l + 1]: its output; the same where it works in place
    float *dy[2];  // gradients of outputs, by turns
    int now;       // whose turn it is
    float *rows, *work, *loss;
    const TrainKernels *kernels;
    float *storage;
};

static bool in_place(const Net *net, size_t l) {
    // Two in a row would overwrite the y that the first one's backward needs.
    return l > 0 && net->layer[l].kind->in_place && !net->layer[l - 1].kind->in_place;
}

static size_t whole_lanes(size_t floats) {
    return (floats + LANES - 1) / LANES * LANES;
}

size_t plan_parameters(const Net *net) {
    return whole_lanes((size_t)net->parameters);
}

static size_t running_layers(const Net *net) {
    return net->layers - (net->layers && net->layer[net->layers - 1].kind->is_loss);
}

typedef struct PlanSizes { // in floats
    size_t outputs, widest, rows, work, loss;
} PlanSizes;

static PlanSizes measure(const Net *net, size_t groups, bool learns) {
    size_t row = groups * LANES, d = (size_t)shape_count(&net->input);
    PlanSizes sizes = {.outputs = d * row, .rows = whole_lanes(d) * row, .loss = row};
    for (size_t l = 0; l < running_layers(net); l++) {
        const Layer *layer = &net->layer[l];
        size_t out = (size_t)shape_count(&layer->out) * row;
        if (!in_place(net, l)) sizes.outputs += out;
        if (out > sizes.widest) sizes.widest = out;
        size_t work = layer->kind->work ? whole_lanes(layer->kind->work(layer, groups, 1)) : 0;
        if (work > sizes.work) sizes.work = work;
    }
    if (!learns) sizes.widest = sizes.work = 0;
    return sizes;
}

static size_t total(const PlanSizes *s) {
    return s->outputs + 2 * s->widest + s->rows + s->work + s->loss;
}

size_t plan_bytes(const Net *net, size_t batch, bool learns) {
    PlanSizes sizes = measure(net, (batch + LANES - 1) / LANES, learns);
    return total(&sizes) * sizeof(float);
}

Plan *plan_new(const Net *net, size_t batch, bool learns, Error *error) {
    size_t groups = (batch + LANES - 1) / LANES, d = (size_t)shape_count(&net->input);
    PlanSizes sizes = measure(net, groups, learns);
    float *storage = memory_try(total(&sizes), sizeof *storage, "activations of a batch", error);
    if (!storage) return NULL;
    Plan *plan = memory_new(1, sizeof *plan);
    *plan = (Plan){.net = net, .batch = batch, .groups = groups, .storage = storage};
    plan->layers = running_layers(net);
    plan->kernels = train_kernels();
    while (plan->first < plan->layers && net->layer[plan->first].slots == 0) plan->first++;
    plan->y = memory_new(plan->layers + 1, sizeof *plan->y);
    plan->y[0] = storage;
    float *free = storage + d * groups * LANES;
    for (size_t l = 0; l < plan->layers; l++) {
        plan->y[l + 1] = in_place(net, l) ? plan->y[l] : free;
        if (!in_place(net, l)) free += (size_t)shape_count(&net->layer[l].out) * groups * LANES;
    }
    plan->dy[0] = free;
    plan->dy[1] = plan->dy[0] + sizes.widest;
    plan->rows = plan->dy[1] + sizes.widest;
    plan->work = plan->rows + sizes.rows;
    plan->loss = plan->work + sizes.work;
    return plan;
}

void plan_free(Plan *plan) {
    if (!plan) return;
    memory_free(plan->storage);
    memory_free(plan->y);
    memory_free(plan);
}

size_t plan_groups(const Plan *plan) {
    return plan->groups;
}

void plan_load(Plan *plan, const float *x, const uint32_t *row, size_t live) {
    REQUIRE(live > 0 && live <= plan->batch);
    plan->live = live;
    plan->kernels->gather(x, (size_t)shape_count(&plan->net->input), row, live, plan->groups,
                          plan->rows, plan->y[0]);
}

static LayerPass pass_of(const Plan *plan, size_t l, const float *w) {
    return (LayerPass){.groups = plan->groups,
                       .live = plan->live,
                       .w = w,
                       .x = plan->y[l],
                       .y = plan->y[l + 1],
                       .work = plan->work};
}

size_t plan_layers(const Plan *plan) {
    return plan->layers;
}

const float *plan_input(const Plan *plan) {
    return plan->y[0];
}

const float *plan_step(Plan *plan, size_t l, const float *w) {
    const Layer *layer = &plan->net->layer[l];
    LayerPass pass = pass_of(plan, l, w);
    layer->kind->forward(layer, &pass);
    return plan->y[l + 1];
}

const float *plan_forward(Plan *plan, const float *w) {
    for (size_t l = 0; l < plan->layers; l++) plan_step(plan, l, w);
    return plan->y[plan->layers];
}

size_t plan_first(const Plan *plan) {
    return plan->first;
}

float *plan_gradient(Plan *plan) {
    plan->now = 0;
    return plan->dy[0];
}

const float *plan_step_back(Plan *plan, size_t l, const float *w, float *dw) {
    const Layer *layer = &plan->net->layer[l];
    LayerPass pass = pass_of(plan, l, w);
    pass.dw = dw;
    pass.dy = plan->dy[plan->now];
    if (!layer->kind->in_place) plan->now = !plan->now;
    pass.dx = l == plan->first ? NULL : plan->dy[plan->now];
    layer->kind->backward(layer, &pass);
    return pass.dx;
}

const float *plan_loss(Plan *plan, int loss, const Truth *truth, const float *w, float *dw) {
    LossPass pass = {.groups = plan->groups,
                     .live = plan->live,
                     .outputs = (size_t)plan->net->outputs,
                     .u = plan->y[plan->layers],
                     .du = dw ? plan_gradient(plan) : NULL,
                     .truth = truth,
                     .loss = plan->loss};
    plan->kernels->loss[loss].pass(&pass);
    for (size_t l = plan->layers; dw && l-- > plan->first;) plan_step_back(plan, l, w, dw);
    return plan->loss;
}
