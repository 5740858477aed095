// The door of init/: how weights begin, and what becomes of a signal in them.
//
//     exact: sigma_l = 1/sqrt(sum_j E x_j^2) over the inputs x of a layer with weights
//
// makes E u^2 = 1 of its outputs u. The sum is that of the Gaussian law which the rule itself
// propagates: E phi^2(N(0, 1)) behind an activation, and every layer kind's own rule behind the
// others (LayerKind.signal). The first layer has no activation below it; its sum is that of the
// network's input, of unit second moment unless it is known (InitInput).
//
//   To add a scheme: write src/init/NAME.c (one function of one slot) and add one line to the table
//   in src/init/schemes.h. To add a law of weights: a function and a line in src/init/laws.c.
//
// Sources: He et al. 2015 (ReLU); Poole et al. 2016 (any activation); Glorot, Bengio 2010; LeCun et
// al. 1998; Mishkin, Matas 2016 (layer by layer on data).
#pragma once

#include "net/net.h"

// Laws of a weight, all symmetric; the scheme says how large.
typedef enum InitLaw {
    LAW_SCHEME, // the scheme's own: uniform of glorot and torch, else normal
    LAW_NORMAL,
    LAW_UNIFORM,
    LAW_TERNARY,    // -s, 0 and s, a third each, s = sigma sqrt(3/2)
    LAW_SIGN,       // -sigma and sigma
    LAW_ORTHOGONAL, // rows or columns (the fewer) orthonormal, times sigma sqrt(the other number)
} InitLaw;
extern const char *const init_laws[]; // "scheme", "normal", ..., NULL

// What is squared on a slot.
typedef struct InitScheme {
    const char *name;
    const char *help; // one line with the rule
    InitLaw law;      // LAW_NORMAL or LAW_UNIFORM
    // Of a weight or a bias: sigma^2 of a normal law, the square of the bound of a uniform one; 0:
    // it begins at 0. power: sum_j E x_j^2 over the layer's inputs, NAN unless needs_power.
    double (*square)(const LayerSlot *slot, double power);
    bool needs_power; // what the rule divides by has to be known
    bool from_data;   // and is measured, layer by layer
} InitScheme;

extern const InitScheme init_schemes[]; // ends in name == NULL
extern const char *const init_names[];  // the same, names only, ends in NULL

// What the network reads, over examples and features: E x, E x^2, E x x' of one feature in two
// examples, and by how much that is more for two positions of a channel in one example (at rank 1:
// two features).
typedef struct InitInput {
    double mean, square, shared, excess;
} InitInput;
extern const InitInput init_unit_input; // 0, 1, 0, 0: white inputs of unit second moment

// Of `rows` rows of x, examples of this shape, those of the numbers in row. Cost: rows features.
InitInput init_measure_input(const float *x, const uint32_t *row, size_t rows, const Shape *shape);

typedef struct InitOptions {
    int scheme; // by its number in the table
    int law;    // InitLaw
    uint64_t seed;
    InitInput input; // read by schemes that need the power
    bool alike;      // predict `shared` even where no rule looks at it, to 1e-9 of what differs
} InitOptions;

// sigma of a slot: the standard deviation of its numbers; 0 of a slot that does not begin at
// random.
double init_sigma(const LayerSlot *slot, const InitOptions *options, double power);

// Where borders show: at the ends of both axes, in the middle of one and at the end of the other
// (images only), in the middle.
typedef enum InitPlace { INIT_CORNER, INIT_EDGE, INIT_MIDDLE, INIT_PLACES } InitPlace;

// Their numbers among the positions of this shape, up to 4, and how many; 0: there are none.
size_t init_positions(const Shape *shape, InitPlace place, size_t position[4]);

// What is predicted of a layer's output in a wide network.
typedef struct InitLayer {
    double power;                        // sum_j E x_j^2 of a layer with weights; NAN of others
    double sigma;                        // of its weights; NAN of others
    double mean, square, shared, excess; // of its output, as in LayerSignal
    bool gaussian;
    // Of an activation, where `alike` was asked for: V'(q) q/V and V''(q) q^2/V of V(q) = E
    // phi^2(u), q the variance of u: what becomes of a q that is a little off. NAN: not known.
    double reply_slope, reply_curvature;
    double moment_ratio; // of an activation: E phi^4/(E phi^2)^2, 3 where it is not known; else NAN
    double gradient;     // E |dL/dy|^2, as a multiple of that of the network's output; or NAN
    double place[INIT_PLACES]; // E y^2 there; NAN where there are none
} InitLayer;

// Fills layer (net->layers). False with an error that says which activation lets no signal through,
// and *at the number of its layer: E phi^2 is 0, infinite or not a number; or the input is 0. A
// signal that dies or overflows under another scheme is no error: its squares are 0 or infinite.
// The law of weights does not matter in the limit of wide layers. Before an activation, a signal
// that is not Gaussian (the network's input, a pool) is taken for a Gaussian of its mean and
// variance. Borders: square, power and gradient are means over positions, each followed on its own.
// Cost: 0.2 ms for each activation, 5 ms more where a layer mixes positions or borders differ.
// Test: test/init/test_predict.c, against simulations.
bool init_predict(const Net *net, const InitOptions *options, InitLayer *layer, size_t *at,
                  Error *error);

// Fills the parameters w (net->parameters floats); scales of normalisations become 1 and shifts 0
// whatever the scheme. Every slot draws from a stream of its own, random_stream(seed, RANDOM_INIT,
// slot number), so that a slot's numbers depend on its own shape (and power) alone. Errors: as
// init_predict where the scheme needs the power; memory of an orthogonal law. exact-data cannot be
// had here (it has to run the network: train_start): it is filled as exact. Cost: one random number
// per weight; orthogonal: 4 min^2 max flops. Test: test/init/test_init.c.
bool init_fill(const Net *net, const InitOptions *options, float *w, Error *error);

// The same for one layer, whose first slot has this number in the network.
bool init_fill_layer(const Layer *layer, uint64_t number, const InitOptions *options, double power,
                     float *w, Error *error);
