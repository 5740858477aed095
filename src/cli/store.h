// Private to cli/: what train and sweep share.
#pragma once

#include "cli/cli.h"
#include "sweep/sweep.h"

// How many runs at a time, and how many threads inside each.
typedef struct CliCores {
    int64_t jobs, threads;
} CliCores;

#define CLI_THREADS_FLAG                                                                           \
    { "threads", "N", "threads inside a run, for large networks; the results are the same" }

// Runs the sweep with progress on standard error until it is done or the user interrupts. The error
// of an interruption says how to go on.
bool cli_run_sweep(const Sweep *sweep, const Task *task, const char *store, CliCores cores,
                   const Arguments *arguments, SweepReport *report, Error *error);

// Prints what cli_run_sweep would do: parameters, FLOPs, memory and expected time of every run.
bool cli_dry_run(const Sweep *sweep, const Task *task, const char *store, CliCores cores,
                 const Arguments *arguments, Error *error);

#define CLI_DRY_RUN_FLAG                                                                           \
    {                                                                                              \
        "dry-run", NULL,                                                                           \
            "list the runs, their parameters, FLOPs, memory and expected time; run nothing"        \
    }

// Before its records are looked at: an error where the store holds none yet; a line on standard
// error where the sweep has not ended.
bool cli_look_at_store(const char *path, Error *error);

extern const Task *const cli_tasks[]; // ends in NULL

// Keeps the data sets of a sweep open between its cells, from here to cli_let_data_go.
void *cli_hold_data(const Sweep *sweep, const Task *task);
void cli_let_data_go(void *holding);
