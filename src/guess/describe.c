// An experiment for a person.
#include "guess/inner.h"
#include <math.h>

static const char LINE[] = "%-10s";

static const char CLAIM[] = ", if such a teacher exists, as --teacher claims";

static void begin(Text *text, const char *name) {
    text_printf(text, LINE, name);
}

static void add_count(Text *text, double count) { // 1000000, or 1.234e+12
    text_printf(text, fabs(count) < 1e9 ? "%.0f" : "%.4g", count);
}

static void add_spread(Text *text, const GuessSpread *spread) {
    text_printf(text, "mean %.4g", spread->mean);
    if (isfinite(spread->standard_error)) text_printf(text, " +- %.2g", spread->standard_error);
    if (spread->count > 1)
        text_printf(text, "; from %.4g over %.4g, %.4g, %.4g to %.4g", spread->quantile[0],
                    spread->quantile[1], spread->quantile[2], spread->quantile[3],
                    spread->quantile[4]);
    text_add(text, "\n");
}

static void add_world(const GuessAnalysis *a, Text *text) {
    begin(text, "network");
    text_printf(text, "%s: %zu weights, each %s%s\n", a->model, a->weights,
                a->levels ? "one of " : "", a->prior);
    begin(text, "sample");
    text_printf(text, "%zu points of %s", a->samples, *a->data ? a->data : "the cube");
    if (a->distinct != a->samples) text_printf(text, ", %zu of them different", a->distinct);
    text_add(text, "\n");
}

// ---- plain ----

// How p_S was estimated where the number of guesses may depend on the hits.
static void add_estimator(const GuessAnalysis *a, Text *text) {
    const char *ended = "the limit of guesses ended the run, not the hits; binomial interval";
    if (a->options.hits == 0) return;
    if (a->ended_by_hits) ended = "the last hit ended the run; negative binomial interval";
    if (a->interrupted) ended = "interrupted; binomial interval";
    begin(text, "");
    text_printf(text, "p_S = %s%s: %s\n", a->estimator,
                a->ended_by_hits && a->tally.hits > 1 ? ", unbiased" : "", ended);
}

static void add_sampling(const GuessAnalysis *a, Text *text) {
    const GuessTally *tally = &a->tally;
    begin(text, "guesses");
    add_count(text, (double)tally->guesses);
    if (a->drawn != tally->guesses) {
        text_add(text, ", now ");
        add_count(text, (double)a->drawn);
    }
    if (a->drawn && a->seconds > 0)
        text_printf(text, " in %.3g s: %.3g networks a second", a->seconds,
                    (double)a->drawn / a->seconds);
    text_add(text, "\n");
    begin(text, "fit");
    add_count(text, (double)tally->hits);
    text_printf(text, " of them: p_S = %.4g, 95 %% interval %.4g to %.4g\n", a->probability, a->low,
                a->high);
    add_estimator(a, text);
}

static void add_star(const GuessAnalysis *a, Text *text) {
    if (!a->complete && !(a->has_bounds && a->bound.teacher[0])) return;
    begin(text, "function");
    if (a->complete) {
        add_count(text, (double)a->tally.full);
        text_printf(text, " are right everywhere: p* = %.4g, 95 %% interval %.4g to %.4g",
                    a->p_star, a->star_low, a->star_high);
    }
    if (a->has_bounds && a->bound.teacher[0]) {
        text_printf(text, "%sat least q^-M = ", a->complete ? "; " : "p* is ");
        bound_add_power(text, a->facts.log_teacher);
        text_add(text, " by the bound");
        if (a->claimed) text_add(text, CLAIM);
    }
    text_add(text, "\n");
}

static void add_waiting(const GuessAnalysis *a, Text *text) {
    const GuessTally *tally = &a->tally;
    if (tally->hits == 0) return;
    begin(text, "waiting");
    text_printf(text, "T = %llu for the first, %.4g on average; ",
                (unsigned long long)(tally->t[0] + 1),
                (double)tally->guesses / (double)tally->hits);
    if (isfinite(a->geometric_p_value)) {
        text_printf(text, "against the geometric law: p = %.3g\n", a->geometric_p_value);
    } else {
        text_add(text, "too few to test the geometric law\n");
    }
}

static void add_ties(const GuessAnalysis *a, Text *text) {
    if (a->tie_guesses == 0) return;
    begin(text, "ties");
    text_printf(
        text, "%.3g %% of the first %llu give exactly 0 somewhere in the sample; 0 counts as %s\n",
        100 * (double)a->ties / (double)a->tie_guesses, (unsigned long long)a->tie_guesses,
        guess_zeros[a->options.zero]);
}

static void add_error(const GuessAnalysis *a, Text *text) {
    if (!isfinite(a->test_error.mean)) return;
    begin(text, "error");
    text_printf(text, "at %zu test points, ", a->tests);
    if (a->test_error.count) text_printf(text, "%zu interpolators: ", a->test_error.count);
    add_spread(text, &a->test_error);
}

// ---- exact, rare ----

enum { SHOWN = 16 };

// Blanks in front of a mask, so that it ends in column 18.
static int mask_room(uint64_t mask) {
    int digits = 1;
    while (mask >>= 4) digits++;
    return 16 - digits;
}

static void add_exact(const GuessAnalysis *a, Text *text) {
    const GuessExact *exact = &a->exact;
    if (!exact->total) return;
    begin(text, "networks");
    text_printf(text, "%s in all; %s give 0 at some point (%.4g %%), which counts as %s\n",
                exact->total, exact->ties, 100 * exact->tie_share, guess_zeros[a->options.zero]);
    if (a->labelled) {
        begin(text, "fit");
        text_printf(text, "%s: p_S = %.9g\n", exact->hits, exact->probability);
        begin(text, "function");
        text_printf(text, "%s are right everywhere: p* = %.9g\n", exact->full, exact->p_star);
    }
    if (exact->functions == 0) return;
    text_printf(text, "\n%18s  %20s  %s\n", "function", "networks", "share");
    for (size_t f = 0; f < exact->functions && f < SHOWN; f++)
        text_printf(text, "%*s0x%llx  %20s  %.9g\n", mask_room(exact->function[f].mask), "",
                    (unsigned long long)exact->function[f].mask, exact->function[f].count,
                    exact->function[f].share);
    if (exact->functions > SHOWN)
        text_printf(text, "%18s  (%zu more; --json has them)\n", "...", exact->functions - SHOWN);
    text_add(text, "\n");
}

static void add_rare(const GuessAnalysis *a, Text *text) {
    const GuessRare *rare = &a->rare;
    if (rare->interrupted && rare->runs == 0) text_add(text, "no two runs were whole yet\n");
    if (rare->runs == 0) return;
    begin(text, "fit");
    text_printf(text, "ln p_S = %.4f, 95 %% interval %.4f to %.4f: p_S is about ",
                rare->log_probability, rare->log_low, rare->log_high);
    bound_add_power(text, rare->log_probability);
    text_add(text, "\n");
    begin(text, "splitting");
    text_printf(
        text,
        "%zu runs of %zu networks through %zu levels, %.3g sweeps at each; spread of ln p_S "
        "between runs %.3g%s\n",
        rare->runs, rare->particles, rare->levels, rare->sweeps, rare->log_spread,
        rare->log_spread <= 1 ? "" : ": the interval may be too short; more particles or sweeps");
}

// ---- bounds, descent, repetitions ----

static void add_bound(const GuessAnalysis *a, size_t b, Text *text) {
    const Bound *bound = bound_table[b];
    BoundValue value = bound_evaluate(bound, &a->bound, &a->facts);
    if (!value.holds) return;
    text_printf(text, "  %-16s %10.4g  %swith probability %.4g; %s\n", bound->name, value.value,
                value.vacuous ? "vacuous; " : "", value.probability, bound->of);
}

static void add_bounds(const GuessAnalysis *a, Text *text) {
    if (!a->has_bounds && a->labelled) {
        begin(text, "bounds");
        text_printf(text, "none: %s\n", a->no_bounds);
    }
    if (!a->has_bounds) return;
    if (a->bound.teacher[0]) {
        begin(text, "promise");
        text_add(text, "T is at most ");
        bound_add_power(text, a->facts.log_guesses_bound);
        text_printf(text, " with probability %.4g%s\n", 1 - a->bound.eta, a->claimed ? CLAIM : "");
    }
    if (a->bound.no_teacher) {
        begin(text, "teacher");
        text_printf(text, "bounds do not use it: %s\n", a->bound.no_teacher);
    }
    if (a->bound.not_drawn) {
        begin(text, "bounds");
        text_printf(text, "none on the error: %s\n", a->bound.not_drawn);
        return;
    }
    text_add(text, "bounds on the error, each with its own probability");
    if (a->population)
        text_printf(text, "; over the %zu training examples that the sample is a random part of",
                    a->population);
    if (a->bound.teacher[0] && a->claimed)
        text_add(text, "; where they use a teacher: if there is one");
    text_add(text, "\n");
    for (size_t b = 0; b < bound_count(); b++) add_bound(a, b, text);
}

static void add_descent(const GuessAnalysis *a, Text *text) {
    const GuessDescent *descent = &a->descent;
    if (descent->runs == 0) return;
    begin(text, "descent");
    text_printf(text, "%zu of %zu runs fit the sample", descent->fitted, descent->runs);
    if (descent->fitted && isfinite(descent->test_error.mean)) {
        text_add(text, "; error ");
        add_spread(text, &descent->test_error);
    } else {
        text_add(text, "\n");
    }
    if (!a->has_bounds || a->bound.not_drawn) return;
    begin(text, "");
    text_add(text, "no bound above is about these networks: their weights are not on the levels\n");
}

// Of all samples: one that no guess came to fit within the limit broke no promise.
static void add_above(const GuessAnalysis *a, size_t b, Text *text) {
    const Bound *bound = bound_table[b];
    BoundValue value = bound_evaluate(bound, &a->bound, &a->facts);
    text_printf(text, "  error above %s: %.4g (promised: at most %.4g%s)\n", bound->name,
                (double)a->repeat.above[b] / (double)a->repeat.repeats, 1 - value.probability,
                a->complete ? "" : " for the error at all points, not only at those tested");
}

static void add_repeat(const GuessAnalysis *a, Text *text) {
    const GuessRepeat *repeat = &a->repeat;
    if (repeat->repeats == 0) return;
    double runs = (double)repeat->repeats;
    text_printf(text, "over %zu fresh samples\n", repeat->repeats);
    text_printf(text, "  %zu were fitted, after %.4g guesses on average; error ", repeat->fitted,
                repeat->mean_guesses);
    add_spread(text, &repeat->test_error);
    if (a->has_bounds && a->bound.teacher[0]) {
        text_printf(text, "  T above its bound: %.4g (promised: at most %.4g)",
                    (double)repeat->late / runs, a->bound.eta);
        if (repeat->undecided)
            text_printf(text, "; %zu undecided, more guesses would tell", repeat->undecided);
        text_add(text, "\n");
    }
    for (size_t b = 0; a->has_bounds && b < bound_count(); b++) {
        if (repeat->judged[b]) add_above(a, b, text);
    }
}

void guess_describe(const GuessAnalysis *a, Text *text) {
    add_world(a, text);
    if (a->options.method == GUESS_SAMPLE) {
        add_sampling(a, text);
        add_star(a, text);
        add_waiting(a, text);
        add_ties(a, text);
    }
    add_exact(a, text);
    add_rare(a, text);
    add_error(a, text);
    add_bounds(a, text);
    add_descent(a, text);
    add_repeat(a, text);
}
