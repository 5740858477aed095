#include "ridge/fit.h"
#include "num/linear.h"
#include "ridge/design.h"
#include "ridge/rank.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { BLOCK = 64, TRIAL = 600 }; // rows of X that are made at a time; order of a trial's matrix

const char *const fit_features[] = {"none", "relu", "cosine", NULL};

const char *const fit_metrics[] = {
    "train_loss", "train_error", "train_error_clean", "train_error_noisy",
    "test_loss",  "test_error",  "weight_norm",       NULL,
};

// ---- what it takes ----

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

FitShape fit_shape(const FitOptions *options, const DataView *sample) {
    const DataSet *set = sample->set;
    FitShape shape = {.inputs = set->d, .n = sample->n, .n_test = set->n_test};
    shape.p = options->features == FEATURES_NONE ? set->d : (size_t)options->width;
    shape.outputs = set->classes ? (size_t)set->classes : set->outputs;
    size_t rows = shape.contrasts = shape.n - (options->intercept != 0);
    shape.m = rows, shape.columns = shape.p;
    if (options->mu > 0) *(shape.p > rows ? &shape.columns : &shape.m) = rows + shape.p;
    return shape;
}

// A QR factorisation with pivots; where A is wide, its triangle is made square from the right.
static double solve_flops(const FitShape *shape) {
    double m = (double)shape->m, n = (double)shape->columns, least = fmin(m, n), most = fmax(m, n);
    double factor = 2 * least * least * (most - least / 3);
    double square = n > m ? 2 * m * m * (n - m) : 0;
    return factor + square + 4 * m * n * (double)shape->outputs;
}

static double feature_flops(const FitOptions *options, const FitShape *shape) {
    return options->features == FEATURES_NONE ? 0 : 2 * (double)shape->inputs * (double)shape->p;
}

static double judge_flops(const FitOptions *options, const FitShape *shape) {
    double row = feature_flops(options, shape) + 2 * (double)shape->p * (double)shape->outputs;
    return ((double)shape->n + (double)shape->n_test) * row;
}

// The features of the sample, and once more for their means.
static double fill_flops(const FitOptions *options, const FitShape *shape) {
    return (double)shape->n * feature_flops(options, shape) * (options->intercept ? 2 : 1);
}

double fit_flops(const FitOptions *options, const FitShape *shape) {
    return fill_flops(options, shape) + solve_flops(shape) + judge_flops(options, shape);
}

double fit_bytes(const FitOptions *options, const FitShape *shape) {
    double p = (double)shape->p, outputs = (double)shape->outputs;
    double m = (double)shape->m, n = (double)shape->columns;
    double directions = options->features == FEATURES_NONE ? 0 : p * ((double)shape->inputs + 1);
    double block = BLOCK * (p + outputs) +
                   fmax(1 << 20, (double)shape->inputs); // what read_features takes at most
    double work = 64 * (m + n);                          // LAPACK's, in blocks of 32 columns
    double block_of_means = options->intercept ? 16 * p + fmax(1 << 20, p) + (double)shape->n : 0;
    return sizeof(double) *
           (m * n + fmax(m, n) * outputs + directions + block + block_of_means + work);
}

// ---- a run ----

typedef struct Fit {
    const FitOptions *options;
    const DataView *sample;
    FitShape shape;
    TaskRun *task;
    RidgeDesign *design;              // features of the sample's rows, then of the test rows
    RidgeDesign *contrasts, *centred; // with an intercept: of the sample's rows; all rows less the
                                      // mean row of the sample
    double *mean;                     // (outputs): of y with an intercept, else 0
    double *at;                       // (columns, m): A'
    double *w;     // (outputs, max(m, columns)): y, then the solution; at last (outputs, p)
    double *x, *u; // (BLOCK, p), (BLOCK, outputs)
    bool stopped;
} Fit;

// What is asked of row i: the observed label, or the target.
static double target(const Fit *fit, size_t i, size_t output) {
    const DataSet *set = fit->sample->set;
    size_t n = fit->shape.n, outputs = fit->shape.outputs;
    if (!set->classes) {
        bool train = i < n;
        size_t at = (train ? fit->sample->row[i] : i - n) * outputs + output;
        const double *exact = train ? set->t_train_double : set->t_test_double;
        return exact ? exact[at] : (double)(train ? set->t_train : set->t_test)[at];
    }
    int32_t label = i < n ? fit->sample->label[i] : set->y_test[i - n];
    return (label == (int32_t)output) - 1.0 / (double)outputs;
}

static bool check_size(const Fit *fit, Error *error) {
    double bytes = fit_bytes(fit->options, &fit->shape), memory = system_memory();
    if (bytes > memory) // the kernel would promise it and then kill us
        return error_set(error, "this run needs %.1f GB of memory; the machine has %.1f GB",
                         bytes * 1e-9, memory * 1e-9);
    size_t longest = larger(fit->shape.m, fit->shape.columns);
    if (longest > INT32_MAX)
        return error_set(error, "%zu equations or unknowns are more than LAPACK can count",
                         longest);
    return true;
}

static bool open_features(Fit *fit, Error *error) {
    RidgeDesign *base = design_of_view(fit->sample);
    const FitOptions *options = fit->options;
    if (options->features == FEATURES_NONE) {
        fit->design = base;
        return true;
    }
    Text text = {0};
    text_printf(&text, "%s:%lld", fit_features[options->features], (long long)options->width);
    if (options->features == FEATURES_RELU) {
        text_add(&text, ",bias=");
        text_add_real(&text, options->bias);
    }
    fit->design = design_new(text.data);
    bool ok = design_features(fit->design, base, text.data, (uint64_t)options->feature_seed, error);
    text_free(&text);
    return ok;
}

static bool open_design(Fit *fit, Error *error) {
    const FitShape *shape = &fit->shape;
    if (!open_features(fit, error)) return false;
    if (!fit->options->intercept) return true;
    RidgeDesign *sample = design_part(fit->design, shape->n, shape->p);
    return (fit->contrasts = ridge_design_contrasts(sample, error)) &&
           (fit->centred = design_from_mean(fit->design, fit->contrasts, error));
}

static bool allocate(Fit *fit, Error *error) {
    const FitShape *shape = &fit->shape;
    size_t longest = larger(shape->m, shape->columns);
    fit->at = memory_try(shape->columns * shape->m, sizeof(double), "a design matrix", error);
    if (!fit->at) return false;
    fit->w = memory_try(shape->outputs * longest, sizeof(double), "targets", error);
    fit->x =
        fit->w ? memory_try(BLOCK * shape->p, sizeof(double), "rows of features", error) : NULL;
    fit->u = fit->x ? memory_try(BLOCK * shape->outputs, sizeof(double), "outputs", error) : NULL;
    fit->mean = fit->u ? memory_try(shape->outputs, sizeof(double), "outputs", error) : NULL;
    return fit->mean != NULL;
}

static bool read_block(Fit *fit, const RidgeDesign *design, size_t row, size_t end, size_t *rows,
                       Error *error) {
    *rows = end - row < BLOCK ? end - row : BLOCK;
    return design->read(design, row, *rows, 0, fit->shape.p, fit->x, error);
}

// Whether to go on after a part of the work. Nothing is kept of an unfinished run.
static bool advance(Fit *fit, double flops) {
    fit->stopped = fit->task->stop(fit->task);
    fit->task->progress(fit->task, fit->stopped ? 0 : flops / fit_flops(fit->options, &fit->shape));
    return !fit->stopped;
}

// A' into at; what it is asked for by rank_least_squares.
static bool fill(void *context, double *at, Error *error) {
    Fit *fit = context;
    const FitShape *shape = &fit->shape;
    const RidgeDesign *design = fit->contrasts ? fit->contrasts : fit->design;
    size_t m = shape->m, p = shape->p, n = shape->contrasts, rows;
    double before = fill_flops(fit->options, shape) * (fit->contrasts ? 0.5 : 0);
    memset(at, 0, shape->columns * m * sizeof *at);
    for (size_t row = 0; row < n; row += rows) {
        if (!advance(fit, before + (double)row * feature_flops(fit->options, shape)))
            return error_kind(error, ERROR_INTERRUPTED, "interrupted");
        if (!read_block(fit, design, row, n, &rows, error)) return false;
        for (size_t j = 0; j < p; j++) {
            for (size_t i = 0; i < rows; i++) at[j * m + row + i] = fit->x[i * p + j];
        }
    }
    double root = sqrt(fit->options->mu);
    bool wide = shape->columns > p, tall = m > n;
    for (size_t i = 0; wide && i < n; i++) at[(p + i) * m + i] = root;
    for (size_t j = 0; tall && j < p; j++) at[j * m + n + j] = root;
    return advance(fit, fill_flops(fit->options, shape)) ||
           error_kind(error, ERROR_INTERRUPTED, "interrupted");
}

static bool fill_targets(Fit *fit, Error *error) {
    const FitShape *shape = &fit->shape;
    size_t n = shape->n, longest = larger(shape->m, shape->columns);
    double *y = design_matrix(n, 1, "targets", error);
    for (size_t k = 0; y && k < shape->outputs; k++) {
        for (size_t i = 0; i < n; i++) y[i] = target(fit, i, k);
        if (fit->contrasts) fit->mean[k] = design_gather(n, y);
        memcpy(fit->w + k * longest, y, shape->contrasts * sizeof *y);
    }
    memory_free(y);
    return y != NULL;
}

// Packs the first p numbers of each solution. At mu = INFINITY w is 0.
static bool solve(Fit *fit, Error *error) {
    const FitShape *shape = &fit->shape;
    size_t p = shape->p, longest = larger(shape->m, shape->columns);
    if (isinf(fit->options->mu)) {
        memset(fit->w, 0, shape->outputs * longest * sizeof(double));
        return true;
    }
    RankProblem problem = {.n = shape->contrasts,
                           .d = p,
                           .outputs = shape->outputs,
                           .m = shape->m,
                           .columns = shape->columns,
                           .mu = fit->options->mu,
                           .fill = fill,
                           .context = fit,
                           .at = fit->at,
                           .b = fit->w};
    if (!rank_least_squares(&problem, error)) return fit->stopped;
    for (size_t k = 1; k < shape->outputs; k++)
        memmove(fit->w + k * p, fit->w + k * longest, p * sizeof(double));
    return true;
}

// ---- measuring ----

typedef struct Tally {
    double loss;
    size_t errors, noisy, noisy_errors;
} Tally;

// The class is the first of the largest outputs.
static void tally_row(const Fit *fit, size_t row, const double *u, Tally *tally) {
    const DataView *sample = fit->sample;
    size_t outputs = fit->shape.outputs, best = 0;
    bool train = row < fit->shape.n, noisy = train && sample->wrong && sample->wrong[row];
    for (size_t k = 0; k < outputs; k++) {
        double off = u[k] - target(fit, row, k);
        tally->loss += off * off;
        if (u[k] > u[best]) best = k;
    }
    if (!sample->label) return;
    int32_t label = train ? sample->label[row] : sample->set->y_test[row - fit->shape.n];
    bool error = best != (size_t)label;
    tally->errors += error;
    tally->noisy += noisy;
    tally->noisy_errors += error && noisy;
}

static bool tally_rows(Fit *fit, size_t from, size_t end, Tally *tally, Error *error) {
    const FitShape *shape = &fit->shape;
    double all = fit_flops(fit->options, shape), judging = judge_flops(fit->options, shape);
    for (size_t row = from, rows; row < end; row += rows) {
        double left = 1 - (double)row / (double)(shape->n + shape->n_test);
        if (!advance(fit, all - left * judging)) return true;
        if (!read_block(fit, fit->centred ? fit->centred : fit->design, row, end, &rows, error))
            return false;
        for (size_t k = 0; k < rows * shape->outputs; k++)
            fit->u[k] = fit->mean[k % shape->outputs];
        linear_product(&(LinearProduct){.m = rows,
                                        .n = shape->outputs,
                                        .k = shape->p,
                                        .alpha = 1,
                                        .beta = 1,
                                        .a = fit->x,
                                        .b = fit->w,
                                        .b_transposed = true,
                                        .y = fit->u});
        for (size_t i = 0; i < rows; i++)
            tally_row(fit, row + i, fit->u + i * shape->outputs, tally);
    }
    return true;
}

static double share(double part, size_t whole) {
    return whole ? part / (double)whole : NAN;
}

static void fill_metrics(const Fit *fit, const Tally *train, const Tally *test, double *metrics) {
    const FitShape *shape = &fit->shape;
    bool labels = fit->sample->label != NULL;
    size_t clean = shape->n - train->noisy, clean_errors = train->errors - train->noisy_errors;
    metrics[FIT_TRAIN_LOSS] = share(train->loss, shape->n * shape->outputs);
    metrics[FIT_TEST_LOSS] = share(test->loss, shape->n_test * shape->outputs);
    metrics[FIT_TRAIN_ERROR] = labels ? share((double)train->errors, shape->n) : NAN;
    metrics[FIT_TEST_ERROR] = labels ? share((double)test->errors, shape->n_test) : NAN;
    metrics[FIT_TRAIN_ERROR_CLEAN] = labels ? share((double)clean_errors, clean) : NAN;
    metrics[FIT_TRAIN_ERROR_NOISY] = share((double)train->noisy_errors, train->noisy);
    metrics[FIT_WEIGHT_NORM] = sqrt(linear_dot(shape->outputs * shape->p, fit->w, fit->w));
}

static bool judge(Fit *fit, Error *error) {
    const FitShape *shape = &fit->shape;
    Tally train = {0}, test = {0};
    if (!tally_rows(fit, 0, shape->n, &train, error)) return false;
    if (fit->stopped) return true;
    if (!tally_rows(fit, shape->n, shape->n + shape->n_test, &test, error)) return false;
    if (fit->stopped) return true;
    double metrics[FIT_METRICS];
    static const char state[] = "fitted";
    fill_metrics(fit, &train, &test, metrics);
    fit->task->progress(fit->task, 1);
    return fit->task->record(fit->task, 1, true, metrics, error) &&
           fit->task->checkpoint(fit->task, 1, state, sizeof state - 1, error);
}

static bool go(Fit *fit, Error *error) {
    if (!advance(fit, 0)) return true;
    return open_design(fit, error) && allocate(fit, error) && fill_targets(fit, error) &&
           solve(fit, error) && (fit->stopped || judge(fit, error));
}

bool fit_run(const FitOptions *options, const DataView *sample, TaskRun *task, RunOutcome *outcome,
             Error *error) {
    Fit fit = {.options = options, .sample = sample, .task = task};
    *outcome = RUN_DONE;
    if (task->state) return true; // it was recorded together with this state
    fit.shape = fit_shape(options, sample);
    bool ok = check_size(&fit, error) && go(&fit, error);
    if (fit.stopped) *outcome = RUN_INTERRUPTED;
    ridge_design_close(fit.centred);
    ridge_design_close(fit.contrasts);
    ridge_design_close(fit.design);
    void *blocks[] = {fit.at, fit.w, fit.x, fit.u, fit.mean};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) memory_free(blocks[i]);
    return ok;
}

// ---- the machine's speed ----

// Both repeat for 25 ms.
static double solve_rate(const FitShape *full, const double *random, double *at, double *b) {
    size_t longest = larger(full->m, full->columns), most = longest < TRIAL ? longest : TRIAL;
    FitShape shape = {.outputs = 1};
    shape.m = larger(1, full->m * most / longest);
    shape.columns = larger(1, full->columns * most / longest);
    double begin = system_seconds(), seconds = 0, solved = 0;
    for (; seconds < 0.025; seconds = system_seconds() - begin, solved++) {
        memcpy(at, random, shape.m * shape.columns * sizeof *at);
        memcpy(b, random, most * sizeof *b);
        LinearLeastSquares problem = {
            .m = shape.m, .n = shape.columns, .columns = 1, .at = at, .b = b};
        problem.tolerance = (double)most * DBL_EPSILON;
        if (!linear_least_squares(&problem, NULL)) return NAN;
    }
    return solve_flops(&shape) * solved / seconds;
}

static double product_rate(const double *random, double *y) {
    double begin = system_seconds(), seconds = 0, done = 0;
    for (; seconds < 0.025; seconds = system_seconds() - begin, done++) {
        linear_product(&(LinearProduct){.m = BLOCK,
                                        .n = TRIAL,
                                        .k = TRIAL,
                                        .alpha = 1,
                                        .a = random,
                                        .b = random,
                                        .b_transposed = true,
                                        .y = y});
    }
    return 2.0 * BLOCK * TRIAL * TRIAL * done / seconds;
}

double fit_measure_rate(const FitOptions *options, const FitShape *shape) {
    double *random = memory_try(TRIAL * TRIAL, 2 * sizeof *random, "a trial", NULL);
    double *b = memory_try(TRIAL, sizeof *b, "a trial", NULL);
    double rate = NAN;
    if (random && b) {
        Random stream = random_stream(0, RANDOM_FEATURES, 0);
        double *at = random + TRIAL * TRIAL, all = fit_flops(options, shape);
        for (size_t k = 0; k < TRIAL * TRIAL; k++) random[k] = random_uniform(&stream);
        double solving = solve_flops(shape), seconds = solving / solve_rate(shape, random, at, b);
        rate = all / (seconds + (all - solving) / product_rate(random, at));
    }
    memory_free(random);
    memory_free(b);
    return rate;
}
