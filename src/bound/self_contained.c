// The same with both halves of delta made explicit and nothing rounded away. With probability 1 -
// delta/2 one of the first T0 guesses is the teacher, so T <= T0; with probability 1 - delta/2 none
// of those T0 guesses, drawn without looking at the samples, fits with error above e, since T0 (1 -
// e)^N = delta/2.
#include "bound/bounds.h"
#include <math.h>

static double value(const BoundCase *world, const BoundFacts *facts) {
    double half = world->delta / 2, guesses = bound_guesses(facts->inverse_teacher, half);
    double log_guesses =
        isnan(guesses) ? log(-log(half)) - facts->log_teacher : log(guesses); // 2^53: ceil is idle
    return -expm1((log(half) - log_guesses) / (double)world->samples);
}

const Bound bound_self_contained = {
    .name = "self_contained",
    .formula = "1 - exp(-(log T0 + log(2/delta))/N), T0 = ceil(log(2/delta) q^M)",
    .source = "a union bound over the first T0 guesses",
    .of = BOUND_OF_FIRST,
    .refuses = bound_needs_teacher,
    .value = value,
    .probability = bound_one_minus_delta,
};
