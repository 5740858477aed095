// Formulas: what they mean, derivatives against differences, what large numbers do, kinks, what is
// refused and how.
#include "activation/invariants.h"
#include "run_suite.h"
#include <stdio.h>

static Activation *read(const char *text) {
    Error error;
    Activation *activation = activation_read(text, strlen(text), &error);
    ck_assert_msg(activation != NULL, "%s", error.text);
    return activation;
}

static double value(const char *text, double x, double *slope) {
    double phi, ignored;
    Activation *activation = read(text);
    activation_evaluate(activation, 1, &x, &phi, slope ? slope : &ignored);
    activation_free(activation);
    return phi;
}

START_TEST(meaning) {
    const double x = 2.385;
    const struct {
        const char *text;
        double wanted;
    } cases[] = {
        {"1 + 2*3 - 4/8", 6.5},
        {"-x^2", -x * x},
        {"(-x)^2", x * x},
        {"2^-x", pow(2, -x)},
        {"2^3^2", 512},
        {"8/4/2", 1},
        {"8-4-2", 2},
        {"--x", x},
        {"2*-x", -2 * x},
        {"  EXP ( x )\n", exp(x)},
        {".5e1 + 1.5E-1 + 2.", 7.15},
        {"pi*e", acos(-1) * exp(1)},
        {"e^x", exp(x)},
        {"max(x, 3) - min(x, 3)", 3 - x},
        {"expm1(x) - log1p(x)", expm1(x) - log1p(x)},
        {"sqrt(x)*sin(x)*cos(x)*atan(x)", sqrt(x) * sin(x) * cos(x) * atan(x)},
        {"sinh(x)+cosh(x)-tanh(x)", exp(x) - tanh(x)},
        {"erf(x)+erfc(x)", 1},
        {"sigmoid(-x) + softplus(x)", 1 / (1 + exp(x)) + log(1 + exp(x))},
        {"abs(-x)*sign(-x) + relu(-x)", -x},
        {"sign(0)", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double found = value(cases[i].text, x, NULL);
        ck_assert_msg(fabs(found - cases[i].wanted) <= 4e-16 * fabs(cases[i].wanted) + 1e-16,
                      "%s is %.17g, not %.17g", cases[i].text, found, cases[i].wanted);
    }
}
END_TEST

START_TEST(derivatives) {
    static const char *const texts[] = {
        "x^3 - 2*x/(1+x^2)",  "2^x + x^2.385 + x^x",         "exp(-x)*expm1(x)",
        "log(x) + log1p(x)",  "sqrt(x) + sin(x)*cos(2*x)",   "atan(x)*sinh(x)/cosh(x)",
        "tanh(x^2) - erf(x)", "erfc(x)/sigmoid(x)",          "softplus(-x) + abs(-x)*x",
        "max(x, x^2)",        "min(x, x^2) + relu(x - 0.1)", "log(1+exp(2*x)) + log(exp(x)+1)",
        "exp(x)-1 - -x"};
    const double xs[] = {0.385, 1.19, 2.385}, h = 1e-3;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (int j = 0; j < 3; j++) {
            double x = xs[j], slope, f[4];
            value(texts[i], x, &slope);
            for (int k = 0; k < 4; k++)
                f[k] = value(texts[i], x + h * (k < 2 ? k - 2 : k - 1), NULL);
            double wanted = (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h);
            ck_assert_msg(fabs(slope - wanted) <= 1e-9 * (1 + fabs(wanted)),
                          "%s at %g: %.12g, by differences %.12g", texts[i], x, slope, wanted);
        }
    }
}
END_TEST

START_TEST(large_numbers) {
    double slope;
    ck_assert_double_eq(value("log(1+exp(x))", 800, &slope), 800);
    ck_assert_double_eq(slope, 1);
    ck_assert_double_eq(value("log(exp(x)+1)", -800, &slope), 0);
    ck_assert_double_eq(slope, 0);
    ck_assert_double_eq(value("x*tanh(log(1+exp(x)))", 800, &slope), 800);
    ck_assert_double_eq(slope, 1);
    ck_assert_double_eq(value("tanh(exp(x))", 800, &slope), 1);
    ck_assert_double_eq(slope, 0);
    ck_assert_double_eq(value("1/(1+exp(-x))", -800, &slope), 0);
    ck_assert_double_eq(slope, 0);
    ck_assert_double_eq(value("x*sigmoid(x)", -1e300, &slope), 0);
    ck_assert_double_eq(value("exp(x)-1", 1e-20, &slope), 1e-20);
    ck_assert_double_eq(value("log(1+x)", 1e-20, &slope), 1e-20);
    ck_assert(isnan(value("(exp(x)-1)/(exp(x)+1)", 800, NULL))); // as it stands: inf/inf
}
END_TEST

START_TEST(kinks) {
    static const struct {
        const char *text;
        size_t count;
        double kink[3];
        bool jumps;
    } cases[] = {
        {"tanh(x)", 0, {0}, false},
        {"x^2 + x^3", 0, {0}, false},
        {"abs(x)", 1, {0}, false},
        {"relu(2*x - 1)", 1, {0.5}, false},
        {"max(min(1, x), -1)", 2, {-1, 1}, false},
        {"max(x, x^2)", 2, {0, 1}, false},
        {"sign(x^2 - 2.385)", 2, {-1.5443445211480502, 1.5443445211480502}, true},
        {"x/abs(x)", 1, {0}, true},
        {"sqrt(relu(x))", 1, {0}, false},
        {"sign(x)*x", 1, {0}, false},
        {"abs(relu(x) - 2)", 2, {0, 2}, false},
        {"relu(abs(x) - 700)", 3, {-700, 0, 700}, false},
        {"abs(x - 1e-9) + abs(2)", 1, {1e-9}, false},
        {"sign", 1, {0}, true},
        {"hardtanh", 2, {-1, 1}, false},
        {"gelu", 0, {0}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const double *kink;
        Activation *activation = read(cases[i].text);
        size_t count = activation_kinks(activation, &kink);
        ck_assert_msg(count == cases[i].count, "%s: %zu kinks", cases[i].text, count);
        for (size_t k = 0; k < count; k++)
            ck_assert_double_eq_tol(kink[k], cases[i].kink[k], 3e-16 * fabs(kink[k]) + 1e-300);
        ck_assert_msg(activation_jumps(activation) == cases[i].jumps, "%s", cases[i].text);
        activation_free(activation);
    }
}
END_TEST

// Jumps are told by the arguments, however near to each other; what is only steep does not jump.
START_TEST(jumps) {
    static const struct {
        const char *text;
        bool jumps;
    } cases[] = {
        {"sign(x)*sign(x - 1e-9)", true},
        {"tanh(1/x)", true},
        {"atan(1e15*(x - 0.385))", false},
        {"relu(tanh(1e12*x))", false},
        {"abs(x)^0.1", false},
        {"1e-9*sign(x)", true},
        {"sign(x^2)", false},
        {"x^2*sign(x)", false},
        {"abs(x - 0.385)^0.5", false},
        {"sign(sin(7*x))", true},
        {"sign(x)*abs(x)", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Activation *activation = read(cases[i].text);
        ck_assert_msg(activation_jumps(activation) == cases[i].jumps, "%s", cases[i].text);
        activation_free(activation);
    }
}
END_TEST

START_TEST(refused) {
    static const char *const cases[][2] = {
        {"x +", "activation:1:4: the formula ends where a number, a name or \"(\" is expected\n"
                "    x +\n"
                "       ^"},
        {"2x", "activation:1:2: found \"x\" where an operator or the end is expected\n"
               "    2x\n"
               "     ^"},
        {"tanh(x", "activation:1:7: the formula ends where \")\" or an operator is expected\n"
                   "    tanh(x\n"
                   "          ^"},
        {"x*tanhh(x)",
         "activation:1:3: unknown name \"tanhh\", did you mean \"tanh\"? There are x, pi, e, exp, "
         "expm1, log, log1p, sqrt, sin, cos, atan, sinh, cosh, tanh, erf, erfc, sigmoid, softplus, "
         "abs, sign, relu, max, min\n"
         "    x*tanhh(x)\n"
         "      ^~~~~"},
        {"max(x)", "activation:1:6: found \")\" where \",\" or an operator is expected\n"
                   "    max(x)\n"
                   "         ^"},
        {"x *\n exp x", "activation:2:6: found \"x\" where \"(\" after exp is expected\n"
                        "     exp x\n"
                        "         ^"},
        {"1e999*x", "activation:1:1: this is no number, or one that is too large\n"
                    "    1e999*x\n"
                    "    ^~~~~"},
        {"x \x01", "activation:1:3: found byte 0x01 where an operator or the end is expected\n"
                   "    x  \n"
                   "      ^"},
        {"", "activation:1:1: the formula ends where a number, a name or \"(\" is expected\n"
             "    \n"
             "    ^"},
        {"gellu", "activation:1:1: unknown activation \"gellu\", did you mean \"gelu\"? There are "
                  "relu, tanh, leaky, elu, selu, gelu, silu, sigmoid, hardtanh, sign; or a formula "
                  "in x\n"
                  "    gellu\n"
                  "    ^~~~~"},
        {"leaky slope=2", "activation:1:13: slope is \"2\"; it takes a number from 0 to 1\n"
                          "    leaky slope=2\n"
                          "                ^"},
        {"leaky alpha=1",
         "activation:1:7: leaky has no such option; it is written leaky [slope=0.01]\n"
         "    leaky alpha=1\n"
         "          ^~~~~"},
        {"tanh 3", "activation:1:6: tanh has no such option; it is written tanh\n"
                   "    tanh 3\n"
                   "         ^"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error error;
        ck_assert(!activation_read(cases[i][0], strlen(cases[i][0]), &error));
        ck_assert_str_eq(error.text, cases[i][1]);
    }
}
END_TEST

static void refuse_long(const char *start, const char *unit, int times, const char *message) {
    Error error;
    Text text = {0};
    text_add(&text, start);
    for (int i = 0; i < times; i++) text_add(&text, unit);
    ck_assert(!activation_read(text.data, text.length, &error));
    ck_assert_msg(strstr(error.text, message) != NULL, "%s", error.text);
    text_free(&text);
}

START_TEST(limits) {
    refuse_long("", "(", 300, "activation:1:51: expressions nest at most 50 deep");
    refuse_long("", "-", 300, "activation:1:51: expressions nest at most 50 deep");
    refuse_long("x", "^x", 200, "expressions nest at most 50 deep");
    refuse_long("x", "+x*(x", 60, "expressions nest at most 50 deep");
    refuse_long("", "exp(", 100, "expressions nest at most 50 deep");
    refuse_long("x", "+x", 300, "activation:1:501: the formula is longer than 500 bytes");
    refuse_long("", "abc", 100, "the name is too long");
    refuse_long("", "123", 100, "the number is too long");
    Text text = {0};
    text_add(&text, "x");
    for (int i = 0; i < 249; i++) text_add(&text, "+x");
    ck_assert_double_eq(value(text.data, 2, NULL), 500);
    text_free(&text);
}
END_TEST

START_TEST(hostile) {
    static const char *const pieces[] = {
        "x",    "(", ")",  "+", "-", "*",    "/",    "^",       ",",      "log",   "exp",  "max(",
        "abs(", "1", ".5", " ", "e", "\xff", "relu", "slope=1", "leaky ", "sign(", "sqrt("};
    enum { PIECES = sizeof pieces / sizeof *pieces };
    Random random = random_stream(2385, RANDOM_TEST, 0);
    int accepted = 0;
    for (int i = 0; i < 3000; i++) {
        Text text = {0};
        int count = 1 + (int)random_below(&random, 8);
        for (int k = 0; k < count; k++) text_add(&text, pieces[random_below(&random, PIECES)]);
        accepted += formula_check_text(text.data, text.length);
        text_free(&text);
    }
    ck_assert_int_gt(accepted, 30); // some are formulas
}
END_TEST

// Every activation of the language has a formula, with its options as names.
START_TEST(language) {
    int count = 0;
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
        ck_assert_int_eq((*kind)->formula != NULL, (*kind)->is_activation);
        if (!(*kind)->is_activation) continue;
        Activation *activation = read((*kind)->name);
        ck_assert_ptr_eq(activation_kind(activation), *kind);
        ck_assert_str_eq(activation_name(activation), (*kind)->name);
        ck_assert_str_eq(activation_formula(activation), (*kind)->formula);
        activation_free(activation);
        count++;
    }
    ck_assert_int_ge(count, 10);
    ck_assert_double_eq(value("LeakyReLU  slope=0.2385 ", -2, NULL), -2 * 0.2385);
    ck_assert_double_eq(value("elu alpha=2", -1, NULL), 2 * expm1(-1));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("activation/formula");
    TCase *all = tcase_create("formula");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, meaning);
    tcase_add_test(all, derivatives);
    tcase_add_test(all, large_numbers);
    tcase_add_test(all, kinks);
    tcase_add_test(all, jumps);
    tcase_add_test(all, refused);
    tcase_add_test(all, limits);
    tcase_add_test(all, hostile);
    tcase_add_test(all, language);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
