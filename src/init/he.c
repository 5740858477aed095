#include "init/schemes.h"
#include <math.h>

// sigma^2 = 2 / fan_in: a ReLU passes half of the second moment on.
void init_fill_he(const LayerSlot *slot, Random *random, float *w) {
    if (slot->role == ROLE_WEIGHT) init_normal(slot, random, sqrt(2.0 / (double)slot->fan_in), w);
}
