// The door of layer/: a layer kind is one file of facts, from which parsing, counting, allocating,
// initialising, training, saving and the generic gradient test all follow.
//
//   To add a kind: write src/layer/NAME.lane.c (it ends in one LayerKind) and add one line to the
//   table in src/layer/kinds.lane.c.
#pragma once

#include "base/base.h"

// The shape of one example. rank 1: features; 2: length, channels; 3: height, width, channels.
typedef struct Shape {
    int rank;
    int64_t size[3];
} Shape;

int64_t shape_count(const Shape *shape);          // product of the sizes, or -1 on overflow
void shape_print(const Shape *shape, Text *text); // 224x224x3
bool shape_equal(const Shape *a, const Shape *b);

// A named tensor inside the flat block of parameters.
typedef struct LayerSlot {
    const char *name; // "weight", "bias": the last part of its outside name
    int rank;
    int64_t size[4];         // row-major
    int64_t offset, count;   // in floats, from the start of the block of all parameters
    int64_t fan_in, fan_out; // for initialisations; fan_in of a bias is that of its weight
    bool is_bias;            // initialised as a bias
} LayerSlot;

enum { LAYER_SLOTS = 4, LAYER_OPTIONS = 8 };

// key=value options of a kind, such as bias=no or stride=2.
typedef struct LayerOption {
    const char *name;
    int64_t fallback, low, high;
    const char *const *words; // when the values are words ("no", "yes"): value = index; else NULL
    const char *help;
} LayerOption;

typedef struct Layer Layer;

// What one pass through a layer sees. G = groups of 16 examples (one lane each), `live` examples in
// all, the others dead. Activations are feature-major: x[i * G + g] holds feature i of examples
// 16 g .. 16 g + 15. Dead lanes hold finite rubbish in x and y, and exactly 0 in dx and dy.
typedef struct LayerPass {
    size_t groups, live;
    const float *w; // all parameters of the network
    float *dw;      // their gradients; backward writes its slots (does not add to them)
    void *x, *y;    // lanes: (in, G), (out, G); the same memory when the kind is in_place
    void *dx, *dy;  // backward: dx may be NULL (not wanted); the same memory when in_place
    float *work;    // scratch of work(layer, groups) floats, aligned to 64 bytes
} LayerPass;

typedef struct LayerKind {
    const char *name, *alias;   // alias may be NULL
    const char *form;           // "fc-UNITS [bias=yes|no]": how it is written
    const char *help;           // one line
    bool sized;                 // takes -N, found in layer->size
    bool in_place;              // forward may overwrite x with y; backward needs only y and dy
    bool is_loss;               // softmax: last only; training fuses it into the loss
    const LayerOption *options; // up to LAYER_OPTIONS, ends in name == NULL; or NULL

    // From layer->in, size and option: out, slots (without offsets) and macs. The error says
    // what was found and what would fit, without a place (net/ knows it).
    bool (*resolve)(Layer *layer, Error *error);
    size_t (*work)(const Layer *layer, size_t groups); // floats of scratch; NULL: none
    void (*forward)(const Layer *layer, const LayerPass *pass);
    void (*backward)(const Layer *layer, const LayerPass *pass);
} LayerKind;

struct Layer {
    const LayerKind *kind;
    char name[40]; // unique in the network: fc1, relu1, fc2, ...
    int64_t size;  // the N of fc-N
    int64_t option[LAYER_OPTIONS];
    Shape in, out;
    LayerSlot slot[LAYER_SLOTS];
    int slots;
    int64_t macs; // multiply-adds of one forward pass of one example, bias not counted
};

// The table for the instruction set in use; ends in NULL.
const LayerKind *const *layer_kinds(void);

// By name or alias, case folded; NULL when there is none.
const LayerKind *layer_find(const char *name);
