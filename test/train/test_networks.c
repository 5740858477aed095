// Whole networks, residual sums, normalisation and dropout included: gradients against differences
// of the loss, and the same bits on any number of threads and on AVX2 as on AVX-512.
#include "init/init.h"
#include "num/num.h"
#include "net_of.h"
#include "run_suite.h"
#include "train/train.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LIVE = 19, BATCH = 21, CLASSES = 3, DIRECTIONS = 6 };

static const char *const NETS[] = {
    "input 12x2 conv5-6 stride=2 pad=1 tanh conv3-4 pad=1 gelu fc-3 softmax",
    "input 6x5x2 conv3-4 batchnorm tanh conv2-6 stride=2 pad=1 groups=2 gelu avgpool2 fc-3 softmax",
    "input 5x6x2 conv3-4 residual { batchnorm silu conv3-4 bias=no batchnorm silu conv3-4 } gelu "
    "residual { conv3-6 stride=2 bias=no } shortcut { conv1-6 stride=2 bias=no } "
    "batchnorm globalpool fc-3 softmax",
    "input 4x4x1 conv3-5 residual { residual { conv3-5 tanh } gelu residual { conv1-5 } } "
    "shortcut { conv3-5 } dropout p=0.3 layernorm avgpool2 flatten fc-8 gelu dropout p=0.2 fc-3 "
    "softmax",
    "input 9 fc-9 residual { gelu fc-9 dropout } shortcut { tanh dropout } tanh fc-3",
    "input 9x2 conv3-4 pad=0 tanh avgpool2 residual { residual { tanh } shortcut { conv1-4 } tanh } "
    "fc-3 softmax",
};
enum { NETS_COUNT = sizeof NETS / sizeof *NETS };

typedef struct World { // a network, a batch, and what one pass leaves
    Net *net;
    Team *team;
    Plan *plan;
    float *x, *w, *dw, *buffers;
    uint32_t row[LIVE];
    int32_t label[LIVE];
} World;

static World make(const char *text, size_t threads, bool learns) {
    World world = {.net = net_of(text)};
    Error error = {0};
    size_t d = (size_t)shape_count(&world.net->input);
    world.team = threads > 1 ? team_new(threads, NULL, &error) : NULL;
    world.x = memory_new(LIVE * d, sizeof(float));
    world.w = memory_new(plan_parameters(world.net), sizeof(float));
    world.dw = memory_new(plan_parameters(world.net), sizeof(float));
    world.buffers = memory_new((size_t)world.net->buffers + 1, sizeof(float));
    plan_start_buffers(world.net, world.buffers);
    world.plan = plan_new(&(PlanOptions){.net = world.net,
                                         .batch = BATCH,
                                         .learns = learns,
                                         .buffers = world.buffers,
                                         .team = world.team},
                          &error);
    ck_assert_msg(world.plan != NULL, "%s", error.text);
    Random random = random_stream(2385, RANDOM_TEST, d);
    for (size_t i = 0; i < LIVE * d; i++) world.x[i] = (float)random_normal(&random);
    for (int64_t i = 0; i < world.net->parameters; i++)
        world.w[i] = 0.4f * (float)random_normal(&random);
    for (int e = 0; e < LIVE; e++) world.row[e] = (uint32_t)e, world.label[e] = e * e % CLASSES;
    return world;
}

static void unmake(World *world) {
    plan_free(world->plan);
    team_free(world->team);
    net_free(world->net);
    memory_free(world->x), memory_free(world->w), memory_free(world->dw);
    memory_free(world->buffers);
}

// The mean loss of step 7 (which decides what dropout drops).
static double pass(World *world, const float *w, float *dw) {
    plan_load(world->plan, world->x, world->row, LIVE);
    plan_draw(world->plan, 2385, 7);
    plan_forward(world->plan, w);
    const float *loss = plan_loss(world->plan, 0, &(Truth){.label = world->label}, w, dw);
    double sum = 0;
    for (int e = 0; e < LIVE; e++) sum += (double)loss[e];
    return sum / LIVE;
}

static double along(World *world, const float *direction, double h, float *moved) {
    for (int64_t i = 0; i < world->net->parameters; i++)
        moved[i] = world->w[i] + (float)h * direction[i];
    return pass(world, moved, NULL);
}

// dL . v against (L(w + h v) - L(w - h v)) / 2h, of fourth order.
START_TEST(gradients_are_those_of_the_loss) {
    World world = make(NETS[_i], 1, true);
    size_t count = (size_t)world.net->parameters;
    float *direction = memory_new(count, sizeof(float));
    float *moved = memory_new(plan_parameters(world.net), sizeof(float));
    pass(&world, world.w, world.dw);
    Random random = random_stream(77, RANDOM_TEST, (uint64_t)_i);
    for (int d = 0; d < DIRECTIONS; d++) {
        double slope = 0, size = 0, h = 0x1p-7;
        for (size_t i = 0; i < count; i++) {
            // one direction over all, the others over a part of the network each
            bool in = d == 0 || i * (DIRECTIONS - 1) / count == (size_t)d - 1;
            direction[i] = in ? (float)random_normal(&random) : 0;
            slope += (double)world.dw[i] * (double)direction[i];
            size += (double)direction[i] * (double)direction[i];
        }
        h /= sqrt(size);
        double near = along(&world, direction, h, moved) - along(&world, direction, -h, moved);
        double far =
            along(&world, direction, 2 * h, moved) - along(&world, direction, -2 * h, moved);
        double wanted = (8 * near - far) / (12 * h), scale = sqrt(size);
        ck_assert_msg(fabs(slope - wanted) < 3e-4 * (fabs(wanted) + 0.1 * scale),
                      "%s, direction %d: %.7g, differences %.7g", NETS[_i], d, slope, wanted);
    }
    memory_free(direction), memory_free(moved);
    unmake(&world);
}
END_TEST

static void expect_same(const World *a, const World *b, const char *text) {
    ck_assert_msg(memcmp(a->dw, b->dw, (size_t)a->net->parameters * sizeof(float)) == 0 &&
                      memcmp(a->buffers, b->buffers, (size_t)a->net->buffers * sizeof(float)) == 0,
                  "%s: other bits", text);
}

START_TEST(threads_and_instructions_do_not_matter) {
    unsetenv("BENIGN_ISA");
    World one = make(NETS[_i], 1, true);
    double loss = pass(&one, one.w, one.dw);
    for (size_t threads = 2; threads <= 4; threads++) {
        World other = make(NETS[_i], threads, true);
        ck_assert(pass(&other, other.w, other.dw) == loss);
        expect_same(&one, &other, NETS[_i]);
        unmake(&other);
    }
    if (num_isa() == ISA_AVX512) {
        setenv("BENIGN_ISA", "avx2", 1);
        World other = make(NETS[_i], 2, true);
        ck_assert(pass(&other, other.w, other.dw) == loss);
        expect_same(&one, &other, NETS[_i]);
        unmake(&other);
        unsetenv("BENIGN_ISA");
    }
    unmake(&one);
}
END_TEST

// Without normalisation and dropout a plan that evaluates gives what one that learns gives, in
// less memory.
START_TEST(evaluation_is_the_same_network) {
    static const char TEXT[] = "input 6x6x2 conv3-4 residual { tanh conv3-4 relu } pool2 "
                               "residual { conv1-8 } shortcut { conv3-8 } gelu fc-5 relu fc-3";
    World learns = make(TEXT, 1, true), judges = make(TEXT, 2, false);
    double loss = pass(&learns, learns.w, NULL);
    ck_assert(pass(&judges, judges.w, NULL) == loss);
    PlanOptions options = {.net = learns.net, .batch = 100, .learns = true};
    size_t bytes = plan_bytes(&options);
    options.learns = false;
    ck_assert_uint_lt(plan_bytes(&options), bytes / 2);
    unmake(&learns), unmake(&judges);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("train/networks");
    TCase *all = tcase_create("networks");
    tcase_add_loop_test(all, gradients_are_those_of_the_loss, 0, NETS_COUNT);
    tcase_add_loop_test(all, threads_and_instructions_do_not_matter, 0, NETS_COUNT);
    tcase_add_test(all, evaluation_is_the_same_network);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
