// A lane: one number of each of 16 examples. Only *.lane.c files include this header; they are
// compiled once per instruction set, so `lane` may be one 64-byte vector (AVX-512), two of 32 bytes
// (AVX2: GCC turns a 64-byte vector into slow code there) or whatever the compiler makes of it
// (generic). Every operation rounds as IEEE 754 says, sums have one fixed order, and multiply-adds
// are fused by name (the compiler may not contract others): AVX2 and AVX-512 give the same bits.
#pragma once

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// LANE_NAME(x) is x with the instruction set appended: the linker sees one of each.
#define LANE_PASTE_(a, b) a##_##b
#define LANE_PASTE(a, b)  LANE_PASTE_(a, b)
#define LANE_NAME(name)   LANE_PASTE(name, LANE_ISA)

enum { LANE = 16 };

#define LANE_INLINE static inline __attribute__((always_inline, unused))

#if defined(LANE_ISA_avx512)

#include <immintrin.h>
typedef __m512 lane;
LANE_INLINE lane lane_splat(float a) {
    return _mm512_set1_ps(a);
}
LANE_INLINE lane lane_add(lane a, lane b) {
    return a + b;
}
LANE_INLINE lane lane_sub(lane a, lane b) {
    return a - b;
}
LANE_INLINE lane lane_mul(lane a, lane b) {
    return a * b;
}
LANE_INLINE lane lane_div(lane a, lane b) {
    return a / b;
}
LANE_INLINE lane lane_fma(lane a, lane b, lane c) {
    return _mm512_fmadd_ps(a, b, c);
}
LANE_INLINE lane lane_max(lane a, lane b) {
    return _mm512_max_ps(a, b);
} // b where either is nan
LANE_INLINE lane lane_min(lane a, lane b) {
    return _mm512_min_ps(a, b);
} // b where either is nan
LANE_INLINE lane lane_sqrt(lane a) {
    return _mm512_sqrt_ps(a);
}
// a where test > 0, otherwise b, also where test is nan
LANE_INLINE lane lane_where_positive(lane test, lane a, lane b) {
    return _mm512_mask_mov_ps(b, _mm512_cmp_ps_mask(test, _mm512_setzero_ps(), _CMP_GT_OQ), a);
}
// Bit l: number l is > 0, or is 0.
LANE_INLINE uint32_t lane_positive_bits(lane a) {
    return _mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_GT_OQ);
}
LANE_INLINE uint32_t lane_zero_bits(lane a) {
    return _mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_EQ_OQ);
}

#elif defined(LANE_ISA_avx2)

#include <immintrin.h>
typedef struct lane {
    __m256 low, high;
} lane;
LANE_INLINE lane lane_splat(float a) {
    return (lane){_mm256_set1_ps(a), _mm256_set1_ps(a)};
}
LANE_INLINE lane lane_add(lane a, lane b) {
    return (lane){a.low + b.low, a.high + b.high};
}
LANE_INLINE lane lane_sub(lane a, lane b) {
    return (lane){a.low - b.low, a.high - b.high};
}
LANE_INLINE lane lane_mul(lane a, lane b) {
    return (lane){a.low * b.low, a.high * b.high};
}
LANE_INLINE lane lane_div(lane a, lane b) {
    return (lane){a.low / b.low, a.high / b.high};
}
LANE_INLINE lane lane_fma(lane a, lane b, lane c) {
    return (lane){_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
LANE_INLINE lane lane_max(lane a, lane b) {
    return (lane){_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)};
}
LANE_INLINE lane lane_min(lane a, lane b) {
    return (lane){_mm256_min_ps(a.low, b.low), _mm256_min_ps(a.high, b.high)};
}
LANE_INLINE lane lane_sqrt(lane a) {
    return (lane){_mm256_sqrt_ps(a.low), _mm256_sqrt_ps(a.high)};
}
LANE_INLINE lane lane_where_positive(lane test, lane a, lane b) {
    __m256 zero = _mm256_setzero_ps();
    return (lane){_mm256_blendv_ps(b.low, a.low, _mm256_cmp_ps(test.low, zero, _CMP_GT_OQ)),
                  _mm256_blendv_ps(b.high, a.high, _mm256_cmp_ps(test.high, zero, _CMP_GT_OQ))};
}
LANE_INLINE uint32_t lane_positive_bits(lane a) {
    __m256 zero = _mm256_setzero_ps();
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a.low, zero, _CMP_GT_OQ)) |
           (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a.high, zero, _CMP_GT_OQ)) << 8;
}
LANE_INLINE uint32_t lane_zero_bits(lane a) {
    __m256 zero = _mm256_setzero_ps();
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a.low, zero, _CMP_EQ_OQ)) |
           (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a.high, zero, _CMP_EQ_OQ)) << 8;
}

#else // generic

typedef float lane __attribute__((vector_size(64)));
typedef int32_t LaneBits __attribute__((vector_size(64)));
LANE_INLINE lane lane_splat(float a) {
    return a - (lane){0};
}
LANE_INLINE lane lane_add(lane a, lane b) {
    return a + b;
}
LANE_INLINE lane lane_sub(lane a, lane b) {
    return a - b;
}
LANE_INLINE lane lane_mul(lane a, lane b) {
    return a * b;
}
LANE_INLINE lane lane_div(lane a, lane b) {
    return a / b;
}
LANE_INLINE lane lane_fma(lane a, lane b, lane c) {
#ifdef __FP_FAST_FMAF
    for (int i = 0; i < LANE; i++) c[i] = __builtin_fmaf(a[i], b[i], c[i]);
    return c;
#else
    return a * b + c;
#endif
}
LANE_INLINE lane lane_select(LaneBits mask, lane a, lane b) {
    return (lane)((mask & (LaneBits)a) | (~mask & (LaneBits)b));
}
LANE_INLINE lane lane_max(lane a, lane b) {
    return lane_select(a > b, a, b);
}
LANE_INLINE lane lane_min(lane a, lane b) {
    return lane_select(a < b, a, b);
}
LANE_INLINE lane lane_sqrt(lane a) {
    for (int i = 0; i < LANE; i++) a[i] = sqrtf(a[i]);
    return a;
}
LANE_INLINE lane lane_where_positive(lane test, lane a, lane b) {
    return lane_select(test > 0.0f, a, b);
}
LANE_INLINE uint32_t lane_mask_bits(LaneBits mask) { // -1 or 0 each
    int32_t each[LANE];
    uint32_t bits = 0;
    memcpy(each, &mask, sizeof each);
    for (int l = 0; l < LANE; l++) bits |= (uint32_t)each[l] & 1u << l;
    return bits;
}
LANE_INLINE uint32_t lane_positive_bits(lane a) {
    return lane_mask_bits(a > 0.0f);
}
LANE_INLINE uint32_t lane_zero_bits(lane a) {
    return lane_mask_bits(a == 0.0f);
}

#endif

LANE_INLINE lane lane_zero(void) {
    return lane_splat(0);
}

// From and to memory of any alignment.
#if defined(LANE_ISA_avx2) // GCC copies a struct of two vectors through general registers
LANE_INLINE lane lane_load(const float *from) {
    return (lane){_mm256_loadu_ps(from), _mm256_loadu_ps(from + LANE / 2)};
}
LANE_INLINE void lane_store(float *to, lane a) {
    _mm256_storeu_ps(to, a.low);
    _mm256_storeu_ps(to + LANE / 2, a.high);
}
#else
LANE_INLINE lane lane_load(const float *from) {
    lane a;
    memcpy(&a, from, sizeof a);
    return a;
}
LANE_INLINE void lane_store(float *to, lane a) {
    memcpy(to, &a, sizeof a);
}
#endif

// As whole numbers from 0 to 2^31 - 1, which they are.
LANE_INLINE void lane_store_whole(uint32_t *to, lane a) {
#if defined(LANE_ISA_avx512)
    _mm512_storeu_si512(to, _mm512_cvttps_epi32(a));
#elif defined(LANE_ISA_avx2)
    _mm256_storeu_si256((__m256i *)to, _mm256_cvttps_epi32(a.low));
    _mm256_storeu_si256((__m256i *)(to + LANE / 2), _mm256_cvttps_epi32(a.high));
#else
    for (int i = 0; i < LANE; i++) to[i] = (uint32_t)(int32_t)a[i];
#endif
}

// The first `count` numbers alone, 0 < count <= LANE: the others read as 0 and are not written.
#if defined(LANE_ISA_avx512)
LANE_INLINE lane lane_load_part(const float *from, size_t count) {
    return _mm512_maskz_loadu_ps((__mmask16)(0xffffu >> (LANE - count)), from);
}
LANE_INLINE void lane_store_part(float *to, lane a, size_t count) {
    _mm512_mask_storeu_ps(to, (__mmask16)(0xffffu >> (LANE - count)), a);
}
#else
LANE_INLINE lane lane_load_part(const float *from, size_t count) {
    float part[LANE] = {0};
    memcpy(part, from, count * sizeof *from);
    return lane_load(part);
}
LANE_INLINE void lane_store_part(float *to, lane a, size_t count) {
    float part[LANE];
    lane_store(part, a);
    memcpy(to, part, count * sizeof *to);
}
#endif

// The sum of the 16 numbers, in one fixed order: halves, then halves of the halves.
LANE_INLINE float lane_sum(lane a) {
    float s[LANE];
    lane_store(s, a);
    for (int half = LANE / 2; half; half /= 2) {
        for (int i = 0; i < half; i++) s[i] += s[i + half];
    }
    return s[0];
}

// By SLEEF, in the variants that give the same bits whatever the vector width: at most 1 ulp off,
// erfc 1.5 ulp. expm1 is exp(a) - 1 and log1p log(1 + a), also near
// 0; erfc is 1 - erf(a), also where that is tiny;
// sinpi and cospi are those of pi a, |a| <= 1.
lane LANE_NAME(lane_exp)(lane a);
lane LANE_NAME(lane_expm1)(lane a);
lane LANE_NAME(lane_log)(lane a);
lane LANE_NAME(lane_log1p)(lane a);
lane LANE_NAME(lane_tanh)(lane a);
lane LANE_NAME(lane_erfc)(lane a);
lane LANE_NAME(lane_sinpi)(lane a);
lane LANE_NAME(lane_cospi)(lane a);
#define lane_exp   LANE_NAME(lane_exp)
#define lane_expm1 LANE_NAME(lane_expm1)
#define lane_log   LANE_NAME(lane_log)
#define lane_log1p LANE_NAME(lane_log1p)
#define lane_tanh  LANE_NAME(lane_tanh)
#define lane_erfc  LANE_NAME(lane_erfc)
#define lane_sinpi LANE_NAME(lane_sinpi)
#define lane_cospi LANE_NAME(lane_cospi)
