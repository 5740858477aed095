#include "num/statistics_inner.h"
#include <math.h>
#include <string.h>

// With v = e/(2 + e), ln(1 + e) = 2 (v + v^3/3 + v^5/5 + ...), and e = 2v/(1 - v) cancels the
// first term.
static double deviance_series(double e) {
    double v = e / (2 + e), square = v * v, power = v * square, sum = 0;
    for (int k = 3; fabs(power) > 1e-18 * square; k += 2, power *= square) sum += power / k;
    return e * v + 2 * (1 + e) * sum;
}

double statistics_deviance(double e) {
    if (e <= -1) return 1;
    if (e == 0) return 0;
    return fabs(e) < 0.2 ? deviance_series(e) : (1 + e) * log1p(e) - e;
}

static uint64_t to_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double from_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

double statistics_bisect(double low, double high, bool (*below)(double x, const void *data),
                         const void *data) {
    uint64_t from = to_bits(fabs(low)), to = to_bits(fabs(high)); // doubles >= 0 sort as integers
    if (below(high, data)) return high;
    while (to - from > 1) {
        uint64_t middle = from + (to - from) / 2;
        if (below(from_bits(middle), data)) {
            from = middle;
        } else {
            to = middle;
        }
    }
    return from_bits(from);
}

double statistics_kl(double a, double b) {
    REQUIRE(a >= 0 && a <= 1 && b >= 0 && b <= 1);
    double gap = a - b;
    if (gap == 0) return 0;
    if (b == 0 || b == 1) return INFINITY;
    return b * statistics_deviance(gap / b) + (1 - b) * statistics_deviance(-gap / (1 - b));
}

typedef struct Target {
    double a, divergence;
} Target;

static bool within(double b, const void *data) {
    const Target *target = data;
    return statistics_kl(target->a, b) <= target->divergence;
}

double statistics_kl_inverse(double a, double divergence) {
    REQUIRE(a >= 0 && a <= 1 && divergence >= 0);
    if (a == 0) return -expm1(-divergence);
    return statistics_bisect(a, 1, within, &(Target){a, divergence});
}
