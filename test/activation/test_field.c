// Lengths, correlations and the edge of chaos against fixed points found in 40 digits
// (reference.py), and against what is known by hand for ReLU, straight lines, sign and tanh.
#include "activation/activation.h"
#include "activation/reference.h"
#include "run_suite.h"
#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const double PI = 3.14159265358979323846;

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

static ActivationField field_of(const char *text, double sw2, double sb2) {
    Error error;
    ActivationField field;
    Activation *activation = read(text);
    ck_assert_msg(activation_field(activation, sw2, sb2, &field, &error), "%s", error.text);
    activation_free(activation);
    return field;
}

static ActivationEdge edge_of(const char *text, double sb2) {
    Error error;
    ActivationEdge edge;
    Activation *activation = read(text);
    ck_assert_msg(activation_edge(activation, sb2, &edge, &error), "%s", error.text);
    activation_free(activation);
    return edge;
}

START_TEST(fixed_points) {
    for (size_t i = 0; i < COUNT(FIELD); i++) {
        const char *text = FIELD[i].text;
        ActivationField field = field_of(text, FIELD[i].sw2, FIELD[i].sb2);
        near(field.q, FIELD[i].q, 1e-13, text, "q*");
        near(field.q_slope, FIELD[i].q_slope, 1e-12, text, "V'");
        near(field.chi1, FIELD[i].chi1, 1e-12, text, "chi_1");
        near(field.c, FIELD[i].c, 1e-12, text, "c*");
        near(field.c_slope, FIELD[i].c_slope, 1e-11, text, "C'");
        near(field.xi_q, -1 / log(FIELD[i].q_slope), 1e-11, text, "xi_q");
        near(field.xi_c, -1 / log(FIELD[i].c_slope), 1e-10, text, "xi_c");
        ck_assert_int_eq(field.phase, FIELD[i].chi1 > 1 ? PHASE_CHAOTIC : PHASE_ORDERED);
    }
}
END_TEST

// V(q) = sw2 q/2 + sb2 for ReLU: lines that can be solved by hand.
START_TEST(relu) {
    ActivationField field = field_of("relu", 1.5, 0.385);
    near(field.q, 0.385 / 0.25, 1e-13, "relu", "q*");
    near(field.q_slope, 0.75, 1e-13, "relu", "V'");
    near(field.chi1, 0.75, 1e-13, "relu", "chi_1");
    ck_assert(field.c == 1 && field.phase == PHASE_ORDERED && !field.any_q);
    field = field_of("relu", 2, 0);
    ck_assert(field.any_q && field.q == 1 && field.phase == PHASE_EDGE && isinf(field.xi_q));
    field = field_of("relu", 1.9, 0);
    ck_assert(field.q == 0 && isnan(field.c) && field.phase == PHASE_ORDERED);
    near(field.chi1, 0.95, 1e-13, "relu", "chi_1");
    field = field_of("relu", 2.385, 0);
    ck_assert(isinf(field.q) && isnan(field.c) && field.phase == PHASE_CHAOTIC);
    field = field_of("relu", 2, 0.1);
    ck_assert(isinf(field.q));
}
END_TEST

START_TEST(signs) { // C(c) = 2/pi asin(c): infinitely steep at 1
    ActivationField field = field_of("sign", 2.385, 0);
    near(field.q, 2.385, 1e-13, "sign", "q*");
    ck_assert(field.q_slope == 0 && field.xi_q == 0 && field.chi1 == 0);
    ck_assert(field.c == 0 && field.phase == PHASE_CHAOTIC);
    near(field.c_slope, 2 / PI, 1e-9, "sign", "C'");
    field = field_of("sign", 1, 1); // q* = 2: c = asin(c)/pi + 1/2 has the root c*
    near(field.c, asin(field.c) / PI + 0.5, 1e-12, "sign", "c*");
    near(field.c_slope, 1 / (PI * sqrt(1 - field.c * field.c)), 1e-7, "sign", "C'");
    ck_assert(field.c < 0.999);
}
END_TEST

// Signals so long that tanh is a jump: chi_1 = sw2 E sech^4(sqrt(q) z) = sw2 4/3 / sqrt(2 pi q).
START_TEST(long_signals) {
    for (double sw2 = 1e4; sw2 < 1e11; sw2 *= 1e3) {
        ActivationField field = field_of("tanh", sw2, 0);
        near(field.q, sw2 * (1 - sqrt(2 / PI / field.q)), 1e-3, "tanh", "q*");
        near(field.chi1, sw2 * 4 / 3 / sqrt(2 * PI * field.q), 1e-3, "tanh", "chi_1");
    }
    Error error;
    ActivationField field;
    Activation *activation = read("sqrt(x + 20)");
    ck_assert(!activation_field(activation, 0.2, 0, &field, &error));
    ck_assert_msg(text_starts(error.text, "sqrt(x + 20): not a number at x = -2"), "%s",
                  error.text);
    activation_free(activation);
}
END_TEST

START_TEST(tanh_near_its_edge) {
    ActivationField field = field_of("tanh", 0.9, 0);
    ck_assert(field.q == 0 && field.phase == PHASE_ORDERED);
    near(field.chi1, 0.9, 1e-12, "tanh", "chi_1");
    field = field_of("tanh", 1, 0);
    ck_assert(field.q == 0 && field.phase == PHASE_EDGE);
    field = field_of("tanh", 1.01, 0); // V(q) = sw2 (q - 2 q^2 + 17/3 q^3 - ...)
    ck_assert(field.q > 0.0049 && field.q < 0.0053 && field.phase == PHASE_CHAOTIC);
    ck_assert(field.c == 0);
}
END_TEST

// The exact rule has q* = 1; C'(1) = chi_1 = E phi'^2 / E phi^2.
START_TEST(exact_rule) {
    static const char *const texts[] = {"tanh", "gelu", "hardtanh"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        Error error;
        ActivationMoments moments;
        ActivationField field;
        Activation *activation = read(texts[i]);
        ck_assert(activation_moments(activation, (ActivationLaw){0, 1}, &moments, &error));
        ck_assert(activation_field_at(activation, (ActivationNumber){1 / moments.second_moment, 0},
                                      0, 1, &field, &error));
        near(field.chi1, moments.chi1, 1e-14, texts[i], "chi_1");
        near(activation_correlation(activation, &field, 1), 1, 1e-14, texts[i], "C(1)");
        double h = 1e-5, slope = (1 - activation_correlation(activation, &field, 1 - h)) / h;
        near(slope, field.chi1, 3e-3, texts[i], "C'(1)");
        near(activation_correlation(activation, &field, field.c), field.c, 1e-11, texts[i], "c*");
        near(activation_correlation(activation, &field, 0),
             moments.mean * moments.mean / moments.second_moment, 1e-12, texts[i], "C(0)");
        activation_free(activation);
    }
}
END_TEST

START_TEST(many_layers) { // C(c) = (1 + 2 c^2)/3
    Error error;
    ActivationField field;
    Activation *activation = read("x^2");
    const ActivationDepths depths = {{0, 1, 19}, 3};
    const double rho[] = {-1, -0.385, 0.2385, 0.9, 1};
    double value[3 * 5];
    ck_assert(
        activation_field_at(activation, (ActivationNumber){1.0 / 3, 0}, 0, 1, &field, &error));
    activation_correlation_after(activation, &field, &depths, 5, rho, value);
    for (int i = 0; i < 5; i++) {
        double c = rho[i];
        for (int l = 0; l < 19; l++) c = (1 + 2 * c * c) / 3;
        ck_assert_double_eq(value[i], rho[i]);
        near(value[5 + i], (1 + 2 * rho[i] * rho[i]) / 3, 1e-6, "x^2", "1 layer");
        near(value[10 + i], c, 1e-5, "x^2", "19 layers");
    }
    activation_free(activation);
}
END_TEST

// C(c) = sw2 (1 + 2 c^2) at q = 1: what sw2 may be off moves C, c* and the slopes by so much.
START_TEST(errors_of_weights) {
    Error error;
    ActivationField field;
    Activation *activation = read("x^2");
    const ActivationNumber weights = {1.0 / 3, 0.01 / 3};
    ck_assert(activation_field_at(activation, weights, 0, 1, &field, &error));
    ck_assert_double_eq(field.off.sw2, weights.error);
    near(field.c, 0.5, 1e-13, "x^2", "c*");
    for (int side = -1; side <= 1; side += 2) {
        double sw2 = weights.value + side * weights.error, w = 1 / sw2;
        double c = (w - sqrt(w * w - 8)) / 4, slope = 4 * sw2 * c, chi1 = 4 * sw2, grown = 6 * sw2;
        const struct {
            double found, off, wanted;
        } number[] = {{field.c, field.off.c, c},
                      {field.c_slope, field.off.c_slope, slope},
                      {field.xi_c, field.off.xi_c, 1 / fabs(log(slope))},
                      {field.chi1, field.off.chi1, chi1},
                      {field.q_slope, field.off.q_slope, grown},
                      {field.xi_q, field.off.xi_q, 1 / log(grown)}};
        for (size_t i = 0; i < COUNT(number); i++) {
            double away = fabs(number[i].wanted - number[i].found);
            ck_assert_msg(away <= number[i].off * (1 + 1e-12), "number %zu: %.3g > %.3g", i, away,
                          number[i].off);
            ck_assert_double_le(number[i].off, 4 * away);
        }
    }
    activation_free(activation);
}
END_TEST

START_TEST(edges) {
    for (size_t i = 0; i < COUNT(EDGE); i++) {
        ActivationEdge edge = edge_of(EDGE[i].text, EDGE[i].sb2);
        ck_assert_uint_eq(edge.points, 1);
        near(edge.point[0].sw2, EDGE[i].sw2, 1e-11, EDGE[i].text, "sw2");
        near(edge.point[0].q, EDGE[i].q, 1e-10, EDGE[i].text, "q");
    }
}
END_TEST

START_TEST(edges_by_hand) {
    ActivationEdge edge = edge_of("relu", 0);
    ck_assert(edge.points == 1 && edge.point[0].any_q);
    near(edge.point[0].sw2, 2, 1e-13, "relu", "sw2");
    ck_assert_uint_eq(edge_of("relu", 0.1).points, 0);
    edge = edge_of("leaky slope=0.2385", 0);
    ck_assert(edge.points == 1 && edge.point[0].any_q);
    near(edge.point[0].sw2, 2 / (1 + 0.2385 * 0.2385), 1e-13, "leaky", "sw2");
    const struct {
        const char *text;
        double sw2; // 1/phi'(0)^2
    } line[] = {{"tanh", 1}, {"gelu", 4}, {"silu", 4}, {"hardtanh", 1}, {"sin(2*x)", 0.25}};
    for (size_t i = 0; i < COUNT(line); i++) {
        edge = edge_of(line[i].text, 0);
        ck_assert(edge.points == 1 && edge.point[0].q == 0);
        near(edge.point[0].sw2, line[i].sw2, 1e-11, line[i].text, "sw2 as q -> 0");
    }
    ck_assert_uint_eq(edge_of("sign", 0.1).points, 0);
    edge = edge_of("exp(x)", 0); // chi_1 = V/q: at q = 1, where sw2 = exp(-2)
    ck_assert_uint_eq(edge.points, 1);
    near(edge.point[0].sw2, exp(-2), 1e-10, "exp", "sw2");
}
END_TEST

START_TEST(reports) {
    Error error;
    ActivationReport report;
    Activation *activation = read("tanh");
    ck_assert(activation_report(activation, NAN, 0, &report, &error));
    ck_assert(!report.given && report.field.q == 1);
    for (int i = 0; i < ACTIVATION_GRID; i++) // odd
        ck_assert_double_le(
            fabs(report.correlation[i].value + report.correlation[ACTIVATION_GRID - 1 - i].value),
            1e-13);
    near(report.next[ACTIVATION_LENGTHS / 2].value, 1, 1e-14, "tanh", "V(1)");
    json_t *json = activation_to_json(&report);
    near(json_number_value(json_object_get(json, "second_moment")), 0.394294490397841, 3e-15,
         "tanh", "JSON");
    ck_assert_uint_eq(json_array_size(json_object_get(json, "correlation")), ACTIVATION_GRID);
    json_decref(json);
    activation_free(activation);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("activation/field");
    TCase *all = tcase_create("field");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, fixed_points);
    tcase_add_test(all, relu);
    tcase_add_test(all, signs);
    tcase_add_test(all, long_signals);
    tcase_add_test(all, tanh_near_its_edge);
    tcase_add_test(all, exact_rule);
    tcase_add_test(all, many_layers);
    tcase_add_test(all, errors_of_weights);
    tcase_add_test(all, edges);
    tcase_add_test(all, edges_by_hand);
    tcase_add_test(all, reports);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
