// The functions of formulas: one line of the table each.
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

#define FUNCTION(name, function, arguments, kink, help)                                            \
    { name, arguments, function, function##_partial, kink, help }

const FormulaFunction formula_functions[] = {
    FUNCTION("+", add, 2, KINK_NONE, NULL),
    FUNCTION("-", subtract, 2, KINK_NONE, NULL),
    FUNCTION("*", multiply, 2, KINK_NONE, NULL),
    FUNCTION("/", divide, 2, KINK_SECOND, NULL),
    FUNCTION("^", power, 2, KINK_FIRST, NULL),
    FUNCTION("negative", negate, 1, KINK_NONE, NULL),
    FUNCTION("exp", of_exp, 1, KINK_NONE, "e^x"),
    FUNCTION("expm1", of_expm1, 1, KINK_NONE, "e^x - 1"),
    FUNCTION("log", of_log, 1, KINK_FIRST, "the natural logarithm"),
    FUNCTION("log1p", of_log1p, 1, KINK_NONE, "log(1 + x)"),
    FUNCTION("sqrt", of_sqrt, 1, KINK_FIRST, "the square root"),
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
    FUNCTION("sign", of_sign, 1, KINK_FIRST, "1 where x > 0, otherwise -1"),
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
