// Private: a step of the optimiser over all parameters.
#pragma once

#include "train/kernels.h"

// One step; the last layer with weights learns at lr_last times the rate of the others (Heckel,
// Yilmaz 2021: what learns faster than the rest brings epoch-wise double descent).
void optimize(const Optimizer *optimizer, const OptimizerStep *step, const Net *net);

// Where the parameters of that layer begin.
size_t optimize_last(const Net *net);
