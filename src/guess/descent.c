// Gradient descent on the sample that was guessed at.
#include "guess/inner.h"
#include "init/init.h"
#include "train/train.h"
#include <math.h>
#include <string.h>

enum { STEPS_MOST = 5000 };
static const float RATE = 0.1f, MOMENTUM = 0.9f;

typedef struct Descent {
    const Experiment *experiment;
    const Net *net;
    Plan *plan;
    int loss;
    float *w, *dw, *v;
    uint32_t *row;
    int32_t *label;
} Descent;

// The number of a word in a list that ends in NULL.
static int number_of(const char *const *words, const char *word) {
    int i = 0;
    while (strcmp(words[i], word) != 0) i++;
    return i;
}

static const char *const *losses(void) {
    return option_find(train_options, train_option_count, "loss")->words;
}

static bool open(Descent *d, const Experiment *experiment, Error *error) {
    const GuessPoints *points = &experiment->world->points;
    size_t weights = plan_parameters(experiment->world->net);
    *d = (Descent){.experiment = experiment, .net = experiment->world->net};
    d->loss = number_of(losses(), "logistic");
    d->plan = plan_new(&(PlanOptions){.net = d->net, .batch = points->n, .learns = true}, error);
    if (!d->plan) return false;
    d->w = memory_try(weights, sizeof *d->w, "parameters", error);
    d->dw = memory_try(weights, sizeof *d->dw, "gradient", error);
    d->v = memory_try(weights, sizeof *d->v, "momentum", error);
    d->row = memory_try(points->n, sizeof *d->row, "the sample", error);
    d->label = memory_try(points->n, sizeof *d->label, "the sample", error);
    if (!d->w || !d->dw || !d->v || !d->row || !d->label) return false;
    for (size_t i = 0; i < points->n; i++) {
        d->row[i] = (uint32_t)i;
        d->label[i] = points->y[i] > 0;
    }
    plan_load(d->plan, points->x, d->row, points->n);
    return true;
}

static void close(Descent *d) {
    plan_free(d->plan);
    memory_free(d->w);
    memory_free(d->dw);
    memory_free(d->v);
    memory_free(d->row);
    memory_free(d->label);
}

static bool fits(const Descent *d, const float *u) {
    const GuessProblem *problem = &d->experiment->problem;
    for (size_t i = 0; i < problem->points->n; i++) {
        if (!guess_agrees(u[i], problem->points->y[i], problem->zero)) return false;
    }
    return true;
}

static void step(Descent *d) {
    Truth truth = {.label = d->label};
    plan_loss(d->plan, d->loss, &truth, d->w, d->dw);
    for (int64_t i = 0; i < d->net->parameters; i++) {
        d->v[i] = MOMENTUM * d->v[i] + d->dw[i];
        d->w[i] -= RATE * d->v[i];
    }
}

// Whether run number `run` came to fit the sample.
static bool descend(Descent *d, uint64_t run) {
    memset(d->v, 0, plan_parameters(d->net) * sizeof *d->v);
    InitOptions he = {number_of(init_names, "he"), LAW_SCHEME, run, init_unit_input, false};
    init_fill(d->net, &he, d->w, NULL); // needs no memory and no moments: cannot fail
    for (int t = 0; t < STEPS_MOST; t++) {
        if (fits(d, plan_forward(d->plan, d->w))) return true;
        step(d);
    }
    return fits(d, plan_forward(d->plan, d->w));
}

static void tell(const Experiment *experiment, double done) {
    const GuessRun *run = experiment->run;
    if (run->progress) run->progress(run->user, "gradient descent", done, NULL);
}

bool descent_run(const Experiment *experiment, GuessDescent *descent, Error *error) {
    Descent d;
    size_t runs = (size_t)experiment->world->options.descents, fitted = 0;
    double *errors = memory_try(runs, sizeof *errors, "errors of gradient descent", error);
    bool ok = errors && open(&d, experiment, error);
    const GuessRun *run = experiment->run;
    for (descent->runs = 0; ok && descent->runs < runs; descent->runs++) {
        if (run->stop && run->stop(run->user)) break;
        tell(experiment, (double)descent->runs / (double)runs);
        if (!descend(&d, descent->runs)) continue;
        ok = experiment_error(experiment, d.w, &errors[fitted++], error);
    }
    if (ok) descent->fitted = fitted;
    if (ok) descent->test_error = spread_of(errors, fitted);
    if (errors) close(&d);
    memory_free(errors);
    return ok;
}
