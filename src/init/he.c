#include "init/schemes.h"

// sigma^2 = 2 / fan_in: a ReLU passes half of the second moment on.
double init_square_he(const LayerSlot *slot, double power) {
    (void)power;
    return slot->role == ROLE_WEIGHT ? 2.0 / (double)slot->fan_in : 0;
}
