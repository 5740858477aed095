// Private: the schemes, one file each, and the laws.
#pragma once

#include "init/init.h"

// The table of schemes: NAME in C, its name, its own law, what it has to know, the rule.
#define INIT_SCHEMES(X)                                                                            \
    X(exact, "exact", LAW_NORMAL, POWER, "weights N(0, 1/sum_j E x_j^2), biases 0: E u^2 = 1")     \
    X(exact_data, "exact-data", LAW_NORMAL, DATA, "the same, with E measured on the sample")       \
    X(he, "he", LAW_NORMAL, NOTHING, "weights N(0, 2/fan_in), biases 0 (He et al. 2015)")          \
    X(glorot, "glorot", LAW_UNIFORM, NOTHING,                                                      \
      "weights uniform within sqrt(6/(fan_in+fan_out)), biases 0 (Glorot, Bengio 2010)")           \
    X(lecun, "lecun", LAW_NORMAL, NOTHING, "weights N(0, 1/fan_in), biases 0 (LeCun et al. 1998)") \
    X(torch, "torch", LAW_UNIFORM, NOTHING,                                                        \
      "weights and biases uniform within 1/sqrt(fan_in), PyTorch's default")

#define INIT_DECLARE(name, ...) double init_square_##name(const LayerSlot *slot, double power);
INIT_SCHEMES(INIT_DECLARE)

// Fills the slot's numbers at w. square as in InitScheme for this law's own (LAW_UNIFORM: of the
// bound; else sigma^2).
bool init_draw(const LayerSlot *slot, InitLaw law, double square, Random *random, float *w,
               Error *error);
