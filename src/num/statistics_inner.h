// Private to num/: what the files of statistics.h share.
#pragma once

#include "num/statistics.h"

// (1 + e) ln(1 + e) - e for e >= -1, without cancellation: e^2/2 near 0. A count a where m was
// expected has the deviance m statistics_deviance((a - m)/m) = a ln(a/m) + m - a.
double statistics_deviance(double e);

// The last double at or above `low` and at or below `high` (0 <= low <= high) for which below(x,
// data) is true, where it is true up to some place and false from there on; low where it is never
// true. Bisection over the doubles themselves.
double statistics_bisect(double low, double high, bool (*below)(double x, const void *data),
                         const void *data);
