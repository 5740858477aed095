// Private to cli/: the pictures of `benign init`.
#pragma once

#include "cli/picture.h"
#include "signal/signal.h"

// E u^2 over the layers with weights: a line for what is predicted of each scheme, points with
// standard errors for what was measured, the band of networks of this width; of the first four
// schemes.
bool cli_draw_signal(const SignalReport *report, const PlotOptions *options, Error *error);

// What --widths finds: of every value of a variable the last hidden layer under each scheme.
typedef struct SignalWidths {
    const char *variable;
    const int *scheme; // (schemes)
    size_t schemes, count;
    const double *value; // (count) ascending
    SignalLayer *last;   // (count, schemes)
} SignalWidths;

// Their kurtosis, measured and to first order in 1/n.
bool cli_draw_widths(const SignalWidths *widths, const PlotOptions *options, Error *error);
