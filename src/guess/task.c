#include "guess/inner.h"
#include "num/num.h"
#include <math.h>
#include <string.h>

// A bound is a metric bound_NAME; test/guess/test_task.c holds this list against bound_table.
static const char *const METRICS[] = {
    "log10_probability",
    "probability",
    "p_star",
    "mean_guesses",
    "test_error",
    "sgd_error",
    "ties",
    "log10_teacher_bound",
    "bound_sheet",
    "bound_all_weights",
    "bound_self_contained",
    "bound_first_fit",
    "bound_certificate",
    "bound_mcallester",
    "bound_langford_seeger",
    "bound_maurer",
    NULL,
};
enum { METRIC_COUNT = sizeof METRICS / sizeof *METRICS - 1 };

static double bound_value(const GuessAnalysis *a, const char *name) {
    const Bound *bound = bound_find(name);
    if (!a->has_bounds || !bound) return NAN;
    BoundValue value = bound_evaluate(bound, &a->bound, &a->facts);
    return value.holds ? value.value : NAN;
}

static double tie_share(const GuessAnalysis *a) {
    if (a->exact.total) return a->exact.tie_share;
    return a->tie_guesses ? (double)a->ties / (double)a->tie_guesses : NAN;
}

static double log10_probability(const GuessAnalysis *a) {
    double power = a->rare.runs ? a->rare.log_probability / log(10) : log10(a->probability);
    return isfinite(power) ? power : NAN; // nothing was found: not measured
}

// The mean waiting time of the hits where guesses were drawn: it is unbiased where hits ended it.
static double mean_guesses(const GuessAnalysis *a) {
    if (a->tally.hits) return (double)a->tally.guesses / (double)a->tally.hits;
    return a->probability > 0 ? 1 / a->probability : NAN;
}

static double metric(const GuessAnalysis *a, const char *name) {
    const struct {
        const char *name;
        double value;
    } known[] = {
        {"log10_probability", log10_probability(a)},
        {"probability", a->probability},
        {"p_star", a->p_star},
        {"mean_guesses", mean_guesses(a)},
        {"test_error", a->test_error.mean},
        {"sgd_error", a->descent.runs ? a->descent.test_error.mean : NAN},
        {"ties", tie_share(a)},
        {"log10_teacher_bound", a->has_bounds ? a->facts.log_teacher / log(10) : NAN},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, name) == 0) return known[i].value;
    }
    return bound_value(a, name + strlen("bound_"));
}

// ---- resolving ----

static void print_model(const World *world, Settings *resolved) {
    Text text = {0}, levels = {0};
    net_print_line(world->program, &text);
    settings_set(resolved, "model", text.data, NULL);
    for (size_t i = 0; i < world->net->variables.count; i++) {
        const Setting *variable = &world->net->variables.item[i];
        settings_set(resolved, variable->name, variable->value, NULL);
    }
    if (world->model.prior.law == GUESS_LEVELS) {
        guess_print_levels(&world->model.prior, &levels);
        settings_set(resolved, "levels", levels.data, NULL);
    }
    if (world->set) settings_set(resolved, "data", world->set->spec, NULL);
    text_free(&text);
    text_free(&levels);
}

// Of the world, not of the sample, which the settings say.
static Hash hash_world(const World *world) {
    Hash hash = world->set ? world->set->hash : (Hash){0};
    hash_bytes(&hash, world->test_x, world->tests * world->model.inputs * sizeof(float));
    hash_bytes(&hash, world->test_y, world->tests);
    return hash;
}

// A guess costs its weights, and passes through about two points.
static double flops_of(const World *world) {
    const GuessOptions *options = &world->options;
    double pass = 2 * (double)world->net->macs, points = (double)world->points.n;
    if (options->method == GUESS_SAMPLE) return (double)options->guesses * 2 * pass;
    if (options->method == GUESS_COUNT) return pass * points * 1e4;
    return pass * points * points * 1e5 * (double)options->runs;
}

static void state_facts(const World *world, TaskFacts *facts) {
    Text model = {0};
    net_canonical(world->net, &model);
    *facts = (TaskFacts){
        .parameters = (double)world->model.weights,
        .flops = flops_of(world),
        .bytes = (double)(world->points.all + world->tests) * (double)world->points.d * 4 + 1e6,
        .model = model.data,
        .data = hash_world(world),
        .horizon = 1,
        .examples = (int64_t)world->drawn,
        .classes = 2,
    };
}

static bool resolve(const Settings *given, Settings *resolved, TaskFacts *facts, Error *error) {
    World world;
    bool ok = world_open(given, &world, error);
    if (ok) {
        task_print(&world_options, &world.options, resolved);
        print_model(&world, resolved);
        state_facts(&world, facts);
    }
    world_close(&world);
    return ok;
}

// ---- running ----

static void tell(void *user, const char *stage, double done, const GuessTally *tally) {
    TaskRun *task = user;
    (void)stage, (void)tally;
    if (isfinite(done)) task->progress(task, fmin(1, done));
}

static bool stop(void *user) {
    TaskRun *task = user;
    return task->stop(task);
}

static bool save(void *user, const Text *state, Error *error) {
    TaskRun *task = user;
    return task->checkpoint(task, 0, state->data, state->length, error);
}

static bool run(const Settings *resolved, TaskRun *task, RunOutcome *outcome, Error *error) {
    GuessAnalysis analysis;
    GuessRun how = {.threads = 1,
                    .state = task->state,
                    .state_size = task->state_size,
                    .state_name = "the checkpoint",
                    .save = save,
                    .progress = tell,
                    .stop = stop,
                    .user = task};
    double values[METRIC_COUNT];
    if (!guess_analyse(resolved, &how, &analysis, error)) return false;
    *outcome = analysis.interrupted ? RUN_INTERRUPTED : RUN_DONE;
    for (size_t i = 0; i < METRIC_COUNT; i++) values[i] = metric(&analysis, METRICS[i]);
    bool ok = analysis.interrupted || (task->record(task, 1, false, values, error) &&
                                       task->checkpoint(task, 1, "guessed", 7, error));
    guess_analysis_free(&analysis);
    return ok;
}

// Guesses for 50 ms.
static double rate_of(const World *world) {
    GuessProblem problem = {
        .model = &world->model, .points = &world->points, .zero = (GuessZero)world->options.zero};
    GuessTally tally = {0};
    Error error;
    GuessSampler *sampler = guess_sampler_new(&problem, &error);
    double begin = system_seconds(), seconds = 0;
    for (; sampler && seconds < 0.05; seconds = system_seconds() - begin)
        guess_sampler_run(sampler, tally.guesses, 4096, &tally);
    guess_sampler_free(sampler);
    double cost = flops_of(world) / (double)world->options.guesses;
    return seconds > 0 ? cost * (double)tally.guesses / seconds : NAN;
}

static double measure_rate(const Settings *resolved) {
    World world;
    Error error;
    double rate = NAN;
    if (world_open(resolved, &world, &error) && world.options.method == GUESS_SAMPLE)
        rate = rate_of(&world);
    world_close(&world);
    return rate;
}

// The number goes up whenever the same settings give other bits.
static const char *numerics(void) {
    return strcmp(num_arithmetic(), "fma") == 0 ? "guess-2 fma" : "guess-2 nofma";
}

const Task guess_task = {
    .name = "guess",
    .numerics = numerics,
    .metrics = METRICS,
    .options = guess_options,
    .resolve = resolve,
    .run = run,
    .measure_rate = measure_rate,
};
