#include "activation/inner.h"
#include <math.h>

static double change(const Activation *activation, double at, double h) {
    double x[2] = {at - h, at + h}, phi[2];
    activation_evaluate(activation, 2, x, phi, NULL);
    return fabs(phi[1] - phi[0]);
}

// At a jump the change does not shrink with h; at a root's singularity it does so, slowly.
static bool jumps_at(const Activation *activation, double at) {
    double wide = change(activation, at, at == 0 ? 1e-100 : 1e-9 * fabs(at));
    return change(activation, at, at == 0 ? 1e-300 : 4e-15 * fabs(at)) > 0.5 * wide && wide > 0;
}

void activation_find_kinks(Activation *activation) {
    activation->kinks = formula_kinks(&activation->formula, activation->kink, ACTIVATION_KINKS);
    for (size_t i = 0; i < activation->kinks; i++)
        activation->jumps = activation->jumps || jumps_at(activation, activation->kink[i]);
}
