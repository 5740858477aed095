// The errors that are stated are upper bounds: 240 random formulas, steep, oscillating, kinked,
// nested, with jumps, heavy tails and singularities, against 40 digits (errors.py wrote
// errors_reference.h); closed forms where no digits are left; what cannot be computed is said.
#include "activation/activation.h"
#include "activation/errors_reference.h"
#include "run_suite.h"
#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const double PI = 3.14159265358979323846;
static const ActivationLaw NORMAL = {0, 1};

static Activation *read(const char *text) {
    Error error;
    Activation *activation = activation_read(text, strlen(text), &error);
    ck_assert_msg(activation != NULL, "%s", error.text);
    return activation;
}

static ActivationMoments moments_of(const char *text) {
    Error error;
    ActivationMoments moments;
    Activation *activation = read(text);
    ck_assert_msg(activation_moments(activation, NORMAL, &moments, &error), "%s", error.text);
    activation_free(activation);
    return moments;
}

// The reference has 20 digits; it was rounded to a double here. Counts what is known to 9 digits.
static void within(double found, double off, double wanted, const char *text, const char *what,
                   int *sharp) {
    if (isnan(wanted)) return;
    ck_assert_msg(fabs(found - wanted) <= off + 1.2e-16 * fabs(wanted),
                  "%s, %s: %.17g +- %.3g, should be %.17g, off by %.3g", text, what, found, off,
                  wanted, found - wanted);
    *sharp += off <= 1e-9 * fabs(wanted) + 1e-13;
}

START_TEST(upper_bounds) {
    int sharp = 0;
    ck_assert_uint_ge(COUNT(HARD), 200);
    for (size_t i = 0; i < COUNT(HARD); i++) {
        const char *text = HARD[i].text;
        ActivationMoments found = moments_of(text);
        within(found.mean, found.off.mean, HARD[i].first, text, "E phi", &sharp);
        within(found.second_moment, found.off.second_moment, HARD[i].second, text, "E phi^2",
               &sharp);
        within(found.slope_second_moment, found.off.slope_second_moment, HARD[i].slope, text,
               "E phi'^2", &sharp);
        within(found.kurtosis, found.off.kurtosis, HARD[i].kurtosis, text, "kurtosis", &sharp);
        within(found.moment_ratio, found.off.moment_ratio, HARD[i].ratio, text, "moment ratio",
               &sharp);
    }
    ck_assert_int_ge(sharp, (int)COUNT(HARD) * 5 * 9 / 10); // bounds that are of use
}
END_TEST

// Narrower than any panel at first, and found.
START_TEST(spikes) {
    for (double k = 10; k < 1e9; k *= 23.85) {
        char text[80];
        int sharp = 0;
        snprintf(text, sizeof text, "exp(-(%.17g*x)^2)", k);
        ActivationMoments found = moments_of(text);
        within(found.mean, found.off.mean, 1 / sqrt(1 + 2 * k * k), text, "E phi", &sharp);
        within(found.second_moment, found.off.second_moment, 1 / sqrt(1 + 4 * k * k), text,
               "E phi^2", &sharp);
        ck_assert_int_eq(sharp, 2);
        snprintf(text, sizeof text, "exp(-(%.17g*(x-0.385))^2)", k);
        found = moments_of(text);
        double wanted = exp(-0.385 * 0.385 * k * k / (1 + 2 * k * k)) / sqrt(1 + 2 * k * k);
        within(found.mean, found.off.mean + 1e-15 * wanted, wanted, text, "E phi", &sharp);
        ck_assert_double_le(found.off.mean, 1e-5 * wanted);
    }
}
END_TEST

// The steep limits by hand: E tanh^2(kx) = 1 - E sech^2(kx), a series in 1/k.
START_TEST(steep) {
    ActivationMoments found = moments_of("tanh(2000*x)");
    int sharp = 0;
    within(found.second_moment, found.off.second_moment, 0.999601057760613167700759522755,
           "tanh(2000*x)", "E phi^2", &sharp);
    within(found.slope_second_moment, found.off.slope_second_moment, 1063.84603818857902424948,
           "tanh(2000*x)", "E phi'^2", &sharp);
    found = moments_of("relu(sin(x))");
    within(found.second_moment, found.off.second_moment, (1 - exp(-2)) / 4, "relu(sin(x))",
           "E phi^2", &sharp);
    ck_assert_int_eq(sharp, 3);
}
END_TEST

START_TEST(correlations) {
    static const double rhos[] = {-0.99, -0.385, 0, 0.2385, 0.9, 0.999, 1};
    for (size_t i = 0; i < COUNT(rhos); i++) {
        double rho = rhos[i], rest = sqrt((1 - rho) * (1 + rho)), k = 2 * 2385.0 * 2385.0;
        double s = k * rho / (1 + k), below = (1 + k * (1 - rho)) / (1 + k); // 1 - s
        const struct {
            const char *text;
            double wanted;
        } cases[] = {
            {"sign", 2 / PI * asin(rho)},
            {"abs(x)", 2 / PI * (rest + rho * asin(rho))},
            {"relu", (rest + rho * (PI - acos(rho))) / (2 * PI)},
            {"erf(2385*x)", 2 / PI * atan2(s, sqrt(below * (1 + s)))}, // asin s
            {"sin(3*x)", exp(-9) * sinh(9 * rho)},
            {"exp(-x^2)", 1 / sqrt(9 - 4 * rho * rho)},
        };
        for (size_t c = 0; c < COUNT(cases); c++) {
            double off, wanted = cases[c].wanted;
            Activation *activation = read(cases[c].text);
            double found = activation_product_moment(activation, NORMAL, NORMAL, rho, &off);
            ck_assert_msg(fabs(found - wanted) <= off + 4e-16, "%s at %g: %.17g +- %.3g for %.17g",
                          cases[c].text, rho, found, off, wanted);
            if (fabs(rho) < 0.95) ck_assert_double_le(off, 1e-11);
            activation_free(activation);
        }
    }
}
END_TEST

// Where nothing can be said, that is said; bounds that are left are true.
START_TEST(little_known) {
    static const char *const refused[][2] = {
        {"sin(1e8*x)", "only known to lie between 0 and 1"},
        {"exp(x^2/4)", "is infinite, or nearly so"},
        {"1/sqrt(abs(x))", "is infinite, or nearly so"},
        {"log(x)", "not a number at x = -"},
    };
    for (size_t i = 0; i < COUNT(refused); i++) {
        Error error;
        double value;
        Activation *activation = read(refused[i][0]);
        ck_assert(!activation_second_moment(activation, NORMAL, &value, &error));
        ck_assert_msg(strstr(error.text, refused[i][1]) != NULL, "%s", error.text);
        activation_free(activation);
    }
    ActivationMoments found = moments_of("sin(1/x)"); // endlessly many waves
    ck_assert(found.off.second_moment > 0 && found.off.second_moment < 0.1);
    int sharp = 0; // removable singularities
    found = moments_of("sin(x)/x");
    within(found.second_moment, found.off.second_moment, 0.763955654940914548878423517961,
           "sin(x)/x", "E phi^2", &sharp);
    found = moments_of("x/abs(x)");
    within(found.second_moment, found.off.second_moment, 1, "x/abs(x)", "E phi^2", &sharp);
    ck_assert_int_eq(sharp, 2);
    ck_assert(isinf(moments_of("sqrt(abs(x))").slope_second_moment));
    ck_assert(isinf(moments_of("exp(0.2*x^2)").moment_ratio));
    // 199!!/(99!!)^2: the fourth power overflows where the density is nearly 0
    ck_assert_double_le(fabs(moments_of("x^50").moment_ratio / 8.97485458876108844e29 - 1), 1e-11);
}
END_TEST

// E phi^2 = 3.005 is known to 4 digits only, so sw2 is, and with it all that follows. In the limit
// of fast waves C(rho) = (1 + 2 rho^2)/3.005 below rho = 1.
START_TEST(few_digits) {
    Error error;
    ActivationReport report;
    Activation *activation = read("x^2+0.1*sin(3000*x)");
    ck_assert_msg(activation_report(activation, NAN, 0, &report, &error), "%s", error.text);
    const ActivationField *field = &report.field;
    double relative = field->off.sw2 / field->sw2;
    ck_assert(relative > 1e-5 && relative < 1e-2);
    ck_assert_double_le(fabs(field->sw2 - 1 / 3.005), field->off.sw2);
    ck_assert_double_ge(report.correlation[0].error, relative * report.correlation[0].value);
    for (int i = 0; i < ACTIVATION_GRID - 1; i++) {
        ActivationNumber c = report.correlation[i];
        double rho = report.rho[i], wanted = (1 + 2 * rho * rho) / 3.005;
        if (i == 0) wanted = (3 - 0.005) / 3.005; // sin is odd
        ck_assert_double_le(fabs(c.value - wanted), c.error);
        ck_assert_double_ge(c.error, relative * fabs(c.value));
    }
    double c = (3.005 - sqrt(3.005 * 3.005 - 8)) / 4;
    ck_assert_double_le(fabs(field->c - c), field->off.c);
    ck_assert_double_le(fabs(field->c_slope - 4 * c / 3.005), field->off.c_slope);
    ck_assert_double_le(fabs(field->q_slope - 6 / 3.005), field->off.q_slope);
    for (int i = 0; i < ACTIVATION_LENGTHS; i++) {
        double q = report.length[i], wanted = (3 * q * q + 0.005) / 3.005;
        ck_assert_double_le(fabs(report.next[i].value - wanted), report.next[i].error);
        ck_assert_double_ge(report.next[i].error, relative * wanted * (1 - 1e-3));
    }
    activation_free(activation);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("activation/errors");
    TCase *all = tcase_create("errors");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, upper_bounds);
    tcase_add_test(all, spikes);
    tcase_add_test(all, steep);
    tcase_add_test(all, correlations);
    tcase_add_test(all, little_known);
    tcase_add_test(all, few_digits);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
