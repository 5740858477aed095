#include "init/schemes.h"

// sigma^2 = 1 / fan_in: right for a linear layer.
double init_square_lecun(const LayerSlot *slot, double power) {
    (void)power;
    return slot->role == ROLE_WEIGHT ? 1.0 / (double)slot->fan_in : 0;
}
