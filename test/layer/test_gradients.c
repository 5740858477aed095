// Walks the table of layer kinds: every one is checked against central differences at odd sizes, on
// every instruction set, without anyone asking. The loss is a fixed random combination of outputs.
#define _GNU_SOURCE
#include "layer/layer.h"
#include "num/num.h"
#include "run_suite.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS = 2, LIVE = 19, ROW = GROUPS * 16, KINDS_AT_MOST = 100 };

typedef struct Bench { // one layer with everything around it
    Layer layer;
    size_t in, out, weights;
    float *x, *y, *dx, *dy, *w, *dw, *work;
} Bench;

static float *floats(size_t count) {
    return memory_try(count + 16, sizeof(float), "test", NULL);
}

static void fill(Random *random, float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = (float)random_normal(random);
}

// The other end of what an option takes than its default most likely is.
static void make_extreme(const Option *option, Layer *layer) {
    Text low = {0};
    if (option->type == OPTION_CHOICE) {
        text_add(&low, option->words[0]);
    } else {
        text_add_real(&low, option->low);
    }
    Error error;
    ck_assert_msg(option_set(option, layer->option, low.data, NULL, &error), "%s", error.text);
    text_free(&low);
}

static Bench bench_new(const LayerKind *kind, int64_t features, int64_t size, bool extreme) {
    Bench b = {.layer = {.kind = kind, .size = kind->has_size ? size : 0}};
    Layer *layer = &b.layer;
    layer->in = (Shape){.rank = 1, .size = {features}};
    layer_set_defaults(layer);
    for (size_t o = 0; extreme && o < layer_options(kind); o++)
        make_extreme(&kind->options[o], layer);
    Error error;
    ck_assert_msg(kind->resolve(layer, &error), "%s", error.text);
    for (int s = 0; s < layer->slots; s++) {
        LayerSlot *slot = &layer->slot[s];
        slot->count = 1;
        for (int i = 0; i < slot->rank; i++) slot->count *= slot->size[i];
        slot->offset = (int64_t)b.weights;
        b.weights += (size_t)slot->count;
    }
    b.in = (size_t)shape_count(&layer->in);
    b.out = (size_t)shape_count(&layer->out);
    b.x = floats(b.in * ROW), b.y = floats(b.out * ROW);
    b.dx = floats(b.in * ROW), b.dy = floats(b.out * ROW);
    b.w = floats(b.weights), b.dw = floats(b.weights);
    b.work = floats(kind->work ? kind->work(layer, GROUPS, 1) : 0);
    Random random = random_stream(2385, RANDOM_TEST, (uint64_t)features);
    fill(&random, b.x, b.in * ROW);
    fill(&random, b.w, b.weights);
    fill(&random, b.dy, b.out * ROW);
    for (size_t o = 0; o < b.out; o++) {
        for (size_t e = LIVE; e < ROW; e++) b.dy[o * ROW + e] = 0;
    }
    return b;
}

static void bench_free(Bench *b) {
    float *all[] = {b->x, b->y, b->dx, b->dy, b->w, b->dw, b->work};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_free(all[i]);
}

static LayerPass pass_of(Bench *b) {
    return (LayerPass){.groups = GROUPS,
                       .live = LIVE,
                       .w = b->w,
                       .dw = b->dw,
                       .x = b->x,
                       .y = b->y,
                       .dx = b->dx,
                       .dy = b->dy,
                       .work = b->work};
}

static double loss(Bench *b) { // sum of dy y over the live examples
    LayerPass pass = pass_of(b);
    b->layer.kind->forward(&b->layer, &pass);
    double sum = 0;
    for (size_t i = 0; i < b->out * ROW; i++) sum += (double)b->dy[i] * (double)b->y[i];
    return sum;
}

// The loss with *at moved by so many steps of h.
static const float H = 0x1p-7f;
static double moved(Bench *b, float *at, int steps) {
    const float kept = *at;
    *at = kept + (float)steps * H;
    double sum = loss(b);
    *at = kept;
    return sum;
}

// Checks d loss / d at against differences of second order: central, or, where a kink is near,
// those of the side that is free of it. Where there is none all three agree to order h^2.
static bool is_slope(Bench *b, float *at, float found, double *wanted) {
    double less2 = moved(b, at, -2), less = moved(b, at, -1), here = moved(b, at, 0);
    double more = moved(b, at, 1), more2 = moved(b, at, 2), h = (double)H;
    double slope[] = {(more - less) / (2 * h), (4 * more - 3 * here - more2) / (2 * h),
                      (less2 + 3 * here - 4 * less) / (2 * h)};
    *wanted = slope[0];
    for (int i = 0; i < 3; i++) {
        if (fabs((double)found - slope[i]) < 2e-3 * (1 + fabs(slope[i]))) return true;
    }
    return false;
}

static void check_kind(const LayerKind *kind, int64_t features, int64_t size, bool extreme) {
    Bench b = bench_new(kind, features, size, extreme);
    loss(&b);
    LayerPass pass = pass_of(&b);
    kind->backward(&b.layer, &pass);
    for (size_t i = 0; i < b.in * ROW; i++) {
        if (i % ROW >= LIVE) {
            ck_assert_msg(b.dx[i] == 0, "%s: dead lanes must not have a gradient", kind->name);
        } else if (i % 5 == 0) {
            double wanted;
            ck_assert_msg(is_slope(&b, &b.x[i], b.dx[i], &wanted),
                          "%s, %d features: dx[%zu] = %g, differences say %g", kind->name,
                          (int)features, i, (double)b.dx[i], wanted);
        }
    }
    for (size_t i = 0; i < b.weights; i++) {
        double wanted;
        ck_assert_msg(is_slope(&b, &b.w[i], b.dw[i], &wanted),
                      "%s, %d features: dw[%zu] = %g, differences say %g", kind->name,
                      (int)features, i, (double)b.dw[i], wanted);
    }
    bench_free(&b);
}

// A kind that takes a text has a test of its own (test_tied.c): which text fits depends on sizes.
static bool takes_text(const LayerKind *kind) {
    for (size_t o = 0; o < layer_options(kind); o++)
        if (kind->options[o].type == OPTION_TEXT) return true;
    return false;
}

static void each_isa(void (*check)(const LayerKind *)) {
    unsetenv("BENIGN_ISA");
    Isa best = num_isa();
    for (int isa = 0; isa <= (int)best; isa++) {
        setenv("BENIGN_ISA", num_isa_name((Isa)isa), 1);
        for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
            if ((*kind)->forward && (*kind)->backward && !takes_text(*kind)) check(*kind);
        }
    }
    unsetenv("BENIGN_ISA");
}

static void check_sizes(const LayerKind *kind) {
    static const int64_t SIZES[][2] = {{1, 1}, {2, 3}, {7, 5}, {17, 16}, {33, 6}};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        check_kind(kind, SIZES[i][0], SIZES[i][1], i % 2 == 1);
    }
}

START_TEST(every_kind_has_its_gradient) {
    each_isa(check_sizes);
}
END_TEST

// A kind that works in place must give the same with x == y and dx == dy.
static void check_in_place(const LayerKind *kind) {
    if (!kind->in_place) return;
    Bench b = bench_new(kind, 7, 5, false);
    loss(&b);
    LayerPass pass = pass_of(&b);
    kind->backward(&b.layer, &pass);
    LayerPass own = pass;
    own.y = own.x;
    own.dx = own.dy;
    kind->forward(&b.layer, &own);
    kind->backward(&b.layer, &own);
    ck_assert_mem_eq(b.x, b.y, b.out * ROW * sizeof(float));
    ck_assert_mem_eq(b.dy, b.dx, b.in * ROW * sizeof(float));
    bench_free(&b);
}

START_TEST(in_place_is_the_same) {
    each_isa(check_in_place);
}
END_TEST

// Rubbish in dead lanes of x changes nothing that is kept.
static void check_dead_lanes(const LayerKind *kind) {
    Bench b = bench_new(kind, 7, 5, false);
    loss(&b);
    LayerPass pass = pass_of(&b);
    kind->backward(&b.layer, &pass);
    float *dw = floats(b.weights);
    memcpy(dw, b.dw, b.weights * sizeof *dw);
    for (size_t i = 0; i < b.in; i++) {
        for (size_t e = LIVE; e < ROW; e++) b.x[i * ROW + e] = 1234.5f;
    }
    loss(&b);
    kind->backward(&b.layer, &pass);
    ck_assert_mem_eq(b.dw, dw, b.weights * sizeof *dw);
    memory_free(dw);
    bench_free(&b);
}

START_TEST(dead_lanes_do_not_count) {
    each_isa(check_dead_lanes);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("layer/gradients");
    TCase *all = tcase_create("gradients");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, every_kind_has_its_gradient);
    tcase_add_test(all, in_place_is_the_same);
    tcase_add_test(all, dead_lanes_do_not_count);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
