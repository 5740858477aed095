// Private: the schemes, one file each, and what they share.
#pragma once

#include "init/init.h"

// The table of schemes: one line each.
#define INIT_SCHEMES(X)                                                                            \
    X(he, "weights N(0, 2/fan_in), biases 0 (He et al. 2015)")                                     \
    X(glorot, "weights uniform within sqrt(6/(fan_in+fan_out)), biases 0 (Glorot, Bengio 2010)")   \
    X(lecun, "weights N(0, 1/fan_in), biases 0 (LeCun et al. 1998)")                               \
    X(torch, "weights and biases uniform within 1/sqrt(fan_in), PyTorch's default")

#define INIT_DECLARE(name, help)                                                                   \
    void init_fill_##name(const LayerSlot *slot, Random *random, float *w);
INIT_SCHEMES(INIT_DECLARE)

void init_normal(const LayerSlot *slot, Random *random, double sigma, float *w); // N(0, sigma^2)
void init_uniform(const LayerSlot *slot, Random *random, double bound,
                  float *w); // U(-bound, bound)
