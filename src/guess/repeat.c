// Over fresh samples: how often the bounds on T and on the error were broken.
#include "guess/inner.h"
#include <math.h>

typedef struct Repeats {
    const Experiment *experiment;
    GuessRepeat *repeat;
    double *errors;
    double guesses; // of those that fitted, all together
    float *w;
    bool interrupted;
} Repeats;

// Sample number r is guessed at with a seed of its own.
static uint64_t seed_of(const Experiment *experiment, int64_t r) {
    return experiment->problem.seed + (uint64_t)(r + 1) * 0x9e3779b97f4a7c15;
}

static void judge_bounds(Repeats *repeats, const BoundCase *bound, double error_share) {
    BoundFacts facts = bound_facts(bound);
    for (size_t b = 0; b < bound_count(); b++) {
        BoundValue value = bound_evaluate(bound_table[b], bound, &facts);
        if (!value.holds || bound_table[b]->average) continue;
        repeats->repeat->judged[b]++;
        repeats->repeat->above[b] += error_share > value.value;
    }
}

// Is the number of guesses above its bound? found: the first that fits came after so many, from 1;
// else none of them fits.
static void judge_waiting(Repeats *repeats, const BoundCase *bound, bool found, uint64_t guesses) {
    double most = bound_facts(bound).guesses_bound; // nan where it is beyond 2^53: not reached
    if (!isfinite(most)) return;
    bool beyond = (double)guesses > most || (!found && (double)guesses >= most);
    repeats->repeat->late += beyond;
    repeats->repeat->undecided += !found && !beyond;
}

static bool judge_sample(Repeats *repeats, const GuessProblem *problem, const GuessTally *tally,
                         Error *error) {
    BoundCase bound;
    Error why;
    const World *world = repeats->experiment->world;
    bool found = tally->hits > 0, has_bound = experiment_bound(world, &bound, &why);
    if (has_bound && bound.teacher[0]) judge_waiting(repeats, &bound, found, tally->guesses);
    if (!found) return true;
    double *error_share = &repeats->errors[repeats->repeat->fitted++];
    repeats->guesses += (double)tally->guesses;
    if (!guess_weights(problem->model, problem->seed, tally->t[0], repeats->w, error) ||
        !experiment_error(repeats->experiment, repeats->w, error_share, error))
        return false;
    bound.guesses = tally->guesses;
    if (has_bound) judge_bounds(repeats, &bound, *error_share);
    return true;
}

static bool guess_once(Repeats *repeats, int64_t r, Error *error) {
    const Experiment *experiment = repeats->experiment;
    const GuessRun *run = experiment->run;
    World *world = experiment->world;
    uint64_t t;
    GuessTally tally = {.t = &t, .room = 1};
    GuessProblem problem = experiment->problem;
    GuessSampleOptions how = {.guesses = (uint64_t)world->options.guesses,
                              .hits = 1,
                              .threads = experiment_threads(run),
                              .stop = run->stop,
                              .user = run->user};
    problem.seed = seed_of(experiment, r);
    return world_redraw(world, world->options.sample_seed + 1 + r, error) &&
           guess_sample(&problem, &how, &tally, &repeats->interrupted, error) &&
           (repeats->interrupted || judge_sample(repeats, &problem, &tally, error));
}

static bool allocate(Repeats *repeats, Error *error) {
    size_t count = (size_t)repeats->experiment->run->repeats;
    GuessRepeat *repeat = repeats->repeat;
    repeats->errors = memory_try(count, sizeof(double), "errors of repetitions", error);
    repeats->w = memory_try(repeats->experiment->problem.model->weights, sizeof(float),
                            "the weights of a network", error);
    repeat->above = memory_new(bound_count(), sizeof *repeat->above);
    repeat->judged = memory_new(bound_count(), sizeof *repeat->judged);
    return repeats->errors && repeats->w;
}

bool repeat_run(const Experiment *experiment, GuessRepeat *repeat, Error *error) {
    const GuessRun *run = experiment->run;
    Repeats repeats = {.experiment = experiment, .repeat = repeat};
    bool ok = allocate(&repeats, error);
    for (int64_t r = 0; ok && r < run->repeats && !repeats.interrupted; r++) {
        if (run->progress)
            run->progress(run->user, "fresh samples", (double)r / (double)run->repeats, NULL);
        ok = guess_once(&repeats, r, error);
        if (ok && !repeats.interrupted) repeat->repeats++;
    }
    if (ok) {
        repeat->mean_guesses = repeat->fitted ? repeats.guesses / (double)repeat->fitted : NAN;
        repeat->test_error = spread_of(repeats.errors, repeat->fitted);
    }
    memory_free(repeats.errors);
    memory_free(repeats.w);
    return ok;
}
