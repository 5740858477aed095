// The door of init/: how weights begin.
//
//   To add a scheme: write src/init/NAME.c (one function that fills one slot) and add one line to
//   the table in src/init/schemes.h.
#pragma once

#include "net/net.h"

typedef struct InitScheme {
    const char *name;
    const char *help; // one line with the rule
    // Fills the `count` floats at w of a weight or a bias; the caller has zeroed them.
    void (*fill)(const LayerSlot *slot, Random *random, float *w);
} InitScheme;

extern const InitScheme init_schemes[];
extern const char *const init_names[]; // the same, names only, ends in NULL

// Fills the parameters w (net->parameters floats) by scheme number `scheme` of the table; scales of
// normalisations become 1 and shifts 0 whatever the scheme. Every
// slot draws from a stream of its own, random_stream(seed, RANDOM_INIT, slot number), so that a
// slot's numbers depend on its own shape alone. Cost: one random number per weight. Test:
// test/init/test_init.c (moments against the rules; independence of other slots).
void init_fill(const Net *net, int scheme, uint64_t seed, float *w);
