// The door of signal/: does a network, as it is initialised, keep its signal and its gradients?
//
// Of every layer with weights, u = W x + b at the first weights:
//     predicted   E u^2 in a wide network (init_predict)
//     measured    the mean of u^2 over draws of the weights, examples and units
//     across      the part of it that differs between inputs, E u^2 - E u u'
//     ratio       E phi^2(u)/E u^2 of the activation phi that reads u
//     kurtosis    E u^4/(E u^2)^2, 3 for a Gaussian; and the Kolmogorov-Smirnov distance of
//                 u/sqrt(E u^2) from N(0, 1), from up to 20000 values of u
//     gradient    E |dL/du|^2 for a random direction of the output, where it is 1; predicted of a
//                 wide network
// Draw r has weights, inputs and directions of its own: streams of random_stream(seed,
// RANDOM_SIGNAL, r). The same options give the same bits.
//
// A network of n units is not infinitely wide. Of one input M = |u|^2/n scatters over draws (and
// inputs), and E u^2 is not quite that of a wide network. Where each dense layer reads an
// activation of the one before, both follow to first order in 1/n (src/signal/finite.c): with V(q)
// = sigma^2 n E phi^2(sqrt(q) z) + sigma_b^2 as in activation/ and m = E phi^4/(E phi^2)^2,
// Gaussian weights, no biases and E u^2 = 1
//     Var q_l = V'^2 Var q_(l-1) + (m - 1)/n_(l-1),    E q_l = 1 + V' E (q_(l-1) - 1) + V''/2 Var q
//     E M_l = E q_l,    Var M_l = Var q_l + 2/n_l,     first Var q = Var |x|^2/(E |x|^2)^2
//     E u^4 = 3 E q^2: u is Gaussian as far as q is the same everywhere
// and for phi(a x) = a phi(x) (ReLU: m = 6) E M^2/(E M)^2 = (1 + 2/n) prod (1 + (m - 1)/n) exactly.
// For other phi that is all of it only while q stays near its mean: nothing is said beyond. Where
// V' > 1, deviations of q grow from layer to layer, and however wide the network is, some layer is
// the first from which on draws go ways of their own.
//
// Of many layers the law of M over draws has a heavy tail, and its mean is that of few draws. What
// a verdict is about is the median over draws, how far draws scatter about it, and how many are
// lost. Sources: He et al. 2015; Poole et al. 2016; Schoenholz et al. 2017; Hanin, Rolnick 2018.
#pragma once

#include "data/data.h"
#include "init/init.h"
#include <jansson.h>

typedef struct SignalOptions {
    const int *scheme; // (schemes) numbers of init_schemes
    size_t schemes;
    int law;                 // InitLaw
    int64_t draws, examples; // measured on draws x examples; draws = 0: predicted only; -1: 20 and
                             // 64, fewer of a network that would take minutes
    uint64_t seed;
    const DataSet *data; // inputs: random rows of its training set; NULL: of N(0, 1)
} SignalOptions;

typedef struct SignalLayer {
    size_t number; // of the layer in the network
    double power;  // sum_j E x_j^2 over its inputs, as predicted
    double sigma;  // of its weights; exact-data: their root mean square, over draws
    double predicted, measured, measured_error; // E u^2, and the standard error over draws
    double median;                              // over draws, of a draw's mean of u^2
    double scatter;                  // of its logarithm: half of what the middle 68 % span
    double across_predicted, across; // E u^2 - E u u' of two inputs
    double apart;   // over draws, the median of the part of u^2 that differs between inputs
    double finite;  // E u^2 as predicted of this width; NAN: not known, or not to first order
    double typical; // the median as predicted of this width; NAN: not known
    double scatter_predicted; // `scatter` of one input to first order, also where it is large
    double deviation;         // ln of the factor by which a small deviation of E u^2 has grown
    double spread, spread_predicted;     // of one input's M, over draws and inputs, relative to its
                                         // mean; the latter NAN where it is not known
    double ratio_predicted, ratio;       // NAN where no activation follows
    double kurtosis, kurtosis_predicted; // the latter of this width; NAN: not known
    double distance;
    double gradient_predicted, gradient_measured, gradient_error;
    double gradient_median, gradient_scatter; // the same, as multiples of the output's own
    double place_predicted[INIT_PLACES],
        place[INIT_PLACES]; // E u^2 at corners, edges, in the middle
    double pooled;          // the part of gradient_predicted that average pools above it explain
} SignalLayer;              // what was not measured is NAN

// The course of a quantity: of the signal from the first layer to the last, of the gradient back,
// from the last to the first; what average pools take off a gradient is not counted. It is the
// median over draws and examples; where nothing was measured, what is predicted of this width, or
// else of wide networks. All is relative to where the course begins.
enum { SIGNAL_NEAR = 10, SIGNAL_FAR = 10000 }; // factors of a square
typedef enum SignalVerdict {
    SIGNAL_STABLE,    // within SIGNAL_NEAR, or at another level that no longer moves (1 % a layer)
    SIGNAL_VANISHING, // below 1/SIGNAL_FAR at the end, or lost
    SIGNAL_EXPLODING, // above SIGNAL_FAR at the end, or lost
    SIGNAL_UNKNOWN,   // neither measured nor predicted everywhere
    SIGNAL_FALLING,   // below 1/SIGNAL_NEAR at the end, and still falling
    SIGNAL_GROWING,   // above SIGNAL_NEAR, and still growing
    SIGNAL_UNEVEN,    // further away than SIGNAL_NEAR on the way, and coming back
    // The median is not far off, but single draws are: at least 5 % of them beyond SIGNAL_FAR at
    // the end, or they scatter by more than a factor SIGNAL_NEAR (what a narrow last layer adds is
    // not counted).
    SIGNAL_UNSTABLE,
} SignalVerdict;
extern const char *const signal_verdicts[]; // "stable", "vanishing", ...

typedef struct SignalJudgement {
    SignalVerdict verdict;
    // A signal that does not vanish, but what tells inputs apart does: the judgement is about
    // `apart`, which is below 1/SIGNAL_FAR at the end.
    bool alike;
    double end;        // the multiple at the end of the course
    double rate;       // its factor a layer from layer `from` to layer `to`, the second half of the
    int64_t from, to;  // course up to where it is lost (indices of SignalLayer); NAN: one layer
    int64_t low, high; // the layers where it is least and greatest,
    double lowest, highest; // and the multiples there
    int64_t leaves;         // the first one beyond SIGNAL_NEAR; -1: none
    // The number of layers of the course after which it is lost, in this network: 0, or beyond what
    // float holds (below its least normal number, above its largest; of `apart`: its rounding,
    // 2^-46). NAN: it is not.
    double depth;
    // Of so many pairs of a draw and an example those that end below 1/SIGNAL_FAR, above
    // SIGNAL_FAR.
    int64_t looked_at, died, exploded;
} SignalJudgement;

typedef struct SignalScheme {
    int scheme;
    SignalLayer *layer; // (layers)
    SignalJudgement signal, gradient;
    char advice[300]; // what to change; empty: nothing
} SignalScheme;

typedef struct SignalReport {
    const Net *net;
    SignalOptions options;
    size_t layers; // those with weights
    bool measured;
    char why_not[200];    // where it was not measured
    SignalScheme *scheme; // (options.schemes)
} SignalReport;

// Errors: no layer has weights; as init_predict, *at the layer's number; batch norm would measure
// over a single number, *at its layer; the data has another number of features. *at is -1 when the
// error is about no layer. A network that cannot run (layers that are counted only), or not in this
// machine's memory, or not in half a minute unless draws say so, is predicted only; why_not says
// what it takes. Cost: about 3 forward passes for each draw and example. Test:
// test/signal/test_signal.c.
bool signal_analyse(const Net *net, const SignalOptions *options, SignalReport *report, int64_t *at,
                    Error *error);
void signal_free(SignalReport *report);

// The layer with weights that says most about Gaussianity: the last one that an activation reads.
const SignalLayer *signal_last_hidden(const SignalReport *report, size_t scheme);

// A table and a verdict for each scheme; of many layers some are left out. Layers are counted among
// those with weights.
void signal_describe(const SignalReport *report, Text *text);

// Keys: measured, why_not, draws, examples, law, schemes[]{scheme, layers[]{name, sigma, predicted,
// predicted_finite, predicted_median, measured, measured_standard_error, median, scatter,
// scatter_predicted, across_predicted, across, apart, spread, spread_predicted, corner{predicted,
// measured}, edge, middle (null where there are no positions), ratio_predicted, ratio, kurtosis,
// kurtosis_predicted, ks_distance, gradient_predicted, gradient_measured, gradient_standard_error,
// gradient_median, gradient_scatter}, verdict, alike, end, leaves, lost_at_depth, rate, rate_from,
// rate_to, died, exploded, gradient{verdict, end, leaves, lost_at_depth, rate, rate_from, rate_to,
// died, exploded}, advice}. leaves, rate_from and rate_to are names of layers; what is infinite,
// unknown or not there is null.
json_t *signal_to_json(const SignalReport *report);
