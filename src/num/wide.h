// A wide: one whole number of 64 bits of each of 16 networks, made for multiplying by 32 bits and
// taking the upper half: counter-based random numbers, and digits of a fraction of 2^32. Beside
// num/lane.h, for *.lane.c files.
#pragma once

#include "num/lane.h"

#if defined(LANE_ISA_avx512)

typedef struct wide {
    __m512i low, high; // numbers 0 .. 7, 8 .. 15
} wide;
LANE_INLINE wide wide_splat(uint64_t a) {
    return (wide){_mm512_set1_epi64((long long)a), _mm512_set1_epi64((long long)a)};
}
LANE_INLINE wide wide_load(const uint64_t *from) {
    return (wide){_mm512_loadu_si512(from), _mm512_loadu_si512(from + 8)};
}
LANE_INLINE void wide_store(uint64_t *to, wide a) {
    _mm512_storeu_si512(to, a.low);
    _mm512_storeu_si512(to + 8, a.high);
}
LANE_INLINE wide wide_add(wide a, wide b) {
    return (wide){_mm512_add_epi64(a.low, b.low), _mm512_add_epi64(a.high, b.high)};
}
LANE_INLINE wide wide_xor(wide a, wide b, wide c) {
    return (wide){_mm512_ternarylogic_epi64(a.low, b.low, c.low, 0x96),
                  _mm512_ternarylogic_epi64(a.high, b.high, c.high, 0x96)};
}
// The product of the lower halves of a and b.
LANE_INLINE wide wide_mul(wide a, wide b) {
    return (wide){_mm512_mul_epu32(a.low, b.low), _mm512_mul_epu32(a.high, b.high)};
}
LANE_INLINE wide wide_upper(wide a) { // a / 2^32
    return (wide){_mm512_srli_epi64(a.low, 32), _mm512_srli_epi64(a.high, 32)};
}
// Bit l: the lower half of number l is less than limit.
LANE_INLINE uint32_t wide_lower_below(wide a, uint32_t limit) {
    __m512i most = _mm512_set1_epi64((long long)((uint64_t)limit << 32));
    __mmask8 low = _mm512_cmplt_epu64_mask(_mm512_slli_epi64(a.low, 32), most);
    __mmask8 high = _mm512_cmplt_epu64_mask(_mm512_slli_epi64(a.high, 32), most);
    return (uint32_t)low | (uint32_t)high << 8;
}
LANE_INLINE __m512i wide_upper_halves(wide a) {
    const __m512i odd =
        _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    return _mm512_permutex2var_epi32(a.low, odd, a.high);
}
// The upper halves, below 2^31, as numbers.
LANE_INLINE lane lane_of_upper(wide a) {
    return _mm512_cvtepi32_ps(wide_upper_halves(a));
}
// table[upper half], of a table of `count` numbers, readable up to 16.
LANE_INLINE lane lane_look_up(const float *table, size_t count, wide a) {
    if (count <= LANE) return _mm512_permutexvar_ps(wide_upper_halves(a), _mm512_loadu_ps(table));
    return _mm512_i32gather_ps(wide_upper_halves(a), table, 4);
}

#elif defined(LANE_ISA_avx2)

typedef struct wide {
    __m256i a, b, c, d; // numbers 0 .. 3, 4 .. 7, ...
} wide;
LANE_INLINE wide wide_splat(uint64_t x) {
    __m256i s = _mm256_set1_epi64x((long long)x);
    return (wide){s, s, s, s};
}
LANE_INLINE wide wide_load(const uint64_t *from) {
    const __m256i *f = (const __m256i *)from;
    return (wide){_mm256_loadu_si256(f), _mm256_loadu_si256(f + 1), _mm256_loadu_si256(f + 2),
                  _mm256_loadu_si256(f + 3)};
}
LANE_INLINE void wide_store(uint64_t *to, wide x) {
    __m256i *t = (__m256i *)to;
    _mm256_storeu_si256(t, x.a);
    _mm256_storeu_si256(t + 1, x.b);
    _mm256_storeu_si256(t + 2, x.c);
    _mm256_storeu_si256(t + 3, x.d);
}
LANE_INLINE wide wide_add(wide x, wide y) {
    return (wide){_mm256_add_epi64(x.a, y.a), _mm256_add_epi64(x.b, y.b),
                  _mm256_add_epi64(x.c, y.c), _mm256_add_epi64(x.d, y.d)};
}
LANE_INLINE wide wide_xor(wide x, wide y, wide z) {
    return (wide){x.a ^ y.a ^ z.a, x.b ^ y.b ^ z.b, x.c ^ y.c ^ z.c, x.d ^ y.d ^ z.d};
}
LANE_INLINE wide wide_mul(wide x, wide y) {
    return (wide){_mm256_mul_epu32(x.a, y.a), _mm256_mul_epu32(x.b, y.b),
                  _mm256_mul_epu32(x.c, y.c), _mm256_mul_epu32(x.d, y.d)};
}
LANE_INLINE wide wide_upper(wide x) {
    return (wide){_mm256_srli_epi64(x.a, 32), _mm256_srli_epi64(x.b, 32),
                  _mm256_srli_epi64(x.c, 32), _mm256_srli_epi64(x.d, 32)};
}
LANE_INLINE uint32_t wide_below_(__m256i x, __m256i limit) {
    __m256i lower = x & _mm256_set1_epi64x(UINT32_MAX);
    return (uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(limit, lower)));
}
LANE_INLINE uint32_t wide_lower_below(wide x, uint32_t limit) {
    __m256i most = _mm256_set1_epi64x((long long)limit);
    return wide_below_(x.a, most) | wide_below_(x.b, most) << 4 | wide_below_(x.c, most) << 8 |
           wide_below_(x.d, most) << 12;
}
LANE_INLINE __m256i wide_upper_halves_(__m256i x, __m256i y) {
    __m256 odd = _mm256_shuffle_ps(_mm256_castsi256_ps(x), _mm256_castsi256_ps(y), 0xdd);
    return _mm256_permute4x64_epi64(_mm256_castps_si256(odd), 0xd8);
}
LANE_INLINE lane lane_of_upper(wide x) {
    return (lane){_mm256_cvtepi32_ps(wide_upper_halves_(x.a, x.b)),
                  _mm256_cvtepi32_ps(wide_upper_halves_(x.c, x.d))};
}
LANE_INLINE __m256 lane_look_up_(const float *table, size_t count, __m256i at) {
    if (count <= LANE / 2) return _mm256_permutevar8x32_ps(_mm256_loadu_ps(table), at);
    return _mm256_i32gather_ps(table, at, 4);
}
LANE_INLINE lane lane_look_up(const float *table, size_t count, wide x) {
    return (lane){lane_look_up_(table, count, wide_upper_halves_(x.a, x.b)),
                  lane_look_up_(table, count, wide_upper_halves_(x.c, x.d))};
}

#else // generic

typedef uint64_t wide8 __attribute__((vector_size(64)));
typedef struct wide {
    wide8 low, high;
} wide;
LANE_INLINE wide wide_splat(uint64_t a) {
    return (wide){a + (wide8){0}, a + (wide8){0}};
}
LANE_INLINE wide wide_load(const uint64_t *from) {
    wide a;
    memcpy(&a, from, sizeof a);
    return a;
}
LANE_INLINE void wide_store(uint64_t *to, wide a) {
    memcpy(to, &a, sizeof a);
}
LANE_INLINE wide wide_add(wide a, wide b) {
    return (wide){a.low + b.low, a.high + b.high};
}
LANE_INLINE wide wide_xor(wide a, wide b, wide c) {
    return (wide){a.low ^ b.low ^ c.low, a.high ^ b.high ^ c.high};
}
LANE_INLINE wide wide_mul(wide a, wide b) {
    const uint64_t lower = UINT32_MAX;
    return (wide){(a.low & lower) * (b.low & lower), (a.high & lower) * (b.high & lower)};
}
LANE_INLINE wide wide_upper(wide a) {
    return (wide){a.low >> 32, a.high >> 32};
}
LANE_INLINE uint32_t wide_lower_below(wide a, uint32_t limit) {
    uint32_t below = 0;
    for (int l = 0; l < LANE / 2; l++) {
        below |= (uint32_t)((uint32_t)a.low[l] < limit) << l;
        below |= (uint32_t)((uint32_t)a.high[l] < limit) << (l + LANE / 2);
    }
    return below;
}
typedef struct WideHalves {
    int32_t half[2 * LANE]; // lower and upper half of number 0, ...
} WideHalves;
LANE_INLINE WideHalves wide_halves(wide a) {
    WideHalves h;
    uint64_t all[LANE];
    wide_store(all, a);
    for (int l = 0; l < LANE; l++) {
        h.half[2 * l] = (int32_t)(uint32_t)all[l];
        h.half[2 * l + 1] = (int32_t)(all[l] >> 32);
    }
    return h;
}
LANE_INLINE lane lane_of_upper(wide a) {
    WideHalves h = wide_halves(a);
    float b[LANE];
    for (int l = 0; l < LANE; l++) b[l] = (float)h.half[2 * l + 1];
    return lane_load(b);
}
LANE_INLINE lane lane_look_up(const float *table, size_t count, wide a) {
    WideHalves h = wide_halves(a);
    float b[LANE];
    (void)count;
    for (int l = 0; l < LANE; l++) b[l] = table[h.half[2 * l + 1]];
    return lane_load(b);
}

#endif

// from, from + 1, ... from + 15
LANE_INLINE wide wide_count(uint64_t from) {
    static const uint64_t COUNT[LANE] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    return wide_add(wide_splat(from), wide_load(COUNT));
}
