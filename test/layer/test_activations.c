// Every activation and its derivative, on every instruction set, against closed forms in double
// precision and against PyTorch (activations.py wrote activations_reference.h).
#define _GNU_SOURCE
#include "net/net.h"
#include "num/num.h"
#include "activations_reference.h"
#include "run_suite.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

// The closed forms; a is the option.

static double relu(double u, double a) {
    (void)a;
    return u > 0 ? u : 0;
}
static double relu_slope(double u, double a) {
    (void)a;
    return u > 0;
}
static double leaky(double u, double a) {
    return u > 0 ? u : a * u;
}
static double leaky_slope(double u, double a) {
    return u > 0 ? 1 : a;
}
static double elu(double u, double a) {
    return u > 0 ? u : a * expm1(u);
}
static double elu_slope(double u, double a) {
    return u > 0 ? 1 : a * exp(u);
}
static double selu(double u, double a) {
    return 1.0507009873554804934 * elu(u, a);
}
static double selu_slope(double u, double a) {
    return 1.0507009873554804934 * elu_slope(u, a);
}
static double normal(double u) {
    return erfc(-u / sqrt(2)) / 2;
}
static double gelu(double u, double a) {
    (void)a;
    return u * normal(u);
}
static double gelu_slope(double u, double a) {
    (void)a;
    return normal(u) + u * exp(-u * u / 2) / sqrt(8 * atan(1));
}
static double sigmoid(double u, double a) {
    (void)a;
    return 1 / (1 + exp(-u));
}
static double sigmoid_slope(double u, double a) {
    return sigmoid(u, a) * sigmoid(-u, a);
}
static double silu(double u, double a) {
    return u * sigmoid(u, a);
}
static double silu_slope(double u, double a) {
    return sigmoid(u, a) * (1 + u * sigmoid(-u, a));
}
static double tanh_of(double u, double a) {
    (void)a;
    return tanh(u);
}
static double tanh_slope(double u, double a) {
    (void)a;
    return 1 / (cosh(u) * cosh(u));
}
static double hardtanh(double u, double a) {
    (void)a;
    return fmin(fmax(u, -1), 1);
}
static double hardtanh_slope(double u, double a) {
    (void)a;
    return fabs(u) < 1;
}
static double sign(double u, double a) {
    (void)a;
    return u > 0 ? 1 : -1;
}
static double sign_slope(double u, double a) {
    (void)u, (void)a;
    return 0;
}

typedef struct Case {
    const char *layer; // as it is written
    double (*phi)(double u, double a), (*slope)(double u, double a);
    float a;
    // An ulp is 2^-23 of the value. Errors of phi and slope are at most `ulps` of their value, plus
    // what as many ulps in u would do; 0: exact.
    double ulps;
    // Where the derivative is computed from y alone: |d slope / d y| |y|, at most. So much more is
    // lost per ulp in slope, because y is rounded (sigmoid is 1 from u = 17 on).
    double from_y;
} Case;

static const Case CASES[] = {
    {"relu", relu, relu_slope, 0, 0, 0},
    {"leaky", leaky, leaky_slope, 0.01f, 1, 0},
    {"leaky slope=0.2385", leaky, leaky_slope, 0.2385f, 1, 0},
    {"elu", elu, elu_slope, 1, 2, 1},
    {"elu alpha=2.385", elu, elu_slope, 2.385f, 2, 2.385},
    {"selu", selu, selu_slope, 1.6732632423543772848f, 2, 1.76},
    {"gelu", gelu, gelu_slope, 0, 3, 0},
    {"silu", silu, silu_slope, 0, 3, 0},
    {"tanh", tanh_of, tanh_slope, 0, 2, 2},
    {"sigmoid", sigmoid, sigmoid_slope, 0, 2, 1},
    {"hardtanh", hardtanh, hardtanh_slope, 0, 0, 0},
    {"sign", sign, sign_slope, 0, 0, 0},
};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES };

// Around 0, kinks, roots of derivatives, where exp underflows and overflows, and far beyond.
static const float SPECIAL[] = {0,   1e-40f,     1e-30f,  1e-10f,  1e-4f,       0.7517916f,
                                1,   1.2784645f, 16.625f, 17.385f, 87.3f,       88.8f,
                                100, 1000,       1e30f,   3e38f,   0.99999994f, 1.0000001f};
enum {
    STEPS = 5195, // of 0.00385, from -20 to 20 on both sides of 0
    SPECIALS = sizeof SPECIAL / sizeof *SPECIAL,
    USED = 2 * (STEPS + SPECIALS),
    FEATURES = (USED + 15) / 16,
    COUNT = 16 * FEATURES,
};

static void fill(float *x) {
    memset(x, 0, COUNT * sizeof *x);
    for (int i = 0; i < STEPS; i++)
        *x++ = 0.00385f * (float)(i + 1), *x++ = -0.00385f * (float)(i + 1);
    for (int i = 0; i < SPECIALS; i++) *x++ = SPECIAL[i], *x++ = -SPECIAL[i];
}

typedef struct World {
    Net *net;
    float x[COUNT], y[COUNT], dx[COUNT], dy[COUNT];
} World;

// A network of one layer, for the instruction set in use. dy is 1: dx is the derivative.
static World *world_new(const char *layer) {
    World *world = memory_new(1, sizeof *world);
    Text text = {0};
    text_printf(&text, "input %d %s", FEATURES, layer);
    Error error;
    NetProgram *program = net_parse("test", text.data, text.length, &error);
    world->net = program ? net_build(program, NULL, &error) : NULL;
    ck_assert_msg(world->net != NULL, "%s", error.text);
    net_program_free(program);
    text_free(&text);
    fill(world->x);
    for (int i = 0; i < COUNT; i++) world->dy[i] = 1;
    return world;
}

static void world_free(World *world) {
    net_free(world->net);
    memory_free(world);
}

static void run(World *world) {
    const Layer *layer = &world->net->layer[0];
    LayerPass pass = {
        .groups = 1, .live = 16, .x = world->x, .y = world->y, .dx = world->dx, .dy = world->dy};
    layer->kind->forward(layer, &pass);
    layer->kind->backward(layer, &pass);
}

static void each_case(void (*check)(const Case *)) {
    unsetenv("BENIGN_ISA");
    Isa best = num_isa();
    for (int isa = 0; isa <= (int)best; isa++) {
        setenv("BENIGN_ISA", num_isa_name((Isa)isa), 1);
        for (int c = 0; c < CASE_COUNT; c++) check(&CASES[c]);
    }
    unsetenv("BENIGN_ISA");
}

// How far f may be off at u.
static double allowed(const Case *c, double (*f)(double, double), double u, double from_y) {
    if (c->ulps == 0) return 0;
    double ulp = 0x1p-23, change = fabs(f(u * (1 + ulp), c->a) - f(u * (1 - ulp), c->a)) / 2;
    double subnormal = 128 * (double)FLT_MIN; // may be flushed to 0, before u multiplies it
    return c->ulps * (ulp * (fabs(f(u, c->a)) + from_y) + change) + subnormal;
}

static void check_number(const Case *c, const char *what, double u, double found, double wanted,
                         double error) {
    if (isfinite(found) && fabs(found - wanted) <= error) return; // ck_assert is slow
    ck_abort_msg("%s, %s: %s of %.9g is %.9g, wanted %.9g, off by %g, allowed %g",
                 num_isa_name(num_isa()), c->layer, what, u, found, wanted, fabs(found - wanted),
                 error);
}

static void check_closed_form(const Case *c) {
    World *world = world_new(c->layer);
    run(world);
    for (int i = 0; i < COUNT; i++) {
        double u = (double)world->x[i], a = (double)c->a;
        check_number(c, "phi", u, (double)world->y[i], c->phi(u, a), allowed(c, c->phi, u, 0));
        check_number(c, "slope", u, (double)world->dx[i], c->slope(u, a),
                     allowed(c, c->slope, u, c->from_y));
    }
    world_free(world);
}

START_TEST(closed_forms_hold) {
    each_case(check_closed_form);
}
END_TEST

static void check_reference(const Case *c) {
    size_t rows = sizeof REFERENCE / sizeof *REFERENCE, r = 0;
    while (r < rows && strcmp(REFERENCE[r].layer, c->layer) != 0) r++;
    ck_assert_msg(r < rows, "activations.py lacks %s", c->layer);
    World *world = world_new(c->layer);
    for (int i = 0; i < POINTS; i++) world->x[i] = (float)U[i];
    run(world);
    for (int i = 0; i < POINTS; i++) {
        check_number(c, "PyTorch's phi", U[i], (double)world->y[i], REFERENCE[r].phi[i],
                     allowed(c, c->phi, U[i], 0));
        check_number(c, "PyTorch's slope", U[i], (double)world->dx[i], REFERENCE[r].slope[i],
                     allowed(c, c->slope, U[i], c->from_y));
    }
    world_free(world);
}

START_TEST(pytorch_agrees) {
    each_case(check_reference);
}
END_TEST

START_TEST(avx2_and_avx512_give_the_same_bits) {
    unsetenv("BENIGN_ISA");
    if (num_isa() < ISA_AVX512) return;
    for (int c = 0; c < CASE_COUNT; c++) {
        World *narrow, *wide;
        setenv("BENIGN_ISA", "avx2", 1);
        run(narrow = world_new(CASES[c].layer));
        setenv("BENIGN_ISA", "avx512", 1);
        run(wide = world_new(CASES[c].layer));
        ck_assert_mem_eq(narrow->y, wide->y, sizeof wide->y);
        ck_assert_mem_eq(narrow->dx, wide->dx, sizeof wide->dx);
        world_free(narrow);
        world_free(wide);
    }
    unsetenv("BENIGN_ISA");
}
END_TEST

// A run that has diverged is noticed: nan stays nan, both ways.
static void check_nan(const Case *c) {
    World *world = world_new(c->layer);
    for (int i = 0; i < COUNT; i += 3) world->x[i] = NAN;
    for (int i = 1; i < COUNT; i += 3) world->dy[i] = NAN;
    run(world);
    for (int i = 0; i < COUNT; i++) {
        if (isnan(world->y[i]) != (i % 3 == 0) || (i % 3 == 1 && !isnan(world->dx[i]))) {
            ck_abort_msg("%s, %s: x = %g, dy = %g give y = %g, dx = %g", num_isa_name(num_isa()),
                         c->layer, (double)world->x[i], (double)world->dy[i], (double)world->y[i],
                         (double)world->dx[i]);
        }
    }
    world_free(world);
}

START_TEST(nan_stays_nan) {
    each_case(check_nan);
}
END_TEST

// Whatever is in x: where dy is 0, dx is 0.
static void check_dead(const Case *c) {
    World *world = world_new(c->layer);
    memset(world->dy, 0, sizeof world->dy);
    run(world);
    for (int i = 0; i < COUNT; i++) {
        if (world->dx[i] == 0 && isfinite(world->y[i])) continue;
        ck_abort_msg("%s, %s: %g in a dead lane gives y = %g, dx = %g", num_isa_name(num_isa()),
                     c->layer, (double)world->x[i], (double)world->y[i], (double)world->dx[i]);
    }
    world_free(world);
}

START_TEST(dead_lanes_stay_zero) {
    each_case(check_dead);
}
END_TEST

START_TEST(words_and_options) {
    static const char *const pairs[][2] = {{"leakyrelu slope=0.01", "leaky"},
                                           {"leakyReLU slope=0", "leaky slope=0"},
                                           {"ELU alpha=1.0", "elu"},
                                           {"elu alpha=1e2", "elu alpha=100"},
                                           {"swish", "silu"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        World *world = world_new(pairs[i][0]);
        Text text = {0};
        layer_print(&world->net->layer[0], &text);
        ck_assert_str_eq(text.data, pairs[i][1]);
        text_free(&text);
        world_free(world);
    }
}
END_TEST

START_TEST(options_out_of_range) {
    static const char *const refused[][2] = {
        {"input 3 leaky slope=-0.5", "test:1:21: slope is \"-0.5\"; it takes a number from 0 to 1\n"
                                     "    input 3 leaky slope=-0.5\n"
                                     "                        ^~~~"},
        {"input 3 elu alpha=100.5",
         "test:1:19: alpha is \"100.5\"; it takes a number from 0 to 100\n"
         "    input 3 elu alpha=100.5\n"
         "                      ^~~~~"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        Error error;
        NetProgram *program = net_parse("test", refused[i][0], strlen(refused[i][0]), &error);
        ck_assert(program && !net_build(program, NULL, &error));
        ck_assert_str_eq(error.text, refused[i][1]);
        net_program_free(program);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("layer/activations");
    TCase *all = tcase_create("activations");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, closed_forms_hold);
    tcase_add_test(all, pytorch_agrees);
    tcase_add_test(all, avx2_and_avx512_give_the_same_bits);
    tcase_add_test(all, nan_stays_nan);
    tcase_add_test(all, dead_lanes_stay_zero);
    tcase_add_test(all, words_and_options);
    tcase_add_test(all, options_out_of_range);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
