// The door of sweep/: grid -> queue -> runs -> store. It knows no science, only tasks.
//
// Invariants of the store (SQLite):
//   1. A cell is named by the hash of its task, ALL its resolved settings, the data's hash and the
//      numerics version. Two experiments that share a cell share its run.
//   2. Records and checkpoint of a cell are written in one transaction: after any crash the records
//      are exactly those up to the checkpoint, or they go on past it and are cut back on resuming.
//   3. A cell is run by at most one process at a time: it is claimed with a lease that is renewed
//      while it runs and may be taken over when it has expired.
#pragma once

#include "base/base.h"

// What a task knows about a cell before it runs.
typedef struct TaskFacts {
    double parameters; // of the model
    double flops;      // of the whole run
    double bytes;      // of memory while it runs
    char *model;       // canonical; part of the key. Owned (memory_free)
    Hash data;         // hash of the data that it will see
    int64_t horizon;   // epochs asked for
    bool prefix;       // a shorter run of the same settings is a prefix of this one, bit for bit
    int64_t examples;  // N: training examples
    int64_t classes;   // 0: regression
} TaskFacts;

typedef enum RunOutcome { RUN_DONE, RUN_DIVERGED, RUN_INTERRUPTED } RunOutcome;

// The sweep's side of a running cell, handed to the task.
typedef struct TaskRun {
    void *sweep; // the sweep's own
    // State to go on from (NULL: from the start); valid during run().
    const void *state;
    size_t state_size;
    // One row of results: values in the order of task->metrics; nan: not measured. on_grid: a
    // longer run of the same settings would have recorded this epoch, too.
    bool (*record)(struct TaskRun *run, int64_t epoch, bool on_grid, const double *values,
                   Error *error);
    // Makes everything recorded so far durable together with a state to go on from. The task calls
    // it when checkpoint_due() says so, when it stops early, and at its end.
    bool (*checkpoint)(struct TaskRun *run, int64_t epoch, const void *state, size_t size,
                       Error *error);
    bool (*checkpoint_due)(struct TaskRun *run);
    bool (*stop)(struct TaskRun *run);                  // true: save and return RUN_INTERRUPTED
    void (*progress)(struct TaskRun *run, double done); // fraction of the run's FLOPs, 0 to 1
} TaskRun;

typedef struct Task {
    const char *name;           // "train"
    const char *numerics;       // bumped whenever the same settings give other bits
    const char *const *metrics; // columns of a record; ends in NULL
    const char *horizon;        // the setting that a longer run enlarges: "epochs"
    // Turns what the user wrote into all settings, defaults included, canonical, with the model's
    // variables last; fills facts. An error begins with the setting's place.
    bool (*resolve)(const Settings *given, Settings *resolved, TaskFacts *facts, Error *error);
    // Runs a cell of resolved settings. False only for errors (the reason is kept with the cell).
    bool (*run)(const Settings *resolved, TaskRun *run, RunOutcome *outcome, Error *error);
} Task;
