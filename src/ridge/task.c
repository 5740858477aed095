#include "num/linear.h"
#include "ridge/design.h"
#include "ridge/fit.h"
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(FitOptions, field)
#define COUNT     9e15 // the largest whole number that a double holds with room to spare

static const char *const NO_YES[] = {"no", "yes", NULL};

static const Option options_table[] = {
    {"data", OPTION_TEXT, AT(data), "fashion-mnist", 0, 0, NULL, "DATA",
     "a data set, NAME[:key=value,...]; see `benign data`"},
    {"samples", OPTION_INT, AT(sample.samples), "0", 0, COUNT, NULL, "N",
     "size of the training subset, 0 for all; a smaller one is part of a larger one"},
    {"subset_seed", OPTION_INT, AT(sample.subset_seed), "0", 0, COUNT, NULL, "SEED",
     "which samples a subset takes first"},
    {"noise", OPTION_REAL, AT(sample.noise), "0", 0, 1, NULL, "P",
     "probability that a training label is replaced"},
    {"noise_law", OPTION_CHOICE, AT(sample.noise_law), "none", 0, 0, data_noise_laws, "LAW",
     "how: by a wrong class, or redrawn over all classes; no default"},
    {"noise_seed", OPTION_INT, AT(sample.noise_seed), "0", 0, COUNT, NULL, "SEED",
     "which labels, and what they become"},
    {"features", OPTION_CHOICE, AT(features), "relu", 0, 0, fit_features, "KIND",
     "random features of the inputs, or the inputs themselves"},
    {"width", OPTION_INT, AT(width), "1000", 1, 1e9, NULL, "P", "how many random features"},
    {"bias", OPTION_REAL, AT(bias), "1", 0, DESIGN_LARGEST, NULL, "S",
     "of relu: their hyperplanes lie at distances uniform on [0, S] from 0; 0: all go through it"},
    {"intercept", OPTION_CHOICE, AT(intercept), "no", 0, 0, NO_YES, "WORD",
     "whether one is fitted, not penalised: columns and targets are centred"},
    {"mu", OPTION_REAL, AT(mu), "0", 0, INFINITY, NULL, "MU",
     "penalty on the square of the weights; 0: the least-squares solution of least norm"},
    {"feature_seed", OPTION_INT, AT(feature_seed), "0", 0, COUNT, NULL, "SEED",
     "which features; fewer are the first of more"},
    {0},
};
static const char *const SEEDS[] = {"noise_seed", "feature_seed", NULL};
static const TaskOptions OPTIONS = {"ridge", options_table, SEEDS};

// Everything a cell opens; also what resolve looks at.
typedef struct Opened {
    FitOptions options;
    const DataSet *set;
    DataView sample;
} Opened;

static void close_all(Opened *opened) {
    data_view_free(&opened->sample);
    if (opened->set) data_close(opened->set);
    task_free(&OPTIONS, &opened->options);
}

static bool read_options(const Settings *given, FitOptions *options, Error *error) {
    if (!task_read(&OPTIONS, given, options, error)) return false;
    for (size_t i = 0; i < given->count; i++) {
        if (task_knows(&OPTIONS, given->item[i].name)) continue;
        Text known = {0};
        task_list(&OPTIONS, &known);
        task_unknown(&OPTIONS, &given->item[i], known.data, error);
        text_free(&known);
        return false;
    }
    return true;
}

static bool open_all(const Settings *given, Opened *opened, Error *error) {
    *opened = (Opened){0};
    FitOptions *options = &opened->options;
    if (!read_options(given, options, error)) return false;
    opened->set = data_open_double(options->data, error);
    if (!opened->set || !data_view(opened->set, &options->sample, &opened->sample, error))
        return false;
    if (options->intercept && opened->sample.n < 2)
        return error_set(
            error, "%s: intercept is yes, and the sample has 1 example; at least 2 are needed",
            task_place(&OPTIONS, settings_find(given, "intercept")));
    if (options->features == FEATURES_NONE) { // equal runs are equal cells
        options->width = (int64_t)opened->set->d;
        options->feature_seed = 0;
    }
    if (options->features != FEATURES_RELU) options->bias = 0;
    return true;
}

static void state_facts(const Opened *opened, TaskFacts *facts) {
    const FitOptions *options = &opened->options;
    FitShape shape = fit_shape(options, &opened->sample);
    Text model = {0};
    text_printf(&model, "%s:%zu mu=", fit_features[options->features], shape.p);
    text_add_real(&model, options->mu);
    if (options->features == FEATURES_RELU) {
        text_add(&model, " bias=");
        text_add_real(&model, options->bias);
    }
    if (options->intercept) text_add(&model, " intercept");
    *facts = (TaskFacts){
        .parameters = ((double)shape.p + (options->intercept != 0)) * (double)shape.outputs,
        .flops = fit_flops(options, &shape),
        .bytes = fit_bytes(options, &shape),
        .model = model.data,
        .data = opened->set->hash,
        .horizon = 1,
        .examples = (int64_t)shape.n,
        .classes = opened->set->classes,
    };
}

static bool resolve(const Settings *given, Settings *resolved, TaskFacts *facts, Error *error) {
    Opened opened = {0};
    bool ok = linear_threads(1, error) && open_all(given, &opened, error);
    if (ok) {
        task_print(&OPTIONS, &opened.options, resolved);
        settings_set(resolved, "data", opened.set->spec, NULL);
        state_facts(&opened, facts);
    }
    close_all(&opened);
    return ok;
}

static bool run(const Settings *resolved, TaskRun *task, RunOutcome *outcome, Error *error) {
    Opened opened;
    if (!linear_enter(error)) return false;
    bool ok = open_all(resolved, &opened, error) &&
              fit_run(&opened.options, &opened.sample, task, outcome, error);
    close_all(&opened);
    linear_leave();
    return ok;
}

static double measure_rate(const Settings *resolved) {
    Opened opened;
    Error error;
    double rate = NAN;
    if (open_all(resolved, &opened, &error)) {
        FitShape shape = fit_shape(&opened.options, &opened.sample);
        rate = fit_measure_rate(&opened.options, &shape);
    }
    close_all(&opened);
    return rate;
}

// The number goes up whenever the same settings give other bits.
static char numerics_text[96];

static void name_numerics(void) {
    snprintf(numerics_text, sizeof numerics_text, "ridge-2 openblas-%s", linear_arithmetic());
}

static const char *numerics(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, name_numerics);
    return numerics_text;
}

const Task ridge_task = {
    .name = "ridge",
    .numerics = numerics,
    .metrics = fit_metrics,
    .options = options_table,
    .resolve = resolve,
    .run = run,
    .measure_rate = measure_rate,
    .doubles = true,
};
