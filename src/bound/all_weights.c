// A finite class without training error: all q^k weight vectors, each of which the samples betray
// with probability at least 1 - (1-e)^N when its error is above e. So it holds for every network of
// the class, however it was found, and for no other: gradient descent leaves the levels.
#include "bound/bounds.h"
#include <math.h>

static double value(const BoundCase *world, const BoundFacts *facts) {
    return (-facts->log_weights - log(world->delta)) / (double)world->samples;
}

const Bound bound_all_weights = {
    .name = "all_weights",
    .formula = "[k log q + log(1/delta)]/N",
    .source = "Shalev-Shwartz, Ben-David 2014, Corollary 2.3, for the class of all weights",
    .of = "every network on the levels that fits",
    .has_width = true,
    .value = value,
    .probability = bound_one_minus_delta,
};
