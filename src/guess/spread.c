#include "guess/inner.h"
#include "num/statistics.h"
#include <math.h>

GuessSpread spread_of(double *value, size_t count) {
    GuessSpread spread = {.count = count, .mean = NAN, .standard_error = NAN};
    for (int i = 0; i < GUESS_QUANTILES; i++) spread.quantile[i] = NAN;
    if (count == 0) return spread;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) sum += value[i];
    spread.mean = sum / (double)count;
    for (size_t i = 0; i < count; i++) squares += pow(value[i] - spread.mean, 2);
    if (count > 1) spread.standard_error = sqrt(squares / (double)(count - 1) / (double)count);
    statistics_sort(value, count);
    for (int i = 0; i < GUESS_QUANTILES; i++)
        spread.quantile[i] = statistics_quantile(value, count, i / (double)(GUESS_QUANTILES - 1));
    return spread;
}
