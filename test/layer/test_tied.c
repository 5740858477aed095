// Tied layers against the matrix written out: outputs, gradients of inputs and weights, in double;
// on every instruction set and any number of threads; and what the group promises.
#define _GNU_SOURCE
#include "net/net.h"
#include "num/num.h"
#include "symmetry/symmetry.h"
#include "net_of.h"
#include "run_suite.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Case {
    const char *group;
    int in, out;
    int c_in, c_out;
    size_t groups;
} Case;

// Few labels a row and many, equal neighbours, labels of 1, 2 and 4 bytes, orbits of rows that take
// turns, outputs that do not move; channels on both sides of the tiles.
static const Case CASES[] = {
    {"S7", 7, 7, 1, 1, 2},
    {"S7", 7, 7, 3, 7, 5},
    {"S53", 53, 53, 6, 9, 6},
    {"C19", 19, 19, 1, 1, 2},
    {"C19", 19, 19, 3, 7, 1},
    {"D8 x S8", 16, 16, 3, 7, 3},
    {"S4 on pairs", 16, 16, 7, 3, 2},
    {"S4 on pairs to S4", 16, 4, 3, 7, 2},
    {"S5 to S5 on pairs", 5, 25, 8, 5, 4},
    {"M11", 11, 11, 1, 5, 2},
    {"rot90 4x4", 16, 16, 2, 2, 2},
    {"S3 wr S2 on product", 9, 9, 3, 7, 2},
    {"S4 x S5 on grid", 20, 20, 5, 4, 2},
    {"S3 wr S4", 12, 12, 1, 1, 2},
    {"torus 5x3", 15, 15, 1, 3, 2},
    {"S2 wr S5 on product", 32, 32, 16, 17, 2},
    {"S13 to trivial(10)", 13, 10, 4, 1, 2},
    {"C12 to trivial(3)", 12, 3, 5, 2, 2},
    {"trivial(5) to trivial(4)", 5, 4, 2, 3, 2},
    {"trivial(1)", 1, 1, 3, 2, 1},
    {"(1 3 5)(2 4 6 7)", 7, 7, 3, 7, 2},
    {"C300", 300, 300, 1, 1, 1},
    {"D60", 60, 60, 2, 9, 2},
    {"trivial(300) to trivial(257)", 300, 257, 1, 1, 1},
};
enum { COUNT = sizeof CASES / sizeof *CASES };

typedef struct Bench { // one layer with everything around it
    Net *net;
    const Layer *layer;
    size_t groups, row, live, in, out, weights;
    float *x, *y, *dx, *dy, *w, *dw;
} Bench;

static float *floats(size_t count) {
    return memory_try(count + 16, sizeof(float), "test", NULL);
}

static void fill(Random *random, float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = (float)random_normal(random);
}

static Bench bench_new(const Case *c) {
    char text[300];
    snprintf(text, sizeof text, "input %dx%d tied-%d group=\"%s\" channels=%d", c->in, c->c_in,
             c->out, c->group, c->c_out);
    Bench b = {.net = net_of(text), .groups = c->groups, .row = c->groups * 16};
    b.layer = &b.net->layer[0];
    b.live = b.row - 5;
    b.in = (size_t)shape_count(&b.layer->in);
    b.out = (size_t)shape_count(&b.layer->out);
    b.weights = (size_t)b.net->parameters;
    ck_assert_uint_eq(b.in, (size_t)(c->in * c->c_in));
    ck_assert_uint_eq(b.out, (size_t)(c->out * c->c_out));
    b.x = floats(b.in * b.row), b.y = floats(b.out * b.row);
    b.dx = floats(b.in * b.row), b.dy = floats(b.out * b.row);
    b.w = floats(b.weights), b.dw = floats(b.weights);
    Random random = random_stream(2385, RANDOM_TEST, (uint64_t)(c - CASES));
    fill(&random, b.x, b.in * b.row);
    fill(&random, b.w, b.weights);
    fill(&random, b.dy, b.out * b.row);
    for (size_t o = 0; o < b.out; o++)
        for (size_t e = b.live; e < b.row; e++) b.dy[o * b.row + e] = 0;
    return b;
}

static void bench_free(Bench *b) {
    float *all[] = {b->x, b->y, b->dx, b->dy, b->w, b->dw};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_free(all[i]);
    net_free(b->net);
}

static void run(const Bench *b, Team *team) {
    size_t work = b->layer->kind->work(b->layer, b->groups, team_threads(team));
    LayerPass pass = {.groups = b->groups,
                      .live = b->live,
                      .w = b->w,
                      .dw = b->dw,
                      .x = b->x,
                      .y = b->y,
                      .dx = b->dx,
                      .dy = b->dy,
                      .work = floats(work),
                      .team = team};
    memset(pass.work, 0xff, work * sizeof(float)); // nothing may be read that was not written
    b->layer->kind->forward(b->layer, &pass);
    memset(pass.work, 0xff, work * sizeof(float));
    b->layer->kind->backward(b->layer, &pass);
    memory_free(pass.work);
}

// ---- the matrix ----

typedef struct Matrix { // where each place of W lies among the weights
    size_t rows, cols, labels, biases;
    uint32_t *label; // (rows, cols) of one pair of channels
    int32_t *bias;
} Matrix;

static Matrix matrix_of(const char *group) {
    SymmetryPattern pattern;
    Symmetry *symmetry = symmetry_read(group, strlen(group), false, NULL);
    ck_assert(symmetry_pattern(symmetry, &pattern, NULL));
    Matrix m = {pattern.rows, pattern.cols, pattern.weights, pattern.biases, NULL, pattern.bias};
    m.label = memory_new(m.rows * m.cols, sizeof *m.label);
    for (size_t i = 0; i < m.rows; i++)
        for (size_t j = 0; j < m.cols; j++)
            m.label[i * m.cols + j] = symmetry_label(&pattern, i, j);
    pattern.bias = NULL;
    symmetry_pattern_free(&pattern);
    symmetry_free(symmetry);
    return m;
}

// Largest |found - wanted|, in units of the largest |wanted|.
static double gap(const float *found, const double *wanted, size_t count) {
    double worst = 0, scale = 0;
    for (size_t i = 0; i < count; i++) {
        scale = fmax(scale, fabs(wanted[i]));
        worst = fmax(worst, fabs((double)found[i] - wanted[i]));
        if (isnan(found[i])) return INFINITY;
    }
    return worst / scale;
}

typedef struct Wanted {
    double *y, *dx, *dw;
} Wanted;

// One example, by the definition.
static void add_example(const Bench *b, const Case *c, const Matrix *m, size_t e, Wanted *wanted) {
    const float *w = b->w, *bias = b->w + b->layer->slot[1].offset;
    double *db = wanted->dw + b->layer->slot[1].offset;
    for (size_t o = 0; o < (size_t)c->c_out; o++) {
        for (size_t i = 0; i < m->rows; i++) {
            size_t to = (o * m->rows + i) * b->row + e, of = o * m->biases + (size_t)m->bias[i];
            double dy = b->dy[to], y = bias[of];
            for (size_t k = 0; k < (size_t)c->c_in; k++) {
                for (size_t j = 0; j < m->cols; j++) {
                    size_t from = (k * m->cols + j) * b->row + e;
                    size_t at = (o * (size_t)c->c_in + k) * m->labels + m->label[i * m->cols + j];
                    y += (double)w[at] * (double)b->x[from];
                    wanted->dx[from] += (double)w[at] * dy;
                    wanted->dw[at] += (double)b->x[from] * dy;
                }
            }
            wanted->y[to] = y;
            db[of] += dy;
        }
    }
}

static void check_case(const Case *c) {
    Bench b = bench_new(c);
    Matrix m = matrix_of(c->group);
    Wanted wanted = {memory_new(b.out * b.row, sizeof(double)),
                     memory_new(b.in * b.row, sizeof(double)),
                     memory_new(b.weights, sizeof(double))};
    run(&b, NULL);
    ck_assert_uint_eq(b.weights, (size_t)c->c_out * ((size_t)c->c_in * m.labels + m.biases));
    for (size_t e = 0; e < b.live; e++) add_example(&b, c, &m, e, &wanted);
    for (size_t i = 0; i < b.in * b.row; i++)
        if (i % b.row >= b.live)
            ck_assert_msg(b.dx[i] == 0, "%s: dead lanes must not have a gradient", c->group);
    for (size_t i = 0; i < b.out * b.row; i++)
        if (i % b.row >= b.live) b.y[i] = 0;
    double gaps[] = {gap(b.y, wanted.y, b.out * b.row), gap(b.dx, wanted.dx, b.in * b.row),
                     gap(b.dw, wanted.dw, b.weights)};
    for (int i = 0; i < 3; i++)
        ck_assert_msg(gaps[i] < 3e-6, "%s, %d:%d: %s off by %g", c->group, c->c_in, c->c_out,
                      (const char *[]){"y", "dx", "dw"}[i], gaps[i]);
    memory_free(wanted.y);
    memory_free(wanted.dx);
    memory_free(wanted.dw);
    memory_free(m.label);
    memory_free(m.bias);
    bench_free(&b);
}

START_TEST(as_the_matrix_says) {
    unsetenv("BENIGN_ISA");
    Isa best = num_isa();
    for (int isa = 0; isa <= (int)best; isa++) {
        setenv("BENIGN_ISA", num_isa_name((Isa)isa), 1);
        check_case(&CASES[_i]);
    }
    unsetenv("BENIGN_ISA");
}
END_TEST

// ---- the same bits ----

static uint64_t hash_of(const Bench *b) {
    const float *block[] = {b->y, b->dx, b->dw};
    size_t count[] = {b->out * b->row, b->in * b->row, b->weights};
    uint64_t hash = 14695981039346656037u; // FNV-1a of the live numbers
    for (int k = 0; k < 3; k++) {
        for (size_t i = 0; i < count[k]; i++) {
            uint32_t bits;
            if (k < 2 && i % b->row >= b->live) continue;
            memcpy(&bits, block[k] + i, sizeof bits);
            hash = (hash ^ bits) * 1099511628211u;
        }
    }
    return hash;
}

START_TEST(same_bits_on_threads_and_sets) {
    static const char *const SETS[] = {"avx512", "avx2"};
    unsetenv("BENIGN_ISA");
    Isa best = num_isa();
    uint64_t first = 0;
    for (int s = 0; s < 2; s++) {
        bool there = false;
        for (int isa = 0; isa <= (int)best; isa++)
            there |= strcmp(num_isa_name((Isa)isa), SETS[s]) == 0;
        if (!there) continue;
        setenv("BENIGN_ISA", SETS[s], 1);
        for (size_t threads = 1; threads <= 3; threads++) {
            Bench b = bench_new(&CASES[_i]);
            Team *team = threads > 1 ? team_new(threads, NULL, NULL) : NULL;
            run(&b, team);
            uint64_t hash = hash_of(&b);
            if (!first) first = hash;
            ck_assert_msg(hash == first, "%s: other bits on %s with %zu threads", CASES[_i].group,
                          SETS[s], threads);
            team_free(team);
            bench_free(&b);
        }
    }
    unsetenv("BENIGN_ISA");
}
END_TEST

// Rows written out are multiplied as a fully connected layer does it: the same bits, forward and
// back.
START_TEST(rows_are_those_of_fc) {
    static const Case ROWS[] = {{"C19", 19, 19, 3, 7, 2},
                                {"C300", 300, 300, 1, 1, 1},
                                {"rot90 4x4", 16, 16, 2, 2, 2},
                                {"torus 5x7", 35, 35, 1, 3, 2}};
    for (size_t k = 0; k < sizeof ROWS / sizeof *ROWS; k++) {
        const Case *c = &ROWS[k];
        char text[100];
        Bench tied = bench_new(c), fc = tied;
        Matrix m = matrix_of(c->group);
        snprintf(text, sizeof text, "input %zu fc-%zu", tied.in, tied.out);
        fc.net = net_of(text);
        fc.layer = &fc.net->layer[0];
        fc.weights = (size_t)fc.net->parameters;
        fc.w = floats(fc.weights), fc.dw = floats(fc.weights);
        fc.y = floats(fc.out * fc.row), fc.dx = floats(fc.in * fc.row);
        for (size_t to = 0; to < fc.out; to++) {
            size_t o = to / m.rows, i = to % m.rows;
            for (size_t from = 0; from < fc.in; from++)
                fc.w[to * fc.in + from] = tied.w[(o * (size_t)c->c_in + from / m.cols) * m.labels +
                                                 m.label[i * m.cols + from % m.cols]];
            fc.w[fc.out * fc.in + to] =
                tied.w[(size_t)tied.layer->slot[1].offset + o * m.biases + (size_t)m.bias[i]];
        }
        run(&tied, NULL);
        run(&fc, NULL);
        ck_assert_mem_eq(tied.y, fc.y, fc.out * fc.row * sizeof(float));
        ck_assert_mem_eq(tied.dx, fc.dx, fc.in * fc.row * sizeof(float));
        float *own[] = {fc.w, fc.dw, fc.y, fc.dx};
        for (size_t i = 0; i < sizeof own / sizeof *own; i++) memory_free(own[i]);
        net_free(fc.net);
        memory_free(m.label);
        memory_free(m.bias);
        bench_free(&tied);
    }
}
END_TEST

// ---- what the group promises ----

// x (channels, points) of all examples, its points moved by generator k.
static void move(const SymmetryGroup *group, size_t k, const float *x, size_t channels, size_t row,
                 float *to) {
    for (size_t c = 0; c < channels; c++)
        for (size_t i = 0; i < group->n; i++)
            memcpy(to + (c * group->n + (size_t)group->image[k * group->n + i]) * row,
                   x + (c * group->n + i) * row, row * sizeof *x);
}

START_TEST(layers_are_equivariant) {
    const Case *c = &CASES[_i];
    Bench b = bench_new(c);
    Symmetry *symmetry = symmetry_read(c->group, strlen(c->group), false, NULL);
    float *x = floats(b.in * b.row), *moved = floats(b.out * b.row);
    double *wanted = memory_new(b.out * b.row, sizeof *wanted);
    memcpy(x, b.x, b.in * b.row * sizeof *x);
    for (size_t k = 0; k < symmetry->in.generators; k++) {
        memcpy(b.x, x, b.in * b.row * sizeof *x);
        run(&b, NULL);
        move(&symmetry->out, k, b.y, (size_t)c->c_out, b.row, moved);
        for (size_t i = 0; i < b.out * b.row; i++) wanted[i] = moved[i];
        move(&symmetry->in, k, x, (size_t)c->c_in, b.row, b.x);
        run(&b, NULL);
        double off = gap(b.y, wanted, b.out * b.row);
        ck_assert_msg(off < 2e-6, "%s: f(t x) is off t f(x) by %g", c->group, off);
    }
    memory_free(x);
    memory_free(moved);
    memory_free(wanted);
    symmetry_free(symmetry);
    bench_free(&b);
}
END_TEST

typedef struct Deep {
    const char *text, *group;
} Deep;

static const Deep DEEP[] = {
    {"input 7x3 tied-7 group=\"S7\" channels=5 relu tied-7 group=\"S7\" channels=6 tanh "
     "tied-10 group=\"S7 to trivial(10)\"",
     "S7"},
    {"input 19 tied-19 group=\"C19\" channels=4 relu residual { tied-19 group=\"D19\" channels=4 } "
     "tied-4 group=\"C19 to trivial(4)\"",
     "C19"},
    {"input 4x4x2 tied-16 group=\"p4m 4x4\" channels=3 relu tied-16 group=\"rot90 4x4\" channels=3 "
     "relu tied-5 group=\"rot90 4x4 to trivial(5)\"",
     "rot90 4x4"},
    {"input 16x2 tied-4 group=\"S4 on pairs to S4\" channels=3 relu tied-3 group=\"S4 to "
     "trivial(3)\" channels=2",
     "S4 on pairs"},
};

// The outputs of a network of layers that can all run, 16 examples, x as lanes.
static void run_net(const Net *net, const float *w, const float *x, float *y) {
    size_t most = 0;
    for (size_t l = 0; l < net->layers; l++)
        most = (size_t)fmax((double)most, (double)shape_count(&net->layer[l].out));
    float *at = memory_new((net->layers + 1) * most * 16 + 2000, sizeof *at);
    for (size_t l = 0; l < net->layers; l++) {
        const Layer *layer = &net->layer[l];
        const float *from = layer->from == LAYER_INPUT ? x : at + (size_t)layer->from * most * 16;
        const float *from2 =
            layer->from2 == LAYER_INPUT ? x : at + (size_t)layer->from2 * most * 16;
        float *to = at + l * most * 16;
        if (layer->kind->is_join) { // whether or not it can run yet
            for (size_t i = 0; i < (size_t)shape_count(&layer->out) * 16; i++)
                to[i] = from[i] + from2[i];
            continue;
        }
        LayerPass pass = {.groups = 1, .live = 16, .w = w, .x = (void *)from, .y = to};
        pass.work = floats(layer->kind->work ? layer->kind->work(layer, 1, 1) : 0);
        layer->kind->forward(layer, &pass);
        memory_free(pass.work);
    }
    memcpy(y, at + (net->layers - 1) * most * 16, (size_t)net->outputs * 16 * sizeof *y);
    memory_free(at);
}

START_TEST(deep_networks_are_invariant) {
    Net *net = net_of(DEEP[_i].text);
    Symmetry *symmetry = symmetry_read(DEEP[_i].group, strlen(DEEP[_i].group), false, NULL);
    size_t d = (size_t)shape_count(&net->input), out = (size_t)net->outputs;
    float *x = floats(d * 16), *moved = floats(d * 16), *w = floats((size_t)net->parameters);
    float *y = floats(out * 16), *again = floats(out * 16);
    double *wanted = memory_new(out * 16, sizeof *wanted), spread = 0;
    Random random = random_stream(2385, RANDOM_TEST, 100);
    fill(&random, x, d * 16);
    fill(&random, w, (size_t)net->parameters);
    run_net(net, w, x, y);
    for (size_t i = 0; i < out * 16; i++) wanted[i] = y[i];
    for (size_t i = 1; i < 16; i++) spread += fabs(wanted[i] - wanted[0]);
    ck_assert(spread > 0.1); // it does look at the example
    for (size_t k = 0; k < symmetry->in.generators; k++) {
        move(&symmetry->in, k, x, d / symmetry->in.n, 16, moved);
        run_net(net, w, moved, again);
        ck_assert_double_lt(gap(again, wanted, out * 16), 3e-6);
    }
    float *all[] = {x, moved, w, y, again};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) memory_free(all[i]);
    memory_free(wanted);
    symmetry_free(symmetry);
    net_free(net);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("layer/tied");
    TCase *all = tcase_create("tied");
    tcase_add_loop_test(all, as_the_matrix_says, 0, COUNT);
    tcase_add_test(all, rows_are_those_of_fc);
    tcase_add_loop_test(all, same_bits_on_threads_and_sets, 0, COUNT);
    tcase_add_loop_test(all, layers_are_equivariant, 0, COUNT);
    tcase_add_loop_test(all, deep_networks_are_invariant, 0, sizeof DEEP / sizeof *DEEP);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
