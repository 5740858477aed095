// Private: the schemes, one file each, and what they share.
#pragma once

#include "init/init.h"

void init_fill_he(const LayerSlot *slot, Random *random, float *w);
void init_fill_glorot(const LayerSlot *slot, Random *random, float *w);
void init_fill_lecun(const LayerSlot *slot, Random *random, float *w);
void init_fill_torch(const LayerSlot *slot, Random *random, float *w);

void init_normal(const LayerSlot *slot, Random *random, double sigma, float *w); // N(0, sigma^2)
void init_uniform(const LayerSlot *slot, Random *random, double bound,
                  float *w); // U(-bound, bound)
