#include "activation/inner.h"
#include <math.h>
#include <stdio.h>

void moment_phi(const void *context, size_t count, const double *x, double *y) {
    activation_evaluate(context, count, x, y, NULL);
}

void moment_slope(const void *context, size_t count, const double *x, double *y) {
    double phi[QUADRATURE_POINTS];
    activation_evaluate(context, count, x, phi, y);
}

static void square(const void *context, size_t count, const double *x, double *y) {
    moment_phi(context, count, x, y);
    for (size_t i = 0; i < count; i++) y[i] *= y[i];
}

static void slope_square(const void *context, size_t count, const double *x, double *y) {
    moment_slope(context, count, x, y);
    for (size_t i = 0; i < count; i++) y[i] *= y[i];
}

static void fourth_power(const void *context, size_t count, const double *x, double *y) {
    square(context, count, x, y);
    for (size_t i = 0; i < count; i++) y[i] *= y[i];
}

QuadratureTerm moment_term(const Activation *activation, QuadratureFunction *f, ActivationLaw law) {
    bool wide = law.variance > 16;
    return (QuadratureTerm){.f = f,
                            .context = activation,
                            .edge = wide ? activation->landmark : activation->kink,
                            .edges = wide ? activation->landmarks : activation->kinks,
                            .mean = law.mean,
                            .deviation = sqrt(law.variance)};
}

static QuadratureValue expect(const Activation *activation, QuadratureFunction *f,
                              ActivationLaw law) {
    QuadratureTerm term = moment_term(activation, f, law);
    return quadrature_normal(&term);
}

double moment_square(const Activation *activation, double q) {
    return expect(activation, square, (ActivationLaw){0, q}).value;
}

double moment_slope_square(const Activation *activation, double q) {
    return expect(activation, slope_square, (ActivationLaw){0, q}).value;
}

typedef struct Scored {
    const Activation *activation;
    double q;
} Scored;

static void scored_square(const void *context, size_t count, const double *x, double *y) {
    const Scored *scored = context;
    square(scored->activation, count, x, y);
    for (size_t i = 0; i < count; i++) y[i] *= x[i] * x[i] / scored->q - 1;
}

double moment_square_slope(const Activation *activation, double q) {
    Scored scored = {activation, q};
    QuadratureTerm term = moment_term(activation, scored_square, (ActivationLaw){0, q});
    term.context = &scored;
    return quadrature_normal(&term).value / (2 * q);
}

bool moment_check(const Activation *activation, const QuadratureValue *value, ActivationLaw law,
                  Error *error) {
    const char *name = activation->name;
    char signal[80];
    if (isnan(value->value))
        return error_set(error,
                         "%s: not a number at x = %.6g, so no initialisation can keep a "
                         "signal alive through it",
                         name, value->at);
    Text text = {0};
    text_add(&text, "N(");
    text_add_real(&text, law.mean);
    text_add(&text, ", ");
    text_add_real(&text, law.variance);
    text_add(&text, ")");
    snprintf(signal, sizeof signal, "%s", text.data);
    text_free(&text);
    if (isinf(value->value))
        return error_set(
            error,
            "%s: E phi^2 is infinite, or nearly so, for x ~ %s, so no initialisation can "
            "stabilise it",
            name, signal);
    if (value->value < 1e-300)
        return error_set(error,
                         "%s: E phi^2 is 0 for x ~ %s: no signal comes through, whatever the "
                         "initialisation",
                         name, signal);
    return true;
}

bool activation_second_moment(const Activation *activation, ActivationLaw law, double *value,
                              Error *error) {
    REQUIRE(law.variance >= 0);
    QuadratureValue found = expect(activation, square, law);
    *value = found.value;
    return moment_check(activation, &found, law, error);
}

double activation_product_moment(const Activation *activation, ActivationLaw first,
                                 ActivationLaw second, double rho) {
    QuadratureTerm a = moment_term(activation, moment_phi, first),
                   b = moment_term(activation, moment_phi, second);
    return quadrature_normal_pair(&a, &b, rho).value;
}

// ---- all moments ----

typedef struct Centred {
    const Activation *activation;
    double mean;
} Centred;

static void deviation_square(const void *context, size_t count, const double *x, double *y) {
    const Centred *centred = context;
    moment_phi(centred->activation, count, x, y);
    for (size_t i = 0; i < count; i++) y[i] = (y[i] - centred->mean) * (y[i] - centred->mean);
}

static void deviation_fourth(const void *context, size_t count, const double *x, double *y) {
    deviation_square(context, count, x, y);
    for (size_t i = 0; i < count; i++) y[i] *= y[i];
}

static double kurtosis(const Activation *activation, double mean, double scale, ActivationLaw law) {
    Centred centred = {activation, mean};
    QuadratureTerm term = moment_term(activation, deviation_square, law);
    term.context = &centred;
    double variance = quadrature_normal(&term).value;
    term.f = deviation_fourth;
    if (!(variance > 1e-28 * scale)) return NAN; // what rounding leaves of a constant
    return quadrature_normal(&term).value / (variance * variance);
}

bool activation_moments(const Activation *activation, ActivationLaw law, ActivationMoments *moments,
                        Error *error) {
    REQUIRE(law.variance >= 0);
    QuadratureValue second = expect(activation, square, law);
    if (!moment_check(activation, &second, law, error)) return false;
    double value = second.value;
    *moments = (ActivationMoments){
        .mean = expect(activation, moment_phi, law).value,
        .second_moment = value,
        .error = second.error / value,
        .gain = 1 / sqrt(value),
        .slope_second_moment = expect(activation, slope_square, law).value,
        .moment_ratio = expect(activation, fourth_power, law).value / (value * value),
    };
    moments->chi1 = moments->slope_second_moment / value;
    moments->kurtosis = kurtosis(activation, moments->mean, value, law);
    return true;
}
