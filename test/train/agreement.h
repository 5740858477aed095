// One pass of a network forward and back on numbers that a rule gives, for comparison with PyTorch
// (torch_agreement.py has the same rule).
//
// Number i of tensor t is u, the i-th uniform number of stream t of RANDOM_TEST under SEED, made
// into (2u - 1) sqrt(6 / fan_in) for a weight, 0.5 + u for a scale or a running variance, and 0.4u
// - 0.2 for the rest. Tensors are counted layer by layer, slots before buffers. The inputs are
// stream 1000000: (2u - 1) sqrt(3). Labels: (7 e^2 + 3 e) modulo the outputs.
#pragma once

#include "train/train.h"
#include "weights/weights.h"
#include <math.h>
#include <string.h>

enum { AGREEMENT_SEED = 2385, AGREEMENT_INPUT = 1000000, AGREEMENT_LANES = 16 };

typedef struct Agreement {
    Net *net;
    NetTensors list;
    size_t examples, outputs, d;
    float *w, *dw, *buffers; // buffers: as given, until a pass that learns
    float *x;                // (examples, d)
    uint32_t *row;
    int32_t *label;
    float *evaluated, *learnt; // (examples, outputs): what it says in either mode
    float *loss;               // (examples) while it learns
} Agreement;

static inline float *agreement_floats(size_t count) {
    float *block = memory_try(count + AGREEMENT_LANES, sizeof *block, "test", NULL);
    REQUIRE(block != NULL);
    return block;
}

static inline bool agreement_ends_in(const char *name, const char *suffix) {
    size_t length = strlen(name), tail = strlen(suffix);
    return length >= tail && strcmp(name + length - tail, suffix) == 0;
}

static inline void agreement_fill_tensor(const NetTensor *tensor, size_t t, float *to) {
    Random random = random_stream(AGREEMENT_SEED, RANDOM_TEST, t);
    bool weight = agreement_ends_in(tensor->name, ".weight");
    bool positive = (weight && tensor->rank == 1) || agreement_ends_in(tensor->name, "_var");
    double width = sqrt(6.0 / ((double)tensor->count / (double)tensor->size[0]));
    for (int64_t i = 0; i < tensor->count; i++) {
        double u = random_uniform(&random);
        to[i] = (float)(positive ? 0.5 + u : weight ? (2 * u - 1) * width : 0.4 * u - 0.2);
    }
}

static inline void agreement_fill(Agreement *a) {
    for (size_t t = 0; t < a->list.count; t++) {
        const NetTensor *tensor = &a->list.tensor[t];
        agreement_fill_tensor(tensor, t, (tensor->is_buffer ? a->buffers : a->w) + tensor->offset);
    }
    Random random = random_stream(AGREEMENT_SEED, RANDOM_TEST, AGREEMENT_INPUT);
    for (size_t i = 0; i < a->examples * a->d; i++)
        a->x[i] = (float)((2 * random_uniform(&random) - 1) * sqrt(3.0));
    for (size_t e = 0; e < a->examples; e++) {
        a->row[e] = (uint32_t)e;
        a->label[e] = (int32_t)((7 * e * e + 3 * e) % a->outputs);
    }
}

static inline void agreement_open(Agreement *a, Net *net, WeightNames names, size_t examples) {
    *a = (Agreement){.net = net, .examples = examples, .outputs = (size_t)net->outputs};
    a->d = (size_t)shape_count(&net->input);
    REQUIRE(weights_list(net, names, &a->list, NULL));
    a->w = agreement_floats(plan_parameters(net));
    a->dw = agreement_floats(plan_parameters(net));
    a->buffers = agreement_floats((size_t)net->buffers);
    a->x = agreement_floats(examples * a->d);
    a->row = memory_new(examples, sizeof *a->row);
    a->label = memory_new(examples, sizeof *a->label);
    a->evaluated = agreement_floats(examples * a->outputs);
    a->learnt = agreement_floats(examples * a->outputs);
    a->loss = agreement_floats(examples);
    agreement_fill(a);
}

static inline void agreement_close(Agreement *a) {
    void *blocks[] = {a->w,     a->dw,        a->buffers, a->x,   a->row,
                      a->label, a->evaluated, a->learnt,  a->loss};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) memory_free(blocks[i]);
    weights_list_free(&a->list);
}

static inline void agreement_outputs(const Agreement *a, const Plan *plan, const float *u,
                                     float *to) {
    size_t row = plan_groups(plan) * AGREEMENT_LANES;
    for (size_t e = 0; e < a->examples; e++) {
        for (size_t c = 0; c < a->outputs; c++) to[e * a->outputs + c] = u[c * row + e];
    }
}

// What it says with the statistics it was given.
static inline void agreement_evaluate(Agreement *a, Team *team) {
    PlanOptions options = {
        .net = a->net, .batch = a->examples, .buffers = a->buffers, .team = team};
    Plan *plan = plan_new(&options, NULL);
    REQUIRE(plan != NULL);
    plan_load(plan, a->x, a->row, a->examples);
    agreement_outputs(a, plan, plan_forward(plan, a->w), a->evaluated);
    plan_free(plan);
}

// What it says with those of the batch, its losses (cross-entropy) and their gradient; buffers
// move.
static inline void agreement_learn(Agreement *a, Team *team) {
    PlanOptions options = {
        .net = a->net, .batch = a->examples, .learns = true, .buffers = a->buffers, .team = team};
    Plan *plan = plan_new(&options, NULL);
    REQUIRE(plan != NULL);
    plan_load(plan, a->x, a->row, a->examples);
    agreement_outputs(a, plan, plan_forward(plan, a->w), a->learnt);
    const float *loss = plan_loss(plan, 0, &(Truth){.label = a->label}, a->w, a->dw);
    memcpy(a->loss, loss, a->examples * sizeof *loss);
    plan_free(plan);
}
