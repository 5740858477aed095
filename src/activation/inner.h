// Private: what the files of activation/ share.
#pragma once

#include "activation/activation.h"
#include "activation/formula.h"
#include "num/quadrature.h"

enum { ACTIVATION_KINKS = 256, ACTIVATION_LANDMARKS = ACTIVATION_KINKS + 32 };

struct Activation {
    const LayerKind *kind; // NULL: a typed formula
    char *name, *text;     // as written; the formula
    double torch_gain;
    double kink[ACTIVATION_KINKS]; // (kinks)
    size_t kinks;
    double
        landmark[ACTIVATION_LANDMARKS]; // (landmarks) the kinks, 0 and +-4^k, ascending: panels for
    size_t landmarks;                   // a law so wide that phi is a small thing in its middle
    bool jumps;
    Formula formula;
};

// Fills kinks, landmarks and jumps: what the formula's arguments tell, and the places that are so
// steep that quadrature could step over them (tanh(1e5*(x-0.3))), with edges that close in on them.
void activation_find_kinks(Activation *activation);

// phi, phi^2 and so on as functions to integrate; context is the Activation.
void moment_phi(const void *context, size_t count, const double *x, double *y);
void moment_slope(const void *context, size_t count, const double *x, double *y);

QuadratureTerm moment_term(const Activation *activation, QuadratureFunction *f, ActivationLaw law);

// E f of u ~ N(0, q); NAN and infinite as in num/quadrature.h.
double moment_square(const Activation *activation, double q);       // phi^2
double moment_slope_square(const Activation *activation, double q); // phi'^2
// d/dq E phi^2(sqrt(q) z) = E phi^2(sqrt(q) z) (z^2 - 1)/(2 q): no derivative, so it holds for
// jumps.
double moment_square_slope(const Activation *activation, double q);

// E phi^2 = value: is it one that a signal can live on? The error says why not.
bool moment_check(const Activation *activation, const QuadratureValue *value, ActivationLaw law,
                  Error *error);

json_t *report_moments_json(const ActivationReport *report); // what does not depend on sw2
