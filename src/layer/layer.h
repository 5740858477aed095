// The door of layer/: a layer kind is one file of facts, from which parsing, counting, allocating,
// initialising, training, saving and the generic gradient test all follow.
//
//   To add a kind: write src/layer/NAME.lane.c (it ends in one LayerKind) and add one line to the
//   table in src/layer/kinds.lane.c.
//
// Features of an example are counted channel by channel (CHW, as PyTorch does), whatever its rank.
#pragma once

#include "base/base.h"

// How a tensor begins: weights at random, biases at 0 (some schemes draw them, too), scales at 1
// and shifts at 0 (the gamma and beta of a normalisation).
typedef enum LayerRole { ROLE_WEIGHT, ROLE_BIAS, ROLE_SCALE, ROLE_SHIFT } LayerRole;

// What a layer remembers but does not learn: the running statistics of a normalisation. All of a
// network lie in a flat block of their own, Net.buffers floats.
typedef struct LayerBuffer {
    const char *name; // "running_mean": the last part of its outside name
    int64_t offset, count;
    float start; // the value that each begins with
} LayerBuffer;

// A named tensor inside the flat block of parameters.
typedef struct LayerSlot {
    const char *name; // "weight", "bias": the last part of its outside name
    int rank;
    int64_t size[4];         // row-major
    int64_t offset, count;   // in floats, from the start of the block of all parameters
    int64_t fan_in, fan_out; // for initialisations; fan_in of a bias is that of its weight
    LayerRole role;
} LayerSlot;

enum { LAYER_SLOTS = 4, LAYER_BUFFERS = 2, LAYER_OPTIONS = 8 };

// The value of a key=value option of a kind, such as stride=2, bias=no or p=0.5. The options of a
// kind are a table of base/option.h whose offsets are LAYER_OPTION(0), LAYER_OPTION(1), ...
typedef union LayerValue {
    int64_t whole; // OPTION_INT
    double real;   // OPTION_REAL
    int choice;    // OPTION_CHOICE
    char *text;    // OPTION_TEXT: owned by the layer, without quotes and line ends
} LayerValue;

#define LAYER_OPTION(i) ((i) * sizeof(LayerValue))

typedef struct Layer Layer;

// What one pass through a layer sees. G = groups of 16 examples (one lane each), `live` examples in
// all, the others dead. Activations are feature-major: x[i * G + g] holds feature i of examples
// 16 g .. 16 g + 15. Dead lanes hold finite rubbish in x and y, and exactly 0 in dx and dy.
//
// A kind may spread its work over the threads of `team` (base/team.h), by parts that do not depend
// on how many threads there are: every number is computed by one part, in one order.
typedef struct LayerPass {
    size_t groups, live;
    bool learns;    // statistics are those of the batch, dropout drops; else running ones, nothing
    const float *w; // all parameters of the network
    float *dw;      // their gradients; backward writes its slots (does not add to them)
    float *buffers; // all buffers of the network; a forward that learns updates them. NULL: it
                    // does not, and only a pass that learns may run
    void *x, *x2, *y; // lanes: (in, G), of joins (in2, G), (out, G); x = y when the plan lets a
                      // kind that is in_place work so
    void *dx, *dx2;   // backward writes both; each may be NULL (not wanted); dx = dy as x = y
    void *dy;
    float *kept; // kept(layer, groups) floats from a forward that learns to its backward
    float *work; // scratch of work(layer, groups, threads) floats. Both are aligned to 64 bytes
    Team *team;  // NULL: the caller's thread alone
    // Random numbers of the pass: random_stream(seed, purpose, draw + ...); draw leaves 2^24 places
    // to every pass of every layer.
    uint64_t seed, draw;
} LayerPass;

// What is known of a number x of a layer's output while the weights are as they were drawn: over
// weights, examples, units and positions. The network's input counts as white: two positions of an
// example are as independent as two examples.
typedef struct LayerSignal {
    double mean, square; // E x and E x^2
    double shared;       // E x x' of one channel in two examples, at the same position
    double apart;        // the same at any two positions, on average: at borders windows have fewer
                         // taps in common. Without positions: shared
    // What is to be added to that for two positions of one example, when they have more in common
    // than two examples (behind a tied layer); at rank 1 positions are features, and it may be < 0.
    double excess;
    bool gaussian;
    // Of a signal that is not Gaussian: it is the largest of so many functions of a Gaussian u,
    // x[i] with slope dx/du (may be NULL) for standard normal z[i] = (u - mean)/deviation, where z
    // and z' of two positions have this correlation. NULL: no such function is known.
    void (*sample)(const void *context, size_t count, const double *z, double *x, double *slope);
    const void *context;
    double correlation, largest_of, steepness; // of; E (dx/du)^2
    double gradient; // what a rule says of its layer: E |dx|^2 / E |dy|^2 on the way back; or NAN
} LayerSignal;

// How the second moment at one position follows from those of the positions below; which differ,
// since padding thins them out at borders.
typedef enum LayerPlaces {
    PLACES_SAME,   // from the same one, where there is one; else from all alike
    PLACES_SUM,    // kinds with a kernel: it is a sum over the window
    PLACES_ONE,    // kinds with a kernel: one of the window is passed on
    PLACES_LEVEL,  // each position is normalised
    PLACES_CENTRE, // the mean of the channel over positions is taken off
} LayerPlaces;

typedef struct LayerKind {
    const char *name, *alias; // alias may be NULL
    const char *form;         // "fc-UNITS [bias=yes|no]": how it is written
    const char *help;         // one line
    // Of activations: phi as a formula in x and the options (activation/formula.h), for arithmetic
    // in double, and what PyTorch's calculate_gain gives, a formula in the options; NULL: it has
    // none.
    const char *formula, *torch_gain;
    bool has_kernel;       // its word ends in a number, the 3 of conv3, found in layer->kernel
    bool has_size;         // takes -N, found in layer->size
    bool in_place;         // forward may overwrite x with y; backward needs only y and dy
    bool needs_output;     // not in place, and yet backward needs y
    bool is_activation;    // maps every number on its own, alike, with nothing to learn
    bool is_loss;          // softmax: last only; training fuses it into the loss
    bool sees_all;         // every output sees all positions of the input
    bool is_join;          // has two inputs; made by the language, never written as a layer
    const Option *options; // up to LAYER_OPTIONS, ends in name == NULL; or NULL

    // Sets the defaults that depend on kernel or size, on top of those of the table; or NULL.
    void (*defaults)(Layer *layer);
    // From layer->in (and in2), kernel, size and option: out, slots and buffers (without offsets),
    // macs, window and step. The error says what was found and what would fit, without a place
    // (net/ knows it).
    bool (*resolve)(Layer *layer, Error *error);
    // Frees what resolve, successful or not, left in layer->facts; NULL: nothing.
    void (*release)(Layer *layer);
    // Floats of scratch, and floats that wait for backward; NULL: none.
    size_t (*work)(const Layer *layer, size_t groups, size_t threads);
    size_t (*kept)(const Layer *layer, size_t groups);
    // The moment rule, what initialisations (init/) know of the kind: what becomes of a signal
    // (and, of a join, of a second one that is independent of the first but for its mean). Of a
    // kind with weights: when they have mean 0 and variance 1 and there are no biases, so that
    // out->square is sum_j E x_j^2, averaged over positions. NULL for activations: there it follows
    // from formula.
    void (*signal)(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out);
    // What the square of a weight's scale multiplies, measured: as `signal` finds it in
    // out->square, but for the live examples of x (in, groups) lanes. NULL: sum_j x_j^2 over all
    // inputs.
    double (*power)(const Layer *layer, const float *x, size_t groups, size_t live);
    // Its rule looks at `shared`: at what the positions, or the examples, have in common.
    bool mixes;
    LayerPlaces places;
    // Both NULL while the kind can be counted only.
    void (*forward)(const Layer *layer, const LayerPass *pass);
    void (*backward)(const Layer *layer, const LayerPass *pass);
} LayerKind;

struct Layer {
    const LayerKind *kind;
    char name[40];                    // unique in the network: fc1, relu1, fc2, ...
    int64_t kernel;                   // the 3 of conv3
    int64_t size;                     // the N of fc-N
    LayerValue option[LAYER_OPTIONS]; // in the order of kind->options
    Shape in, in2;                    // in2: of a join only, else rank 0
    Shape out;
    LayerSlot slot[LAYER_SLOTS];
    int slots;
    LayerBuffer buffer[LAYER_BUFFERS];
    int buffers;
    int64_t macs; // multiply-adds of one forward pass of one example, bias not counted
    // Along one axis of positions, an output sees `window` neighbouring positions of the input, and
    // the next output those `step` further. 1 and 1 where resolve sets nothing (0).
    int64_t window, step;
    void
        *facts; // what the kind worked out in resolve for all passes, read only from then on; owned
    // Where in the text of an option resolve found its error, in bytes; width 0: not in one.
    struct {
        int option;
        size_t offset, width;
    } fault;
    // What net/ knows of the layer's place in the network:
    int64_t from, from2;       // the layers it reads, by number; LAYER_INPUT: the network's input
    int64_t receptive, stride; // window and step towards the network's input, padding included
    size_t at, width;          // where it is written: bytes of the network's text
};

enum { LAYER_INPUT = -1 };

int64_t layer_parameters(const Layer *layer); // of all slots together

// Its first slot of weights; NULL: it has none.
const LayerSlot *layer_weight(const Layer *layer);

// Frees what a layer owns: texts and facts.
void layer_release(Layer *layer);

// Sets every option to its default, given kind, kernel and size.
void layer_set_defaults(Layer *layer);

// The layer as it is written, with the options that differ from their defaults: conv3-64 stride=2.
void layer_print(const Layer *layer, Text *text);

size_t layer_options(const LayerKind *kind); // how many options it has

// The table for the instruction set in use; ends in NULL.
const LayerKind *const *layer_kinds(void);

// By name or alias, case folded; NULL when there is none.
const LayerKind *layer_find(const char *name);

// Of a layer with a kernel, over positions, row-major: the sum of x over the window of each output
// (what lies in the padding is 0); the transpose of that; how many positions of the input each
// window holds (x of ones), on average over outputs: live. Cost: positions times kernel.
void layer_gather(const Layer *layer, const double *x, double *y);
void layer_scatter(const Layer *layer, const double *y, double *x);
// layer_shift is the part of layer_gather that tap k, row-major in the window, contributes; it
// returns false where there is no tap k.
double layer_live(const Layer *layer);
bool layer_shift(const Layer *layer, int64_t k, const double *x, double *y);
