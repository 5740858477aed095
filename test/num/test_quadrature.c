// Expectations under Gaussian laws against closed forms: polynomials, exponentials, kinks, jumps,
// singularities, and two correlated variables, up to correlations of 1.
#include "num/quadrature.h"
#include "run_suite.h"
#include <math.h>

#define FUNCTION(name, expression)                                                                 \
    static void name(const void *context, size_t count, const double *x, double *y) {              \
        (void)context;                                                                             \
        for (size_t i = 0; i < count; i++) {                                                       \
            double u = x[i];                                                                       \
            y[i] = expression;                                                                     \
        }                                                                                          \
    }

FUNCTION(one, 1 + 0 * u)
FUNCTION(identity, u)
FUNCTION(power_12, pow(u, 12))
FUNCTION(growing, exp(2.385 * u))
FUNCTION(fast_growing, exp(17 * u))
FUNCTION(bell, exp(0.2 * u * u))
FUNCTION(too_fast, exp(0.6 * u * u))
FUNCTION(wave, cos(5 * u))
FUNCTION(absolute, fabs(u))
FUNCTION(jump, u > 0 ? 1 : -1)
FUNCTION(shifted_jump, u > 0.385 ? 1 : 0)
FUNCTION(relu, u > 0 ? u : 0)
FUNCTION(root, sqrt(fabs(u)))
FUNCTION(logarithm, log(fabs(u)))
FUNCTION(pole, 1 / fabs(u))
FUNCTION(half, sqrt(u))

static const double PI = 3.14159265358979323846, ZERO[] = {0}, SHIFT[] = {0.385};

static void near(double found, double wanted, double tolerance, const char *what) {
    ck_assert_msg(fabs(found - wanted) <= tolerance * fmax(fabs(wanted), 1e-300),
                  "%s: %.17g, should be %.17g, off by %.2g", what, found, wanted,
                  (found - wanted) / wanted);
}

static QuadratureTerm term(QuadratureFunction *f, const double *edge, double mean,
                           double deviation) {
    return (QuadratureTerm){
        .f = f, .edge = edge, .edges = edge != NULL, .mean = mean, .deviation = deviation};
}

static double expect(QuadratureFunction *f, const double *edge, double mean, double deviation) {
    QuadratureTerm t = term(f, edge, mean, deviation);
    QuadratureValue value = quadrature_normal(&t);
    if (isfinite(value.value))
        ck_assert(value.error < 1e-6 * fmax(fabs(value.value), 1) && isnan(value.at));
    return value.value;
}

// ---- one ----

START_TEST(smooth) {
    near(expect(one, NULL, 0, 1), 1, 1e-15, "1");
    near(expect(identity, NULL, 2.385, 0.7), 2.385, 1e-15, "u");
    near(expect(power_12, NULL, 0, 1), 10395, 2e-15, "u^12");
    near(expect(growing, NULL, 0, 1), exp(2.385 * 2.385 / 2), 3e-15, "exp");
    near(expect(growing, NULL, -1, 1.19), exp(-2.385 + 2.385 * 2.385 * 1.19 * 1.19 / 2), 5e-15,
         "exp, shifted");
    ck_assert_double_le(fabs(expect(wave, NULL, 0, 1) - exp(-12.5)), 1e-15);
    near(expect(growing, NULL, 0.385, 0), exp(2.385 * 0.385), 1e-15, "no deviation");
}
END_TEST

START_TEST(kinks_and_jumps) {
    near(expect(absolute, ZERO, 0, 1), sqrt(2 / PI), 2e-15, "|u|");
    near(expect(absolute, ZERO, 0.385, 2),
         2 * sqrt(2 / PI) * exp(-0.385 * 0.385 / 8) + 0.385 * erf(0.385 / sqrt(8)), 2e-15,
         "|u|, shifted");
    near(expect(shifted_jump, SHIFT, 0, 1), erfc(0.385 / sqrt(2)) / 2, 2e-15, "a jump");
    near(expect(shifted_jump, SHIFT, 0, 1e-3), 0, 0, "a jump far away");
    near(expect(relu, ZERO, -3, 1), exp(-4.5) / sqrt(2 * PI) - 3 * erfc(3 / sqrt(2)) / 2, 1e-13,
         "a tail of relu");
}
END_TEST

// Without the edge: halving finds it, and the error is told.
START_TEST(kinks_that_nobody_named) {
    QuadratureTerm t = term(shifted_jump, NULL, 0, 1);
    QuadratureValue value = quadrature_normal(&t);
    double wanted = erfc(0.385 / sqrt(2)) / 2;
    near(value.value, wanted, 1e-13, "a jump");
    ck_assert_double_le(fabs(value.value - wanted), value.error + 1e-15);
}
END_TEST

START_TEST(singularities) {
    near(expect(root, ZERO, 0, 1), pow(2, 0.25) * tgamma(0.75) / sqrt(PI), 1e-14, "sqrt|u|");
    near(expect(logarithm, ZERO, 0, 1), -(0.57721566490153286061 + log(2)) / 2, 1e-14, "log|u|");
    ck_assert_double_eq(expect(pole, ZERO, 0, 1), INFINITY);
    ck_assert_double_eq(expect(pole, ZERO, 0.7, 1), INFINITY);
}
END_TEST

// What 12 standard deviations do not hold, 38 may; what those do not hold either is infinite.
START_TEST(fast_growth) {
    near(expect(fast_growing, NULL, 0, 1), exp(144.5), 1e-13, "exp(17 u)");
    near(expect(bell, NULL, 0, 1), 1 / sqrt(0.6), 3e-15, "exp(0.2 u^2)");
    near(expect(bell, NULL, 0, 1.5), 1 / sqrt(0.1), 1e-13, "exp(0.45 u^2)");
    ck_assert_double_eq(expect(too_fast, NULL, 0, 1), INFINITY);
    ck_assert_double_eq(expect(bell, NULL, 0, 2), INFINITY);
}
END_TEST

START_TEST(not_a_number) {
    QuadratureTerm t = term(half, ZERO, 0, 1);
    QuadratureValue value = quadrature_normal(&t);
    ck_assert(isnan(value.value) && value.at < 0 && value.at > -12);
}
END_TEST

// ---- two ----

static double both(QuadratureFunction *f, const double *edge, double rho) {
    QuadratureTerm t = term(f, edge, 0, 1);
    return quadrature_normal_pair(&t, &t, rho).value;
}

static const double RHO[] = {-1, -1 + 1e-9, -0.99, -0.385, 0, 0.2385, 0.7, 0.999, 1 - 1e-9, 1};
enum { RHOS = sizeof RHO / sizeof *RHO };

START_TEST(pairs) {
    for (int i = 0; i < RHOS; i++) {
        double rho = RHO[i], rest = sqrt((1 - rho) * (1 + rho)), angle = acos(rho);
        ck_assert_double_le(fabs(both(identity, NULL, rho) - rho), 3e-15);
        ck_assert_double_le(fabs(both(jump, ZERO, rho) - 2 / PI * asin(rho)), 3e-14);
        ck_assert_double_le(fabs(both(absolute, ZERO, rho) - 2 / PI * (rest + rho * asin(rho))),
                            3e-14);
        ck_assert_double_le(fabs(both(relu, ZERO, rho) - (rest + rho * (PI - angle)) / (2 * PI)),
                            1e-14);
    }
}
END_TEST

// Two functions, two laws: E exp(2.385 u) and the tilt that it gives to a jump.
START_TEST(different_terms) {
    for (int i = 0; i < RHOS; i++) {
        double rho = RHO[i], mean = -0.3, deviation = 0.7, slope = 2.385 * deviation;
        QuadratureTerm a = term(growing, NULL, mean, deviation),
                       b = term(shifted_jump, SHIFT, 0.1, 1.9);
        double size = exp(2.385 * mean + slope * slope / 2);
        double wanted = size * erfc((0.385 - 0.1 - 1.9 * rho * slope) / (1.9 * sqrt(2))) / 2;
        near(quadrature_normal_pair(&a, &b, rho).value, wanted, 3e-13, "exp and jump");
        near(quadrature_normal_pair(&b, &a, rho).value, wanted, 3e-13, "jump and exp");
    }
}
END_TEST

START_TEST(pairs_that_fail) {
    ck_assert(isnan(both(half, ZERO, 0.385)));
    ck_assert(isnan(both(half, ZERO, 1)));
    ck_assert_double_eq(both(too_fast, NULL, 0.385), INFINITY);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("num/quadrature");
    TCase *all = tcase_create("quadrature");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, smooth);
    tcase_add_test(all, kinks_and_jumps);
    tcase_add_test(all, kinks_that_nobody_named);
    tcase_add_test(all, singularities);
    tcase_add_test(all, fast_growth);
    tcase_add_test(all, not_a_number);
    tcase_add_test(all, pairs);
    tcase_add_test(all, different_terms);
    tcase_add_test(all, pairs_that_fail);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
