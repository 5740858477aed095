#include "init/schemes.h"
#include <math.h>

// What nn.Linear does unasked: variance 1 / (3 fan_in), biases included.
void init_fill_torch(const LayerSlot *slot, Random *random, float *w) {
    init_uniform(slot, random, sqrt(1.0 / (double)slot->fan_in), w);
}
