// The moment rule of tied layers against their definition: sums over all pairs of places; and
// weights drawn by the rule against what layers then give.
#include "init/init.h"
#include "symmetry/symmetry.h"
#include "net_of.h"
#include "run_suite.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { EXACT = 0, LAYERS = 20 };

static Net *predict(const char *text, InitInput input, InitLayer *layer) {
    Error error;
    size_t at;
    InitOptions options = {EXACT, LAW_SCHEME, 0, input, true};
    Net *net = net_of(text);
    ck_assert_msg(init_predict(net, &options, layer, &at, &error), "%s", error.text);
    return net;
}

// ---- by the definition ----

typedef struct Moments {
    double square, within, shared;
} Moments;

// sum over labels of E s_o(i) s_o(i'), averaged over i, over i != i', and over i of two examples.
static Moments moments_of(const char *group, double q, double c, double h, double k) {
    SymmetryPattern pattern;
    Symmetry *symmetry = symmetry_read(group, strlen(group), false, NULL);
    ck_assert(symmetry_pattern(symmetry, &pattern, NULL));
    double rows = (double)pattern.rows;
    Moments m = {0};
    for (size_t i = 0; i < pattern.rows; i++) {
        for (size_t i2 = 0; i2 < pattern.rows; i2++) {
            for (size_t j = 0; j < pattern.cols; j++) {
                for (size_t j2 = 0; j2 < pattern.cols; j2++) {
                    if (symmetry_label(&pattern, i, j) != symmetry_label(&pattern, i2, j2))
                        continue;
                    double product = j == j2 ? q : c;
                    if (i == i2) m.square += product / rows;
                    if (i == i2) m.shared += (j == j2 ? h : k) / rows;
                    if (i != i2) m.within += product / (rows * (rows - 1));
                }
            }
        }
    }
    symmetry_pattern_free(&pattern);
    symmetry_free(symmetry);
    return m;
}

static const struct {
    const char *group;
    int in, out;
} GROUPS[] = {{"S7", 7, 7},
              {"C9", 9, 9},
              {"D8 x S5", 13, 13},
              {"S3 on pairs to S3", 9, 3},
              {"S3 to S3 on pairs", 3, 9},
              {"rot90 3x3", 9, 9},
              {"S3 wr S3", 9, 9},
              {"S5 to trivial(4)", 5, 4},
              {"trivial(5) to trivial(4)", 5, 4}};

START_TEST(moments_are_those_of_the_pattern) {
    static const InitInput INPUTS[] = {
        {0.4, 2.385, 0.77, 0}, {0.4, 2.385, 0.77, 0.9}, {0.4, 2.385, 0.77, -0.6}};
    for (size_t g = 0; g < sizeof GROUPS / sizeof *GROUPS; g++) {
        for (size_t i = 0; i < sizeof INPUTS / sizeof *INPUTS; i++) {
            InitLayer layer[LAYERS];
            char text[200];
            double c = INPUTS[i].shared + INPUTS[i].excess;
            snprintf(text, sizeof text, "input %dx3 tied-%d group=\"%s\" channels=5", GROUPS[g].in,
                     GROUPS[g].out, GROUPS[g].group);
            Net *net = predict(text, INPUTS[i], layer);
            Moments m = moments_of(GROUPS[g].group, 2.385, c, 0.77, fmin(c, 0.77));
            ck_assert_double_eq_tol(layer[0].power, 3 * m.square, 1e-12 * m.square);
            ck_assert_double_eq_tol(layer[0].square, 1, 1e-14);
            ck_assert_double_eq_tol(layer[0].shared, m.shared / m.square, 1e-13);
            ck_assert_double_eq_tol(layer[0].shared + layer[0].excess, m.within / m.square, 1e-13);
            net_free(net);
        }
    }
}
END_TEST

// ---- the sum of 256 numbers ----

// sigma = 1/|x| would be right for a dense layer; tied by S_256 on ReLU of Gaussians it makes E u^2
//     (q + 255 (q - m^2) + 255^2 m^2) / (256 q) = 81.5    with q = 1/2, m^2 = 1/(2 pi)
static const double PLAIN = 81.53;

START_TEST(plain_rule_is_81_times_too_large) {
    InitLayer layer[LAYERS];
    const char *text = "input 256 relu tied-256 group=\"S256\" bias=no";
    Net *net = predict(text, init_unit_input, layer);
    double q = 0.5, m2 = 0.5 / acos(-1);
    double square = (q + 255 * (q - m2) + 255 * 255 * m2) / (256 * q);
    ck_assert_double_eq_tol(square, PLAIN, 0.01);
    ck_assert_double_eq_tol(layer[1].power / (256 * q), square, 1e-10);
    net_free(net);
    net = predict("input 9 fc-256 relu tied-256 group=\"S256\"", init_unit_input, layer);
    ck_assert_double_eq_tol(layer[2].power / (256 * q), square, 1e-10); // of features, too
    net_free(net);
}
END_TEST

static float *floats(size_t count) {
    return memory_try(count + 16, sizeof(float), "test", NULL);
}

// The mean square of the outputs of the last layer over draws of its weights and of the inputs.
static double measured(const Net *net, double sigma, int draws, double *error) {
    const Layer *layer = &net->layer[net->layers - 1];
    size_t in = (size_t)shape_count(&layer->in), out = (size_t)shape_count(&layer->out);
    float *x = floats(in * 16), *y = floats(out * 16), *w = floats((size_t)net->parameters);
    float *work = floats(layer->kind->work(layer, 1, 1));
    double sum = 0, sum2 = 0;
    Random random = random_stream(2385, RANDOM_TEST, 0);
    for (int d = 0; d < draws; d++) {
        double square = 0;
        for (size_t i = 0; i < in * 16; i++) x[i] = fmaxf(0, (float)random_normal(&random));
        for (int64_t i = 0; i < net->parameters; i++)
            w[i] = (float)(sigma * random_normal(&random));
        LayerPass pass = {.groups = 1, .live = 16, .w = w, .x = x, .y = y, .work = work};
        layer->kind->forward(layer, &pass);
        for (size_t i = 0; i < out * 16; i++)
            square += (double)y[i] * (double)y[i] / ((double)out * 16);
        sum += square;
        sum2 += square * square;
    }
    float *all[] = {x, y, w, work};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_free(all[i]);
    *error = sqrt((sum2 / draws - sum / draws * sum / draws) / draws);
    return sum / draws;
}

// With a fixed seed; within 5 standard errors, a failure has probability below 1e-6.
START_TEST(weights_by_simulation) {
    enum { DRAWS = 3000 };
    static const char *const TEXTS[] = {
        "input 256 relu tied-256 group=\"S256\" bias=no",
        "input 9x3 relu tied-9 group=\"S3 wr S3\" channels=5 bias=no",
        "input 16 relu tied-10 group=\"C16 to trivial(10)\" bias=no",
        "input 19x2 relu tied-19 group=\"C19\" bias=no",
    };
    for (size_t t = 0; t < sizeof TEXTS / sizeof *TEXTS; t++) {
        InitLayer layer[LAYERS];
        double error, square;
        Net *net = predict(TEXTS[t], init_unit_input, layer);
        square = measured(net, layer[1].sigma, DRAWS, &error);
        ck_assert_msg(fabs(square - 1) < 5 * error, "%s: %g +- %g", TEXTS[t], square, error);
        if (t == 0) {
            square = measured(net, 1 / sqrt(256 * 0.5), DRAWS, &error);
            ck_assert_msg(fabs(square - PLAIN) < 5 * error, "plain: %g +- %g", square, error);
            ck_assert_double_lt(error, 3);
        }
        net_free(net);
    }
}
END_TEST

// exact-data: the sums of these very numbers.
START_TEST(power_is_measured) {
    enum { LIVE = 21, ROW = 32 };
    for (size_t g = 0; g < sizeof GROUPS / sizeof *GROUPS; g++) {
        char text[200];
        snprintf(text, sizeof text, "input %dx3 tied-%d group=\"%s\" channels=2", GROUPS[g].in,
                 GROUPS[g].out, GROUPS[g].group);
        Net *net = net_of(text);
        size_t n = (size_t)GROUPS[g].in, rows = (size_t)GROUPS[g].out;
        float *x = floats(3 * n * ROW);
        Random random = random_stream(2385, RANDOM_TEST, g);
        for (size_t i = 0; i < 3 * n * ROW; i++) x[i] = (float)(random_normal(&random) + 0.3);
        SymmetryPattern pattern;
        Symmetry *symmetry = symmetry_read(GROUPS[g].group, strlen(GROUPS[g].group), false, NULL);
        ck_assert(symmetry_pattern(symmetry, &pattern, NULL));
        double wanted = 0;
        for (size_t c = 0; c < 3; c++)
            for (size_t e = 0; e < LIVE; e++)
                for (size_t i = 0; i < rows; i++)
                    for (size_t j = 0; j < n; j++)
                        for (size_t k = 0; k < n; k++)
                            if (symmetry_label(&pattern, i, j) == symmetry_label(&pattern, i, k))
                                wanted += (double)x[(c * n + j) * ROW + e] *
                                          (double)x[(c * n + k) * ROW + e];
        wanted /= (double)rows * LIVE;
        double found = net->layer[0].kind->power(&net->layer[0], x, ROW / 16, LIVE);
        ck_assert_double_eq_tol(found, wanted, 1e-6 * wanted);
        symmetry_pattern_free(&pattern);
        symmetry_free(symmetry);
        memory_free(x);
        net_free(net);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("init/tied");
    TCase *all = tcase_create("tied");
    tcase_add_test(all, moments_are_those_of_the_pattern);
    tcase_add_test(all, plain_rule_is_81_times_too_large);
    tcase_add_test(all, weights_by_simulation);
    tcase_add_test(all, power_is_measured);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
