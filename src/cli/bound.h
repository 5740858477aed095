// Private to cli/: the cases that a command line asks for, and their picture.
#pragma once

#include "bound/bound.h"
#include "cli/cli.h"
#include "plot/plot.h"

// Every combination of the lists given, the last varying fastest, each checked: report->world
// (memory_free).
bool cli_read_bounds(const Arguments *arguments, BoundReport *report, Error *error);

// All bounds along the one list that has several values.
bool cli_draw_bounds(const BoundReport *report, const PlotOptions *options, Error *error);
bool cli_check_bound_picture(const BoundReport *report, Error *error);
