#include "guess/inner.h"
#include "num/statistics.h"
#include <math.h>
#include <string.h>

enum {
    KEPT_MOST = 100000,    // numbers of hits that are remembered
    JUDGED_MOST = 10000,   // interpolators whose test error is measured
    TIE_GUESSES = 1 << 16, // guesses whose ties are counted
};
static const double JUDGE_COST = 4e10; // multiply-adds spent on test errors
static const double SAVE_SECONDS = 15;
static const double LEVEL = 0.95;

int experiment_threads(const GuessRun *run) {
    return run->threads ? run->threads : system_processors();
}

// ---- test errors ----

bool experiment_error(const Experiment *experiment, const float *w, double *error_share,
                      Error *error) {
    const World *world = experiment->world;
    float *u = memory_try(world->tests + 1, sizeof *u, "answers at test points", error);
    bool ok = u && guess_outputs(&world->model, w, world->tests, world->test_x, u, error);
    size_t wrong = 0;
    for (size_t i = 0; ok && i < world->tests; i++)
        wrong += !guess_agrees(u[i], world->test_y[i], experiment->problem.zero);
    *error_share = world->tests ? (double)wrong / (double)world->tests : NAN;
    memory_free(u);
    return ok;
}

// How many interpolators can be looked at.
static size_t judged(const World *world, size_t kept) {
    double cost = (double)world->tests * (double)world->model.weights;
    double most = fmin(JUDGED_MOST, fmax(1, JUDGE_COST / fmax(cost, 1)));
    return world->tests == 0 ? 0 : (double)kept < most ? kept : (size_t)most;
}

static bool judge(const Experiment *experiment, const GuessTally *tally, GuessSpread *spread,
                  Error *error) {
    const World *world = experiment->world;
    size_t count = judged(world, tally->kept);
    float *w = memory_try(world->model.weights, sizeof *w, "the weights of a network", error);
    double *errors = memory_try(count + 1, sizeof *errors, "test errors", error);
    bool ok = w && errors;
    for (size_t i = 0; ok && i < count; i++)
        ok = guess_weights(&world->model, experiment->problem.seed, tally->t[i], w, error) &&
             experiment_error(experiment, w, &errors[i], error);
    if (ok) *spread = spread_of(errors, count);
    memory_free(w);
    memory_free(errors);
    return ok;
}

// ---- plain sampling ----

typedef struct Sampling { // what its callbacks see
    const GuessRun *run;
    char *key;
    double saved; // when the tally was last saved
    uint64_t begun, wanted;
    bool broken; // the tally could not be saved
    Error error;
} Sampling;

static bool save(Sampling *sampling, const GuessTally *tally, Error *error) {
    Text text = {0};
    state_print(sampling->key, tally, &text);
    bool ok = sampling->run->save(sampling->run->user, &text, error);
    text_free(&text);
    return ok;
}

static void tell(void *user, const GuessTally *tally) {
    Sampling *sampling = user;
    const GuessRun *run = sampling->run;
    if (run->progress)
        run->progress(run->user, "guessing", (double)tally->guesses / (double)sampling->wanted,
                      tally);
    if (!run->save || system_seconds() - sampling->saved < SAVE_SECONDS) return;
    sampling->broken = !save(sampling, tally, &sampling->error);
    sampling->saved = system_seconds();
}

static bool stop(void *user) {
    const Sampling *sampling = user;
    return sampling->broken || (sampling->run->stop && sampling->run->stop(sampling->run->user));
}

// The tally to go on from, if there is one.
static bool begin(const Sampling *sampling, GuessTally *tally, Error *error) {
    const GuessRun *run = sampling->run;
    if (!run->state) return true;
    if (!state_read(run->state_name, run->state, run->state_size, sampling->key, tally, error))
        return false;
    if (tally->guesses <= sampling->wanted) return true;
    return error_set(error, "%s:1:1: %llu guesses are done already, more than the %llu asked for",
                     run->state_name, (unsigned long long)tally->guesses,
                     (unsigned long long)sampling->wanted);
}

static bool draw(const Experiment *experiment, Sampling *sampling, GuessAnalysis *analysis,
                 Error *error) {
    GuessTally *tally = &analysis->tally;
    const GuessOptions *options = &analysis->options;
    if (!begin(sampling, tally, error)) return false;
    sampling->begun = tally->guesses;
    GuessSampleOptions how = {.first = tally->guesses,
                              .guesses = sampling->wanted - tally->guesses,
                              .hits = (uint64_t)options->hits,
                              .threads = experiment_threads(experiment->run),
                              .progress = tell,
                              .stop = stop,
                              .user = sampling};
    bool enough = options->hits && tally->hits >= (uint64_t)options->hits;
    double start = system_seconds();
    bool ok = enough || how.guesses == 0 ||
              guess_sample(&experiment->problem, &how, tally, &analysis->interrupted, error);
    analysis->seconds = system_seconds() - start;
    analysis->drawn = tally->guesses - sampling->begun;
    if (ok && sampling->broken) *error = sampling->error;
    return ok && !sampling->broken && (!experiment->run->save || save(sampling, tally, error));
}

// Are the waiting times geometric?
static double test_waiting(const GuessTally *tally, bool ended_by_hits) {
    bool all = tally->kept == tally->hits;
    if (tally->kept < STATISTICS_LEAST_HITS) return NAN;
    uint64_t *position = memory_new(tally->kept, sizeof *position);
    for (size_t i = 0; i < tally->kept; i++) position[i] = tally->t[i] + 1;
    double p = statistics_geometric_test(
        &(StatisticsHits){.position = position,
                          .hits = tally->kept,
                          .guesses = all ? tally->guesses : position[tally->kept - 1],
                          .ends_with_hit = ended_by_hits || !all});
    memory_free(position);
    return p;
}

void guess_interval(const GuessTally *tally, double *low, double *high) {
    *low = 0, *high = 1;
    if (tally->guesses == 0) return;
    StatisticsInterval interval =
        statistics_clopper_pearson((double)tally->hits, (double)tally->guesses, LEVEL);
    *low = interval.low, *high = interval.high;
}

static void conclude(const World *world, GuessAnalysis *analysis) {
    const GuessTally *tally = &analysis->tally;
    double trials = (double)tally->guesses;
    analysis->probability = trials > 0 ? (double)tally->hits / trials : NAN;
    GuessTally full = {.guesses = tally->guesses, .hits = tally->full};
    guess_interval(tally, &analysis->low, &analysis->high);
    guess_interval(&full, &analysis->star_low, &analysis->star_high);
    if (world->complete) analysis->p_star = (double)tally->full / trials;
    bool by_hits = analysis->options.hits > 0 && tally->hits >= (uint64_t)analysis->options.hits;
    analysis->geometric_p_value = test_waiting(tally, by_hits);
}

static bool sample(const Experiment *experiment, GuessAnalysis *analysis, Error *error) {
    GuessTally *tally = &analysis->tally;
    Sampling sampling = {.run = experiment->run,
                         .wanted = (uint64_t)analysis->options.guesses,
                         .key = state_key(experiment->world),
                         .saved = system_seconds()};
    tally->room = KEPT_MOST;
    tally->t = memory_try(tally->room, sizeof *tally->t, "the numbers of hits", error);
    bool ok = tally->t && draw(experiment, &sampling, analysis, error);
    memory_free(sampling.key);
    if (!ok) return false;
    analysis->tie_guesses = tally->guesses < TIE_GUESSES ? tally->guesses : TIE_GUESSES;
    conclude(experiment->world, analysis);
    return guess_count_ties(&experiment->problem, analysis->tie_guesses, &analysis->ties, error) &&
           judge(experiment, tally, &analysis->test_error, error);
}

// ---- exact and rare ----

// Masks count the points in the order of the cube, not in that of the sample.
static void reorder(const World *world, GuessExact *exact) {
    for (size_t f = 0; world->place && f < exact->functions; f++) {
        uint64_t mask = 0;
        for (size_t i = 0; i < world->points.all; i++)
            mask |= (exact->function[f].mask >> i & 1) << world->place[i];
        exact->function[f].mask = mask;
    }
}

static bool count(const Experiment *experiment, GuessAnalysis *analysis, Error *error) {
    GuessExact *exact = &analysis->exact;
    if (!guess_exact(&experiment->problem, exact, error)) return false;
    reorder(experiment->world, exact);
    if (!experiment->world->labelled) return true;
    analysis->probability = exact->probability;
    analysis->p_star = experiment->world->complete ? exact->p_star : NAN;
    analysis->test_error = spread_of(&exact->mean_error, 0);
    analysis->test_error.mean = experiment->world->complete ? exact->mean_error : NAN;
    return true;
}

typedef struct Splitting {
    const GuessRun *run;
} Splitting;

static void tell_splitting(void *user, double done) {
    const GuessRun *run = ((const Splitting *)user)->run;
    if (run->progress) run->progress(run->user, "splitting", done, NULL);
}

static bool stop_splitting(void *user) {
    const GuessRun *run = ((const Splitting *)user)->run;
    return run->stop && run->stop(run->user);
}

// The sample with the test points behind it, where splitting measures the error.
static bool join_points(const World *world, GuessPoints *joined, Error *error) {
    const GuessPoints *points = &world->points;
    size_t n = points->n, d = points->d, tests = world->tests;
    *joined = (GuessPoints){.d = d, .n = n, .all = n + tests};
    joined->x = memory_try((n + tests) * d, sizeof(float), "points", error);
    joined->y = memory_try(n + tests, 1, "labels", error);
    if (!joined->x || !joined->y) return false;
    memcpy(joined->x, points->x, n * d * sizeof(float));
    memcpy(joined->y, points->y, n);
    if (tests) memcpy(joined->x + n * d, world->test_x, tests * d * sizeof(float));
    if (tests) memcpy(joined->y + n, world->test_y, tests);
    return true;
}

static bool split(const Experiment *experiment, GuessAnalysis *analysis, Error *error) {
    const GuessOptions *options = &analysis->options;
    Splitting splitting = {experiment->run};
    GuessRareOptions how = {.runs = (size_t)options->runs,
                            .particles = (size_t)options->particles,
                            .sweeps = (size_t)options->sweeps,
                            .threads = experiment_threads(experiment->run),
                            .progress = tell_splitting,
                            .stop = stop_splitting,
                            .user = &splitting};
    GuessPoints joined;
    GuessProblem problem = experiment->problem;
    problem.points = &joined;
    bool ok = join_points(experiment->world, &joined, error) &&
              guess_rare(&problem, &how, &analysis->rare, error);
    memory_free(joined.x);
    memory_free(joined.y);
    if (!ok) return false;
    analysis->interrupted = analysis->rare.interrupted;
    analysis->probability = exp(analysis->rare.log_probability);
    analysis->test_error.mean = analysis->rare.test_error;
    analysis->test_error.standard_error =
        analysis->rare.test_error_spread / sqrt((double)analysis->rare.runs);
    return true;
}

// ---- bounds ----

// All layers have biases (1), none has (0), or some (-1).
static int biases(const Net *net) {
    int with = 0, without = 0;
    for (size_t l = 0; l < net->layers; l++) {
        with += net->layer[l].slots > 1;
        without += net->layer[l].slots == 1;
    }
    return with == 0 ? 0 : without == 0 ? 1 : -1;
}

static const char *unbounded(const World *world) {
    if (!world->labelled) return "nothing is to be fitted";
    if (world->model.prior.law != GUESS_LEVELS) return "they count levels; these weights have none";
    if (world->hidden == 0) return "they are about networks with hidden layers";
    if (world->hidden > BOUND_MOST_LAYERS) return "there are more hidden layers than they know";
    return biases(world->net) < 0 ? "they want biases in all layers or in none" : NULL;
}

bool experiment_bound(const World *world, BoundCase *bound, Error *why) {
    const GuessPrior *prior = &world->model.prior;
    const GuessOptions *options = &world->options;
    size_t layers = 0;
    const char *reason = unbounded(world);
    if (reason) return error_set(why, "%s", reason);
    *bound = (BoundCase){.levels = prior->levels,
                         .no_zero = !guess_has_zero(prior),
                         .inputs = world->model.inputs,
                         .layers = world->hidden,
                         .bias = biases(world->net),
                         .samples = world->drawn,
                         .delta = options->delta,
                         .eta = options->eta,
                         .share = 0.5};
    for (size_t l = 0; l < world->net->layers && layers < world->hidden; l++) {
        if (world->net->layer[l].slots == 0) continue;
        bound->teacher[layers] = (uint64_t)world->teacher[layers];
        bound->hidden[layers++] = (uint64_t)world->net->layer[l].size;
    }
    return bound_check(bound, why);
}

static void add_bounds(const World *world, GuessAnalysis *analysis) {
    const GuessTally *tally = &analysis->tally;
    Error why;
    analysis->has_bounds = experiment_bound(world, &analysis->bound, &why);
    if (!analysis->has_bounds) analysis->no_bounds = memory_text(why.text);
    if (!analysis->has_bounds) return;
    if (tally->kept) analysis->bound.guesses = tally->t[0] + 1;
    analysis->bound.hits = tally->hits;
    analysis->bound.trials = tally->guesses;
    if (analysis->exact.total && analysis->probability > 0)
        analysis->bound.log_fit = log(analysis->probability);
    analysis->facts = bound_facts(&analysis->bound);
}

// ---- all of it ----

static void describe_world(const World *world, GuessAnalysis *analysis) {
    Text model = {0}, prior = {0};
    net_canonical(world->net, &model);
    guess_print_prior(&world->model.prior, &prior);
    *analysis = (GuessAnalysis){.model = model.data,
                                .prior = prior.data,
                                .inputs = world->model.inputs,
                                .weights = world->model.weights,
                                .levels = world->model.prior.levels,
                                .samples = world->drawn,
                                .distinct = world->points.n,
                                .tests = world->tests,
                                .complete = world->complete,
                                .labelled = world->labelled,
                                .options = world->options,
                                .probability = NAN,
                                .p_star = NAN,
                                .geometric_p_value = NAN,
                                .test_error = spread_of(NULL, 0)};
    analysis->data = memory_text(world->set ? world->set->spec : world->options.data);
}

static bool check_repeats(const World *world, const GuessRun *run, Error *error) {
    if (run->repeats == 0) return true;
    if (world->options.method != GUESS_SAMPLE)
        return error_set(error,
                         "--repeat: fresh samples are guessed at by plain sampling, not by %s",
                         guess_methods[world->options.method]);
    if (world->options.samples) return true;
    return error_set(error, "--repeat: fresh samples of how many points? --samples N says it");
}

static bool work(const Experiment *experiment, GuessAnalysis *analysis, Error *error) {
    static bool (*const METHODS[])(const Experiment *, GuessAnalysis *, Error *) = {
        [GUESS_SAMPLE] = sample, [GUESS_COUNT] = count, [GUESS_SPLIT] = split};
    const World *world = experiment->world;
    if (!check_repeats(world, experiment->run, error) ||
        !METHODS[world->options.method](experiment, analysis, error))
        return false;
    add_bounds(world, analysis);
    if (!analysis->interrupted && world->options.descents) {
        if (!descent_run(experiment, &analysis->descent, error)) return false;
        analysis->interrupted = analysis->descent.runs < (size_t)world->options.descents;
    }
    if (analysis->interrupted || experiment->run->repeats == 0) return true;
    if (!repeat_run(experiment, &analysis->repeat, error)) return false;
    analysis->interrupted = analysis->repeat.repeats < (size_t)experiment->run->repeats;
    return true;
}

bool guess_analyse(const Settings *settings, const GuessRun *run, GuessAnalysis *analysis,
                   Error *error) {
    World world;
    *analysis = (GuessAnalysis){0};
    bool ok = world_open(settings, &world, error);
    if (ok) {
        describe_world(&world, analysis);
        Experiment experiment = {
            .world = &world,
            .run = run,
            .problem = {.model = &world.model,
                        .points = &world.points,
                        .zero = (GuessZero)world.options.zero,
                        .seed = (uint64_t)world.options.guess_seed},
        };
        ok = work(&experiment, analysis, error);
    }
    memset(&analysis->options, 0, offsetof(GuessOptions, samples)); // the world's texts go
    analysis->options.variables = (Settings){0};
    world_close(&world);
    if (!ok) guess_analysis_free(analysis);
    return ok;
}

void guess_analysis_free(GuessAnalysis *analysis) {
    memory_free(analysis->model);
    memory_free(analysis->prior);
    memory_free(analysis->data);
    memory_free(analysis->no_bounds);
    memory_free(analysis->tally.t);
    memory_free(analysis->repeat.above);
    memory_free(analysis->repeat.judged);
    guess_exact_free(&analysis->exact);
    guess_rare_free(&analysis->rare);
    *analysis = (GuessAnalysis){0};
}
