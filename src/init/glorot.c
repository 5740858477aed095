#include "init/schemes.h"

// Variance 2 / (fan_in + fan_out): between what the forward and the backward pass ask for.
double init_square_glorot(const LayerSlot *slot, double power) {
    (void)power;
    double fans = (double)slot->fan_in + (double)slot->fan_out;
    return slot->role == ROLE_WEIGHT ? 6.0 / fans : 0;
}
