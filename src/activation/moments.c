#include "activation/panels.h"
#include "activation/series.h"
#include <float.h>
#include <math.h>
#include <stdio.h>

static const Integrand PHI = {.power = 1}, SQUARE = {.power = 2}, FOURTH = {.power = 4},
                       SLOPE_SQUARE = {.power = 2, .slope = true},
                       SCORED_SQUARE = {.power = 2, .scored = true};

// A panel's work grows with the formula's length; so that their time does not, panels get fewer.
static size_t fewer(const Formula *formula, size_t most) {
    enum { SHORT = 16 }; // nodes
    return formula->nodes > SHORT ? most * SHORT / formula->nodes : most;
}

PanelTask moment_task(const Activation *activation, ActivationLaw law, size_t most) {
    return (PanelTask){.formula = &activation->formula,
                       .kink = activation->kink,
                       .kinks = activation->kinks,
                       .law = law,
                       .most = fewer(&activation->formula, most)};
}

static ActivationNumber expect_one(const Activation *activation, ActivationLaw law, Integrand g,
                                   size_t most, double *at) {
    PanelTask task = moment_task(activation, law, most);
    task.aim[0] = g;
    task.aims = 1;
    Panels *panels = panels_new(&task);
    ActivationNumber number = panels_expect(panels, g, at);
    panels_free(panels);
    return number;
}

ActivationNumber moment_square(const Activation *activation, double q, size_t most) {
    return expect_one(activation, (ActivationLaw){0, q}, SQUARE, most, NULL);
}

ActivationNumber moment_slope_square(const Activation *activation, double q, size_t most) {
    return expect_one(activation, (ActivationLaw){0, q}, SLOPE_SQUARE, most, NULL);
}

ActivationNumber moment_square_slope(const Activation *activation, double q) {
    ActivationNumber slope =
        expect_one(activation, (ActivationLaw){0, q}, SCORED_SQUARE, MOMENT_WORK, NULL);
    return (ActivationNumber){slope.value / (2 * q), slope.error / (2 * q)};
}

static ActivationNumber search(const Activation *activation, double q, Integrand g, size_t *left) {
    if (*left == 0) return (ActivationNumber){0, INFINITY};
    PanelTask task = moment_task(activation, (ActivationLaw){0, q}, SEARCH_WORK);
    task.aim[0] = g;
    task.aims = 1;
    Panels *panels = panels_new(&task);
    size_t spent = panels_count(panels) * activation->formula.nodes;
    *left = *left > spent ? *left - spent : 0;
    ActivationNumber number = panels_expect(panels, g, NULL);
    panels_free(panels);
    return number;
}

ActivationNumber search_square(const Activation *activation, double q, size_t *left) {
    return search(activation, q, SQUARE, left);
}

ActivationNumber search_slope_square(const Activation *activation, double q, size_t *left) {
    return search(activation, q, SLOPE_SQUARE, left);
}

// phi(x) phi(-x) as a formula.
static void mirror(const Formula *formula, Formula *product) {
    size_t size[FORMULA_STACK], height = 0;
    product->nodes = 0;
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < formula->nodes; i++) {
            product->node[product->nodes++] = formula->node[i];
            if (side && formula->node[i].is_x)
                product->node[product->nodes++].function = formula_function("negative");
        }
    }
    product->node[product->nodes++].function = formula_function("*");
    for (size_t i = 0; i < product->nodes; i++) {
        FormulaNode *node = &product->node[i];
        node->size = 1;
        for (int k = 0; node->function && k < node->function->arguments; k++)
            node->size += size[--height];
        size[height++] = node->size;
    }
}

ActivationNumber moment_mirrored(const Activation *activation, double q) {
    Formula *product = memory_new(1, sizeof *product);
    double kink[2 * ACTIVATION_KINKS];
    size_t kinks = 0;
    mirror(&activation->formula, product);
    for (size_t i = 0; i < activation->kinks; i++) {
        kink[kinks++] = activation->kink[i];
        kink[kinks++] = -activation->kink[i];
    }
    PanelTask task = moment_task(activation, (ActivationLaw){0, q}, MOMENT_WORK);
    task.formula = product;
    task.most = fewer(product, MOMENT_WORK);
    task.kink = kink;
    task.kinks = kinks;
    task.aim[0] = PHI;
    task.aims = 1;
    Panels *panels = panels_new(&task);
    ActivationNumber number = panels_expect(panels, PHI, NULL);
    panels_free(panels);
    memory_free(product);
    return number;
}

// ---- what no signal can live on ----

static bool refuse(const Activation *activation, ActivationLaw law, ActivationNumber square,
                   double at, Error *error) {
    const char *name = activation->name;
    Text text = {0};
    if (isnan(square.value))
        return error_set(error,
                         "%s: not a number at x = %.6g, so no initialisation can keep a "
                         "signal alive through it",
                         name, at);
    text_add(&text, "N(");
    text_add_real(&text, law.mean);
    text_add(&text, ", ");
    text_add_real(&text, law.variance);
    text_add(&text, ")");
    if (isinf(square.value)) {
        error_set(error,
                  "%s: E phi^2 is infinite, or nearly so, for x ~ %s, so no initialisation can "
                  "stabilise it",
                  name, text.data);
    } else if (square.value + square.error < 1e-300) {
        error_set(error,
                  "%s: E phi^2 is 0 for x ~ %s: no signal comes through, whatever the "
                  "initialisation",
                  name, text.data);
    } else if (isinf(square.error)) {
        error_set(error,
                  "%s: E phi^2 for x ~ %s cannot be computed: no bound of phi was found in the "
                  "work allowed",
                  name, text.data);
    } else {
        error_set(error,
                  "%s: E phi^2 for x ~ %s cannot be computed: in the work allowed it is only known "
                  "to lie between %.3g and %.3g",
                  name, text.data, fmax(0, square.value - square.error),
                  square.value + square.error);
    }
    text_free(&text);
    return false;
}

static bool is_known(ActivationNumber square) { // and above 0
    return isfinite(square.value) && square.value + square.error >= 1e-300 &&
           square.error < square.value;
}

static ActivationNumber fixed(const Activation *activation, double x, Box *value, Box *slope) {
    double phi, phi_slope;
    activation_evaluate(activation, 1, &x, &phi, &phi_slope);
    formula_range_at(&activation->formula, box_number(x), value, slope);
    return (ActivationNumber){phi, phi_slope};
}

// Of a number without scatter: phi(mean).
static ActivationNumber square_of_constant(const Activation *activation, double x, double *at) {
    Box value, slope;
    double phi = fixed(activation, x, &value, &slope).value;
    *at = isnan(phi) ? x : NAN;
    double off = box_is_all(value) ? 0 : fmax(value.high - phi, phi - value.low);
    return (ActivationNumber){phi * phi, 3 * fabs(phi) * off + 2 * DBL_EPSILON * phi * phi};
}

static ActivationNumber square_at(const Activation *activation, ActivationLaw law, size_t most,
                                  double *at) {
    REQUIRE(law.variance >= 0 && isfinite(law.variance) && isfinite(law.mean));
    if (sqrt(law.variance) <= 1e-300) return square_of_constant(activation, law.mean, at);
    return expect_one(activation, law, SQUARE, most, at);
}

bool activation_second_moment(const Activation *activation, ActivationLaw law, double *value,
                              Error *error) {
    double at;
    ActivationNumber square = square_at(activation, law, MOMENT_WORK, &at);
    *value = square.value;
    return is_known(square) || refuse(activation, law, square, at, error);
}

ActivationNumber moment_square_of(const Activation *activation, ActivationLaw law) {
    double at;
    return square_at(activation, law, MOMENT_WORK, &at);
}

bool moment_check(const Activation *activation, double q, Error *error) {
    double value;
    return activation_second_moment(activation, (ActivationLaw){0, q}, &value, error);
}

// ---- all moments ----

static ActivationNumber ratio(ActivationNumber a, ActivationNumber b) { // b > 0
    double value = a.value / b.value;
    if (!isfinite(value)) return (ActivationNumber){value, INFINITY};
    if (!(b.error < b.value)) return (ActivationNumber){value, INFINITY};
    double off = (a.error + fabs(value) * b.error) / (b.value - b.error);
    return (ActivationNumber){value, off + 2 * DBL_EPSILON * fabs(value)};
}

static ActivationNumber square_of(ActivationNumber a) {
    return (ActivationNumber){a.value * a.value, (2 * fabs(a.value) + a.error) * a.error +
                                                     DBL_EPSILON * a.value * a.value};
}

// About the mean that was computed; what the true one would change is part of the error.
static ActivationNumber kurtosis(const Panels *panels, ActivationNumber mean, double scale) {
    const ActivationNumber none = {NAN, INFINITY};
    if (!isfinite(mean.value) || !isfinite(mean.error)) return none;
    ActivationNumber second =
        panels_expect(panels, (Integrand){.power = 2, .centre = mean.value}, NULL);
    ActivationNumber fourth =
        panels_expect(panels, (Integrand){.power = 4, .centre = mean.value}, NULL);
    second.error += mean.error * mean.error;
    if (!(second.value > 1e-28 * scale) || !(second.value > second.error)) return none;
    double cube = pow(fourth.value + fourth.error, 0.75);
    if (isfinite(cube)) fourth.error += 4 * cube * mean.error + 8 * pow(mean.error, 4);
    return ratio(fourth, square_of(second));
}

static ActivationMoments constant(const Activation *activation, ActivationLaw law,
                                  ActivationNumber square) {
    Box value, slope;
    ActivationNumber phi = fixed(activation, law.mean, &value, &slope);
    double slopes = phi.error * phi.error, gain = 1 / fabs(phi.value);
    double relative = square.error / square.value;
    return (ActivationMoments){.mean = phi.value,
                               .second_moment = square.value,
                               .error = relative,
                               .gain = gain,
                               .slope_second_moment = slopes,
                               .chi1 = slopes / square.value,
                               .kurtosis = NAN,
                               .moment_ratio = 1,
                               .off = {relative * fabs(phi.value), square.error, relative * gain,
                                       INFINITY, INFINITY, INFINITY, 4 * relative}};
}

bool activation_moments(const Activation *activation, ActivationLaw law, ActivationMoments *moments,
                        Error *error) {
    double at;
    REQUIRE(law.variance >= 0 && isfinite(law.variance) && isfinite(law.mean));
    if (sqrt(law.variance) <= 1e-300) {
        ActivationNumber square = square_of_constant(activation, law.mean, &at);
        if (!is_known(square)) return refuse(activation, law, square, at, error);
        *moments = constant(activation, law, square);
        return true;
    }
    PanelTask task = moment_task(activation, law, MOMENT_WORK);
    // The last one is 1: about the mean, phi is somewhere else than at 0.
    const Integrand aim[PANEL_AIMS] = {SQUARE, PHI, FOURTH, {.power = 0}};
    for (task.aims = 0; task.aims < PANEL_AIMS; task.aims++) task.aim[task.aims] = aim[task.aims];
    Panels *panels = panels_new(&task);
    ActivationNumber square = panels_expect(panels, SQUARE, &at);
    bool known = is_known(square);
    if (known) {
        ActivationNumber mean = panels_expect(panels, PHI, NULL),
                         // by panels of its own: beside sin(x)/x at 0 its bounds grow without end
            slopes = expect_one(activation, law, SLOPE_SQUARE, MOMENT_WORK, NULL),
                         fourth = panels_expect(panels, FOURTH, NULL), chi1 = ratio(slopes, square),
                         ratio4 = ratio(fourth, square_of(square)),
                         shape = kurtosis(panels, mean, square.value);
        double gain = 1 / sqrt(square.value),
               gain_off = 1 / sqrt(square.value - square.error) - gain;
        *moments =
            (ActivationMoments){.mean = mean.value,
                                .second_moment = square.value,
                                .error = square.error / square.value,
                                .gain = gain,
                                .slope_second_moment = slopes.value,
                                .chi1 = chi1.value,
                                .kurtosis = shape.value,
                                .moment_ratio = ratio4.value,
                                .off = {mean.error, square.error, gain_off + 4 * DBL_EPSILON * gain,
                                        slopes.error, chi1.error, shape.error, ratio4.error}};
    }
    panels_free(panels);
    return known || refuse(activation, law, square, at, error);
}
