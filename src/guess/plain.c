// Plain sampling: how many fit, how long it takes, how wrong they are elsewhere.
#include "guess/inner.h"
#include "num/statistics.h"
#include <math.h>

enum {
    KEPT_MOST = 100000,    // numbers of hits that are remembered
    JUDGED_MOST = 10000,   // interpolators whose test error is measured
    TIE_GUESSES = 1 << 16, // guesses whose ties are counted
};
static const double JUDGE_COST = 1e10; // multiply-adds spent on test errors
static const double SAVE_SECONDS = 15;
static const double LEVEL = 0.95;

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

// ---- drawing ----

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

static StatisticsInterval interval(const GuessTally *tally, bool ended_by_hits, double level) {
    if (tally->guesses == 0) return (StatisticsInterval){0, 1};
    return (ended_by_hits ? statistics_inverse_sampling : statistics_clopper_pearson)(
        (double)tally->hits, (double)tally->guesses, level);
}

void guess_interval(const GuessTally *tally, bool ended_by_hits, double *low, double *high) {
    StatisticsInterval fit = interval(tally, ended_by_hits, LEVEL);
    *low = fit.low, *high = fit.high;
}

// The unbiased estimate: where the last of h hits ended it, the guesses before hold h - 1 (Haldane
// 1945). With one hit, hits/guesses is what is left.
static double estimate(const GuessTally *tally, bool ended_by_hits, const char **formula) {
    double hits = (double)tally->hits, guesses = (double)tally->guesses;
    bool less_one = ended_by_hits && tally->hits > 1;
    *formula = less_one ? "(hits - 1)/(guesses - 1)" : "hits/guesses";
    return less_one ? (hits - 1) / (guesses - 1) : hits / guesses; // nan: nothing was drawn
}

// p*, of the guesses that are right everywhere. Where hits ended it, each of them is one with
// probability p*/p_S, whatever the number of guesses: the interval of p* is the product of that of
// p_S and that of the share, at 97.5 % each.
static void conclude_star(GuessAnalysis *analysis) {
    const GuessTally *tally = &analysis->tally;
    GuessTally full = {.guesses = tally->guesses, .hits = tally->full};
    GuessTally among = {.guesses = tally->hits, .hits = tally->full};
    bool part = analysis->ended_by_hits && analysis->distinct < analysis->tests;
    StatisticsInterval star = interval(&full, analysis->ended_by_hits && !part, LEVEL);
    if (part) {
        StatisticsInterval fit = interval(tally, true, (1 + LEVEL) / 2);
        StatisticsInterval share = interval(&among, false, (1 + LEVEL) / 2);
        star = (StatisticsInterval){fit.low * share.low, fit.high * share.high};
    }
    analysis->star_low = star.low, analysis->star_high = star.high;
    analysis->p_star = analysis->probability; // 0, or nan, without hits
    if (tally->hits) analysis->p_star *= (double)tally->full / (double)tally->hits;
}

static void conclude(const World *world, GuessAnalysis *analysis) {
    const GuessTally *tally = &analysis->tally;
    const int64_t wanted = analysis->options.hits;
    analysis->ended_by_hits = wanted > 0 && tally->hits >= (uint64_t)wanted;
    analysis->probability = estimate(tally, analysis->ended_by_hits, &analysis->estimator);
    guess_interval(tally, analysis->ended_by_hits, &analysis->low, &analysis->high);
    if (world->complete) conclude_star(analysis);
    analysis->geometric_p_value = test_waiting(tally, analysis->ended_by_hits);
}

bool plain_run(const Experiment *experiment, GuessAnalysis *analysis, Error *error) {
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
