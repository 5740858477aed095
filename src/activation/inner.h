// Private: what the files of activation/ share.
#pragma once

#include "activation/activation.h"
#include "activation/formula.h"
#include "num/quadrature.h"

enum { ACTIVATION_KINKS = 256 };

struct Activation {
    const LayerKind *kind; // NULL: a typed formula
    char *name, *text;     // as written; the formula
    double torch_gain;
    double kink[ACTIVATION_KINKS]; // (kinks)
    size_t kinks;
    bool jumps;
    Formula formula;
};

// Fills kinks and jumps: what the formula's arguments tell.
void activation_find_kinks(Activation *activation);

// The panels (activation/panels.h) that one expectation may take.
enum { MOMENT_WORK = 3000, SERIES_WORK = 1500, SEARCH_WORK = 400 };

ActivationNumber moment_square_of(const Activation *activation, ActivationLaw law); // E phi^2

// E f of u ~ N(0, q), by at most `most` panels.
ActivationNumber moment_square(const Activation *activation, double q, size_t most);       // phi^2
ActivationNumber moment_slope_square(const Activation *activation, double q, size_t most); // phi'^2
// The same by at most SEARCH_WORK panels, in a search that has *left to spend, panels times nodes
// of the formula: what they took is taken off it. Not known (infinite error) where nothing is left.
enum { SCAN_LEFT = 150000, ROOT_LEFT = 300000 }; // 0.1 s, 0.2 s
ActivationNumber search_square(const Activation *activation, double q, size_t *left);
ActivationNumber search_slope_square(const Activation *activation, double q, size_t *left);
// d/dq E phi^2(sqrt(q) z) = E phi^2(sqrt(q) z) (z^2 - 1)/(2 q): no derivative, so it holds for
// jumps.
ActivationNumber moment_square_slope(const Activation *activation, double q);

// E phi^2 at q: is it one that a signal can live on? The error says why not.
bool moment_check(const Activation *activation, double q, Error *error);

json_t *report_moments_json(const ActivationReport *report); // what does not depend on sw2
