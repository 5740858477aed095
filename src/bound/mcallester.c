// PAC-Bayes with the prior of the guesses P and the posterior Q = P given that all samples are
// fitted: KL(Q||P) = -log p_S, and Q errs on no sample. The theorem: with probability 1 - delta,
// for all Q, error(Q) <= training error(Q) + sqrt((KL + log(N/delta))/(2(N-1))).
#include "bound/bounds.h"
#include <math.h>

static const char *refuses(const BoundCase *world, const BoundFacts *facts) {
    const char *reason = bound_needs_fit(world, facts);
    return reason || world->samples >= 2 ? reason : "it needs N >= 2";
}

static double value(const BoundCase *world, const BoundFacts *facts) {
    double n = (double)world->samples;
    return sqrt((-facts->log_fit + log(n) - bound_log_delta(world, facts)) / (2 * (n - 1)));
}

const Bound bound_mcallester = {
    .name = "mcallester",
    .formula = "sqrt((log(1/p_S) + log(N/delta'))/(2(N-1)))",
    .source = "McAllester 1999, as in Shalev-Shwartz, Ben-David 2014, Theorem 31.1",
    .of = BOUND_OF_MEAN,
    .average = true,
    .refuses = refuses,
    .value = value,
    .probability = bound_one_minus_delta,
};
