// One layer with everything around it, and a walk over the table of layer kinds: every kind, on
// every shape that it takes, with kernels, strides and whatever else has options.
#pragma once

#include "layer/layer.h"
#include "num/num.h"
#include "run_suite.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROUPS = 2, ROW = GROUPS * 16, THREADS = 3 };

typedef struct Case {
    const LayerKind *kind;
    Shape in;
    int64_t kernel, size;
    const char *options; // "stride=2 pad=1": those that a kind lacks are left out; "low": all so
    size_t live;
    bool learns;
} Case;

typedef struct Bench {
    Case of;
    Layer layer;
    size_t in, out, weights, buffers; // floats of one example, and of all
    float *x, *x2, *y, *dx, *dx2, *dy, *w, *dw, *buffer, *before, *kept, *work;
    Team *team;
} Bench;

static inline float *bench_floats(size_t count) { // of the alignment that passes are promised
    return memory_try(count + 16, sizeof(float), "test", NULL);
}

// In [-1, 1): a linear congruence (Knuth's MMIX), as Philox would take most of the time.
static inline float bench_uniform(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (float)((int32_t)(*state >> 32) >> 7) * 0x1p-24f;
}

static inline void bench_fill(uint64_t *state, float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = 2 * bench_uniform(state);
}

// Between 0.2 and 2.2 to both sides, by turns over channels and over examples, so that no norm has
// only numbers that lie close together: its derivative is known to few digits there.
static inline void bench_fill_input(uint64_t *state, float *x, const Layer *layer) {
    int64_t count = shape_count(&layer->in), channels = layer->in.size[layer->in.rank - 1];
    for (int64_t i = 0; i < count; i++) {
        int64_t channel = i / (count / channels);
        for (int64_t e = 0; e < ROW; e++) {
            float centre = (channel + e) % 2 ? 1.2f : -1.2f;
            *x++ = centre + bench_uniform(state);
        }
    }
}

static inline void bench_option(const Option *option, Layer *layer, const char *value) {
    Error error;
    ck_assert_msg(option_set(option, layer->option, value, NULL, &error), "%s", error.text);
}

// The other end of what an option takes than its default most likely is.
static inline void bench_low(const Option *option, Layer *layer) {
    Text low = {0};
    if (option->type == OPTION_CHOICE) {
        text_add(&low, option->words[0]);
    } else {
        text_add_real(&low, option->low);
    }
    bench_option(option, layer, low.data);
    text_free(&low);
}

static inline void bench_options(Layer *layer, const char *options) {
    const LayerKind *kind = layer->kind;
    size_t count = layer_options(kind);
    layer_set_defaults(layer);
    if (strcmp(options, "low") == 0) {
        for (size_t o = 0; o < count; o++) bench_low(&kind->options[o], layer);
        return;
    }
    char words[100], *rest = words;
    snprintf(words, sizeof words, "%s", options);
    for (char *word; (word = strtok_r(rest, " ", &rest));) {
        char *equals = strchr(word, '=');
        *equals = 0;
        const Option *option = option_find(kind->options, count, word);
        if (option) bench_option(option, layer, equals + 1);
    }
}

static inline bool bench_resolve(const Case *of, Layer *layer) {
    Error error;
    *layer = (Layer){.kind = of->kind, .kernel = of->kernel, .size = of->size, .in = of->in};
    if (of->kind->is_join) layer->in2 = of->in;
    bench_options(layer, of->options);
    return of->kind->resolve(layer, &error);
}

static inline void bench_offsets(Bench *b) {
    for (int s = 0; s < b->layer.slots; s++) {
        LayerSlot *slot = &b->layer.slot[s];
        slot->count = 1;
        for (int i = 0; i < slot->rank; i++) slot->count *= slot->size[i];
        slot->offset = (int64_t)b->weights;
        b->weights += (size_t)slot->count;
    }
    for (int i = 0; i < b->layer.buffers; i++) {
        b->layer.buffer[i].offset = (int64_t)b->buffers;
        b->buffers += (size_t)b->layer.buffer[i].count;
    }
}

// Of a case that resolves. dy is random, and 0 in dead lanes; buffers are positive.
static inline Bench bench_new(const Case *of) {
    Bench b = {.of = *of};
    ck_assert(bench_resolve(of, &b.layer));
    bench_offsets(&b);
    b.in = (size_t)shape_count(&b.layer.in), b.out = (size_t)shape_count(&b.layer.out);
    b.x = bench_floats(b.in * ROW), b.x2 = bench_floats(b.in * ROW);
    b.dx = bench_floats(b.in * ROW), b.dx2 = bench_floats(b.in * ROW);
    b.y = bench_floats(b.out * ROW), b.dy = bench_floats(b.out * ROW);
    b.w = bench_floats(b.weights), b.dw = bench_floats(b.weights);
    b.buffer = bench_floats(b.buffers), b.before = bench_floats(b.buffers);
    b.kept = bench_floats(of->kind->kept ? of->kind->kept(&b.layer, GROUPS) : 0);
    b.work = bench_floats(of->kind->work ? of->kind->work(&b.layer, GROUPS, THREADS) : 0);
    uint64_t state = b.in + 1000 * b.out;
    bench_fill_input(&state, b.x, &b.layer);
    bench_fill_input(&state, b.x2, &b.layer);
    bench_fill(&state, b.w, b.weights);
    bench_fill(&state, b.dy, b.out * ROW);
    for (size_t o = 0; o < b.out; o++) {
        for (size_t e = of->live; e < ROW; e++) b.dy[o * ROW + e] = 0;
    }
    for (size_t i = 0; i < b.buffers; i++) {
        b.before[i] = b.buffer[i] = 1.385f + bench_uniform(&state);
    }
    return b;
}

static inline void bench_free(Bench *b) {
    float *all[] = {b->x, b->x2, b->y,      b->dx,     b->dx2,  b->dy,
                    b->w, b->dw, b->buffer, b->before, b->kept, b->work};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_free(all[i]);
}

static inline LayerPass bench_pass(Bench *b) {
    bool join = b->of.kind->is_join;
    return (LayerPass){.groups = GROUPS,
                       .live = b->of.live,
                       .learns = b->of.learns,
                       .w = b->w,
                       .dw = b->dw,
                       .buffers = b->buffer,
                       .x = b->x,
                       .x2 = join ? b->x2 : NULL,
                       .y = b->y,
                       .dx = b->dx,
                       .dx2 = join ? b->dx2 : NULL,
                       .dy = b->dy,
                       .kept = b->kept,
                       .work = b->work,
                       .team = b->team,
                       .seed = 2385,
                       .draw = 7 << 24};
}

static inline void bench_forward(Bench *b) {
    LayerPass pass = bench_pass(b);
    b->of.kind->forward(&b->layer, &pass);
}

static inline void bench_backward(Bench *b) {
    LayerPass pass = bench_pass(b);
    b->of.kind->backward(&b->layer, &pass);
}

// "conv3-6 stride=2 of 7x5x3, 19 live, learning": in the same few places.
static inline const char *bench_name(const Bench *b) {
    static char name[300];
    Text text = {0};
    layer_print(&b->layer, &text);
    text_add(&text, " of ");
    shape_print(&b->layer.in, &text);
    text_printf(&text, ", %zu live, %s, %s", b->of.live, b->of.learns ? "learning" : "judging",
                num_isa_name(num_isa()));
    snprintf(name, sizeof name, "%s", text.data);
    text_free(&text);
    return name;
}

// ---- the walk ----

typedef void BenchCheck(Bench *bench);

// Widths of what has units or channels fit the shape: odd, one, several tiles of the kernels.
static const struct {
    Shape in;
    int64_t size;
} BENCH_SHAPES[] = {
    {{1, {1}}, 1},       {{1, {2}}, 3},        {{1, {7}}, 5},         {{1, {17}}, 16},
    {{1, {33}}, 6},      {{2, {5, 2}}, 4},     {{2, {1, 3}}, 3},      {{2, {9, 6}}, 12},
    {{3, {1, 1, 1}}, 1}, {{3, {4, 3, 2}}, 10}, {{3, {2, 5, 6}}, 6},   {{3, {7, 5, 3}}, 3},
    {{2, {71, 2}}, 2},   {{3, {9, 11, 2}}, 3}, {{3, {2, 3, 17}}, 33},
};
static const int64_t BENCH_KERNELS[] = {1, 2, 3, 5, 7};
static const char *const BENCH_OPTIONS[] = {
    "", "low", "stride=2 pad=1 groups=2", "stride=3 pad=2 groups=3", "stride=1 pad=2", "stride=2",
};
static const size_t BENCH_LIVE[] = {19, 1, 32, 3, 16};

#define BENCH_COUNT(table) (sizeof(table) / sizeof *(table))

// A kind that takes a text has a test of its own (test_tied.c): which text fits depends on sizes.
static inline bool bench_takes_text(const LayerKind *kind) {
    for (size_t o = 0; o < layer_options(kind); o++) {
        if (kind->options[o].type == OPTION_TEXT) return true;
    }
    return false;
}

// Every case of a kind; of the many that one with kernels has, every `step`th.
static inline void bench_walk_kind(const LayerKind *kind, BenchCheck *check, size_t step) {
    if (bench_takes_text(kind)) return;
    size_t number = 0, checked = 0, kernels = kind->has_kernel ? BENCH_COUNT(BENCH_KERNELS) : 1;
    size_t options = kind->has_kernel ? BENCH_COUNT(BENCH_OPTIONS) : kind->options ? 2 : 1;
    for (size_t i = 0; i < BENCH_COUNT(BENCH_SHAPES) * kernels * options; i++) {
        size_t s = i / options / kernels;
        Case of = {.kind = kind, .in = BENCH_SHAPES[s].in, .options = BENCH_OPTIONS[i % options]};
        if (kind->has_kernel) of.kernel = BENCH_KERNELS[i / options % kernels];
        if (kind->has_size) of.size = BENCH_SHAPES[s].size;
        of.live = BENCH_LIVE[number % BENCH_COUNT(BENCH_LIVE)];
        of.learns = true;
        Layer layer;
        if (!bench_resolve(&of, &layer) || (number++ % step && kind->has_kernel)) continue;
        for (int learns = 1; learns >= 0; learns--) {
            of.learns = learns;
            Bench bench = bench_new(&of);
            check(&bench);
            bench_free(&bench);
        }
        checked++;
    }
    ck_assert_msg(checked > 0, "%s: no case", kind->name);
}

// Every kind with passes, on every instruction set.
static inline void bench_walk(BenchCheck *check, size_t step) {
    unsetenv("BENIGN_ISA");
    Isa best = num_isa();
    for (int isa = 0; isa <= (int)best; isa++) {
        setenv("BENIGN_ISA", num_isa_name((Isa)isa), 1);
        for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
            if ((*kind)->forward && (*kind)->backward) bench_walk_kind(*kind, check, step);
        }
    }
    unsetenv("BENIGN_ISA");
}
