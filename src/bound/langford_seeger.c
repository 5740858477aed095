// PAC-Bayes as in mcallester.c. The theorem: with probability 1 - delta, for all Q,
// kl(training error(Q) || error(Q)) <= (KL + log((N+1)/delta))/N.
#include "bound/bounds.h"
#include "num/statistics.h"
#include <math.h>

static double value(const BoundCase *world, const BoundFacts *facts) {
    double n = (double)world->samples;
    return statistics_kl_inverse(0, (-facts->log_fit + log(n + 1) - bound_log_delta(world, facts)) /
                                        n);
}

const Bound bound_langford_seeger = {
    .name = "langford_seeger",
    .formula = "kl(0||e) <= (log(1/p_S) + log((N+1)/delta'))/N",
    .source = "Langford, Seeger 2001; Langford 2005, Theorem 5.1",
    .of = BOUND_OF_MEAN,
    .average = true,
    .refuses = bound_needs_fit,
    .value = value,
    .probability = bound_one_minus_delta,
};
