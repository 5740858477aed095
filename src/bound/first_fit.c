// Never above self_contained, with the same probability, and without rounding. A guess is bad when
// it fits all samples with error above e, which it does with probability at most (1 - e)^N; of the
// guesses before the teacher's function comes up, 1/p* on average, at most (1 - e)^N/p* are bad on
// average (Wald), so with probability 1 - delta (Markov) none is when (1 - e)^N = delta p*, and
// then the first that fits, which comes no later than the teacher, is not bad. p* >= q^-M.
#include "bound/bounds.h"
#include <math.h>

static double value(const BoundCase *world, const BoundFacts *facts) {
    return -expm1((log(world->delta) + facts->log_teacher) / (double)world->samples);
}

const Bound bound_first_fit = {
    .name = "first_fit",
    .formula = "1 - (delta q^-M)^(1/N)",
    .source = "Wald's equation and Markov's inequality over the guesses before the teacher",
    .of = BOUND_OF_FIRST,
    .refuses = bound_needs_teacher,
    .value = value,
    .probability = bound_one_minus_delta,
};
