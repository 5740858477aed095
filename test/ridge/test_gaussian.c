// Isotropic Gaussian designs: the finite-size formula against simulated designs, the limits against
// the integral over the Marchenko-Pastur density and against large designs.
#include "ridge/ridge.h"
#include "num/linear.h"
#include "run_suite.h"
#include <math.h>
#include <string.h>

static const RidgeLaw LAW = {2.385, 0.71};

static void near(double found, double wanted, double tolerance, const char *what, double at) {
    ck_assert_msg(found == wanted || fabs(found - wanted) <= tolerance * fabs(wanted),
                  "%s at %g: %.17g, should be %.17g, off by %.2g", what, at, found, wanted,
                  (found - wanted) / wanted);
}

// ---- finite size ----

START_TEST(formula_by_hand) {
    RidgeLaw law = {3, 0.5};
    near(ridge_gaussian_risk(19, 7, &law), 0.5 * 7 / 11, 1e-15, "tall", 7);
    near(ridge_gaussian_risk(7, 19, &law), 3 * 12.0 / 19 + 0.5 * 7 / 11, 1e-15, "wide", 19);
    near(ridge_gaussian_risk(19, 17, &law), 0.5 * 17, 1e-15, "tall", 17);
    near(ridge_gaussian_risk(19, 21, &law), 3 * 2.0 / 21 + 0.5 * 19, 1e-15, "wide", 21);
    for (size_t d = 18; d <= 20; d++)
        ck_assert_double_eq(ridge_gaussian_risk(19, d, &law), INFINITY);
}
END_TEST

// Without noise w is found exactly from d <= n rows, and its part outside them is lost otherwise.
START_TEST(without_noise_nothing_is_infinite) {
    RidgeLaw law = {3, 0};
    ck_assert_double_eq(ridge_gaussian_risk(19, 7, &law), 0);
    ck_assert_double_eq(ridge_gaussian_risk(19, 18, &law), 0);
    ck_assert_double_eq(ridge_gaussian_risk(19, 19, &law), 0);
    near(ridge_gaussian_risk(19, 20, &law), 3.0 / 20, 1e-15, "wide", 20);
    near(ridge_gaussian_risk(19, 38, &law), 1.5, 1e-15, "wide", 38);
}
END_TEST

// The lesser Gram matrix, (rows of `less` numbers each)'s, of a Gaussian design.
static void gaussian_gram(size_t more, size_t less, uint64_t index, double *x, double *gram) {
    Random random = random_stream(11, RANDOM_TEST, index);
    for (size_t i = 0; i < more * less; i++) x[i] = random_normal(&random);
    memset(gram, 0, less * less * sizeof *gram);
    linear_gram_add(more, less, x, gram);
}

// The risk of the minimum-norm solution, sw2 (d - rank)/d + se2 tr H^+, averaged over designs, is
// within 4 standard errors of the formula. Two comparisons: a failure has probability 1.3e-4.
static void check_simulated(size_t n, size_t d, size_t designs) {
    size_t less = n < d ? n : d, more = n < d ? d : n;
    double *x = memory_new(more * less, sizeof *x), *gram = memory_new(less * less, sizeof *gram);
    double mean = 0, square = 0;
    for (size_t k = 0; k < designs; k++) {
        gaussian_gram(more, less, k, x, gram);
        ck_assert(linear_cholesky(less, gram));
        linear_triangle_inverse(less, gram);
        double risk = LAW.signal * (double)(d - less) / (double)d;
        for (size_t i = 0; i < less; i++) {
            for (size_t j = i; j < less; j++) risk += LAW.noise * pow(gram[i * less + j], 2);
        }
        mean += risk / (double)designs;
        square += risk * risk / (double)designs;
    }
    double error = sqrt((square - mean * mean) / (double)(designs - 1));
    double wanted = ridge_gaussian_risk(n, d, &LAW);
    ck_assert_double_lt(error, 0.01 * wanted);
    ck_assert_msg(fabs(mean - wanted) <= 4 * error, "%zu x %zu: %g +- %g, should be %g", n, d, mean,
                  error, wanted);
    memory_free(x);
    memory_free(gram);
}

START_TEST(formula_is_the_mean_over_designs) {
    check_simulated(31, 13, 3000);
    check_simulated(17, 41, 3000);
}
END_TEST

// ---- limits ----

START_TEST(stieltjes_by_hand) {
    near(ridge_stieltjes(1, 1), (sqrt(5) - 1) / 2, 1e-15, "m", 1);
    near(ridge_stieltjes(1, 0.5), (sqrt(17) - 3) / 2, 1e-15, "m", 1);
    near(ridge_stieltjes(0.5, 2), (1 + sqrt(17)) / 4, 1e-15, "m", 0.5);
    near(ridge_stieltjes(1, 1), 0.618033988750, 1e-12, "m", 1);
    near(ridge_stieltjes(1, 0.5), 0.561552812809, 1e-12, "m", 1);
    near(ridge_stieltjes(0.5, 2), 1.280776406404, 1e-12, "m", 0.5);
}
END_TEST

// Means over the Marchenko-Pastur law of 1/(s + z), z^2/(s + z)^2 and s/(s + z)^2. Its density,
// sqrt((b - s)(s - a)) / (2 pi gamma s) on [a, b] = (1 -+ sqrt(gamma))^2 and an atom 1 - 1/gamma at
// 0, is integrated in the angle of s = middle + half cos(angle), where the trapezoidal rule
// converges geometrically.
typedef struct Means {
    double m, bias, variance;
} Means;

static Means integrate(double z, double gamma) {
    enum { POINTS = 20000 };
    double middle = 1 + gamma, half = 2 * sqrt(gamma), pi = acos(-1);
    double atom = gamma > 1 ? 1 - 1 / gamma : 0;
    Means means = {atom / z, atom, 0};
    for (int i = 1; i < POINTS; i++) {
        double angle = pi * i / POINTS, s = middle + half * cos(angle), height = half * sin(angle);
        double mass = height * height / (2 * pi * gamma * s) * pi / POINTS;
        means.m += mass / (s + z);
        means.bias += mass * z * z / ((s + z) * (s + z));
        means.variance += mass * s / ((s + z) * (s + z));
    }
    return means;
}

START_TEST(limits_are_integrals_over_the_density) {
    const double z[] = {0.01, 0.2385, 1, 7.5, 300, 1e7}, gamma[] = {0.03, 0.5, 0.9, 1.1, 2.385, 40};
    for (size_t i = 0; i < sizeof z / sizeof *z; i++) {
        for (size_t j = 0; j < sizeof gamma / sizeof *gamma; j++) {
            Means means = integrate(z[i], gamma[j]);
            double risk = LAW.signal * means.bias + LAW.noise * gamma[j] * means.variance;
            near(ridge_stieltjes(z[i], gamma[j]), means.m, 1e-12, "m", gamma[j]);
            near(ridge_limit_risk(z[i], gamma[j], &LAW), risk, 1e-12, "risk", gamma[j]);
            near(ridge_limit_risk(z[i], gamma[j], &(RidgeLaw){1, 0}), means.bias, 1e-12, "bias",
                 gamma[j]);
            near(ridge_limit_risk(z[i], gamma[j], &(RidgeLaw){0, 1}), gamma[j] * means.variance,
                 1e-12, "variance", gamma[j]);
        }
    }
}
END_TEST

START_TEST(best_is_the_least_of_the_limits) {
    const double gamma[] = {0.03, 0.5, 1, 2.385, 40};
    for (size_t j = 0; j < sizeof gamma / sizeof *gamma; j++) {
        double best = ridge_limit_best(gamma[j], &LAW), z = gamma[j] * LAW.noise / LAW.signal;
        near(best, LAW.noise * gamma[j] * ridge_stieltjes(z, gamma[j]), 1e-14, "best", gamma[j]);
        near(best, ridge_limit_risk(z, gamma[j], &LAW), 1e-14, "best", gamma[j]);
        ck_assert_double_gt(ridge_limit_risk(z * 1.01, gamma[j], &LAW), best);
        ck_assert_double_gt(ridge_limit_risk(z / 1.01, gamma[j], &LAW), best);
    }
}
END_TEST

START_TEST(ends_of_the_limits) {
    const size_t n = 1000000000; // where d/(n - d - 1) is gamma/(1 - gamma) to 1e-8
    near(ridge_limit_risk(0, 0.4, &LAW), LAW.noise * 0.4 / 0.6, 1e-14, "z = 0", 0.4);
    near(ridge_limit_risk(0, 2.5, &LAW), LAW.signal * 0.6 + LAW.noise / 1.5, 1e-14, "z = 0", 2.5);
    near(ridge_limit_risk(0, 0.4, &LAW), ridge_gaussian_risk(n, n / 10 * 4, &LAW), 1e-8, "n", 0.4);
    near(ridge_limit_risk(0, 2.5, &LAW), ridge_gaussian_risk(n, n / 10 * 25, &LAW), 1e-8, "n", 2.5);
    near(ridge_limit_risk(1e-300, 2.5, &LAW), ridge_limit_risk(0, 2.5, &LAW), 1e-14, "z", 1e-300);
    near(ridge_limit_risk(1e-300, 0.4, &LAW), ridge_limit_risk(0, 0.4, &LAW), 1e-14, "z", 1e-300);
    ck_assert_double_eq(ridge_limit_risk(0, 1, &LAW), INFINITY);
    ck_assert_double_eq(ridge_limit_risk(0, 1, &(RidgeLaw){2, 0}), 0);
    // At gamma = 1 and small z: m = z^(-1/2), m' = z^(-3/2)/2, so that R = (sw2 z + se2)/(2 sqrt
    // z).
    near(ridge_limit_risk(1e-30, 1, &LAW), LAW.noise / 2 * 1e15, 1e-14, "z", 1e-30);
    ck_assert_double_eq(ridge_limit_risk(INFINITY, 2.5, &LAW), LAW.signal);
    near(ridge_limit_risk(1e300, 2.5, &LAW), LAW.signal, 1e-14, "z", 1e300);
    near(ridge_stieltjes(1e300, 2.5), 1e-300, 1e-14, "z", 1e300);
    near(ridge_stieltjes(1e-300, 2.5), 0.6e300, 1e-14, "z", 1e-300);
    near(ridge_stieltjes(1e-300, 0.4), 1 / 0.6, 1e-14, "z", 1e-300);
    ck_assert_double_eq(ridge_limit_best(2.5, &(RidgeLaw){0, 1}), 0);
    ck_assert_double_eq(ridge_limit_best(2.5, &(RidgeLaw){1e-300, 1e300}), 1e-300);
    near(ridge_limit_best(2.5, &(RidgeLaw){2, 0}), 1.2, 1e-14, "no noise", 2.5);
    ck_assert_double_eq(ridge_limit_best(0.4, &(RidgeLaw){2, 0}), 0);
    ck_assert_double_eq(ridge_limit_best(1, &(RidgeLaw){2, 0}), 0);
}
END_TEST

// One design of some hundred rows scatters about its limit by O(1/n) of it: 2 % is ten times that.
static void check_large(size_t n, size_t d) {
    size_t less = n < d ? n : d, more = n < d ? d : n;
    double gamma = (double)d / (double)n;
    double *x = memory_new(more * less, sizeof *x), *gram = memory_new(less * less, sizeof *gram);
    double *lambda = memory_new(less, sizeof *lambda);
    gaussian_gram(more, less, 0, x, gram);
    ck_assert(linear_eigenvalues(less, gram, lambda, NULL));
    RidgeSpectrum spectrum = {.n = n, .d = d, .count = less, .lambda = lambda};
    RidgeWeights weights = {.rest = (double)(d - less)};
    const double z[] = {0, 0.05, 0.3, 2.385};
    for (size_t i = 0; i < sizeof z / sizeof *z; i++) {
        RidgeRisk risk = ridge_risk(&spectrum, &weights, &LAW, z[i] * (double)n);
        near(ridge_limit_risk(z[i], gamma, &LAW), risk.risk, 0.02, "large design", z[i]);
    }
    double best = ridge_risk(&spectrum, &weights, &LAW, ridge_best_mu(&LAW, d)).risk;
    near(ridge_limit_best(gamma, &LAW), best, 0.01, "large design", gamma);
    memory_free(x);
    memory_free(gram);
    memory_free(lambda);
}

START_TEST(limits_are_those_of_large_designs) {
    check_large(701, 301);
    check_large(301, 701);
}
END_TEST

int main(void) {
    linear_threads(1, NULL);
    Suite *suite = suite_create("ridge/gaussian");
    TCase *all = tcase_create("gaussian");
    tcase_add_test(all, formula_by_hand);
    tcase_add_test(all, without_noise_nothing_is_infinite);
    tcase_add_test(all, formula_is_the_mean_over_designs);
    tcase_add_test(all, stieltjes_by_hand);
    tcase_add_test(all, limits_are_integrals_over_the_density);
    tcase_add_test(all, best_is_the_least_of_the_limits);
    tcase_add_test(all, ends_of_the_limits);
    tcase_add_test(all, limits_are_those_of_large_designs);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
