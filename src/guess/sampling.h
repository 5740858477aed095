// Part of the door of guess/: from a prior and a network to shares and counts. Not to be included
// alone; guess/guess.h has all.
#pragma once

#include "net/net.h"

// ---- the prior ----

enum { GUESS_LEVELS_MOST = 256 };

typedef enum GuessLaw {
    GUESS_LEVELS,  // uniform on the levels
    GUESS_UNIFORM, // uniform on an interval around 0
    GUESS_NORMAL,  // N(0, ...)
} GuessLaw;

typedef struct GuessPrior {
    GuessLaw law;
    size_t levels;                   // q, 2 .. GUESS_LEVELS_MOST
    double level[GUESS_LEVELS_MOST]; // as given, all different; digit c of a draw is level[c]
    double scale; // continuous: the standard deviation of every weight is scale / sqrt(fan_in), of
                  // a bias too
} GuessPrior;

// "-1,0,1", or their number where they are the whole numbers around 0: "3". At least two numbers,
// none twice. place begins the error.
bool guess_read_levels(const char *text, const char *place, GuessPrior *prior, Error *error);
// "normal", "normal:2.5", "uniform", "uniform:0.5"; the number is the scale, 1 where it is not
// given.
bool guess_read_prior(const char *text, const char *place, GuessPrior *prior, Error *error);
void guess_print_prior(const GuessPrior *prior, Text *text);
void guess_print_levels(const GuessPrior *prior, Text *text); // as short as it is read
bool guess_has_zero(const GuessPrior *prior);                 // is 0 among the levels?

// ---- the model ----

// A network to guess: dense layers and activations, one output.
typedef struct GuessModel {
    const Net *net; // not owned
    GuessPrior prior;
    size_t inputs, weights; // d0, k
    size_t widest;          // features of any layer, inputs included
    // How a draw from the levels is cut out of random words of 32 bits: word i gives the weights
    // i * digits .. in the order of the flat block, the most significant digit first.
    size_t digits, words;
    uint32_t least, least_last;     // a word that ends below is thrown away; of the last word
    float value[GUESS_LEVELS_MOST]; // the levels, rounded
    bool evenly; // value[c] = value[0] + c (value[1] - value[0]), nothing of it rounded
} GuessModel;

// Errors, with the layer's place in the text: a layer that is neither fc nor an activation (flatten
// in front is nothing to a dense network and allowed), more than one output, nothing to draw.
bool guess_model(const NetProgram *program, const Net *net, const GuessPrior *prior,
                 GuessModel *model, Error *error);

// The weights of guess number t, w (k floats) in the order of the network's flat block.
//
// Levels: word i of the guess is number i of the stream (seed, RANDOM_GUESS, t). As a fraction u of
// 2^32 it is multiplied by q once for each of its g = min(digits, k - i digits) weights: the digit
// is what passes 2^32, u what stays below. The word is thrown away when u ends below 2^32 mod q^g
// (so all q^g outcomes are equally probable: Lemire, ACM TOMACS 29, 2019), and replaced by the
// number i + 2^26 a of the stream, a = 1, 2, ... <= 60. digits is the largest with q^digits <=
// 2^21: less than one word in 2048 is thrown away. Continuous: v = 2^-24 (2 floor(word / 2^8) + 1)
// - 1 in (-1, 1), odd multiples of 2^-24. Weight i of a uniform prior is sqrt(3) v of word i;
// weights 2i and 2i + 1 of a normal one are r cos(pi v) and r sin(pi v), r = sqrt(-2 log((1 + v') /
// 2)), v' and v of words 2i and 2i + 1 (Box, Muller 1958), in single precision; both times scale /
// sqrt(fan_in).
bool guess_weights(const GuessModel *model, uint64_t seed, uint64_t t, float *w, Error *error);

// ---- points ----

// Points with labels. The first n are the sample S to be fitted; the others, up to all, are further
// points of the same world: a guess that is right there, too, counts as the teacher's function.
typedef struct GuessPoints {
    size_t d, n, all;
    float *x;  // (all, d) row-major
    int8_t *y; // (all) +1 or -1
} GuessPoints;

// What an output of exactly 0 says.
typedef enum GuessZero {
    GUESS_ZERO_NEGATIVE, // -1: the exercise sheet's "1 iff sum > 0"
    GUESS_ZERO_POSITIVE, // +1
    GUESS_ZERO_WRONG,    // neither: wrong at every label
} GuessZero;
extern const char *const guess_zeros[]; // "negative", "positive", "wrong", NULL

// The output of one network with weights w at count points x (count, d): u (count). Sums run over
// the inputs in order, from the bias on, by fused multiply-adds in single precision: bit for bit
// what the samplers compute. Exact where levels and points are small multiples of a power of 2;
// with levels such as 0.1, which are rounded, what should be 0 may come out as 1e-9.
bool guess_outputs(const GuessModel *model, const float *w, size_t count, const float *x, float *u,
                   Error *error);

// Does output u agree with label y?
static inline bool guess_agrees(float u, int y, GuessZero zero) {
    if (u == 0 && zero == GUESS_ZERO_WRONG) return false;
    return (u > 0 || (u == 0 && zero == GUESS_ZERO_POSITIVE)) == (y > 0);
}

// ---- plain sampling ----

// Where an exact count stands: sum number `done` of `sums` in step `step` (from 1) of `steps`.
typedef struct GuessStep {
    size_t step, steps, done, sums;
} GuessStep;

typedef struct GuessProblem {
    const GuessModel *model;
    const GuessPoints *points;
    GuessZero zero;
    uint64_t seed;
    // Of guess_exact, often; NULL: nobody is told. False ends it with ERROR_INTERRUPTED.
    bool (*let)(void *user, const GuessStep *step);
    void *user;
} GuessProblem;

// What guesses first .. first + count - 1 gave.
typedef struct GuessTally {
    uint64_t guesses;
    uint64_t hits; // fit the sample
    uint64_t full; // fit all points
    uint64_t *t;   // (kept) the numbers of the first hits, ascending
    size_t kept, room;
} GuessTally;

// Adds a range of guesses to the tally, by the faster of two methods that count the same: lanes
// (one lane, one network; a group of networks is left as soon as none fits), or tables of neuron
// responses (one lane, one point) where they are small. Hits beyond t's room are counted only. One
// thread; cost: k random digits and up to `all` forward passes a guess, about 2 when p_S is small.
typedef struct GuessSampler GuessSampler;
GuessSampler *guess_sampler_new(const GuessProblem *problem, Error *error);
void guess_sampler_run(GuessSampler *sampler, uint64_t first, uint64_t count, GuessTally *tally);
void guess_sampler_free(GuessSampler *sampler);                // NULL is allowed
const char *guess_sampler_method(const GuessSampler *sampler); // "lanes" or "tables"

typedef struct GuessSampleOptions {
    uint64_t first, guesses; // numbers first .. first + guesses - 1
    uint64_t hits;           // end with the guess that brings the tally to so many; 0: do not
    int threads;             // 0: one for each processor
    // About 5 times a second, from the thread that called; may be NULL.
    void (*progress)(void *user, const GuessTally *tally);
    bool (*stop)(void *user); // polled between blocks of guesses; true ends it; may be NULL
    void *user;
} GuessSampleOptions;

// Adds guesses to a tally, by many threads. Blocks of guesses are merged in order: the tally is
// that of guesses first, first + 1, ... without a gap, the same for any number of threads, also
// when it was stopped. To go on later, hand in the same tally with first + (guesses it has) as
// `first`.
bool guess_sample(const GuessProblem *problem, const GuessSampleOptions *options, GuessTally *tally,
                  bool *interrupted, Error *error);

// Of guesses 0 .. count - 1: how many give exactly 0 at one of the first n points. One thread.
bool guess_count_ties(const GuessProblem *problem, uint64_t count, uint64_t *ties, Error *error);

// ---- the exact count ----

enum { GUESS_FUNCTIONS_MOST = 1 << 20 };

typedef struct GuessFunction {
    uint64_t mask; // bit i: +1 at point i
    char *count;   // of weight vectors, decimal
    double share;  // of all
} GuessFunction;

// Of all q^k weight vectors. Counts are exact decimal integers.
typedef struct GuessExact {
    char *total;             // q^k
    GuessFunction *function; // (functions) by descending count, then mask; with GUESS_ZERO_WRONG a
                             // vector that gives 0 somewhere has no function and is in none of them
    size_t functions;        // listed: the GUESS_FUNCTIONS_MOST with the greatest counts
    size_t distinct;         // there are
    char *ties;              // vectors whose output is 0 at some point
    char *hits;              // fit the sample
    char *full;              // fit all points
    double probability, p_star, tie_share; // hits, full and ties as shares
    double mean_error; // over vectors that fit: mean share of wrong points among all; NAN: none fit
    size_t states;     // different vectors of sums that were kept at a time, at most
} GuessExact;

// Counts every weight vector by its function on all points, without going through them one by one.
//
// Levels, points and slopes are decimals and are scaled to whole numbers. (What is stored in single
// precision is taken as the decimal that it was rounded from. So an output that is 0 in decimals is
// a tie here, where the samplers may see a rounding error, as with levels or points such as 0.1;
// multiples of a power of two are the same to both.) The law of one neuron's responses at the
// points, vectors of integers with the number of weight vectors that give them, is a convolution
// over its inputs; the neurons of the last hidden layer are independent given the layer before, so
// the law of the output is a convolution over them; layers before it are gone through as multisets
// of different responses, with multinomial counts. Exact, too: a sum that the neurons still to come
// cannot bring back across 0 (or an activation's kink) counts as the nearest that they cannot; and
// vectors that a symmetry of the points maps to each other are kept as one (signed permutations of
// up to 4 inputs, permutations of up to 6, the sign of the output).
//
// Cost: products states of the sum so far x states of one neuron, one neuron at a time, so d_L
// times; times the number of multisets of the layers before, C(states + d - 1, d). Memory: up to
// 2 GB, or a quarter of the machine's where that is less.
// Errors: a continuous prior; no point or more than 64; more than 16384 weights; activations other
// than relu, sign, hardtanh, leaky or none; levels, points or slopes that are no decimals of up to
// 6 digits behind the point or beyond 1e6; whole numbers beyond 2^31; more states than fit into the
// memory (the message says how many there were, and at which step); interruption. Points and inputs
// are counted from 0 in messages, as the bits of a mask are. *exact is empty after an error.
bool guess_exact(const GuessProblem *problem, GuessExact *exact, Error *error);
void guess_exact_free(GuessExact *exact);

// ---- rare events ----

typedef struct GuessRareOptions {
    size_t runs; // independent, 2 .. 10000; 0: 10
    size_t
        particles; // networks of a run, rounded up to whole groups of 16, at most 2^24; 0: chosen
    size_t sweeps; // moves per neuron at every level; 0: chosen by the pilot, level by level
    int threads;
    // Called with the share done; may be NULL. stop: polled; true ends it. Both by the caller's
    // thread.
    void (*progress)(void *user, double done);
    bool (*stop)(void *user);
    void *user;
} GuessRareOptions;

typedef struct GuessRare {
    size_t runs, particles, levels;
    double sweeps;          // mean over levels
    double log_probability; // ln of the mean over runs of the unbiased estimates of p_S
    double log_spread; // standard deviation over runs of ln(estimate); NAN: some run found nothing
    double log_low, log_high; // 95 % interval of ln p_S, see below
    double *log_run;          // (runs) ln of each estimate, -INFINITY: died out
    double *factor; // (levels) conditional probability of each level, mean over the runs that got
                    // there
    double test_error;        // mean error at the points behind the sample, over the networks that
                              // fit; NAN: no such points, or nobody fits
    double test_error_spread; // standard deviation over runs; NAN with fewer than two
    bool interrupted;         // the runs that were whole count; if fewer than 2,
                              // runs is 0 and log_probability NAN
} GuessRare;

// p_S = P(a draw from the prior fits the sample), also where it is 1e-30, by sequential splitting
// (multilevel splitting, subset simulation: Kahn, Harris 1951; Au, Beck 2001; Cerou, Del Moral,
// Furon, Guyader, Statistics and Computing 22, 2012):
//     p_S = prod_j P(S <= b_j | S <= b_{j-1}),   1 >= b_1 > b_2 > ... > b_J = 0,
// where S, 0 .. 1, is how far a network is from fitting: the wrong points' share of the margins,
//     S = sum over wrong points of (|u| + tau) / sum over the sample of (|u| + tau),
// tau a tenth of the outputs' root mean square under the prior. S = 0 says the network fits. Since
// S is (nearly) continuous, bars that halve the particles exist also where one more right point
// would have probability 1e-3, as with random labels; and all points are felt from the first level
// on, which with growing subsets of the sample they are not (there the last points find only
// particles that suit the first: the spread was 3 to 5 times larger).
//
// Particles, drawn from the prior, that pass a bar are kept, the others become copies of them
// (every survivor gets the same number, but for a remainder dealt at random), and all are moved:
// a random neuron redraws random weights from the prior (all, 1/4, 1/16, ... or one) or, under a
// continuous prior, shifts all of them by a step that is reversible under the prior; a move that
// would leave the level is undone. So the prior given S <= b_j is invariant (but for rounding of
// the steps), whatever the size of moves and their number. Outputs are always bit for bit those of
// guess_outputs.
//
// A pilot run with random numbers of its own chooses tau, bars, sizes and number of moves, and how
// many particles there should be (for a spread of about 0.15; at most 8192, or 512 MB of weights).
// The runs use these unchanged. Hence each run's product of shares has expectation p_S exactly:
// given the particles at level j, each share, and with it the law of the particles at level j + 1,
// has the expectation of the law moved on by one step, whatever the dependence that copies bring
// (Del Moral, Feynman-Kac Formulae, 2004, theorem 7.4.2). What slow moves cost is spread, and that
// is measured: the runs share nothing but the schedule.
//
// The interval takes the estimates for lognormal, as they are in the limit of many levels (Berard,
// Del Moral, Doucet, Electronic J. Probability 19, 2014): with m and s2 the mean and variance of
// their logarithms over R runs, m + s2/2 -+ t sqrt(s2/R + s2^2/(2(R-1))), t Student's of R - 1
// degrees (Cox; Olsson, J. Statistics Education 13, 2005). When some runs died out: Student's
// interval of the mean estimate; when all did: -INFINITY .. 0. Spreads above 1 say that particles
// or sweeps are too few and that the interval may be too short. A p_S below about 2^-2000 comes out
// as 0.
//
// Same seed, same bits for any number of threads. Cost: -log2 p_S levels (somewhat more), each with
// 4 to 40 moves of every neuron of every particle; a move costs n times the neuron's weights in
// multiply-adds, and what follows it in the network. Memory: 4 bytes per weight and particle.
// Errors: memory; runs or particles out of range.
bool guess_rare(const GuessProblem *problem, const GuessRareOptions *options, GuessRare *rare,
                Error *error);
void guess_rare_free(GuessRare *rare);
