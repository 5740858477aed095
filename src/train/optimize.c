#include "train/optimize.h"
#include <string.h>

enum { LANES = 16 };

// Numbers from .. to - 1 of the block, whole lanes of them.
static OptimizerStep part_of(const OptimizerStep *step, size_t from, size_t to) {
    OptimizerStep part = *step;
    part.count = to - from;
    part.w += from;
    part.dw += from;
    for (int s = 0; s < 2; s++) {
        if (part.state[s]) part.state[s] += from;
    }
    return part;
}

// Less than a lane, in a lane of its own.
static void step_rest(const Optimizer *optimizer, const OptimizerStep *step, size_t from,
                      size_t to) {
    float w[LANES] = {0}, dw[LANES] = {0}, state[2][LANES] = {0};
    size_t bytes = (to - from) * sizeof(float);
    OptimizerStep rest = *step;
    rest.count = LANES, rest.w = w, rest.dw = dw;
    memcpy(w, step->w + from, bytes);
    memcpy(dw, step->dw + from, bytes);
    for (int s = 0; s < optimizer->states; s++) {
        memcpy(state[s], step->state[s] + from, bytes);
        rest.state[s] = state[s];
    }
    optimizer->step(&rest);
    memcpy(step->w + from, w, bytes);
    for (int s = 0; s < optimizer->states; s++) memcpy(step->state[s] + from, state[s], bytes);
}

static void step_range(const Optimizer *optimizer, const OptimizerStep *step, size_t from,
                       size_t to) {
    size_t whole = from + (to - from) / LANES * LANES;
    OptimizerStep part = part_of(step, from, whole);
    optimizer->step(&part);
    if (whole < to) step_rest(optimizer, step, whole, to);
}

size_t optimize_last(const Net *net) {
    for (size_t l = net->layers; l-- > 0;) {
        if (net->layer[l].slots > 0) return (size_t)net->layer[l].slot[0].offset;
    }
    return 0;
}

void optimize(const Optimizer *optimizer, const OptimizerStep *step, const Net *net) {
    double factor = step->options->lr_last;
    if (factor == 1) {
        optimizer->step(step);
        return;
    }
    size_t last = optimize_last(net);
    OptimizerStep slow = *step;
    slow.lr *= factor;
    step_range(optimizer, step, 0, last);
    step_range(optimizer, &slow, last, (size_t)net->parameters);
}
