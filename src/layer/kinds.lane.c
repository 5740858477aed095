#include "layer/kinds.h"
#include "layer/table.h"

// The table of layer kinds: one line each.
#define KINDS(X)                                                                                   \
    X(fc)                                                                                          \
    X(tied)                                                                                        \
    X(conv)                                                                                        \
    X(pool)                                                                                        \
    X(avgpool)                                                                                     \
    X(globalpool)                                                                                  \
    X(flatten)                                                                                     \
    X(batchnorm)                                                                                   \
    X(layernorm)                                                                                   \
    X(dropout)                                                                                     \
    X(relu)                                                                                        \
    X(tanh)                                                                                        \
    X(leaky)                                                                                       \
    X(elu)                                                                                         \
    X(selu)                                                                                        \
    X(gelu)                                                                                        \
    X(silu)                                                                                        \
    X(sigmoid)                                                                                     \
    X(hardtanh)                                                                                    \
    X(sign)                                                                                        \
    X(softmax)                                                                                     \
    X(residual)

#define DECLARE(name) extern const LayerKind LAYER_KIND(name);
#define POINT(name)   &LAYER_KIND(name),

KINDS(DECLARE)
const LayerTable LANE_NAME(layer_table) = {{KINDS(POINT) NULL}};
