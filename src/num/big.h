// Whole numbers of a fixed number n of 64-bit limbs, the least significant first.
#pragma once

#include "base/base.h"

size_t big_limbs(size_t base, size_t exponent); // how many hold base^exponent
void big_power(size_t n, uint64_t *power, size_t base, size_t exponent);
// sum (n) += a (na) b (nb); what passes n limbs is lost.
void big_add_product(size_t n, uint64_t *sum, size_t na, const uint64_t *a, size_t nb,
                     const uint64_t *b);
void big_add(size_t n, uint64_t *sum, const uint64_t *a);
void big_scale(size_t n, uint64_t *a, uint64_t factor);
uint64_t big_divide(size_t n, uint64_t *a, uint64_t divisor); // in place; the remainder
int big_compare(size_t n, const uint64_t *a, const uint64_t *b);
double big_ratio(size_t n, const uint64_t *a, const uint64_t *b); // a / b to about 2^-52; b > 0
char *big_print(size_t n, const uint64_t *a, Error *error);       // decimal; memory_free
