// What must hold for every text whatsoever; shared by test_formula.c and fuzz/formula.c.
#pragma once

#include "activation/activation.h"
#include <math.h>
#include <string.h>

static inline bool formula_same(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

// What holds for the moments of anything, to within the errors that are stated. `second` is E phi^2
// by other panels.
static inline void formula_check_moments(const Activation *activation, ActivationLaw law,
                                         double second) {
    ActivationMoments m;
    if (!activation_moments(activation, law, &m, NULL)) return;
    double square = m.off.second_moment, mean = m.off.mean;
    REQUIRE(m.second_moment > 0 && square < m.second_moment && m.error >= 0);
    REQUIRE(!(fabs(m.second_moment - second) > 2 * square + m.second_moment));
    REQUIRE(mean >= 0 && m.off.slope_second_moment >= 0 && m.off.gain >= 0);
    REQUIRE(!(fabs(m.mean) - mean > sqrt(m.second_moment + square) * (1 + 1e-15)));
    REQUIRE(!(m.slope_second_moment + m.off.slope_second_moment < 0));
    REQUIRE(!(m.moment_ratio + m.off.moment_ratio < 1));
    REQUIRE(!(m.kurtosis + m.off.kurtosis < 1));
}

// All of `benign activation`, in words and as JSON: it ends, and no number is off by nothing.
static inline void formula_check_report(const char *text, size_t length) {
    Error error = {0};
    ActivationReport report;
    Activation *activation = activation_read(text, length, &error);
    if (!activation) return;
    if (activation_report(activation, NAN, 0, &report, &error)) {
        Text words = {0};
        activation_describe(&report, &words);
        json_decref(activation_to_json(&report));
        REQUIRE(words.length > 0 && report.field.off.q >= 0 && report.field.off.c >= 0);
        for (int i = 0; i < ACTIVATION_GRID; i++) { // |C| <= 1
            ActivationNumber c = report.correlation[i];
            REQUIRE(!(fabs(c.value) - c.error > 1 + 1e-9));
        }
        text_free(&words);
    }
    activation_free(activation);
}

// An error with its place, or an activation: kinks ascending, a number in a block the same as
// alone, phi the same with and without its slope, and a second moment or why there is none.
static inline bool formula_check_text(const char *text, size_t length) {
    Error error = {0};
    Activation *activation = activation_read(text, length, &error);
    if (!activation) {
        REQUIRE(text_starts(error.text, "activation:"));
        return false;
    }
    const double x[] = {-1e300, -745,  -38.5, -2.385, -1, -1e-9, 0, 1e-300, 0.385, 1,
                        19,     709.9, 1e9,   3,      -3, 0.5,   2, 7,      -0.1};
    enum { COUNT = sizeof x / sizeof *x };
    double phi[COUNT], slope[COUNT], plain[COUNT];
    const double *kink;
    activation_evaluate(activation, COUNT, x, phi, slope);
    activation_evaluate(activation, COUNT, x, plain, NULL);
    for (int i = 0; i < COUNT; i++) {
        double alone, its_slope;
        activation_evaluate(activation, 1, &x[i], &alone, &its_slope);
        REQUIRE(formula_same(alone, phi[i]) && formula_same(its_slope, slope[i]));
        REQUIRE(formula_same(plain[i], phi[i]));
    }
    size_t kinks = activation_kinks(activation, &kink);
    for (size_t i = 0; i < kinks; i++) REQUIRE(isfinite(kink[i]) && (!i || kink[i] >= kink[i - 1]));
    double second;
    const ActivationLaw law = {0.1, 2.385};
    if (activation_second_moment(activation, law, &second, &error)) {
        REQUIRE(isfinite(second) && second > 0);
    } else {
        REQUIRE(strstr(error.text, "infinite") || strstr(error.text, " is 0 ") ||
                strstr(error.text, "not a number") || strstr(error.text, "cannot be computed"));
    }
    formula_check_moments(activation, law, second);
    activation_free(activation);
    return true;
}
