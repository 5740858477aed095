// Every activation and its derivative, on every instruction set, against its formula in double
// precision (activation/) and against PyTorch (activations.py wrote activations_reference.h).
#define _GNU_SOURCE
#include "activation/activation.h"
#include "net/net.h"
#include "num/num.h"
#include "activations_reference.h"
#include "run_suite.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct Case {
    const char *layer; // as it is written
    // An ulp is 2^-23 of the value. Errors of phi and slope are at most `ulps` of their value, plus
    // what as many ulps in u would do; 0: exact.
    double ulps;
    // Where the derivative is computed from y alone: |d slope / d y| |y|, at most. So much more is
    // lost per ulp in slope, because y is rounded (sigmoid is 1 from u = 17 on).
    double from_y;
} Case;

static const Case CASES[] = {
    {"relu", 0, 0},
    {"leaky", 1, 0},
    {"leaky slope=0.2385", 1, 0},
    {"elu", 2, 1},
    {"elu alpha=2.385", 2, 2.385},
    {"selu", 2, 1.76},
    {"gelu", 3, 0},
    {"silu", 3, 0},
    {"tanh", 2, 2},
    {"sigmoid", 2, 1},
    {"hardtanh", 0, 0},
    {"sign", 0, 0},
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
    Activation *formula;
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
    world->formula = activation_of_layer(&world->net->layer[0]);
    net_program_free(program);
    text_free(&text);
    fill(world->x);
    for (int i = 0; i < COUNT; i++) world->dy[i] = 1;
    return world;
}

static void world_free(World *world) {
    activation_free(world->formula);
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

typedef struct Pair {
    double phi, slope;
} Pair;

static Pair formula_at(const World *world, double u) {
    Pair pair;
    activation_evaluate(world->formula, 1, &u, &pair.phi, &pair.slope);
    return pair;
}

// How far phi and slope may be off at u.
static Pair allowed(const Case *c, const World *world, double u) {
    if (c->ulps == 0) return (Pair){0, 0};
    double ulp = 0x1p-23,
           subnormal = 128 * (double)FLT_MIN; // may be flushed to 0, before u multiplies it
    Pair here = formula_at(world, u), above = formula_at(world, u * (1 + ulp)),
         below = formula_at(world, u * (1 - ulp));
    return (Pair){
        c->ulps * (ulp * fabs(here.phi) + fabs(above.phi - below.phi) / 2) + subnormal,
        c->ulps * (ulp * (fabs(here.slope) + c->from_y) + fabs(above.slope - below.slope) / 2) +
            subnormal};
}

static void check_number(const Case *c, const char *what, double u, double found, double wanted,
                         double error) {
    if (isfinite(found) && fabs(found - wanted) <= error) return; // ck_assert is slow
    ck_abort_msg("%s, %s: %s of %.9g is %.9g, wanted %.9g, off by %g, allowed %g",
                 num_isa_name(num_isa()), c->layer, what, u, found, wanted, fabs(found - wanted),
                 error);
}

static void check_formula(const Case *c) {
    World *world = world_new(c->layer);
    run(world);
    for (int i = 0; i < COUNT; i++) {
        double u = (double)world->x[i];
        Pair wanted = formula_at(world, u), error = allowed(c, world, u);
        check_number(c, "phi", u, (double)world->y[i], wanted.phi, error.phi);
        check_number(c, "slope", u, (double)world->dx[i], wanted.slope, error.slope);
    }
    world_free(world);
}

START_TEST(formulas_hold) {
    each_case(check_formula);
}
END_TEST

// A kind that CASES lacks is tested by nobody.
START_TEST(none_is_missing) {
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
        int c = 0;
        if (!(*kind)->is_activation) continue;
        while (c < CASE_COUNT && strcmp(CASES[c].layer, (*kind)->name) != 0) c++;
        ck_assert_msg(c < CASE_COUNT, "CASES lacks %s", (*kind)->name);
    }
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
        Pair error = allowed(c, world, U[i]), formula = formula_at(world, U[i]);
        double phi = REFERENCE[r].phi[i], slope = REFERENCE[r].slope[i];
        check_number(c, "PyTorch's phi", U[i], (double)world->y[i], phi, error.phi);
        check_number(c, "PyTorch's slope", U[i], (double)world->dx[i], slope, error.slope);
        check_number(c, "the formula's phi", U[i], formula.phi, phi, 1e-15 * (1 + fabs(phi)));
        check_number(c, "the formula's slope", U[i], formula.slope, slope,
                     1e-15 * (1 + fabs(slope)));
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
    tcase_add_test(all, formulas_hold);
    tcase_add_test(all, none_is_missing);
    tcase_add_test(all, pytorch_agrees);
    tcase_add_test(all, avx2_and_avx512_give_the_same_bits);
    tcase_add_test(all, nan_stays_nan);
    tcase_add_test(all, dead_lanes_stay_zero);
    tcase_add_test(all, words_and_options);
    tcase_add_test(all, options_out_of_range);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
