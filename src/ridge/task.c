#include "num/linear.h"
#include "ridge/fit.h"
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(FitOptions, field)
#define COUNT     9e15 // the largest whole number that a double holds with room to spare

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
    {"mu", OPTION_REAL, AT(mu), "0", 0, INFINITY, NULL, "MU",
     "penalty on the square of the weights; 0: the least-squares solution of least norm"},
    {"feature_seed", OPTION_INT, AT(feature_seed), "0", 0, COUNT, NULL, "SEED",
     "which features; fewer are the first of more"},
    {0},
};
enum { OPTIONS = sizeof options_table / sizeof *options_table - 1 };

// Everything a cell opens; also what resolve looks at.
typedef struct Opened {
    FitOptions options;
    const DataSet *set;
    DataView sample;
} Opened;

static void close_all(Opened *opened) {
    data_view_free(&opened->sample);
    if (opened->set) data_close(opened->set);
    option_free(options_table, OPTIONS, &opened->options);
}

static const char *place_of(const Setting *setting) {
    return setting->place ? setting->place : "ridge";
}

static bool unknown_setting(const Setting *setting, Error *error) {
    Text known = {0};
    for (size_t i = 0; i < OPTIONS; i++) text_printf(&known, "%s, ", options_table[i].name);
    const char *nearest =
        text_nearest(setting->name, options_table, OPTIONS, sizeof *options_table);
    error_set(error, "%s: unknown setting \"%s\"%s%s%s; task ridge has: %sseed", place_of(setting),
              setting->name, nearest ? ", did you mean \"" : "", nearest ? nearest : "",
              nearest ? "\"" : "", known.data);
    text_free(&known);
    return false;
}

// `seed` stands for the seeds that a repetition of an experiment changes.
static const char *const SEEDS[] = {"noise_seed", "feature_seed"};

static bool set_seeds(const Settings *given, FitOptions *options, Error *error) {
    const Setting *seed = settings_find(given, "seed");
    for (size_t i = 0; seed && i < sizeof SEEDS / sizeof *SEEDS; i++) {
        if (settings_find(given, SEEDS[i])) continue;
        const Option *option = option_find(options_table, OPTIONS, SEEDS[i]);
        if (!option_set(option, options, seed->value, place_of(seed), error)) return false;
    }
    return true;
}

static bool read_options(const Settings *given, FitOptions *options, Error *error) {
    option_defaults(options_table, OPTIONS, options);
    for (size_t i = 0; i < given->count; i++) {
        const Setting *setting = &given->item[i];
        const Option *option = option_find(options_table, OPTIONS, setting->name);
        if (!option && strcmp(setting->name, "seed") == 0) continue;
        if (!option) return unknown_setting(setting, error);
        if (!option_set(option, options, setting->value, place_of(setting), error)) return false;
    }
    return set_seeds(given, options, error);
}

static bool open_all(const Settings *given, Opened *opened, Error *error) {
    *opened = (Opened){0};
    FitOptions *options = &opened->options;
    if (!read_options(given, options, error)) return false;
    opened->set = data_open(options->data, error);
    if (!opened->set || !data_view(opened->set, &options->sample, &opened->sample, error))
        return false;
    if (options->features == FEATURES_NONE) { // equal runs are equal cells
        options->width = (int64_t)opened->set->d;
        options->feature_seed = 0;
    }
    return true;
}

static void print_settings(const Opened *opened, Settings *resolved) {
    Text text = {0};
    for (size_t i = 0; i < OPTIONS; i++) {
        text.length = 0;
        text_add(&text, "");
        option_print(&options_table[i], &opened->options, &text);
        settings_set(resolved, options_table[i].name, text.data, NULL);
    }
    settings_set(resolved, "data", opened->set->spec, NULL);
    text_free(&text);
}

static void state_facts(const Opened *opened, TaskFacts *facts) {
    const FitOptions *options = &opened->options;
    FitShape shape = fit_shape(options, &opened->sample);
    Text model = {0};
    text_printf(&model, "%s:%zu mu=", fit_features[options->features], shape.p);
    text_add_real(&model, options->mu);
    *facts = (TaskFacts){
        .parameters = (double)shape.p * (double)shape.outputs,
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
    Opened opened;
    linear_threads(1);
    bool ok = open_all(given, &opened, error);
    if (ok) {
        print_settings(&opened, resolved);
        state_facts(&opened, facts);
    }
    close_all(&opened);
    return ok;
}

static bool run(const Settings *resolved, TaskRun *task, RunOutcome *outcome, Error *error) {
    Opened opened;
    bool ok = open_all(resolved, &opened, error) &&
              fit_run(&opened.options, &opened.sample, task, outcome, error);
    close_all(&opened);
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
    snprintf(numerics_text, sizeof numerics_text, "ridge-1 openblas-%s", linear_arithmetic());
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
};
