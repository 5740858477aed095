// Private to cli/: the picture of benign guess.
#pragma once

#include "guess/guess.h"
#include "plot/plot.h"

// Plain: the share of waiting times above t beside the geometric law. Exact: the functions by
// share. Otherwise an error: there is nothing to draw.
bool cli_draw_guess(const GuessAnalysis *analysis, const PlotOptions *options, Error *error);
