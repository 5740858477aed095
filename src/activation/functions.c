// The functions of formulas: one line of the table each, and one with what they are over intervals.
#include "activation/formula.h"
#include <math.h>
#include <string.h>

#define VALUE(name, expression)                                                                    \
    static double name(double a, double b) {                                                       \
        (void)a, (void)b;                                                                          \
        return expression;                                                                         \
    }
#define PARTIAL(name, of_a, of_b)                                                                  \
    static void name##_partial(double a, double b, double v, double *da, double *db) {             \
        (void)a, (void)b, (void)v;                                                                 \
        *da = of_a;                                                                                \
        *db = of_b;                                                                                \
    }
#define DEFINE(name, expression, of_a, of_b) VALUE(name, expression) PARTIAL(name, of_a, of_b)

static double logistic(double a) { // neither side overflows, neither cancels
    return 1 / (1 + exp(-a));
}

static double sech_squared(double a) { // 1 - tanh^2 would cancel
    double e = exp(-2 * fabs(a));
    return 4 * e / ((1 + e) * (1 + e));
}

static double soft(double a) {
    return a > 0 ? a + log1p(exp(-a)) : log1p(exp(a));
}

static const double TWO_BY_ROOT_PI = 1.1283791670955125739;

DEFINE(add, a + b, 1, 1)
DEFINE(subtract, a - b, 1, -1)
DEFINE(multiply, a *b, b, a)
DEFINE(divide, a / b, 1 / b, -v / b)
DEFINE(power, pow(a, b), b == 0 ? 0 : b * pow(a, b - 1), v == 0 ? 0 : v * log(a))
DEFINE(negate, -a, -1, 0)
DEFINE(of_exp, exp(a), v, 0)
DEFINE(of_expm1, expm1(a), exp(a), 0)
DEFINE(of_log, log(a), 1 / a, 0)
DEFINE(of_log1p, log1p(a), 1 / (1 + a), 0)
DEFINE(of_sqrt, sqrt(a), 0.5 / v, 0)
DEFINE(of_sin, sin(a), cos(a), 0)
DEFINE(of_cos, cos(a), -sin(a), 0)
DEFINE(of_atan, atan(a), 1 / (1 + a * a), 0)
DEFINE(of_sinh, sinh(a), cosh(a), 0)
DEFINE(of_cosh, cosh(a), sinh(a), 0)
DEFINE(of_tanh, tanh(a), sech_squared(a), 0)
DEFINE(of_erf, erf(a), TWO_BY_ROOT_PI *exp(-a *a), 0)
DEFINE(of_erfc, erfc(a), -TWO_BY_ROOT_PI *exp(-a *a), 0)
DEFINE(of_sigmoid, logistic(a), logistic(a) * logistic(-a), 0)
DEFINE(of_softplus, soft(a), logistic(a), 0)
DEFINE(of_abs, fabs(a), a > 0 ? 1 : -1, 0)
DEFINE(of_sign, isnan(a) ? a : a > 0 ? 1 : -1, 0, 0)
DEFINE(of_relu, a > 0 ? a : 0 * a, a > 0, 0)
DEFINE(of_max, isnan(a) || isnan(b) ? NAN : a > b ? a : b, a > b, !(a > b))
DEFINE(of_min, isnan(a) || isnan(b) ? NAN : b < a ? b : a, !(b < a), b < a)

// ---- over intervals and boxes ----

#define BOXES(name, value, of_a, of_b)                                                             \
    static Box name##_box(Box a, Box b, FormulaSide side) {                                        \
        (void)a, (void)b, (void)side;                                                              \
        return value;                                                                              \
    }                                                                                              \
    static void name##_box_partial(Box a, Box b, Box v, FormulaSide side, Box *da, Box *db) {      \
        (void)a, (void)b, (void)v, (void)side;                                                     \
        *da = of_a;                                                                                \
        *db = of_b;                                                                                \
    }

static const Box ZERO = {0, 0, 0}, ONE = {1, 1, 0};

// What one argument may be, of two: the derivative of a maximum or a minimum.
static Box either(FormulaSide side) {
    return side > 0 ? ONE : side < 0 ? ZERO : (Box){0, 1, 0};
}

static Box power_slope(Box a, Box b) {
    Box less = box_power(a, box_subtract(b, ONE));
    if (b.low == 0 && b.high == 0) return ZERO;
    return box_is_all(less) ? BOX_ALL : box_multiply(b, less);
}

static Box power_growth(Box a, Box v) { // v log a; 0 where v is 0
    Box log = v.low == 0 && v.high == 0 ? ZERO : box_log(a);
    return box_is_all(log) ? BOX_ALL : box_multiply(v, log);
}

static Box quotient(Box a, Box b) { // what may have failed before is passed on
    return box_is_all(a) || box_is_all(b) ? BOX_ALL : box_divide(a, b);
}

static Box greatest(Box a, Box b) {
    return box_interval(fmax(a.low, b.low), fmax(a.high, b.high));
}

static Box absolute(Box a) {
    return box_interval(box_least(a), box_most(a));
}

static Box bell_slope(Box a) {
    return box_multiply(box_widen(box_number(TWO_BY_ROOT_PI), 1e-15), box_bell(a));
}

BOXES(add, box_add(a, b), ONE, ONE)
BOXES(subtract, box_subtract(a, b), ONE, box_negate(ONE))
BOXES(multiply, box_multiply(a, b), b, a)
BOXES(divide, box_divide(a, b), quotient(ONE, b), box_negate(quotient(v, b)))
BOXES(power, box_power(a, b), power_slope(a, b), power_growth(a, v))
BOXES(negate, box_negate(a), box_negate(ONE), ZERO)
BOXES(of_exp, box_exp(a), v, ZERO)
BOXES(of_expm1, box_expm1(a), box_exp(a), ZERO)
BOXES(of_log, box_log(a), quotient(ONE, a), ZERO)
BOXES(of_log1p, box_log1p(a), quotient(ONE, box_add(ONE, a)), ZERO)
BOXES(of_sqrt, box_sqrt(a), quotient(box_number(0.5), v), ZERO)
BOXES(of_sin, box_sin(a), box_cos(a), ZERO)
BOXES(of_cos, box_cos(a), box_negate(box_sin(a)), ZERO)
BOXES(of_atan, box_atan(a), quotient(ONE, box_add(ONE, box_power(a, box_number(2)))), ZERO)
BOXES(of_sinh, box_sinh(a), box_cosh(a), ZERO)
BOXES(of_cosh, box_cosh(a), box_sinh(a), ZERO)
BOXES(of_tanh, box_tanh(a), box_sech_squared(a), ZERO)
BOXES(of_erf, box_erf(a), bell_slope(a), ZERO)
BOXES(of_erfc, box_erfc(a), box_negate(bell_slope(a)), ZERO)
BOXES(of_sigmoid, box_sigmoid(a), box_sigmoid_slope(a), ZERO)
BOXES(of_softplus, box_softplus(a), box_sigmoid(a), ZERO)
BOXES(of_abs,
      side > 0   ? a
      : side < 0 ? box_negate(a)
                 : absolute(a),
      side > 0   ? ONE
      : side < 0 ? box_negate(ONE)
                 : box_interval(-1, 1),
      ZERO)
BOXES(of_sign, box_interval(side > 0 ? 1 : -1, side < 0 ? -1 : 1), side ? ZERO : BOX_ALL, ZERO)
BOXES(of_relu, side > 0 ? a : side < 0 ? ZERO : greatest(a, ZERO), either(side), ZERO)
BOXES(of_max, side > 0 ? a : side < 0 ? b : greatest(a, b), either(side), either(-side))
BOXES(of_min,
      side > 0   ? b
      : side < 0 ? a
                 : box_negate(greatest(box_negate(a), box_negate(b))),
      either(-side), either(side))

#define FUNCTION(name, function, arguments, kink, help)                                            \
    {                                                                                              \
        name, arguments, function, function##_partial, function##_box, function##_box_partial,     \
            kink, help                                                                             \
    }

const FormulaFunction formula_functions[] = {
    FUNCTION("+", add, 2, KINK_NONE, NULL),
    FUNCTION("-", subtract, 2, KINK_NONE, NULL),
    FUNCTION("*", multiply, 2, KINK_NONE, NULL),
    FUNCTION("/", divide, 2, SINGULAR_SECOND, NULL),
    FUNCTION("^", power, 2, SINGULAR_FIRST, NULL),
    FUNCTION("negative", negate, 1, KINK_NONE, NULL),
    FUNCTION("exp", of_exp, 1, KINK_NONE, "e^x"),
    FUNCTION("expm1", of_expm1, 1, KINK_NONE, "e^x - 1"),
    FUNCTION("log", of_log, 1, SINGULAR_FIRST, "the natural logarithm"),
    FUNCTION("log1p", of_log1p, 1, KINK_NONE, "log(1 + x)"),
    FUNCTION("sqrt", of_sqrt, 1, SINGULAR_FIRST, "the square root"),
    FUNCTION("sin", of_sin, 1, KINK_NONE, "sine"),
    FUNCTION("cos", of_cos, 1, KINK_NONE, "cosine"),
    FUNCTION("atan", of_atan, 1, KINK_NONE, "arc tangent"),
    FUNCTION("sinh", of_sinh, 1, KINK_NONE, "hyperbolic sine"),
    FUNCTION("cosh", of_cosh, 1, KINK_NONE, "hyperbolic cosine"),
    FUNCTION("tanh", of_tanh, 1, KINK_NONE, "hyperbolic tangent"),
    FUNCTION("erf", of_erf, 1, KINK_NONE, "error function"),
    FUNCTION("erfc", of_erfc, 1, KINK_NONE, "1 - erf(x)"),
    FUNCTION("sigmoid", of_sigmoid, 1, KINK_NONE, "1/(1 + exp(-x))"),
    FUNCTION("softplus", of_softplus, 1, KINK_NONE, "log(1 + exp(x))"),
    FUNCTION("abs", of_abs, 1, KINK_FIRST, "|x|"),
    FUNCTION("sign", of_sign, 1, KINK_JUMP, "1 where x > 0, otherwise -1"),
    FUNCTION("relu", of_relu, 1, KINK_FIRST, "max(x, 0)"),
    FUNCTION("max", of_max, 2, KINK_EQUAL, "the larger of two"),
    FUNCTION("min", of_min, 2, KINK_EQUAL, "the smaller of two"),
    {0},
};

const FormulaFunction *formula_function(const char *name) {
    const FormulaFunction *function = formula_functions;
    while (function->name && !text_equal_fold(function->name, name)) function++;
    return function->name ? function : NULL;
}
