#include "num/statistics.h"
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void statistics_sort(double *value, size_t count) {
    qsort(value, count, sizeof *value, ascending);
}

double statistics_quantile(const double *sorted, size_t count, double share) {
    REQUIRE(count > 0 && share >= 0 && share <= 1);
    double at = share * (double)(count - 1);
    size_t below = (size_t)at;
    if (below + 1 >= count || sorted[below] == sorted[below + 1]) return sorted[below];
    return sorted[below] + (at - (double)below) * (sorted[below + 1] - sorted[below]);
}
