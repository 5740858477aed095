// What the tests of guess/ share: networks from text, and their outputs in plain double arithmetic.
#pragma once

#include "guess/guess.h"
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static inline GuessPrior help_prior(const char *text) {
    GuessPrior prior;
    Error error;
    bool ok = strchr(text, ',') ? guess_read_levels(text, "--levels", &prior, &error)
                                : guess_read_prior(text, "--prior", &prior, &error);
    ck_assert_msg(ok, "%s", error.text);
    return prior;
}

// "0,1, ... q - 1", or with -1,0,1 for q = 3: levels whose sums are whole.
static inline GuessPrior help_levels(size_t q) {
    GuessPrior prior = {.law = GUESS_LEVELS, .levels = q};
    for (size_t c = 0; c < q; c++) prior.level[c] = (double)c - (double)(q / 2);
    return prior;
}

static inline GuessModel help_model(const char *text, const GuessPrior *prior) {
    Error error;
    GuessModel model;
    NetProgram *program = net_parse("model", text, strlen(text), &error);
    ck_assert_msg(program != NULL, "%s", error.text);
    Net *net = net_build(program, NULL, &error);
    ck_assert_msg(net != NULL, "%s", error.text);
    ck_assert_msg(guess_model(program, net, prior, &model, &error), "%s", error.text);
    net_program_free(program);
    return model;
}

static inline void help_model_free(GuessModel *model) {
    net_free((Net *)(uintptr_t)model->net);
}

// ---- activations, as their papers write them ----

static inline double help_relu(double u) {
    return u > 0 ? u : 0;
}
static inline double help_sign(double u) {
    return u > 0 ? 1 : -1;
}
static inline double help_hardtanh(double u) {
    return u > 1 ? 1 : u < -1 ? -1 : u;
}
static inline double help_leaky(double u) {
    return u > 0 ? u : 0.01 * u;
}
static inline double help_sigmoid(double u) {
    return 1 / (1 + exp(-u));
}
static inline double help_silu(double u) {
    return u / (1 + exp(-u));
}
static inline double help_gelu(double u) {
    return u * 0.5 * erfc(-u / sqrt(2));
}
static inline double help_elu(double u) {
    return u > 0 ? u : expm1(u);
}
static inline double help_selu(double u) {
    return 1.0507009873554805 * (u > 0 ? u : 1.6732632423543772 * expm1(u));
}

typedef double HelpPhi(double u);
static const struct {
    const char *name;
    HelpPhi *phi;
} HELP_PHIS[] = {{"relu", help_relu}, {"sign", help_sign},   {"hardtanh", help_hardtanh},
                 {"tanh", tanh},      {"leaky", help_leaky}, {"sigmoid", help_sigmoid},
                 {"silu", help_silu}, {"gelu", help_gelu},   {"elu", help_elu},
                 {"selu", help_selu}};

static inline HelpPhi *help_phi(const char *name) {
    for (size_t i = 0; i < sizeof HELP_PHIS / sizeof *HELP_PHIS; i++) {
        if (strcmp(HELP_PHIS[i].name, name) == 0) return HELP_PHIS[i].phi;
    }
    ck_abort_msg("the test does not know the activation %s", name);
}

// ---- the forward pass of one point ----

enum { HELP_WIDEST = 64 };

static inline void help_layer(const Layer *layer, const float *w, double *x) {
    double y[HELP_WIDEST];
    const LayerSlot *slot = layer->slot;
    if (layer->kind->is_activation) {
        HelpPhi *phi = help_phi(layer->kind->name);
        for (int64_t i = 0; i < shape_count(&layer->out); i++) x[i] = phi(x[i]);
    }
    if (!layer->slots) return;
    int64_t in = slot[0].size[1], out = slot[0].size[0];
    for (int64_t o = 0; o < out; o++) {
        y[o] = layer->slots > 1 ? (double)w[slot[1].offset + o] : 0;
        for (int64_t i = 0; i < in; i++) y[o] += (double)w[slot[0].offset + o * in + i] * x[i];
    }
    memcpy(x, y, (size_t)out * sizeof *x);
}

static inline double help_output(const GuessModel *model, const float *w, const float *point) {
    double x[HELP_WIDEST];
    for (size_t i = 0; i < model->inputs; i++) x[i] = (double)point[i];
    for (size_t l = 0; l < model->net->layers; l++) help_layer(&model->net->layer[l], w, x);
    return x[0];
}
