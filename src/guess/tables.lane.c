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

LANE_INLINE Row row(const GuessTables *tables, size_t chunk, size_t r, size_t l) {
    const char *table = (const char *)(tables->entry + chunk * tables->entries * LANE);
    return *(const Row *)(table + tables->at[r * LANE + l]);
}

// Which of the 16 networks fit the 16 points of a chunk; half of them at a time.
static uint32_t add_rows(const GuessTables *tables, size_t chunk) {
    enum { HALF = LANE / 2 };
    const Row start = *(const Row *)(tables->start + chunk * LANE);
    uint32_t wrong = 0;
    for (size_t l = 0; l < LANE; l += HALF) {
        Row sum[HALF];
#pragma GCC unroll 8
        for (size_t h = 0; h < HALF; h++) sum[h] = start;
        for (size_t r = 0; r < tables->rows; r++) {
#pragma GCC unroll 8
            for (size_t h = 0; h < HALF; h++) sum[h] += row(tables, chunk, r, l + h);
        }
#pragma GCC unroll 8
        for (size_t h = 0; h < HALF; h++) wrong |= negative_somewhere(sum[h]) << (l + h);
    }
    return ~wrong;
}

// The same for the networks in `alive`, a few.
static uint32_t add_rows_of(const GuessTables *tables, size_t chunk, uint32_t alive) {
    for (uint32_t left = alive; left; left &= left - 1) {
        unsigned l = (unsigned)__builtin_ctz(left);
        Row sum = *(const Row *)(tables->start + chunk * LANE);
        for (size_t r = 0; r < tables->rows; r++) sum += row(tables, chunk, r, l);
        alive ^= negative_somewhere(sum) << l;
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

static void find_rows(const GuessTables *tables, uint64_t t) {
    const size_t rows = tables->rows, words = tables->model->words, *first = tables->word;
    float *const code = tables->code, *const base = tables->base;
    for (size_t r = 0; r < rows; r++) lane_store(code + r * LANE, lane_splat(base[r]));
    for (size_t block = 0; block < words; block += 4) {
        wide bits[4];
        draw_block(&tables->keys, t, block / 4, bits);
        for (size_t word = block; word < words && word < block + 4; word++) {
            wide left = add_word(tables->step + first[word], tables->step + first[word + 1], code,
                                 bits[word - block]);
            uint32_t again = wide_lower_below(left, model_least(tables->model, word));
            for (; again; again &= again - 1) {
                unsigned l = (unsigned)__builtin_ctz(again);
                tables_redraw(tables, t + l, word, l);
            }
        }
    }
    uint32_t *const at = tables->at;
    for (size_t r = 0; r < rows; r++) lane_store_whole(at + r * LANE, lane_load(code + r * LANE));
}

uint32_t LANE_NAME(tables_look_up)(const GuessTables *tables, uint64_t t, uint32_t alive,
                                   uint32_t *full);
uint32_t LANE_NAME(tables_look_up)(const GuessTables *tables, uint64_t t, uint32_t alive,
                                   uint32_t *full) {
    size_t chunk = 0;
    find_rows(tables, t);
    if (tables->middle) alive &= add_rows(tables, chunk++);
    for (; chunk < tables->middle && alive; chunk++) alive = add_rows_of(tables, chunk, alive);
    *full = alive;
    for (; chunk < tables->chunks && *full; chunk++) *full = add_rows_of(tables, chunk, *full);
    return alive;
}
