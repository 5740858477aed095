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

// In training, where E y = E x and E y^2 = E x^2/(1 - p).
static void signal(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                   LayerSignal *out) {
    (void)in2;
    double keep = 1 - layer->option[0].real;
    *out = *in;
    out->square = keep > 0 ? in->square / keep : 0; // p = 1 drops everything
    out->shared = keep > 0 ? in->shared : 0;
    out->excess = keep > 0 ? in->excess : 0;
    out->mean = keep > 0 ? in->mean : 0;
    out->gaussian = in->gaussian && keep == 1;
    out->sample = keep == 1 ? in->sample : NULL;
    out->gradient = keep > 0 ? 1 / keep : 0;
}

const LayerKind LAYER_KIND(dropout) = {
    .name = "dropout",
    .form = "dropout [p=0.5]",
    .help = "in training, drops each number with probability p",
    .options = OPTIONS,
    .resolve = layer_resolve_elementwise,
    .signal = signal,
};
