#include "bound/bounds.h"
#include "num/statistics.h"
#include <math.h>

// sum of wide_l (d_(l-1) + b), where the widths that are read are always the student's.
static double count(const BoundCase *world, const uint64_t *wide) {
    double sum = 0, read = (double)world->inputs, b = world->bias;
    for (size_t l = 0; l < world->layers; l++) {
        sum += (double)wide[l] * (read + b);
        read = (double)world->hidden[l];
    }
    return sum + read + b;
}

// ---- what makes a case ----

static bool check_widths(const BoundCase *world, Error *error) {
    bool wider = false;
    for (size_t l = 0; l < world->layers; l++) {
        unsigned long long own = world->hidden[l], copied = world->teacher[l];
        if (own < 1)
            return error_set(error, "--hidden: layer %zu has no neurons; 1 and more fit", l + 1);
        if (world->teacher[0] && (copied < 1 || copied > own))
            return error_set(error,
                             "--teacher: layer %zu has %llu neurons, the student's has %llu; 1 to "
                             "%llu fit",
                             l + 1, copied, own, own);
        wider = wider || own > copied;
    }
    if (!(count(world, world->hidden) < BOUND_LARGEST))
        return error_set(error, "--hidden: %.3g weights; fewer than 2^53 fit",
                         count(world, world->hidden));
    if (world->teacher[0] && world->no_zero && wider)
        return error_set(
            error, "--levels: 0 is not among them, so a student wider than its teacher cannot "
                   "switch neurons off; give 0, or no --teacher");
    return true;
}

static bool check_probability(const char *flag, double value, Error *error) {
    if (value > 0 && value < 1) return true;
    return error_set(error, "%s: %.10g; it takes a number above 0 and below 1", flag, value);
}

// Beta quantiles are asked for probabilities that have all their digits.
static bool check_paid(const BoundCase *world, Error *error) {
    double paid = world->share * world->delta;
    if (world->trials == 0 || (paid >= 1e-290 && world->delta - paid > 0)) return true;
    return error_set(error, "--share: %.3g of delta is paid and %.3g left; 1e-290 and more fit",
                     paid, world->delta - paid);
}

bool bound_check(const BoundCase *world, Error *error) {
    if (world->levels < 2)
        return error_set(error, "--levels: %llu; 2 and more fit",
                         (unsigned long long)world->levels);
    if (world->inputs < 1) return error_set(error, "--inputs: 0; 1 and more fit");
    if (world->layers < 1 || world->layers > BOUND_MOST_LAYERS)
        return error_set(error, "--hidden: %zu layers; 1 to %d fit", world->layers,
                         BOUND_MOST_LAYERS);
    if (world->samples < 1) return error_set(error, "--samples: 0; 1 and more fit");
    if (world->hits > world->trials)
        return error_set(error, "--hits: %llu of %llu trials; at most all of them can hit",
                         (unsigned long long)world->hits, (unsigned long long)world->trials);
    if ((double)world->trials > 1e15) return error_set(error, "--trials: at most 1e15 fit");
    return check_widths(world, error) && check_probability("--delta", world->delta, error) &&
           check_probability("--eta", world->eta, error) &&
           check_probability("--share", world->share, error) && check_paid(world, error);
}

// ---- what follows from it ----

// ln(1/eta) is never a whole number of guesses for a rational eta, but its rounded product may land
// on one: 64 bits of mantissa keep the rounding away from the next whole number.
static long double expected(double inverse, double eta) {
    return -logl((long double)eta) * (long double)inverse;
}

double bound_guesses(double inverse, double eta) {
    long double guesses = ceill(expected(inverse, eta));
    return guesses < (long double)BOUND_LARGEST ? (double)guesses : NAN;
}

// q^M: a product of integers, exact while it is below 2^53.
static double whole_power(double base, double exponent) {
    double product = 1;
    for (; exponent > 0 && product < BOUND_LARGEST; exponent--) product *= base;
    return exponent > 0 ? pow(base, exponent) * product : product;
}

static void add_teacher(const BoundCase *world, BoundFacts *facts) {
    facts->pinned = count(world, world->teacher);
    facts->log_teacher = -facts->pinned * log((double)world->levels);
    facts->inverse_teacher = whole_power((double)world->levels, facts->pinned);
    facts->guesses_bound = bound_guesses(facts->inverse_teacher, world->eta);
    facts->log_guesses_bound = isnan(facts->guesses_bound)
                                   ? log(-log(world->eta)) - facts->log_teacher
                                   : log(facts->guesses_bound);
}

static void add_fit(const BoundCase *world, BoundFacts *facts) {
    facts->log_fit = facts->log_teacher; // NAN without a teacher
    if (world->log_fit < 0) facts->log_fit = world->log_fit;
    facts->measured = world->trials > 0 && !(world->log_fit < 0);
    if (!facts->measured) return;
    facts->paid = world->share * world->delta;
    facts->log_fit =
        log(statistics_lower_limit((double)world->hits, (double)world->trials, facts->paid));
}

BoundFacts bound_facts(const BoundCase *world) {
    double weights = count(world, world->hidden);
    BoundFacts facts = {.weights = weights,
                        .log_weights = -weights * log((double)world->levels),
                        .pinned = NAN,
                        .log_teacher = NAN,
                        .inverse_teacher = NAN,
                        .guesses_bound = NAN,
                        .log_guesses_bound = NAN};
    if (world->teacher[0]) add_teacher(world, &facts);
    add_fit(world, &facts);
    return facts;
}

BoundCondition bound_condition(const BoundCase *world, const BoundFacts *facts) {
    if (isnan(facts->pinned)) return (BoundCondition){NAN, NAN, false};
    double left = (facts->weights - facts->pinned) * log((double)world->levels);
    double right = log(-log(world->eta));
    return (BoundCondition){left, right, left > right};
}

// ---- what bounds share ----

const char *bound_needs_teacher(const BoundCase *world, const BoundFacts *facts) {
    if (!isnan(facts->pinned)) return NULL;
    return world->no_teacher ? world->no_teacher : "it needs a teacher (--teacher)";
}

const char *bound_needs_fit(const BoundCase *world, const BoundFacts *facts) {
    (void)world;
    if (isnan(facts->log_fit))
        return "it needs p_S: measured (--hits, --trials) or a teacher's (--teacher)";
    return isinf(facts->log_fit) ? "no guess fitted, so that the lower limit of p_S is 0" : NULL;
}

double bound_one_minus_delta(const BoundCase *world) {
    return 1 - world->delta;
}

double bound_log_delta(const BoundCase *world, const BoundFacts *facts) {
    return log(world->delta - facts->paid);
}
