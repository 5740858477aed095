// The door of bound/: what guess and check promises before anything is guessed. The laboratory's
// side of the same question, networks drawn and counted, can print these numbers beside its own.
//
// The setting. A student is a fully connected network with `inputs` inputs, L hidden layers and one
// output, whose k weights are drawn uniformly and independently from q levels; networks are drawn
// until one fits all N samples, the T-th. Samples are independent and identically distributed. The
// guesses do not depend on them. Samples drawn at random without replacement from finitely many
// points do as well, for the error over those points: a bad network fits them all with less
// probability still, and PAC-Bayes rests on a mean of a convex function of the training error,
// which such a sample does not increase (Hoeffding 1963, theorem 4). A teacher is a network of the
// same depth, activations and levels, no layer wider than the student's, that labels every sample
// without error. All logarithms are natural.
//
// Two probabilities are spent: delta on the sample being unlucky, eta on the guessing taking long.
//
// To add a bound: one file src/bound/NAME.c, one line in the table of src/bound/bounds.h.
#pragma once

#include "base/base.h"
#include <jansson.h>

enum { BOUND_MOST_LAYERS = 16 };

// A case. Whole numbers are at most 2^53, and so is the number of weights.
typedef struct BoundCase {
    uint64_t levels;                     // q, from 2
    bool no_zero;                        // 0 is not among the levels
    uint64_t inputs;                     // d0
    size_t layers;                       // L, from 1
    uint64_t hidden[BOUND_MOST_LAYERS];  // (layers) d1 .. dL
    uint64_t teacher[BOUND_MOST_LAYERS]; // (layers) d*_1 .. d*_L; teacher[0] == 0: none is known
    bool bias;                           // every neuron, the output too, has one
    uint64_t samples;                    // N
    double delta, eta;                   // probabilities, each in (0, 1)
    uint64_t guesses;                    // t, at which a network fitted; 0: not known
    uint64_t hits, trials;               // of `trials` guesses `hits` fit these samples; 0, 0: none
    double share;                        // of delta, paid for the lower limit of p_S; in (0, 1)
    double log_fit; // ln of p_S where it is known exactly, and nothing paid; 0: unknown
    // Where an assumption is known not to hold, a word why; else NULL. not_drawn: the samples are
    // no independent draws, and no bound on the error holds. no_teacher: why the one there is is
    // none (then teacher[0] == 0).
    const char *not_drawn, *no_teacher;
} BoundCase;

// Does this make a case? The error begins with the flag at fault ("--hidden: ...").
bool bound_check(const BoundCase *world, Error *error);

// What follows from everything but N; in logarithms, since no double holds q^-k for k = 1e6.
typedef struct BoundFacts {
    double weights;           // k, biases among them
    double log_weights;       // ln P(the weights are those of one network) = -k ln q
    double pinned;            // M, coordinates that make the student compute the teacher; NAN: none
    double log_teacher;       // ln of the lower bound q^-M on p* = P(the student is the teacher)
    double inverse_teacher;   // q^M, exact while below 2^53; infinite beyond a double
    double guesses_bound;     // ceil(ln(1/eta) q^M), exact while below 2^53, else NAN
    double log_guesses_bound; // its logarithm
    double log_fit;           // ln of a lower limit of p_S = P(a guess fits the samples)
    double paid;              // the part of delta paid for it: share delta where it was estimated
    bool measured; // it was: Clopper and Pearson's limit; else exact, or p_S >= p* >= q^-M
} BoundFacts;

// The number of pinned coordinates:
//     M = sum over l = 1 .. L+1 of d*_l (d_(l-1) + b),   d*_(L+1) = 1, b = 1 with biases, else 0.
// Proof. Let neurons 1 .. d*_l of layer l of the student copy the teacher's. Such a neuron reads
// d_(l-1) neurons: its weights from the d*_(l-1) copies are set to the teacher's, those from all
// others to 0 (which is why 0 must be a level, unless no layer is wider than the teacher's), its
// bias to the teacher's: d_(l-1) + b coordinates. By induction the copies compute what the teacher
// does, whatever the others compute: their weights and biases stay free. So at least q^(k-M) of
// the q^k students are the teacher. (Buzaglo et al. 2024.) Two layers: d0 d1* + d1 without biases,
// d1* (d0 + 1) + d1 + 1 with them.
//
// T > t has probability (1 - p*)^t <= exp(-p* t): with probability 1 - eta, T is at most
// ceil(ln(1/eta)/p*). Without the rounding up this is false: p* = 0.1 and eta = 0.5 give
// P(T > 6.93) = 0.9^6 = 0.531.
//
// p_S = P(a guess fits the samples) is at least p*. Measured, it enters through Clopper and
// Pearson's lower limit at share delta, which is the same whether `trials` or `hits` was fixed
// beforehand; the PAC-Bayes bounds then have delta' = (1 - share) delta left.
//
// The case must be one that bound_check likes. Cost: one beta quantile where p_S is measured.
BoundFacts bound_facts(const BoundCase *world);

// ceil(ln(1/eta)/p) for p = 1/inverse, exact while below 2^53, else NAN.
double bound_guesses(double inverse, double eta);

// ---- bounds on the error ----

typedef struct Bound {
    const char *name;
    const char *formula;
    const char *source;
    const char *of; // whose error: "the first guess that fits"
    bool average;   // the mean over all networks that fit, not that of the one found
    bool has_width; // it grows with the student's width and can pass 1: a largest width is sought
    // Why it promises nothing here, or NULL: it holds.
    const char *(*refuses)(const BoundCase *world, const BoundFacts *facts);
    double (*value)(const BoundCase *world, const BoundFacts *facts); // decreasing in N
    double (*probability)(const BoundCase *world);                    // with which it holds
} Bound;

extern const Bound *const bound_table[]; // ends in NULL
size_t bound_count(void);
const Bound *bound_find(const char *name); // NULL when there is none of that name

typedef struct BoundValue {
    double value;       // of the bound; NAN where it does not hold
    bool holds;         // its conditions are met
    bool vacuous;       // it holds and is 1 or more (in double): it says nothing
    const char *reason; // why it does not hold, else NULL
    double probability; // with which it holds, over samples and guesses; 0 where it does not
} BoundValue;

BoundValue bound_evaluate(const Bound *bound, const BoundCase *world, const BoundFacts *facts);

// The least N at which the bound holds and is at most `error`; NAN where no N below 2^53 is. What
// is known of guesses and p_S is kept as it is, although more samples would change both.
double bound_samples(const Bound *bound, const BoundCase *world, double error);

// The largest width d1 of one hidden layer, from the teacher's on (from 1 where none is known), at
// which the bound holds and is below 1. Sets *width to NAN where there is none. An error where the
// student is deeper: its layers have no common width. Only for bounds that have has_width.
bool bound_width(const Bound *bound, const BoundCase *world, double *width, Error *error);

// `sheet` is less than `all_weights` exactly when (k - M) log q > log log(1/eta); in two layers
// without biases, d0 (d1 - d1*) log q > log log(1/eta).
typedef struct BoundCondition {
    double left, right; // right: -inf or less than 0 for eta above 1/e; NAN, NAN without a teacher
    bool smaller;       // left > right
} BoundCondition;

BoundCondition bound_condition(const BoundCase *world, const BoundFacts *facts);

// ---- what it looks like ----

// The numbers of a case by name: what a grid can vary, a column of a table, a flag of the command.
typedef enum BoundKind { BOUND_WHOLE, BOUND_REAL, BOUND_WIDTHS } BoundKind;

typedef struct BoundField {
    const char *name, *title; // "samples", "samples N"
    BoundKind kind;
    size_t offset;        // in BoundCase: uint64_t, double, or (BOUND_MOST_LAYERS) uint64_t
    double least, most;   // WHOLE: what fits; REAL: between the two, without the ends
    const char *fallback; // the value where none is given; NULL: it has to be given, "": none
} BoundField;

extern const BoundField bound_fields[]; // ends in name == NULL
const BoundField *bound_find_field(const char *name);
void bound_add_field(const BoundField *field, const BoundCase *world, Text *text); // 100, 0.05, 8x8
bool bound_same_field(const BoundField *field, const BoundCase *one, const BoundCase *other);

// What a report is about: one case or a grid of them.
typedef struct BoundReport {
    const BoundCase *world; // (count)
    size_t count;
    double error; // the samples needed for this error are printed, too; 0: not asked
} BoundReport;

bool bound_varies(const BoundReport *report, const BoundField *field);

// For people: one case in full, or a row for each case of a grid.
void bound_describe(const BoundReport *report, Text *text);

// For programs: one case as an object, several as {"cases": [...]}. Keys of a case:
//     levels, inputs, hidden [], teacher [] (empty: none), bias, weights, samples, delta, eta,
//     guesses, hits, trials, share (null where not given),
//     log_weight_probability, pinned, log_teacher_bound, teacher_bound (null below 1e-300),
//     guesses_bound (null from 2^53 on), log10_guesses_bound,
//     fit_bound, log_fit_bound (the lower limit of p_S), fit_measured, error (null: not asked),
//     bounds {NAME: {value, vacuous, holds, reason, probability, of, average, samples_needed,
//         largest_width}},
//     condition {left, right, sheet_smaller}.
// null stands for what is not known, not asked for, or too large. largest_width is there for one
// hidden layer and bounds that have it.
json_t *bound_to_json(const BoundReport *report);

// exp(log) with four digits, and as 10^-477121.3 where no double could hold it.
void bound_add_power(Text *text, double log);
