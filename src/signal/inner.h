// Private: what the files of signal/ share.
#pragma once

#include "signal/signal.h"

// Fills the measured fields of every scheme; false with an error.
bool signal_measure(SignalReport *report, const InitInput *input, Error *error);

// Sets draws and examples that nobody chose (-1) to what takes some seconds; why is "" where the
// network can be measured, or why it cannot.
void signal_choose(const Net *net, SignalOptions *options, char *why, size_t size);

// Of |x|^2 over examples: E |x|^4/(E |x|^2)^2 - 1; and sum_j E x_j^4/(E |x|^2)^2.
typedef struct SignalInput {
    double spread, fourth;
} SignalInput;

// Fills finite and spread_predicted from what is known of the network's layers.
void signal_finite(const SignalReport *report, const InitLayer *known, const SignalInput *input,
                   SignalScheme *scheme);

// By which factor a small deviation of E u^2 grows a layer, over the second half; NAN: not known.
double signal_growth(const SignalReport *report, const SignalScheme *scheme);

// Verdicts and advice of one scheme from its layers and its counts of draws.
void signal_judge(const SignalReport *report, SignalScheme *scheme);

// The activation that reads layer `number`, or NULL.
const Layer *signal_reader(const Net *net, size_t number);
