#include "guess/inner.h"
#include <math.h>
#include <string.h>

int experiment_threads(const GuessRun *run) {
    return run->threads ? run->threads : system_processors();
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

static bool let(void *user, const GuessStep *step) {
    const GuessRun *run = user;
    if (run->progress) {
        Text stage = {0};
        text_printf(&stage, "exact count, step %zu of %zu, %zu of %zu sums", step->step,
                    step->steps, step->done, step->sums);
        run->progress(run->user, stage.data, NAN, NULL);
        text_free(&stage);
    }
    return !run->stop || !run->stop(run->user);
}

static bool count(const Experiment *experiment, GuessAnalysis *analysis, Error *error) {
    GuessExact *exact = &analysis->exact;
    GuessProblem problem = experiment->problem;
    problem.let = let;
    problem.user = (void *)(uintptr_t)experiment->run;
    if (!guess_exact(&problem, exact, error)) return false;
    reorder(experiment->world, exact);
    if (!experiment->world->labelled) return true;
    analysis->probability = exact->probability;
    analysis->p_star = experiment->world->complete ? exact->p_star : NAN;
    analysis->test_error = spread_of(&exact->mean_error, 0);
    analysis->test_error.mean = experiment->world->complete ? exact->mean_error : NAN;
    return true;
}

static void tell_splitting(void *user, double done) {
    const GuessRun *run = user;
    if (run->progress) run->progress(run->user, "splitting", done, NULL);
}

static bool stop_splitting(void *user) {
    const GuessRun *run = user;
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
    GuessRareOptions how = {.runs = (size_t)options->runs,
                            .particles = (size_t)options->particles,
                            .sweeps = (size_t)options->sweeps,
                            .threads = experiment_threads(experiment->run),
                            .progress = tell_splitting,
                            .stop = stop_splitting,
                            .user = (void *)(uintptr_t)experiment->run};
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
    bound->not_drawn = world->not_drawn;
    bound->no_teacher = teacher_unusable(world);
    for (size_t l = 0; l < world->net->layers && layers < world->hidden; l++) {
        if (world->net->layer[l].slots == 0) continue;
        if (!bound->no_teacher) bound->teacher[layers] = (uint64_t)world->teacher[layers];
        bound->hidden[layers++] = (uint64_t)world->net->layer[l].size;
    }
    return bound_check(bound, why);
}

// A teacher that was only claimed to exist would be copied by q^-M of all networks.
static bool is_refuted(const GuessAnalysis *analysis) {
    if (!analysis->claimed || !analysis->exact.total || !analysis->bound.teacher[0]) return false;
    double share = isnan(analysis->p_star) ? analysis->probability : analysis->p_star;
    return log(share) < analysis->facts.log_teacher - 1e-9;
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
    if (!is_refuted(analysis)) return;
    memset(analysis->bound.teacher, 0, sizeof analysis->bound.teacher);
    analysis->bound.no_teacher = "there is no such teacher: the exact count is below q^-M";
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
                                .population = world->population,
                                .claimed = world->teacher[0] && !world->teacher_w,
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
        [GUESS_SAMPLE] = plain_run, [GUESS_COUNT] = count, [GUESS_SPLIT] = split};
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
