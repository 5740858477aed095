// Counter-based random numbers: Philox4x32-10 (Salmon et al., SC 2011) through Random123.
// A number depends on nothing but (seed, purpose, index, place in the stream): not on threads, not
// on what was drawn before for another purpose. So all widths can share one noise, and sample i has
// its own uniform u_i whatever the size of the subset.
#pragma once

#include <stdint.h>
#include <stddef.h>

typedef enum RandomPurpose { // never renumber: results depend on it
    RANDOM_DATA = 1,
    RANDOM_SUBSET = 2,
    RANDOM_NOISE = 3,
    RANDOM_INIT = 4,
    RANDOM_ORDER = 5,
    RANDOM_HOLDOUT = 6,
    RANDOM_BOOTSTRAP = 7,
    RANDOM_TEST = 8,
    RANDOM_RIDGE = 9,
    RANDOM_FEATURES = 10,
    RANDOM_GEOMETRIC = 11,
    RANDOM_GUESS = 12, // weights of guess t
    RANDOM_TEACHER = 13,
    RANDOM_RARE = 14,
    RANDOM_WORLD = 15, // points of a sample
    RANDOM_SYMMETRY = 16,
    RANDOM_SIGNAL = 17,  // seeds of draw r, its inputs and directions
    RANDOM_AUGMENT = 18, // of an example in an epoch
    RANDOM_DROPOUT = 19,
} RandomPurpose;

typedef struct Random {
    uint32_t key[2], counter[4];
    uint32_t block[4];
    int used; // of block
    double spare;
    int has_spare; // the second normal of a Box-Muller pair
} Random;

// The stream number `index` of a purpose under a seed.
Random random_stream(uint64_t seed, RandomPurpose purpose, uint64_t index);

uint32_t random_bits(Random *random);
uint64_t random_bits64(Random *random);
double random_uniform(Random *random);                 // [0, 1), 53 bits
uint64_t random_below(Random *random, uint64_t bound); // 0 .. bound-1, unbiased; bound >= 1
double random_normal(Random *random);                  // N(0, 1)

// A uniformly random permutation of 0 .. count-1 (Fisher-Yates).
void random_permutation(Random *random, uint32_t *order, size_t count);
