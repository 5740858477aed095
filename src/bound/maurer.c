// PAC-Bayes as in mcallester.c. The theorem: for N >= 8, with probability 1 - delta, for all Q,
// kl(training error(Q) || error(Q)) <= (KL + log(2 sqrt(N)/delta))/N.
#include "bound/bounds.h"
#include "num/statistics.h"
#include <math.h>

static const char *refuses(const BoundCase *world, const BoundFacts *facts) {
    const char *reason = bound_needs_fit(world, facts);
    return reason || world->samples >= 8 ? reason : "it needs N >= 8";
}

static double value(const BoundCase *world, const BoundFacts *facts) {
    double n = (double)world->samples;
    return statistics_kl_inverse(
        0, (-facts->log_fit + log(2 * sqrt(n)) - bound_log_delta(world, facts)) / n);
}

const Bound bound_maurer = {
    .name = "maurer",
    .formula = "kl(0||e) <= (log(1/p_S) + log(2 sqrt(N)/delta'))/N",
    .source = "Maurer 2004, Theorem 5",
    .of = BOUND_OF_MEAN,
    .average = true,
    .refuses = refuses,
    .value = value,
    .probability = bound_one_minus_delta,
};
