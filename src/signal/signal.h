// The door of signal/: does a network, as it is initialised, keep its signal and its gradients?
//
// Of every layer with weights, u = W x + b at the first weights:
//     predicted   E u^2 in a wide network (init_predict)
//     measured    the mean of u^2 over draws of the weights, examples and units
//     across      the part of it that differs between inputs, E u^2 - E u u'
//     ratio       E phi^2(u)/E u^2 of the activation phi that reads u
//     kurtosis    E u^4/(E u^2)^2, 3 for a Gaussian; and the Kolmogorov-Smirnov distance of
//                 u/sqrt(E u^2) from N(0, 1), from up to 20000 values of u
//     gradient    E |dL/du|^2 for a random direction of the output, where it is 1
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
// Sources: He et al. 2015; Poole et al. 2016; Schoenholz et al. 2017; Hanin, Rolnick 2018.
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
    double across_predicted, across;            // E u^2 - E u u' of two inputs
    double finite;                              // E u^2 as predicted of this width; NAN: not known
    double spread, spread_predicted;     // of one input's M, over draws and inputs, relative to its
                                         // mean; the latter NAN where it is not known
    double ratio_predicted, ratio;       // NAN where no activation follows
    double kurtosis, kurtosis_predicted; // the latter of this width; NAN: not known
    double distance;
    double gradient_predicted, gradient_measured, gradient_error;
    double place_predicted[INIT_PLACES],
        place[INIT_PLACES]; // E u^2 at corners, edges, in the middle
    double pooled;          // the part of gradient_predicted that average pools above it explain
    double band; // the signal may differ from the first layer's by this factor either way
} SignalLayer;   // what was not measured is NAN

// In the band: E u^2 is within a factor 4 of the first layer's (gradients: of the last layer's,
// what average pools take off not counted), widened by 3 standard deviations of the logarithm that
// finite widths allow. Outside, but no longer moving at the end (by less than 1 % a layer): stable.
// A signal of a steady E u^2 vanishes all the same where all inputs become alike: where `across`
// falls below 1/(16 l^2) in layer l, faster than the power law of ReLU on the edge of chaos.
// Gradients that are neither measured nor predicted everywhere are not judged.
typedef enum SignalVerdict {
    SIGNAL_STABLE,
    SIGNAL_VANISHING,
    SIGNAL_EXPLODING,
    SIGNAL_UNKNOWN,
} SignalVerdict;
extern const char *const signal_verdicts[]; // "stable", "vanishing", "exploding", "unknown"

typedef struct SignalJudgement {
    SignalVerdict verdict;
    bool alike;     // it is `across` that vanishes
    int64_t leaves; // the first layer (index of SignalLayer) outside the band; -1: none
    // The number of layers with weights after which it is lost: below 2^-46 of its square at first,
    // float's resolution, or beyond float's largest number; extrapolated beyond the network by the
    // rate of its second half. NAN: it is not lost.
    double depth;
    double
        rate; // of the square, per layer, in the second half of the network, or of what is not lost
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

// Errors: no layer has weights; as init_predict, *at the layer's number; the data has another
// number of features. *at is -1 when the error is about no layer. A network that cannot run (layers
// that are counted only), or not in this machine's memory, or not in half a minute unless draws say
// so, is predicted only; why_not says what it takes. Cost: about 3 forward passes for each draw and
// example. Test: test/signal/test_signal.c.
bool signal_analyse(const Net *net, const SignalOptions *options, SignalReport *report, int64_t *at,
                    Error *error);
void signal_free(SignalReport *report);

// The layer with weights that says most about Gaussianity: the last one that an activation reads.
const SignalLayer *signal_last_hidden(const SignalReport *report, size_t scheme);

// A table and a verdict for each scheme; of many layers some are left out.
void signal_describe(const SignalReport *report, Text *text);

// Keys: measured, why_not, draws, examples, law, schemes[]{scheme, layers[]{name, sigma, predicted,
// predicted_finite, measured, measured_standard_error, across_predicted, across, spread,
// spread_predicted, corner{predicted, measured}, edge, middle (null where there are no positions),
// ratio_predicted, ratio, kurtosis, kurtosis_predicted, ks_distance, gradient_predicted,
// gradient_measured, gradient_standard_error}, verdict, alike, leaves, lost_at_depth, rate,
// gradient{verdict, leaves, lost_at_depth, rate}, advice}. leaves is the name of a layer; what is
// infinite, unknown or not there is null.
json_t *signal_to_json(const SignalReport *report);
