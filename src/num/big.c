#include "num/big.h"
#include <math.h>
#include <string.h>

__extension__ typedef unsigned __int128 Wide;

enum { DECIMAL_DIGITS = 19 };
static const uint64_t DECIMAL = UINT64_C(10000000000000000000); // 10^19

size_t big_limbs(size_t base, size_t exponent) {
    return (size_t)((double)exponent * log2((double)base) / 64) + 1;
}

void big_scale(size_t n, uint64_t *a, uint64_t factor) {
    uint64_t carry = 0;
    for (size_t i = 0; i < n; i++) {
        Wide sum = (Wide)a[i] * factor + carry;
        a[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
}

void big_power(size_t n, uint64_t *power, size_t base, size_t exponent) {
    for (size_t i = 0; i < n; i++) power[i] = i == 0;
    uint64_t factor = 1;
    for (size_t i = 0; i < exponent; i++) {
        factor *= base;
        if (i + 1 < exponent && factor <= UINT64_MAX / base) continue;
        big_scale(n, power, factor);
        factor = 1;
    }
}

// sum (n) += a (na) factor
static void add_product(size_t n, uint64_t *sum, size_t na, const uint64_t *a, uint64_t factor) {
    uint64_t carry = 0;
    size_t i = 0;
    for (; i < n && i < na; i++) {
        Wide part = (Wide)a[i] * factor + sum[i] + carry;
        sum[i] = (uint64_t)part;
        carry = (uint64_t)(part >> 64);
    }
    for (; i < n && carry; i++) {
        sum[i] += carry;
        carry = sum[i] < carry;
    }
}

void big_add_product(size_t n, uint64_t *sum, size_t na, const uint64_t *a, size_t nb,
                     const uint64_t *b) {
    for (size_t j = 0; j < nb && j < n; j++) {
        if (b[j]) add_product(n - j, sum + j, na, a, b[j]);
    }
}

void big_add(size_t n, uint64_t *sum, const uint64_t *a) {
    add_product(n, sum, n, a, 1);
}

uint64_t big_divide(size_t n, uint64_t *a, uint64_t divisor) {
    uint64_t rest = 0;
    for (size_t i = n; i-- > 0;) {
        Wide part = (Wide)rest << 64 | a[i];
        a[i] = (uint64_t)(part / divisor);
        rest = (uint64_t)(part % divisor);
    }
    return rest;
}

int big_compare(size_t n, const uint64_t *a, const uint64_t *b) {
    for (size_t i = n; i-- > 0;) {
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

// a = the result * 2^*exponent, from its three highest limbs.
static double highest(size_t n, const uint64_t *a, int *exponent) {
    while (n && !a[n - 1]) n--;
    double value = 0;
    for (size_t i = n < 3 ? 0 : n - 3; i < n; i++) value = value * 0x1p-64 + (double)a[i];
    *exponent = n ? 64 * (int)(n - 1) : 0;
    return value;
}

double big_ratio(size_t n, const uint64_t *a, const uint64_t *b) {
    int up, down;
    double above = highest(n, a, &up), below = highest(n, b, &down);
    return ldexp(above / below, up - down);
}

char *big_print(size_t n, const uint64_t *a, Error *error) {
    size_t parts = n * 64 / 63 + 1; // 10^19 > 2^63
    char *text = memory_try(parts, DECIMAL_DIGITS, "a decimal number", error);
    uint64_t *rest = memory_try(n, sizeof *rest, "a decimal number", error);
    if (text && rest) {
        size_t length = 0;
        memcpy(rest, a, n * sizeof *rest);
        while (n && !rest[n - 1]) n--;
        do {
            uint64_t part = big_divide(n, rest, DECIMAL);
            while (n && !rest[n - 1]) n--;
            for (int i = 0; i < DECIMAL_DIGITS && (n || part || (i == 0 && !length)); i++) {
                text[length++] = (char)('0' + part % 10);
                part /= 10;
            }
        } while (n);
        for (size_t i = 0; i < length / 2; i++) {
            char swap = text[i];
            text[i] = text[length - 1 - i];
            text[length - 1 - i] = swap;
        }
        text[length] = 0;
    }
    memory_free(rest);
    if (text && rest) return text;
    memory_free(text);
    return NULL;
}
