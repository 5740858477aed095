#include "layer/kinds.h"

// The table of layer kinds: one line each.
#define KINDS(X)                                                                                   \
    X(fc)                                                                                          \
    X(relu)                                                                                        \
    X(tanh)                                                                                        \
    X(softmax)

#define DECLARE(name) extern const LayerKind LAYER_KIND(name);
#define POINT(name)   &LAYER_KIND(name),

KINDS(DECLARE)
const LayerKind *const LANE_NAME(layer_table)[] = {KINDS(POINT) NULL};
