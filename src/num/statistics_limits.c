#include "num/statistics.h"

static void check(double hits, double trials, double alpha) {
    REQUIRE(hits >= 0 && hits <= trials && trials >= 1 && trials <= 1e15);
    REQUIRE(alpha > 0 && alpha < 1);
}

// P(at least `hits` hits) = I_p(hits, trials - hits + 1).
double statistics_lower_limit(double hits, double trials, double alpha) {
    check(hits, trials, alpha);
    return hits == 0 ? 0 : statistics_beta_inverse(alpha, hits, trials - hits + 1);
}

// P(at most `hits` hits) = 1 - I_p(hits + 1, trials - hits).
double statistics_upper_limit(double hits, double trials, double alpha) {
    check(hits, trials, alpha);
    return hits == trials ? 1 : statistics_beta_upper_inverse(alpha, hits + 1, trials - hits);
}

StatisticsInterval statistics_clopper_pearson(double hits, double trials, double level) {
    REQUIRE(level > 0 && level < 1);
    double alpha = (1 - level) / 2;
    return (StatisticsInterval){statistics_lower_limit(hits, trials, alpha),
                                statistics_upper_limit(hits, trials, alpha)};
}

StatisticsInterval statistics_inverse_sampling(double hits, double trials, double level) {
    REQUIRE(level > 0 && level < 1 && hits >= 1);
    double alpha = (1 - level) / 2;
    double high = trials > 1 ? statistics_upper_limit(hits - 1, trials - 1, alpha) : 1;
    return (StatisticsInterval){statistics_lower_limit(hits, trials, alpha), high};
}
