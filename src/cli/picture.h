// Private to cli/: pictures that a command draws on demand.
#pragma once

#include "cli/cli.h"
#include "plot/plot.h"

// --plot FILE and --width LENGTH; path is NULL where no picture was asked for. Everything that may
// be wrong with it is said before anything is computed.
bool cli_read_picture(const Arguments *arguments, PlotOptions *options, Error *error);
