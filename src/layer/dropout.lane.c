// Dropout: in training each number is 0 with probability p, and otherwise divided by 1 - p; later
// nothing happens to it (Srivastava et al. 2014).
#include "layer/kinds.h"

static const Option OPTIONS[] = {
    {.name = "p",
     .type = OPTION_REAL,
     .offset = LAYER_OPTION(0),
     .fallback = "0.5",
     .low = 0,
     .high = 1,
     .metavar = "P",
     .help = "probability that a number is dropped"},
    {0},
};

const LayerKind LAYER_KIND(dropout) = {
    .name = "dropout",
    .form = "dropout [p=0.5]",
    .help = "in training, drops each number with probability p",
    .options = OPTIONS,
    .resolve = layer_resolve_elementwise,
};
