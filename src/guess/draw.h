// Private: random words of 16 guesses side by side. For *.lane.c files.
#pragma once

#include "num/wide.h"
#include "guess/kernels.h"

// Words 4 block .. 4 block + 3 of guesses t .. t + 15, in the lower halves (the upper ones hold
// rubbish): Philox4x32-10 as in base/random.h, every round the same for all.
LANE_INLINE void draw_block(const DrawKeys *keys, uint64_t t, uint64_t block, wide word[4]) {
    wide c0 = wide_splat(block), c1 = wide_count(t), c2 = wide_upper(c1);
    wide c3 = wide_splat(RANDOM_GUESS);
#pragma GCC unroll 10
    for (int round = 0; round < DRAW_ROUNDS; round++) {
        wide p0 = wide_mul(c0, wide_splat(0xD2511F53)), p1 = wide_mul(c2, wide_splat(0xCD9E8D57));
        c0 = wide_xor(wide_upper(p1), c1, wide_splat(keys->first[round]));
        c2 = wide_xor(wide_upper(p0), c3, wide_splat(keys->second[round]));
        c1 = p1;
        c3 = p0;
    }
    word[0] = c0, word[1] = c1, word[2] = c2, word[3] = c3;
}
