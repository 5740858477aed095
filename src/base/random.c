#include "base/base.h"
#include <Random123/philox.h>
#include <math.h>

Random random_stream(uint64_t seed, RandomPurpose purpose, uint64_t index) {
    return (Random){
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .counter = {0, (uint32_t)index, (uint32_t)(index >> 32), (uint32_t)purpose},
        .used = 4,
    };
}

uint32_t random_bits(Random *random) {
    if (random->used == 4) {
        philox4x32_key_t key = {{random->key[0], random->key[1]}};
        philox4x32_ctr_t counter = {
            {random->counter[0], random->counter[1], random->counter[2], random->counter[3]}};
        philox4x32_ctr_t block = philox4x32(counter, key);
        for (int i = 0; i < 4; i++) random->block[i] = block.v[i];
        random->used = 0;
        if (++random->counter[0] == 0) random->counter[3] += 0x10000; // beyond 2^32 blocks
    }
    return random->block[random->used++];
}

uint64_t random_bits64(Random *random) {
    uint64_t high = random_bits(random);
    return high << 32 | random_bits(random);
}

double random_uniform(Random *random) {
    return (double)(random_bits64(random) >> 11) * 0x1p-53;
}

uint64_t random_below(Random *random, uint64_t bound) {
    REQUIRE(bound > 0);
    uint64_t limit = UINT64_MAX - UINT64_MAX % bound, bits; // whole multiples of bound only
    do bits = random_bits64(random);
    while (bits >= limit);
    return bits % bound;
}

double random_normal(Random *random) {
    if (random->has_spare) {
        random->has_spare = 0;
        return random->spare;
    }
    double u = 1 - random_uniform(random), v = random_uniform(random); // Box-Muller; u in (0, 1]
    double radius = sqrt(-2 * log(u)), angle = 6.283185307179586 * v;
    random->spare = radius * sin(angle);
    random->has_spare = 1;
    return radius * cos(angle);
}

void random_permutation(Random *random, uint32_t *order, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t j = (size_t)random_below(random, i + 1);
        order[i] = order[j];
        order[j] = (uint32_t)i;
    }
}
