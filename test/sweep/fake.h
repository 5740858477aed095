// A task that trains nothing: a state of one number, walked on by every epoch, deterministic, and
// as slow as wanted. Each test program includes it once.
#pragma once

#include "sweep/sweep.h"
#include <check.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct FakeState {
    int64_t epoch;
    uint64_t walk;
    int64_t finished;
} FakeState;

static atomic_long fake_nap;    // microseconds per epoch
static atomic_long fake_steps;  // epochs walked by this process
static atomic_long fake_resume; // runs that began from a state

static const Option fake_options[] = {
    {"width", OPTION_INT, 0, "4", 1, 1e6, NULL, "N", ""},
    {"noise", OPTION_REAL, 8, "0", 0, 1, NULL, "P", ""},
    {"epochs", OPTION_INT, 16, "10", 1, 1e6, NULL, "N", ""},
    {"init_seed", OPTION_INT, 24, "0", 0, 1e9, NULL, "N", ""},
    {"until", OPTION_INT, 32, "0", 0, 1e6, NULL, "N", ""},      // 0: never
    {"fail_at", OPTION_INT, 40, "0", 0, 1e6, NULL, "N", ""},    // of width 7
    {"diverge_at", OPTION_INT, 48, "0", 0, 1e6, NULL, "N", ""}, // of width 5
    {"prefix", OPTION_INT, 56, "1", 0, 1, NULL, "N", ""},
};
enum { FAKE_OPTIONS = sizeof fake_options / sizeof *fake_options };

typedef struct FakeValues {
    int64_t width;
    double noise;
    int64_t epochs, init_seed, until, fail_at, diverge_at, prefix;
} FakeValues;

static bool fake_set(const Setting *setting, FakeValues *values, Error *error) {
    const char *place = setting->place ? setting->place : "fake";
    const char *name = strcmp(setting->name, "seed") == 0 ? "init_seed" : setting->name;
    const Option *option = option_find(fake_options, FAKE_OPTIONS, name);
    if (option) return option_set(option, values, setting->value, place, error);
    return error_set(error, "%s: unknown setting \"%s\"", place, setting->name);
}

static bool fake_resolve(const Settings *given, Settings *resolved, TaskFacts *facts,
                         Error *error) {
    FakeValues values;
    option_defaults(fake_options, FAKE_OPTIONS, &values);
    for (size_t i = 0; i < given->count; i++) {
        if (!fake_set(&given->item[i], &values, error)) return false;
    }
    for (size_t i = 0; i < FAKE_OPTIONS; i++) {
        Text text = {0};
        option_print(&fake_options[i], &values, &text);
        settings_set(resolved, fake_options[i].name, text.data, NULL);
        text_free(&text);
    }
    *facts = (TaskFacts){.parameters = (double)(values.width * 41),
                         .flops = (double)(values.width * values.epochs) * 1000,
                         .bytes = (double)values.width * 8,
                         .model = memory_text("input 40 fc-10, \"fake\""),
                         .horizon = values.epochs,
                         .prefix = values.prefix != 0,
                         .examples = 100,
                         .classes = 10};
    hash_string(&facts->data, "fake data");
    return true;
}

static bool fake_record(TaskRun *run, const FakeValues *values, const FakeState *state,
                        Error *error) {
    int64_t e = state->epoch;
    bool on_grid = (e & (e - 1)) == 0 || state->finished; // 0, 1, 2, 4, 8, ...
    if (!on_grid && e != values->epochs) return true;
    double metrics[3] = {(double)(state->walk >> 11) * 0x1p-53, NAN, (double)(state->walk % 1000)};
    if (e % 2) metrics[1] = (double)e / 3;
    return run->record(run, e, on_grid, metrics, error);
}

static void fake_walk(const FakeValues *values, FakeState *state) {
    uint64_t mix[4] = {state->walk, (uint64_t)values->width, (uint64_t)values->init_seed, 0};
    memcpy(&mix[3], &values->noise, 8);
    Hash hash = {0};
    hash_bytes(&hash, mix, sizeof mix);
    state->walk = hash.low;
    state->epoch++;
    state->finished = values->until == state->epoch;
    fake_steps++;
    if (fake_nap) nanosleep(&(struct timespec){0, fake_nap * 1000}, NULL);
}

static bool fake_run(const Settings *resolved, TaskRun *run, RunOutcome *outcome, Error *error) {
    FakeValues values;
    FakeState state = {0};
    option_defaults(fake_options, FAKE_OPTIONS, &values);
    for (size_t i = 0; i < resolved->count; i++) {
        if (!fake_set(&resolved->item[i], &values, error)) return false;
    }
    *outcome = RUN_DONE;
    fake_resume += run->state != NULL;
    if (run->state) {
        ck_assert_uint_eq(run->state_size, sizeof state);
        memcpy(&state, run->state, sizeof state);
    } else if (!fake_record(run, &values, &state, error)) {
        return false;
    }
    while (state.epoch < values.epochs && !state.finished) {
        if (run->stop(run)) {
            *outcome = RUN_INTERRUPTED;
            return run->checkpoint(run, state.epoch, &state, sizeof state, error);
        }
        if (run->checkpoint_due(run) &&
            !run->checkpoint(run, state.epoch, &state, sizeof state, error))
            return false;
        fake_walk(&values, &state);
        run->progress(run, (double)state.epoch / (double)values.epochs);
        if (values.width == 7 && state.epoch == values.fail_at)
            return error_set(error, "the machine has no more of it");
        if (values.width == 5 && state.epoch == values.diverge_at) *outcome = RUN_DIVERGED;
        if (!fake_record(run, &values, &state, error)) return false;
        if (*outcome == RUN_DIVERGED) return true;
    }
    return run->checkpoint(run, state.epoch, &state, sizeof state, error);
}

static const char *const fake_metrics[] = {"train_loss", "test_error", "digits", NULL};

static const char *fake_numerics(void) {
    return "fake-1";
}

static const Task fake_task = {.name = "fake",
                               .numerics = fake_numerics,
                               .metrics = fake_metrics,
                               .horizon = "epochs",
                               .resolve = fake_resolve,
                               .run = fake_run};

// ---- helpers ----

static Error fake_error;

#define OK(condition) ck_assert_msg(condition, "%s", fake_error.text)

// A store in a folder of its own, in memory where there is such a place: hundreds of stores need
// not wait for the disk. remove_folder takes it away.
static char fake_folder[64], fake_store[96];

static inline void make_folder(void) {
    bool memory = access("/dev/shm", W_OK) == 0;
    snprintf(fake_folder, sizeof fake_folder, "%s/benign-sweep-XXXXXX",
             memory ? "/dev/shm" : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(fake_folder));
    snprintf(fake_store, sizeof fake_store, "%s/runs.db", fake_folder);
}

static inline void remove_folder(void) {
    static const char *const ends[] = {"runs.db",  "runs.db-wal",  "runs.db-shm", "runs.db-journal",
                                       "other.db", "other.db-wal", "other.db-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s/%s", fake_folder, ends[i]);
        unlink(path);
    }
    ck_assert_int_eq(rmdir(fake_folder), 0);
}

static inline Sweep *parse(const char *text) {
    Sweep *sweep = NULL;
    OK(sweep_parse("a.yaml", text, strlen(text), NULL, &sweep, &fake_error));
    return sweep;
}
