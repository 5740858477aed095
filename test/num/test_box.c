// Boxes hold what they say: points of random boxes, through every function, in complex long double.
#include "num/box.h"
#include "run_suite.h"
#include <complex.h>
#include <math.h>

typedef long double complex Point;

static Point p_log1p(Point z) {
    return clogl(1 + z);
}
static Point p_expm1(Point z) {
    return cabsl(z) < 1e-3L ? z + z * z / 2 + z * z * z / 6 + z * z * z * z / 24 : cexpl(z) - 1;
}
static Point p_sigmoid(Point z) {
    return 1 / (1 + cexpl(-z));
}
static Point p_softplus(Point z) { // its branch that is real on the real line
    return creall(z) > 0 ? z + clogl(1 + cexpl(-z)) : clogl(1 + cexpl(z));
}
static Point p_erf(Point z) { // the integral from 0 to z, by Simpson's rule on a straight line
    enum { STEPS = 400 };
    if (cimagl(z) == 0) return erfl(creall(z));
    Point sum = 0, h = z / STEPS;
    for (int i = 0; i < STEPS; i++) {
        Point a = i * h, b = a + h / 2, c = a + h;
        sum += h / 6 * (cexpl(-a * a) + 4 * cexpl(-b * b) + cexpl(-c * c));
    }
    return sum * 2 / sqrtl(acosl(-1));
}
static Point p_erfc(Point z) {
    return cimagl(z) == 0 ? erfcl(creall(z)) : 1 - p_erf(z);
}
static Point p_sech2(Point z) {
    return 1 / (ccoshl(z) * ccoshl(z));
}
static Point p_bell(Point z) {
    return cexpl(-z * z);
}
static Point p_slope(Point z) {
    return p_sigmoid(z) * p_sigmoid(-z);
}

// The principal value, or that of the branch, is what the box is of where |im| is below `most`.
static const struct {
    const char *name;
    Box (*box)(Box a);
    Point (*point)(Point z);
    double low, high, most; // of the arguments
} CASES[] = {
    {"exp", box_exp, cexpl, -20, 20, 9},
    {"expm1", box_expm1, p_expm1, -5, 5, 3},
    {"log", box_log, clogl, 1e-3, 40, 30},
    {"log1p", box_log1p, p_log1p, -0.9, 9, 5},
    {"sqrt", box_sqrt, csqrtl, 1e-3, 40, 20},
    {"sin", box_sin, csinl, -30, 30, 5},
    {"cos", box_cos, ccosl, -30, 30, 5},
    {"atan", box_atan, catanl, -4, 4, 0.9},
    {"sinh", box_sinh, csinhl, -9, 9, 5},
    {"cosh", box_cosh, ccoshl, -9, 9, 5},
    {"tanh", box_tanh, ctanhl, -4, 4, 1.5},
    {"erf", box_erf, p_erf, -2, 2, 1},
    {"erfc", box_erfc, p_erfc, -2, 2, 1},
    {"sigmoid", box_sigmoid, p_sigmoid, -9, 9, 3},
    {"softplus", box_softplus, p_softplus, -9, 9, 1.5},
    {"sech^2", box_sech_squared, p_sech2, -4, 4, 0},
    {"bell", box_bell, p_bell, -4, 4, 0},
    {"slope", box_sigmoid_slope, p_slope, -9, 9, 0},
};

static const long double SLACK = 1e-12L; // of Simpson's rule and of what log(1 + z) cancels

static bool holds(Box box, Point value) {
    long double x = creall(value), y = fabsl(cimagl(value)), slack = SLACK * (1 + cabsl(value));
    if (box_is_all(box)) return true;
    if (box.imaginary == 0) slack *= 1e-6L; // a real one is exact but for long double's rounding
    return x >= box.low - slack && x <= box.high + slack && y <= box.imaginary + slack;
}

static Box random_box(Random *random, double low, double high, double most) {
    double a = low + (high - low) * random_uniform(random),
           width = (high - a) * pow(random_uniform(random), 4);
    double side = most * pow(random_uniform(random), 2);
    return (Box){a, a + width, random_below(random, 3) ? side : 0};
}

static Point random_point(Random *random, Box box) { // corners, too
    double s = random_uniform(random), t = 2 * random_uniform(random) - 1;
    if (random_below(random, 3) == 0) s = s < 0.5 ? 0 : 1, t = t < 0 ? -1 : 1;
    return box.low + s * (box.high - box.low) + I * (long double)(t * box.imaginary);
}

START_TEST(functions) {
    Random random = random_stream(2385, RANDOM_TEST, 0);
    for (size_t k = 0; k < sizeof CASES / sizeof *CASES; k++) {
        int known = 0;
        for (int i = 0; i < 400; i++) {
            Box box = random_box(&random, CASES[k].low, CASES[k].high, CASES[k].most);
            Box found = CASES[k].box(box);
            known += !box_is_all(found);
            for (int j = 0; j < 12; j++) {
                Point z = random_point(&random, box), value = CASES[k].point(z);
                ck_assert_msg(holds(found, value),
                              "%s of [%.17g, %.17g] +- %.17gi: %.20Lg + %.20Lgi is outside "
                              "[%.17g, %.17g] +- %.17gi",
                              CASES[k].name, box.low, box.high, box.imaginary, creall(value),
                              cimagl(value), found.low, found.high, found.imaginary);
            }
        }
        ck_assert_msg(known > 100, "%s: only %d boxes are bounded", CASES[k].name, known);
    }
}
END_TEST

START_TEST(arithmetic) {
    Random random = random_stream(2385, RANDOM_TEST, 1);
    for (int i = 0; i < 4000; i++) {
        Box a = random_box(&random, -3, 3, 2), b = random_box(&random, -3, 3, 2);
        Box sum = box_add(a, b), difference = box_subtract(a, b), product = box_multiply(a, b),
            quotient = box_divide(a, b);
        double n = (double)random_below(&random, 7) - 2;
        Box power = box_power(a, box_number(n));
        for (int j = 0; j < 12; j++) {
            Point x = random_point(&random, a), y = random_point(&random, b);
            ck_assert(holds(sum, x + y) && holds(difference, x - y) && holds(product, x * y));
            ck_assert(holds(quotient, x / y) && holds(power, cpowl(x, (long double)n)));
        }
    }
}
END_TEST

// What is exact stays exact, so that a kink at a panel's end is on one side of it.
START_TEST(exact) {
    Box x = box_interval(0, 2.385), y = box_subtract(box_interval(0.3, 1.3), box_number(0.3));
    ck_assert(box_multiply(x, box_number(2)).low == 0 && y.low == 0);
    ck_assert(box_sin(box_interval(0, 1)).low == 0 && box_tanh(box_interval(0, 1)).low == 0);
    ck_assert(box_power(box_interval(-2, 3), box_number(2)).low == 0);
    Box third = box_divide(box_number(1), box_number(3));
    ck_assert(third.low < third.high && third.high - third.low < 2e-16);
}
END_TEST

START_TEST(not_analytic) {
    ck_assert(box_is_all(box_log((Box){-1, 1, 0})) && box_is_all(box_sqrt((Box){0, 1, 0.1})));
    ck_assert(box_is_all(box_atan((Box){-0.1, 0.1, 1.1})));
    ck_assert(box_is_all(box_tanh((Box){-0.1, 0.1, 1.6})));
    ck_assert(!box_is_all(box_tanh((Box){3, 4, 1.6}))); // beside the poles
    ck_assert(box_is_all(box_divide(box_number(1), (Box){-1, 1, 0.5})));
    Box inverse = box_divide(box_number(1), box_interval(0, 2));
    ck_assert(inverse.low > 0.49 && inverse.low <= 0.5 && isinf(inverse.high));
    ck_assert(isinf(box_divide(box_number(1), box_interval(-1, 2)).low));
    ck_assert(box_is_all(box_power(box_interval(-1, 1), box_number(0.5))));
    ck_assert(box_sin(inverse).low == -1 && box_sin(inverse).high == 1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("num/box");
    TCase *all = tcase_create("box");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, functions);
    tcase_add_test(all, arithmetic);
    tcase_add_test(all, exact);
    tcase_add_test(all, not_analytic);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
