// The door of guess/: draw whole networks until one fits the data, and say what the guess is worth.
//
// A network's weights w (k of them) are independent draws from a prior: uniform on a set Q of q
// levels, or continuous. It says +1 or -1: the sign of its one output. It fits a sample when it
// says the right thing at all N points; p_S = P(a draw fits), T = draws until the first that fits,
// geometric with mean 1/p_S. Sources: Buzaglo, Harel, Shpigel Nacson, Brutzkus, Srebro, Soudry,
// ICML 2024; Chiang et al., ICLR 2023. What is promised: bound/bound.h.
//
// Guess number t of a seed is a pure function of (seed, t): it can be replayed alone, and counts do
// not depend on threads or on which method looked at it.
//
//   sampling.h  priors, models, points; plain sampling, the exact count, splitting
//   this one    experiments with all of it, for a person, a program or a sweep
#pragma once

#include "bound/bound.h"
#include "guess/sampling.h"
#include "sweep/sweep.h"
#include <jansson.h>

// ---- an experiment: everything at once, for a person, a program, a sweep ----

typedef enum GuessMethod { GUESS_SAMPLE, GUESS_COUNT, GUESS_SPLIT } GuessMethod;
extern const char *const guess_methods[]; // "plain", "exact", "rare", NULL

// Everything that decides an experiment. Same options, same numbers, on any number of threads.
//
// Which world. data is one of
//     cube:D         the 2^D points of {-1, 1}^D
//     normal:D       x ~ N(0, I)
//     NAME[:...]     two classes of a data set
// cube: D <= 20; point i has coordinate j = +1 exactly when bit j of i is set. The sample is
// `points`, or `samples` points drawn uniformly, with replacement; the test points are all of them.
// "" is the cube of the network's own inputs.
// normal: `samples` points, and `test` others that stay when the sample is drawn anew.
// Data sets: `classes` "A,B" are the two that count, A as -1 and B as +1; `samples` of the training
// examples, up to `test` test examples.
//
// Labels are those of the data set, of a truth table (labels; cube only), or of a teacher, "W" (one
// hidden layer) or "WxW...": the student with its hidden layers that wide, with weights
// teacher_weights, or drawn from the prior, number 0, 1, 2, ... of teacher_seed until both answers
// are given by at least a tenth of the points. With labels, or classes, from elsewhere, teacher is
// a claim that such a teacher exists, and only bounds use it.
typedef struct GuessOptions {
    char *model, *levels, *prior, *data, *labels, *points, *classes, *teacher, *teacher_weights;
    int64_t samples, test;
    int zero, method;
    int64_t guesses, hits; // at most so many; stop at so many hits, 0: do not
    double delta, eta;
    int64_t guess_seed, sample_seed, teacher_seed;
    int64_t particles, sweeps, runs; // of GuessRareOptions
    int64_t descents;                // runs of gradient descent on the same sample
    Settings variables;              // of the model
} GuessOptions;

extern const Option guess_options[]; // ends in name == NULL

// What an experiment is run with; none of it changes a number. Callbacks may be NULL.
typedef struct GuessRun {
    int threads; // 0: system_processors()
    // Plain sampling: the tally that an earlier call handed to save (NULL: none), and what errors
    // call it. One of another experiment is an error; `guesses` may have grown.
    const char *state, *state_name;
    size_t state_size;
    bool (*save)(void *user, const Text *state, Error *error); // every 15 s, and at the end
    // About five times a second: what is being done, how much of it (nan: unknown), the tally so
    // far (of plain sampling, else NULL).
    void (*progress)(void *user, const char *stage, double done, const GuessTally *tally);
    bool (*stop)(void *user); // polled; true: stop and give what is known
    void *user;
    int64_t repeats; // over so many fresh samples, see GuessRepeat; 0: none
} GuessRun;

enum { GUESS_QUANTILES = 5 }; // least, quartiles, largest

typedef struct GuessSpread {
    size_t count;
    double mean, standard_error, quantile[GUESS_QUANTILES]; // NAN without any
} GuessSpread;

// Gradient descent on the same sample: all of it in every step, logistic loss, momentum 0.9, rate
// 0.1, weights from `he`, up to 5000 steps or until all points fit.
typedef struct GuessDescent {
    size_t runs, fitted;
    GuessSpread test_error; // of those that fitted
} GuessDescent;

// R samples of fresh points, each guessed at until one fits: how often a promise was broken.
typedef struct GuessRepeat {
    size_t repeats, fitted; // a guess fitted within `guesses`
    size_t undecided;       // none did, and `guesses` is less than the bound on T
    size_t late;            // T above its bound
    // (bound_count()) Of the `judged` samples that were fitted, and where the bound of that number
    // holds, so many errors are above it. The promise is about above/repeats: a sample that nothing
    // came to fit breaks none.
    size_t *above, *judged;
    double mean_guesses;    // of those that fitted; NAN: none
    GuessSpread test_error; // of the first guess that fits
} GuessRepeat;

typedef struct GuessAnalysis {
    char *model, *prior, *data;
    size_t inputs, weights, levels;  // levels: 0 for a continuous prior
    size_t samples, distinct, tests; // N as drawn; different points in it; test points
    bool complete, labelled;
    size_t population; // the sample is a random part of so many training examples; 0: no data set
    bool claimed;      // the teacher is: its labels come from elsewhere, and that it exists is not
                       // checked
    GuessOptions options; // texts are owned
    bool interrupted;     // what follows is of the work done so far

    // plain
    GuessTally tally;
    uint64_t ties,
        tie_guesses;    // of guesses 0 .. tie_guesses - 1: output 0 at a point of the sample
    double seconds;     // of this call
    uint64_t drawn;     // guesses of this call
    bool ended_by_hits; // there were enough hits; else the limit of guesses, or the user, ended it
    const char *estimator;      // of p_S: "hits/guesses" or "(hits - 1)/(guesses - 1)"
    double low, high;           // 95 % of p_S, exact for what ended it
    double star_low, star_high; // of p*
    double geometric_p_value;   // NAN: too few hits

    GuessExact exact; // exact; total NULL: not asked for
    GuessRare rare;   // rare; runs 0: not asked for

    double probability, p_star; // p* NAN where the world is not complete
    GuessSpread test_error;     // of the interpolators
    bool has_bounds;            // a case of bound/, else no_bounds says why not
    char *no_bounds;
    BoundCase bound;
    BoundFacts facts;
    GuessDescent descent; // runs 0: not asked for
    GuessRepeat repeat;   // repeats 0: not asked for
} GuessAnalysis;

// settings: by guess_options and the model's variables; with their places. False: an error; an
// interrupted experiment is a result.
bool guess_analyse(const Settings *settings, const GuessRun *run, GuessAnalysis *analysis,
                   Error *error);
void guess_analysis_free(GuessAnalysis *analysis);
void guess_describe(const GuessAnalysis *analysis, Text *text);

// Keys: model, prior, data, method, weights, samples, guesses, hits, probability, estimator,
// interval[2], interval_law ("binomial" or "negative binomial"), ended_by_hits,
// p_star, p_star_interval[2], teacher_bound, mean_guesses, geometric_p_value, test_error {mean,
// standard_error, quantiles[5], count}, bounds {as in bound/}, no_bounds (why none on the error
// holds), no_teacher (why bounds cannot use it), teacher_claimed, population, ties (a share; exact:
// the count as a string), networks_per_second, seconds, interrupted; exact: total, functions
// {"0x8": "655", ...}, hits (a string); rare: log_probability, log_spread, log_interval[2], runs[],
// factors[]; descent {runs, fitted, test_error}; repeat {repeats, fitted, late, undecided, above
// {NAME: {count, judged, allowed}}, ...}. What does not apply is null or absent.
json_t *guess_to_json(const GuessAnalysis *analysis);

// Guess number t alone: its weights by their outside names, and what it says at the sample's
// points.
bool guess_replay(const Settings *settings, uint64_t t, bool json, Text *text, Error *error);

// The task "guess" of sweeps: settings are guess_options and the model's variables; `seed` stands
// for guess_seed and sample_seed. Metrics: log10_probability, probability, p_star, mean_guesses,
// test_error (mean of the interpolators), sgd_error, ties, log10_teacher_bound, and one bound_NAME
// for every bound (nan where it does not hold). One record, at epoch 1; the tally is its
// checkpoint.
extern const Task guess_task;

// The 95 % interval of p_S, of a tally whose number of guesses does not depend on what they hit
// (Clopper, Pearson 1934), or that its last hit ended (negative binomial law).
void guess_interval(const GuessTally *tally, bool ended_by_hits, double *low, double *high);
