// Private to cli/: what train and sweep share.
#pragma once

#include "cli/cli.h"
#include "sweep/sweep.h"

// Runs the sweep with progress on standard error until it is done or the user interrupts. The error
// of an interruption says how to go on.
bool cli_run_sweep(const Sweep *sweep, const Task *task, const char *store, int jobs,
                   const Arguments *arguments, SweepReport *report, Error *error);

extern const Task *const cli_tasks[]; // ends in NULL

// Keeps the data sets of a sweep open between its cells, from here to cli_let_data_go.
void *cli_hold_data(const Sweep *sweep, const Task *task);
void cli_let_data_go(void *holding);
