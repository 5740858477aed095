// Private to cli/: the picture of an analysis.
#pragma once

#include "plot/plot.h"
#include "ridge/ridge.h"

// The risk over mu; or along samples or features; or, where targets were fitted along features,
// their errors.
bool cli_draw_ridge(const RidgeAnalysis *analysis, const PlotOptions *options, Error *error);
