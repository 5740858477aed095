// It needs neither teacher nor p*: guess number t is drawn without looking at the samples, so that
// it fits with error above e with probability at most (1-e)^N. At this e that is delta/(t(t+1)),
// and the sum over all t is delta.
#include "bound/bounds.h"
#include <math.h>

static const char *refuses(const BoundCase *world, const BoundFacts *facts) {
    (void)facts;
    return world->guesses ? NULL : "it needs the number t of the guess that fitted (--guesses)";
}

static double value(const BoundCase *world, const BoundFacts *facts) {
    (void)facts;
    double t = (double)world->guesses;
    return -expm1((log(world->delta) - log(t) - log(t + 1)) / (double)world->samples);
}

const Bound bound_certificate = {
    .name = "certificate",
    .formula = "1 - (delta/(t(t+1)))^(1/N)",
    .source = "a union bound over all guesses, weights 1/(t(t+1))",
    .of = "the guess that fits, number t",
    .refuses = refuses,
    .value = value,
    .probability = bound_one_minus_delta,
};
