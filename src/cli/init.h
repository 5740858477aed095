// Private to cli/: the picture of `benign init`.
#pragma once

#include "cli/picture.h"
#include "signal/signal.h"

// E u^2 over the layers with weights: a line for what is predicted of each scheme, points with
// standard errors for what was measured; of the first four schemes.
bool cli_draw_signal(const SignalReport *report, const PlotOptions *options, Error *error);
