// Moments of every activation of the language, and of formulas, against arithmetic in 40 digits
// (reference.py), closed forms by hand, and refusals; the correlation map against closed forms and
// Hermite series.
#include "activation/activation.h"
#include "activation/reference.h"
#include "run_suite.h"
#include <math.h>
#include <stdio.h>
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

static void near(double found, double wanted, double tolerance, const char *text,
                 const char *what) {
    ck_assert_msg(found == wanted || fabs(found - wanted) <= tolerance * fmax(fabs(wanted), 1e-3),
                  "%s, %s: %.17g, should be %.17g, off by %.2g", text, what, found, wanted,
                  (found - wanted) / wanted);
}

static ActivationMoments moments_of(const char *text, ActivationLaw law) {
    Error error;
    ActivationMoments moments;
    Activation *activation = read(text);
    ck_assert_msg(activation_moments(activation, law, &moments, &error), "%s", error.text);
    activation_free(activation);
    return moments;
}

START_TEST(forty_digits) {
    for (size_t i = 0; i < COUNT(MOMENTS); i++) {
        const char *text = MOMENTS[i].text;
        ActivationLaw law = {MOMENTS[i].mean, MOMENTS[i].variance};
        ActivationMoments found = moments_of(text, law);
        // tanh(1e5 (x - 0.3)): the place of x itself, 1e-16, is 1e-11 of what tanh sees
        double tolerance = strstr(text, "1e5") ? 1e-10 : 1e-12;
        near(found.mean, MOMENTS[i].first, tolerance, text, "E phi");
        near(found.second_moment, MOMENTS[i].second, tolerance / 100, text, "E phi^2");
        near(found.slope_second_moment, MOMENTS[i].slope, tolerance, text, "E phi'^2");
        near(found.kurtosis, MOMENTS[i].kurtosis, tolerance, text, "kurtosis");
        near(found.moment_ratio, MOMENTS[i].ratio, tolerance, text, "moment ratio");
        near(found.gain * found.gain * MOMENTS[i].second, 1, tolerance, text, "gain");
        near(found.chi1 * MOMENTS[i].second, MOMENTS[i].slope, tolerance, text, "chi_1");
        ck_assert(found.error < 1e-9);
    }
}
END_TEST

// Steep anywhere: E phi'^2 of tanh(a (x - b)) is 4/3 a times the density at b, as a grows.
START_TEST(steep_places) {
    const double places[] = {-1.7123, 0, 0.0007, 2.1};
    for (double a = 400; a < 3e7; a *= 2.385) {
        for (size_t i = 0; i < COUNT(places); i++) {
            char text[80];
            double b = places[i], wanted = a * 4 / 3 * exp(-b * b / 2) / sqrt(2 * PI);
            snprintf(text, sizeof text, "tanh(%.9g*(x - (%.9g)))", a, b);
            near(moments_of(text, NORMAL).slope_second_moment, wanted, 1e-4, text, "E phi'^2");
        }
    }
}
END_TEST

// Every activation of the language is in the table above.
START_TEST(none_is_missing) {
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
        size_t i = 0, length = strlen((*kind)->name);
        if (!(*kind)->is_activation) continue;
        while (i < COUNT(MOMENTS) && strncmp(MOMENTS[i].text, (*kind)->name, length) != 0) i++;
        ck_assert_msg(i < COUNT(MOMENTS), "reference.py lacks %s", (*kind)->name);
    }
}
END_TEST

// Published digits: He et al. (ReLU), Klambauer et al. (SELU has mean 0, variance 1), and others.
START_TEST(by_hand) {
    const double wave = exp(-2 * 2.385 * 2.385); // of E cos(2 2.385 z)
    const struct {
        const char *text;
        double second, chi1;
    } cases[] = {
        {"relu", 0.5, 1},
        {"leaky slope=0.1", 0.505, 1},
        {"tanh", 0.394294490397841, 1.1778072323},
        {"sigmoid", 0.293379035858093, 0.152827011716},
        {"gelu", 0.425221482570299, 1.07203159844},
        {"silu", 0.355775519817352, 1.06663424124},
        {"elu", 0.644945417492924, 1.0359047186},
        {"selu", 1, 1.07157499246},
        {"hardtanh", 0.516058550961713, 1.32289154179},
        {"sign", 1, 0},
        {"abs(x)", 1, 1},
        {"x^2", 3, 4.0 / 3},
        {"x^3", 15, 27.0 / 15},
        {"exp(x)", 7.38905609893065, 1},
        {"exp(0.2*x^2)", 2.2360679774997897, 0.8},
        {"sin(2.385*x)", (1 - wave) / 2, 2.385 * 2.385 * (1 + wave) / (1 - wave)},
        {"2.385", 2.385 * 2.385, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ActivationMoments found = moments_of(cases[i].text, NORMAL);
        near(found.second_moment, cases[i].second, 3e-15, cases[i].text, "E phi^2");
        near(found.chi1, cases[i].chi1, 1e-11, cases[i].text, "chi_1");
    }
    ActivationMoments selu = moments_of("selu", NORMAL), relu = moments_of("relu", NORMAL);
    ck_assert_double_le(fabs(selu.mean), 1e-15);
    near(relu.mean, 1 / sqrt(2 * PI), 1e-15, "relu", "mean");
    near(relu.moment_ratio, 6, 1e-14, "relu", "1 + 5/n at width n");
    near(moments_of("x", NORMAL).kurtosis, 3, 1e-14, "x", "kurtosis");
    ck_assert(isnan(moments_of("2.385", NORMAL).kurtosis));
    ck_assert(isinf(moments_of("exp(0.2*x^2)", NORMAL).kurtosis));
    ck_assert(isinf(moments_of("sqrt(relu(x))", NORMAL).slope_second_moment));
}
END_TEST

// What a network's layer says is what its word says; a mean and a variance move phi.
START_TEST(layers_and_laws) {
    Error error;
    double value, other;
    Layer layer = {.kind = layer_find("leaky")};
    layer_set_defaults(&layer);
    layer.option[0].real = 0.2385;
    Activation *activation = activation_of_layer(&layer);
    ck_assert_str_eq(activation_name(activation), "leaky slope=0.2385");
    near(activation_torch_gain(activation), 1.3756301816241416, 1e-15, "leaky", "PyTorch's gain");
    ck_assert(activation_second_moment(activation, (ActivationLaw){0, 2.385}, &value, &error));
    near(value, 2.385 * (1 + 0.2385 * 0.2385) / 2, 2e-15, "leaky", "E phi^2");
    ck_assert(activation_second_moment(activation, (ActivationLaw){-0.7, 0}, &other, &error));
    near(other, 0.7 * 0.7 * 0.2385 * 0.2385, 2e-15, "leaky", "a constant");
    activation_free(activation);
    const char *const torch[] = {"relu", "tanh", "selu", "sigmoid"};
    const double gain[] = {1.4142135623730951, 1.6666666666666667, 0.75, 1};
    for (int i = 0; i < 4; i++) {
        activation = read(torch[i]);
        near(activation_torch_gain(activation), gain[i], 2e-16, torch[i], "PyTorch's gain");
        activation_free(activation);
    }
    activation = read("gelu");
    ck_assert(isnan(activation_torch_gain(activation)));
    activation_free(activation);
}
END_TEST

START_TEST(no_signal) {
    static const char *const cases[][2] = {
        {"exp(x^2)",
         "exp(x^2): E phi^2 is infinite, or nearly so, for x ~ N(0, 1), so no initialisation can "
         "stabilise it"},
        {"1/x",
         "1/x: E phi^2 is infinite, or nearly so, for x ~ N(0, 1), so no initialisation can stabilise it"},
        {"0*x", "0*x: E phi^2 is 0 for x ~ N(0, 1): no signal comes through, whatever the "
                "initialisation"},
        {"log(x - 20)", "log(x - 20): not a number at x = "},
        {"0/0", "0/0: not a number at x = "},
        {"exp(exp(x))", "exp(exp(x)): E phi^2 is infinite, or nearly so, for x ~ N(0, 1)"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        Error error;
        double value;
        Activation *activation = read(cases[i][0]);
        ck_assert(!activation_second_moment(activation, NORMAL, &value, &error));
        ck_assert_msg(text_starts(error.text, cases[i][1]), "%s", error.text);
        activation_free(activation);
    }
}
END_TEST

// ---- correlations ----

static double correlation(const char *text, double rho) {
    Activation *activation = read(text);
    double value = activation_product_moment(activation, NORMAL, NORMAL, rho, NULL) /
                   activation_product_moment(activation, NORMAL, NORMAL, 1, NULL);
    activation_free(activation);
    return value;
}

START_TEST(hermite_series) {
    for (size_t i = 0; i < COUNT(CORRELATION); i++)
        near(correlation(CORRELATION[i].text, CORRELATION[i].rho), CORRELATION[i].value, 1e-12,
             CORRELATION[i].text, "C(rho)");
}
END_TEST

// Cho and Saul's arc-cosine kernel for ReLU, Williams' for erf, and others.
START_TEST(closed_forms) {
    const double rhos[] = {-1, -0.7, 0, 0.2385, 0.99, 1 - 1e-12, 1};
    for (size_t i = 0; i < COUNT(rhos); i++) {
        double rho = rhos[i], rest = sqrt((1 - rho) * (1 + rho));
        near(correlation("relu", rho), (rest + rho * (PI - acos(rho))) / PI, 3e-11, "relu", "C");
        near(correlation("erf(x)", rho), asin(2 * rho / 3) / asin(2.0 / 3), 3e-11, "erf", "C");
        near(correlation("exp(x)", rho), exp(rho - 1), 1e-12, "exp", "C");
        near(correlation("x^2", rho), (1 + 2 * rho * rho) / 3, 1e-12, "x^2", "C");
        near(correlation("sign", rho), 2 / PI * asin(rho), 3e-11, "sign", "C");
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("activation/moments");
    TCase *all = tcase_create("moments");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, forty_digits);
    tcase_add_test(all, steep_places);
    tcase_add_test(all, none_is_missing);
    tcase_add_test(all, by_hand);
    tcase_add_test(all, layers_and_laws);
    tcase_add_test(all, no_signal);
    tcase_add_test(all, hermite_series);
    tcase_add_test(all, closed_forms);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
