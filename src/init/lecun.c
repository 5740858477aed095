#include "init/schemes.h"
#include <math.h>

// sigma^2 = 1 / fan_in: right for a linear layer.
void init_fill_lecun(const LayerSlot *slot, Random *random, float *w) {
    if (slot->role == ROLE_WEIGHT) init_normal(slot, random, sqrt(1.0 / (double)slot->fan_in), w);
}
