// One lane, one point: a network is the sum of its neurons' rows of responses.
#include "guess/kernels.h"
#include "guess/draw.h"

typedef int16_t Row __attribute__((vector_size(32)));

LANE_INLINE uint32_t negative_somewhere(Row sum) {
#if defined(__AVX2__)
    return !_mm256_testz_si256((__m256i)sum, _mm256_set1_epi16(INT16_MIN));
#else
    uint64_t part[4], bits;
    memcpy(part, &sum, sizeof part);
    bits = part[0] | part[1] | part[2] | part[3];
    return (bits & 0x8000800080008000) != 0;
#endif
}

// Which of 16 networks, whose rows are `at`, fit the 16 points of a chunk; half of them at a time.
LANE_INLINE uint32_t add_rows(const GuessTables *tables, size_t chunk, const uint32_t *at) {
    enum { HALF = LANE / 2 };
    const char *table = (const char *)(tables->entry + chunk * tables->entries * LANE);
    const Row start = *(const Row *)(tables->start + chunk * LANE);
    const size_t rows = tables->rows;
    uint32_t wrong = 0;
    for (size_t l = 0; l < LANE; l += HALF) {
        Row sum[HALF];
#pragma GCC unroll 8
        for (size_t h = 0; h < HALF; h++) sum[h] = start;
        for (size_t r = 0; r < rows; r++) {
#pragma GCC unroll 8
            for (size_t h = 0; h < HALF; h++)
                sum[h] += *(const Row *)(table + at[r * LANE + l + h]);
        }
#pragma GCC unroll 8
        for (size_t h = 0; h < HALF; h++) wrong |= negative_somewhere(sum[h]) << (l + h);
    }
    return ~wrong & 0xffff;
}

// The same for the networks in `alive`, a few.
static uint64_t add_rows_of(const GuessTables *tables, size_t chunk, uint64_t alive) {
    const char *table = (const char *)(tables->entry + chunk * tables->entries * LANE);
    for (uint64_t left = alive; left; left &= left - 1) {
        unsigned l = (unsigned)__builtin_ctzll(left);
        const uint32_t *at = tables->at + l / LANE * tables->rows * LANE + l % LANE;
        Row sum = *(const Row *)(tables->start + chunk * LANE);
        for (size_t r = 0; r < tables->rows; r++) sum += *(const Row *)(table + at[r * LANE]);
        alive ^= (uint64_t)negative_somewhere(sum) << l;
    }
    return alive;
}

// The runs of digits in one word, to the codes of 16 networks. What is left of the word.
LANE_INLINE wide add_word(const TableStep *step, const TableStep *end, float *code, wide u) {
    for (; step < end; step++) {
        float *sum = code + step->code;
        u = wide_mul(u, wide_splat(step->outcomes));
        lane_store(sum, lane_fma(lane_of_upper(u), lane_splat(step->place), lane_load(sum)));
    }
    return u;
}

// The words of one block, and again those that are thrown away.
LANE_INLINE void add_block(const GuessTables *tables, uint64_t t, size_t block, const wide bits[4],
                           float *code) {
    const size_t words = tables->model->words, *first = tables->word;
    for (size_t word = block; word < words && word < block + 4; word++) {
        wide left = add_word(tables->step + first[word], tables->step + first[word + 1], code,
                             bits[word - block]);
        uint32_t again = wide_lower_below(left, model_least(tables->model, word));
        for (; again; again &= again - 1) {
            unsigned l = (unsigned)__builtin_ctz(again);
            tables_redraw(tables, t + l, word, code + l);
        }
    }
}

// Where the rows of all groups begin. Steps of all groups follow each other, so that the processor
// overlaps one group with the next: each alone waits for its multiplications.
static void find_rows(const GuessTables *tables, uint64_t t) {
    const size_t group = tables->rows * LANE;
    for (size_t g = 0; g < GUESS_GROUPS; g++) {
        for (size_t r = 0; r < tables->rows; r++)
            lane_store(tables->code + g * group + r * LANE, lane_splat(tables->base[r]));
    }
    for (size_t block = 0; block < tables->model->words; block += 4) {
        wide bits[GUESS_GROUPS][4];
        for (size_t g = 0; g < GUESS_GROUPS; g++)
            draw_block(&tables->keys, t + g * LANE, block / 4, bits[g]);
        for (size_t g = 0; g < GUESS_GROUPS; g++)
            add_block(tables, t + g * LANE, block, bits[g], tables->code + g * group);
    }
    for (size_t i = 0; i < GUESS_GROUPS * group; i += LANE)
        lane_store_whole(tables->at + i, lane_load(tables->code + i));
}

uint64_t LANE_NAME(tables_look_up)(const GuessTables *tables, uint64_t t, uint64_t alive,
                                   uint64_t *full);
uint64_t LANE_NAME(tables_look_up)(const GuessTables *tables, uint64_t t, uint64_t alive,
                                   uint64_t *full) {
    size_t chunk = 0, group = tables->rows * LANE;
    uint64_t fit = 0;
    find_rows(tables, t);
    for (size_t g = 0; g < GUESS_GROUPS && tables->middle; g++)
        fit |= (uint64_t)add_rows(tables, 0, tables->at + g * group) << g * LANE;
    if (tables->middle) alive &= fit, chunk++;
    for (; chunk < tables->middle && alive; chunk++) alive = add_rows_of(tables, chunk, alive);
    *full = alive;
    for (; chunk < tables->chunks && *full; chunk++) *full = add_rows_of(tables, chunk, *full);
    return alive;
}
