#include "guess/inner.h"
#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Between the two values nearest to a share of the way, as NumPy's default.
static double quantile(const double *sorted, size_t count, double share) {
    double at = share * (double)(count - 1);
    size_t below = (size_t)at;
    if (below + 1 >= count) return sorted[count - 1];
    return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}

GuessSpread spread_of(double *value, size_t count) {
    GuessSpread spread = {.count = count, .mean = NAN, .standard_error = NAN};
    for (int i = 0; i < GUESS_QUANTILES; i++) spread.quantile[i] = NAN;
    if (count == 0) return spread;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) sum += value[i];
    spread.mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) squares += pow(value[i] - spread.mean, 2);
    if (count > 1) spread.standard_error = sqrt(squares / (double)(count - 1) / (double)count);
    qsort(value, count, sizeof *value, compare);
    for (int i = 0; i < GUESS_QUANTILES; i++)
        spread.quantile[i] = quantile(value, count, i / (double)(GUESS_QUANTILES - 1));
    return spread;
}
