// Private: the parts of an experiment.
#pragma once

#include "guess/world.h"

// Sorts value.
GuessSpread spread_of(double *value, size_t count);

// What the parts are handed.
typedef struct Experiment {
    World *world;
    const GuessRun *run;
    GuessProblem problem;
} Experiment;

int experiment_threads(const GuessRun *run);

// The share of test points where network w (k) is wrong; NAN without test points.
bool experiment_error(const Experiment *experiment, const float *w, double *error_share,
                      Error *error);

// A case of bound/ for the world's student, teacher and sample; false: it is none, and why.
bool experiment_bound(const World *world, BoundCase *bound, Error *why);

bool plain_run(const Experiment *experiment, GuessAnalysis *analysis, Error *error);
bool descent_run(const Experiment *experiment, GuessDescent *descent, Error *error);
bool repeat_run(const Experiment *experiment, GuessRepeat *repeat, Error *error);

// The tally of plain sampling as bytes of a file, and back; `key` says what experiment it is of. A
// file of another experiment is an error that begins with name.
char *state_key(const World *world); // memory_free
void state_print(const char *key, const GuessTally *tally, Text *text);
bool state_read(const char *name, const char *bytes, size_t size, const char *key,
                GuessTally *tally, Error *error);
