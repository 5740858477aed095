// Walks the table of layer kinds: every one is checked against central differences at odd sizes, on
// every instruction set, without anyone asking. The loss is a fixed random combination of outputs.
#define _GNU_SOURCE
#include "bench.h"

static double loss(Bench *b) { // sum of dy y over the live examples
    bench_forward(b);
    double sum = 0;
    for (size_t i = 0; i < b->out * ROW; i++) {
        if (i % ROW < b->of.live) sum += (double)b->dy[i] * (double)b->y[i];
    }
    return sum;
}

// The loss with *at moved by so many steps of h.
static double moved(Bench *b, float *at, float h, int steps) {
    const float kept = *at;
    *at = kept + (float)steps * h;
    double sum = loss(b);
    *at = kept;
    return sum;
}

// Checks d loss / d at against differences: central, of fourth order, or, where a kink is near,
// those of second order of the side that is free of it.
static bool is_slope_at(Bench *b, float *at, float step, float found, double *wanted) {
    double less2 = moved(b, at, step, -2), less = moved(b, at, step, -1);
    double more = moved(b, at, step, 1), more2 = moved(b, at, step, 2);
    double here = moved(b, at, step, 0), h = (double)step;
    double slope[] = {(8 * (more - less) - (more2 - less2)) / (12 * h),
                      (4 * more - 3 * here - more2) / (2 * h),
                      (less2 + 3 * here - 4 * less) / (2 * h)};
    *wanted = slope[0];
    for (int i = 0; i < 3; i++) {
        if (fabs((double)found - slope[i]) < 2e-3 * (1 + fabs(slope[i]))) return true;
    }
    return false;
}

// The short step is for what bends sharply, a norm of numbers that lie close together; the long one
// for what does not bend, sums of many numbers.
static bool is_slope(Bench *b, float *at, float found, double *wanted) {
    return is_slope_at(b, at, 0x1p-7f, found, wanted) ||
           is_slope_at(b, at, 0x1p-4f, found, wanted) ||
           is_slope_at(b, at, 0x1p-10f, found, wanted);
}

static void check_slopes(Bench *b, const char *what, float *at, const float *found, size_t count,
                         bool lanes) {
    size_t step = lanes ? count / 4 | 1 : count / 4 + 1; // odd: through all lanes
    for (size_t i = 0; i < count; i += step) {
        double wanted;
        if (lanes && i % ROW >= b->of.live) continue;
        if (is_slope(b, &at[i], found[i], &wanted)) continue;
        ck_abort_msg("%s: %s[%zu] = %g, differences say %g", bench_name(b), what, i,
                     (double)found[i], wanted);
    }
}

static void check_dead(const Bench *b, const char *what, const float *dx) {
    for (size_t i = 0; i < b->in * ROW; i++) {
        if (i % ROW < b->of.live || dx[i] == 0) continue;
        ck_abort_msg("%s: %s[%zu] = %g in a dead lane", bench_name(b), what, i, (double)dx[i]);
    }
}

static void check_gradients(Bench *b) {
    loss(b);
    for (size_t i = 0; i < b->in * ROW; i++) b->dx[i] = b->dx2[i] = NAN; // all is written
    for (size_t i = 0; i < b->weights; i++) b->dw[i] = NAN;
    bench_backward(b);
    check_dead(b, "dx", b->dx);
    check_slopes(b, "dx", b->x, b->dx, b->in * ROW, true);
    check_slopes(b, "dw", b->w, b->dw, b->weights, false);
    if (!b->of.kind->is_join) return;
    check_dead(b, "dx2", b->dx2);
    check_slopes(b, "dx2", b->x2, b->dx2, b->in * ROW, true);
}

START_TEST(every_kind_has_its_gradient) {
    bench_walk(check_gradients, 4);
}
END_TEST

// ---- two ways to the same bits ----

typedef struct Result { // all that both passes leave, one after the other
    float *number;
    size_t count;
} Result;

static void result_add(Result *result, const float *from, size_t count, size_t row, size_t live) {
    for (size_t i = 0; i < count; i++) {
        if (i % row < live) result->number[result->count++] = from[i];
    }
}

static Result run(Bench *b) {
    memcpy(b->buffer, b->before, b->buffers * sizeof *b->buffer);
    bench_forward(b);
    bench_backward(b);
    Result result = {.number = bench_floats((2 * b->in + b->out) * ROW + b->weights + b->buffers)};
    result_add(&result, b->y, b->out * ROW, ROW, b->of.live);
    result_add(&result, b->dx, b->in * ROW, ROW, b->of.live);
    if (b->of.kind->is_join) result_add(&result, b->dx2, b->in * ROW, ROW, b->of.live);
    result_add(&result, b->dw, b->weights, 1, 1);
    result_add(&result, b->buffer, b->buffers, 1, 1);
    return result;
}

// Takes both; `what` is what must not have made a difference.
static void check_same(const Bench *b, Result one, Result other, const char *what) {
    ck_assert_uint_eq(one.count, other.count);
    if (memcmp(one.number, other.number, one.count * sizeof *one.number) != 0) {
        ck_abort_msg("%s: %s changes its bits", bench_name(b), what);
    }
    memory_free(one.number);
    memory_free(other.number);
}

static void check_in_place(Bench *b) {
    if (!b->of.kind->in_place) return;
    bench_forward(b);
    bench_backward(b);
    LayerPass own = bench_pass(b);
    own.y = own.x;
    own.dx = own.dy;
    b->of.kind->forward(&b->layer, &own);
    b->of.kind->backward(&b->layer, &own);
    ck_assert_mem_eq(b->x, b->y, b->out * ROW * sizeof(float));
    ck_assert_mem_eq(b->dy, b->dx, b->in * ROW * sizeof(float));
}

// A kind that works in place must give the same with x == y and dx == dy.
START_TEST(in_place_is_the_same) {
    bench_walk(check_in_place, 64);
}
END_TEST

static void check_dead_lanes(Bench *b) {
    Result clean = run(b);
    for (size_t i = 0; i < b->in * ROW; i++) {
        if (i % ROW >= b->of.live) b->x[i] = 1234.5f, b->x2[i] = -2385;
    }
    check_same(b, clean, run(b), "rubbish in dead lanes");
}

START_TEST(dead_lanes_do_not_count) {
    bench_walk(check_dead_lanes, 7);
}
END_TEST

static void check_threads(Bench *b) {
    static Team *team[THREADS - 1]; // of 2 and 3; kept, as opening one costs more than a case
    Result alone = run(b);
    for (size_t t = 0; t < THREADS - 1; t++) {
        Error error;
        if (!team[t]) team[t] = team_new(t + 2, NULL, &error);
        ck_assert(team[t]);
        b->team = team[t];
        Result again = {bench_floats(alone.count), alone.count};
        memcpy(again.number, alone.number, alone.count * sizeof *alone.number);
        check_same(b, again, run(b), "a thread more");
    }
    memory_free(alone.number);
}

START_TEST(threads_do_not_count) {
    bench_walk(check_threads, 13);
}
END_TEST

static void check_isa(Bench *b) {
    setenv("BENIGN_ISA", "avx2", 1);
    const LayerKind *narrow = layer_find(b->of.kind->name);
    setenv("BENIGN_ISA", "avx512", 1);
    const LayerKind *wide = layer_find(b->of.kind->name);
    b->of.kind = b->layer.kind = narrow;
    Bench other = bench_new(&b->of);
    Result one = run(&other);
    bench_free(&other);
    b->of.kind = b->layer.kind = wide;
    other = bench_new(&b->of);
    check_same(b, one, run(&other), "the instruction set");
    bench_free(&other);
}

START_TEST(avx2_and_avx512_give_the_same_bits) {
    unsetenv("BENIGN_ISA");
    if (num_isa() < ISA_AVX512) return;
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
        if ((*kind)->forward && (*kind)->backward) bench_walk_kind(*kind, check_isa, 4);
    }
    unsetenv("BENIGN_ISA");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("layer/gradients");
    TCase *all = tcase_create("gradients");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, every_kind_has_its_gradient);
    tcase_add_test(all, in_place_is_the_same);
    tcase_add_test(all, dead_lanes_do_not_count);
    tcase_add_test(all, threads_do_not_count);
    tcase_add_test(all, avx2_and_avx512_give_the_same_bits);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
