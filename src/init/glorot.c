#include "init/schemes.h"
#include <math.h>

// Variance 2 / (fan_in + fan_out): between what the forward and the backward pass ask for.
void init_fill_glorot(const LayerSlot *slot, Random *random, float *w) {
    double fans = (double)slot->fan_in + (double)slot->fan_out;
    if (slot->role == ROLE_WEIGHT) init_uniform(slot, random, sqrt(6.0 / fans), w);
}
