// What must hold for every text whatsoever; shared by test_formula.c and fuzz/formula.c.
#pragma once

#include "activation/activation.h"
#include <math.h>
#include <string.h>

static inline bool formula_same(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
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
    if (activation_second_moment(activation, (ActivationLaw){0.1, 2.385}, &second, &error)) {
        REQUIRE(isfinite(second) && second > 0);
    } else {
        REQUIRE(strstr(error.text, "infinite") || strstr(error.text, " is 0 ") ||
                strstr(error.text, "not a number"));
    }
    activation_free(activation);
    return true;
}
