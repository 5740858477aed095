#include "init/schemes.h"

// E u^2 = sigma^2 sum_j E x_j^2 = 1.
double init_square_exact(const LayerSlot *slot, double power) {
    return slot->role == ROLE_WEIGHT ? 1 / power : 0;
}
