// Private: where everything lies that running a network on batches needs. Blocks whose times do not
// overlap share memory.
#pragma once

#include "net/net.h"

// What a layout is for.
typedef struct LayoutNeeds {
    const Net *net;
    size_t groups, threads;
    bool learns;
} LayoutNeeds;

// Offsets in floats from the start of one piece of memory, whole lanes each. Numbers (layers + 1)
// are those of tensors: 0 is the input of the network, l + 1 the output of layer l.
typedef struct Layout {
    size_t layers;    // that run: all but a final softmax
    bool *in_place;   // (layers) the output of layer l lies where its input did
    bool *wanted;     // (layers + 1) does tensor t depend on a parameter: has it a gradient?
    int64_t *reader;  // (layers + 1) the last layer that reads it; -1: none
    size_t *tensor;   // (layers + 1)
    size_t *gradient; // (layers + 1), where wanted, and when it learns
    size_t *kept;     // (layers) what waits from forward to backward
    size_t spare;     // a gradient that is to be added to another
    size_t rows, work, loss;
    size_t total; // floats
} Layout;

// Cost: O(layers) for chains; more where many tensors live at once.
void layout_make(const LayoutNeeds *needs, Layout *layout);
void layout_free(Layout *layout);

// Does layer l give its input number i (0 or 1) a gradient before any other reader does? If not,
// what it gives is added. (Of the last reader the second input counts as later.)
bool layout_comes_first(const Net *net, const Layout *layout, size_t l, int i);

// The layer that computes tensor t, or NULL of the network's input.
static inline const Layer *layout_writer(const Net *net, size_t t) {
    return t ? &net->layer[t - 1] : NULL;
}
