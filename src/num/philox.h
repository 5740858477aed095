// Many blocks of random numbers at once, as base/random.h has them one by one.
#pragma once

#include <stdint.h>

// Multipliers, and what is added to the key after each round.
static const uint32_t PHILOX_TIMES[] = {0xD2511F53, 0xCD9E8D57};
static const uint32_t PHILOX_STEP[] = {0x9E3779B9, 0xBB67AE85};

// The ten rounds of Philox4x32-10 (Salmon et al., SC 2011) on `count` counters side by side: word w
// of counter l is c[w * count + l] and becomes word w of block l. Always inlined, so that with a
// constant count it is vectorised.
static inline __attribute__((always_inline)) void philox_blocks(uint32_t *c, const int count,
                                                                uint32_t k0, uint32_t k1) {
    uint32_t *c0 = c, *c1 = c + count, *c2 = c + 2 * count, *c3 = c + 3 * count;
    for (int round = 0; round < 10; round++) {
        for (int l = 0; l < count; l++) {
            uint64_t p0 = (uint64_t)PHILOX_TIMES[0] * c0[l];
            uint64_t p1 = (uint64_t)PHILOX_TIMES[1] * c2[l];
            c0[l] = (uint32_t)(p1 >> 32) ^ c1[l] ^ k0;
            c1[l] = (uint32_t)p1;
            c2[l] = (uint32_t)(p0 >> 32) ^ c3[l] ^ k1;
            c3[l] = (uint32_t)p0;
        }
        k0 += PHILOX_STEP[0];
        k1 += PHILOX_STEP[1];
    }
}
