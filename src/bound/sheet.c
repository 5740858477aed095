// The exercise sheet's bound. Its proof there: T <= ln(1/eta)/p* networks are considered, a finite
// class, and p* >= q^-M. That leaves out the rounding up of T, and what it states is true all the
// same: whatever the samples, a guess that fits has error above e with probability at most
// P(fits, error above e)/p*, over samples and guesses at most exp(-e N)/p*; at this e that is
// delta/ln(1/eta), which is below delta + eta.
#include "bound/bounds.h"
#include <math.h>

static const char *refuses(const BoundCase *world, const BoundFacts *facts) {
    const char *reason = bound_needs_teacher(world, facts);
    if (reason) return reason;
    if (world->eta >= exp(-1)) return "it needs eta < 1/e, where log log(1/eta) > 0";
    return world->delta + world->eta < 1 ? NULL : "delta + eta is 1 or more: it promises nothing";
}

static double value(const BoundCase *world, const BoundFacts *facts) {
    return (log(-log(world->eta)) - facts->log_teacher - log(world->delta)) /
           (double)world->samples;
}

static double probability(const BoundCase *world) {
    return 1 - world->delta - world->eta;
}

const Bound bound_sheet = {
    .name = "sheet",
    .formula = "[log log(1/eta) + M log q + log(1/delta)]/N",
    .source = "the exercise sheet, point 4; Buzaglo et al. 2024",
    .of = BOUND_OF_FIRST,
    .has_width = true,
    .refuses = refuses,
    .value = value,
    .probability = probability,
};
