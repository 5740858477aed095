// What layers give, by two other witnesses: a plain loop in double for every case of the walk
// (bench.h), and PyTorch (passes.py).
#define _GNU_SOURCE
#include "bench.h"
#include "passes_reference.h"
#include <math.h>

// ---- a plain loop, of one example ----

typedef struct Plain { // an image: a row of positions is one high, features are one position
    int64_t height, width, channels;
} Plain;

static Plain plain_of(const Shape *shape) {
    Plain plain = {1, 1, shape->size[shape->rank - 1]};
    if (shape->rank > 1) plain.width = shape->size[shape->rank - 2];
    if (shape->rank > 2) plain.height = shape->size[0];
    return plain;
}

static int64_t option_of(const Layer *layer, const char *name) {
    const LayerKind *kind = layer->kind;
    const Option *option = option_find(kind->options, layer_options(kind), name);
    return option ? layer->option[option->offset / sizeof(LayerValue)].whole : 0;
}

static double real_option(const Layer *layer, const char *name) {
    const LayerKind *kind = layer->kind;
    const Option *option = option_find(kind->options, layer_options(kind), name);
    return layer->option[option->offset / sizeof(LayerValue)].real;
}

static double input(const Bench *b, int64_t channel, int64_t row, int64_t column, size_t e) {
    Plain in = plain_of(&b->layer.in);
    return (double)b->x[(size_t)((channel * in.height + row) * in.width + column) * ROW + e];
}

// Does this to every position of the window of output (row, column) that is inside; tap counts
// those outside, too.
typedef void Visit(void *state, double x, int64_t tap);

static void each_tap(const Bench *b, int64_t channel, int64_t row, int64_t column, size_t e,
                     Visit *visit, void *state) {
    Plain in = plain_of(&b->layer.in);
    int64_t k = b->layer.kernel, stride = option_of(&b->layer, "stride");
    int64_t pad = option_of(&b->layer, "pad"), down = b->layer.in.rank > 2 ? k : 1;
    for (int64_t i = 0; i < down * k; i++) {
        int64_t r = b->layer.in.rank > 2 ? row * stride + i / k - pad : 0;
        int64_t c = column * stride + i % k - pad;
        if (r < 0 || r >= in.height || c < 0 || c >= in.width) continue;
        visit(state, input(b, channel, r, c, e), i);
    }
}

typedef struct Sum {
    const float *w;
    double sum, size, most; // size: of the terms
} Sum;

static void add_product(void *state, double x, int64_t tap) {
    Sum *s = state;
    double w = s->w ? (double)s->w[tap] : 1;
    s->sum += w * x;
    s->size += fabs(w * x);
    s->most = fmax(s->most, x);
}

static Sum plain_conv(const Bench *b, int64_t o, int64_t row, int64_t column, size_t e) {
    const Layer *layer = &b->layer;
    int64_t in = layer->slot[0].size[1], groups = option_of(layer, "groups");
    int64_t first = o / (layer->size / groups) * in, taps = layer->slot[0].fan_in / in;
    Sum sum = {0};
    if (layer->slots > 1) sum.sum = (double)b->w[layer->slot[1].offset + o];
    for (int64_t i = 0; i < in; i++) {
        sum.w = b->w + layer->slot[0].offset + (o * in + i) * taps;
        each_tap(b, first + i, row, column, e, add_product, &sum);
    }
    return sum;
}

static Sum plain_pool(const Bench *b, int64_t o, int64_t row, int64_t column, size_t e) {
    Sum sum = {.most = -INFINITY};
    each_tap(b, o, row, column, e, add_product, &sum);
    sum.sum = sum.most;
    return sum;
}

static Sum plain_avgpool(const Bench *b, int64_t o, int64_t row, int64_t column, size_t e) {
    Sum sum = {0};
    each_tap(b, o, row, column, e, add_product, &sum);
    sum.sum /= pow((double)b->layer.kernel, b->layer.in.rank - 1);
    return sum;
}

static Sum plain_globalpool(const Bench *b, int64_t o, int64_t row, int64_t column, size_t e) {
    Plain in = plain_of(&b->layer.in);
    Sum sum = {0};
    for (row = 0; row < in.height; row++) {
        for (column = 0; column < in.width; column++) {
            add_product(&sum, input(b, o, row, column, e), 0);
        }
    }
    sum.sum /= (double)(in.height * in.width);
    return sum;
}

// Mean and biased variance.
typedef struct Moments {
    double mean, variance;
} Moments;

static Moments channel_moments(const Bench *b, int64_t channel) {
    Plain in = plain_of(&b->layer.in);
    int64_t positions = in.height * in.width;
    double n = (double)positions * (double)b->of.live;
    Moments m = {0};
    for (int round = 0; round < 2; round++) {
        for (int64_t p = 0; p < positions; p++) {
            for (size_t e = 0; e < b->of.live; e++) {
                double x = input(b, channel, p / in.width, p % in.width, e);
                if (round == 0) m.mean += x / n;
                if (round == 1) m.variance += (x - m.mean) * (x - m.mean) / n;
            }
        }
    }
    return m;
}

static Moments position_moments(const Bench *b, int64_t row, int64_t column, size_t e) {
    int64_t channels = plain_of(&b->layer.in).channels;
    Moments m = {0};
    for (int round = 0; round < 2; round++) {
        for (int64_t c = 0; c < channels; c++) {
            double x = input(b, c, row, column, e);
            if (round == 0) m.mean += x / (double)channels;
            if (round == 1) m.variance += (x - m.mean) * (x - m.mean) / (double)channels;
        }
    }
    return m;
}

static Sum normal(const Bench *b, int64_t o, double x, Moments m) {
    const Layer *layer = &b->layer;
    double scale = (double)b->w[layer->slot[0].offset + o];
    double shift = (double)b->w[layer->slot[1].offset + o];
    double root = sqrt(m.variance + real_option(layer, "eps"));
    // A mean that is off by a rounding is off by that over the root.
    return (Sum){.sum = scale * (x - m.mean) / root + shift, .size = fabs(scale) * 4 / root};
}

static Sum plain_batchnorm(const Bench *b, int64_t o, int64_t row, int64_t column, size_t e) {
    const LayerBuffer *buffer = b->layer.buffer;
    Moments m = {(double)b->buffer[buffer[0].offset + o], (double)b->buffer[buffer[1].offset + o]};
    if (b->of.learns) m = channel_moments(b, o);
    return normal(b, o, input(b, o, row, column, e), m);
}

static Sum plain_layernorm(const Bench *b, int64_t o, int64_t row, int64_t column, size_t e) {
    return normal(b, o, input(b, o, row, column, e), position_moments(b, row, column, e));
}

static const struct {
    const char *kind;
    Sum (*output)(const Bench *b, int64_t channel, int64_t row, int64_t column, size_t e);
} PLAIN[] = {
    {"conv", plain_conv},           {"pool", plain_pool},
    {"avgpool", plain_avgpool},     {"globalpool", plain_globalpool},
    {"batchnorm", plain_batchnorm}, {"layernorm", plain_layernorm},
};

static void check_plain(Bench *b) {
    size_t kind = 0;
    while (kind < BENCH_COUNT(PLAIN) && strcmp(PLAIN[kind].kind, b->of.kind->name) != 0) kind++;
    if (kind == BENCH_COUNT(PLAIN)) return;
    bench_forward(b);
    Plain out = plain_of(&b->layer.out);
    for (size_t i = 0; i < b->out * b->of.live; i++) {
        int64_t o = (int64_t)(i / b->of.live), column = o % out.width;
        int64_t row = o / out.width % out.height, channel = o / out.width / out.height;
        size_t e = i % b->of.live;
        Sum wanted = PLAIN[kind].output(b, channel, row, column, e);
        double found = (double)b->y[(size_t)o * ROW + e];
        if (fabs(found - wanted.sum) <= 1e-6 * (1 + wanted.size)) continue;
        ck_abort_msg("%s: y[%d] of example %zu is %.9g, a plain loop says %.9g", bench_name(b),
                     (int)o, e, found, wanted.sum);
    }
}

START_TEST(plain_loops_agree) {
    bench_walk(check_plain, 3);
}
END_TEST

// More channels than are copied at a time.
START_TEST(many_channels) {
    unsetenv("BENIGN_ISA");
    Case of = {.kind = layer_find("conv"),
               .in = {3, {5, 6, 90}},
               .kernel = 5,
               .size = 33,
               .options = "",
               .live = 1};
    Bench b = bench_new(&of);
    check_plain(&b);
    bench_free(&b);
}
END_TEST

// ---- dropout, whose mask no reference has ----

static float *dropped(Bench *b, uint64_t seed, uint64_t draw) { // the mask, times 1/(1 - p)
    float *mask = bench_floats(b->in * ROW);
    LayerPass pass = bench_pass(b);
    pass.seed = seed, pass.draw = draw;
    for (size_t i = 0; i < b->in * ROW; i++) b->x[i] = b->dy[i] = 1;
    b->of.kind->forward(&b->layer, &pass);
    b->of.kind->backward(&b->layer, &pass);
    ck_assert_mem_eq(b->y, b->dx, b->in * ROW * sizeof(float));
    memcpy(mask, b->y, b->in * ROW * sizeof(float));
    return mask;
}

static size_t count_of(const float *mask, size_t count, float value) {
    size_t found = 0;
    for (size_t i = 0; i < count; i++) found += mask[i] == value;
    return found;
}

// Shares of 320000 numbers within 5 standard deviations of what they should be: a right mask fails
// with probability below 6e-7, of the three tests of it 2e-6.
START_TEST(dropout_drops_its_share) {
    enum { FEATURES = 10000 };
    const double p = 0.2385, n = FEATURES * ROW, keep = 1 - p;
    Case of = {.kind = layer_find("dropout"),
               .in = {1, {FEATURES}},
               .options = "p=0.2385",
               .live = ROW,
               .learns = true};
    Bench b = bench_new(&of);
    float *mask = dropped(&b, 7, 0), *again = dropped(&b, 7, 0),
          *other[] = {
              dropped(&b, 8, 0),
              dropped(&b, 7, 1 << 24),
          };
    size_t count = FEATURES * ROW;
    ck_assert_mem_eq(mask, again, count * sizeof(float));
    double zeros = (double)count_of(mask, count, 0),
           kept = (double)count_of(mask, count, 1 / (1 - 0.2385f));
    ck_assert(zeros + kept == n);
    ck_assert_double_le(fabs(zeros - n * p), 5 * sqrt(n * p * keep));
    for (int i = 0; i < 2; i++) { // independent of it: both drop a number with probability p^2
        for (size_t j = 0; j < count; j++) other[i][j] += mask[j];
        double both = (double)count_of(other[i], count, 0), q = p * p;
        ck_assert_double_le(fabs(both - n * q), 5 * sqrt(n * q * (1 - q)));
        memory_free(other[i]);
    }
    memory_free(mask);
    memory_free(again);
    bench_free(&b);
}
END_TEST

// ---- PyTorch ----

static double number(size_t i, size_t seed, size_t modulus) { // numbers() of passes.py
    return ((double)((i * 2385 + seed * 17) % modulus) - (double)(modulus / 2)) / 256;
}

static void fill_lanes(float *to, size_t features, size_t seed, size_t modulus) {
    for (size_t f = 0; f < features; f++) {
        for (size_t e = 0; e < EXAMPLES; e++) {
            to[f * ROW + e] = (float)number(e * features + f, seed, modulus);
        }
    }
}

static void fill_reference(Bench *b, size_t modulus) {
    fill_lanes(b->x, b->in, 1, modulus);
    fill_lanes(b->dy, b->out, 4, 1009);
    for (int s = 0; s < b->layer.slots; s++) {
        const LayerSlot *slot = &b->layer.slot[s];
        for (int64_t i = 0; i < slot->count; i++) {
            b->w[slot->offset + i] = (float)number((size_t)i, 2 + (size_t)s, 1009);
        }
    }
    for (int s = 0; s < b->layer.buffers; s++) {
        const LayerBuffer *buffer = &b->layer.buffer[s];
        for (int64_t i = 0; i < buffer->count; i++) {
            b->buffer[buffer->offset + i] = (float)fabs(number((size_t)i, 5 + (size_t)s, 1009));
        }
    }
}

// Takes `count` features of the examples from the reference, those of an example together.
static const double *check_lanes(const Bench *b, const char *what, const float *found, size_t count,
                                 const double *wanted) {
    for (size_t i = 0; i < count * EXAMPLES; i++, wanted++) {
        double here = (double)found[i % count * ROW + i / count];
        if (fabs(here - *wanted) <= 1e-5 * (1 + fabs(*wanted))) continue;
        ck_abort_msg("%s: %s[%zu] is %.9g, PyTorch says %.9g", bench_name(b), what, i, here,
                     *wanted);
    }
    return wanted;
}

static const double *check_row(const Bench *b, const char *what, const float *found, size_t count,
                               const double *wanted) {
    for (size_t i = 0; i < count; i++, wanted++) {
        if (fabs((double)found[i] - *wanted) <= 1e-5 * (1 + fabs(*wanted))) continue;
        ck_abort_msg("%s: %s[%zu] is %.9g, PyTorch says %.9g", bench_name(b), what, i,
                     (double)found[i], *wanted);
    }
    return wanted;
}

static void check_reference(size_t r) {
    Case of = {.kind = layer_find(REFERENCE[r].kind),
               .kernel = REFERENCE[r].kernel,
               .size = REFERENCE[r].size,
               .options = REFERENCE[r].options,
               .live = EXAMPLES,
               .learns = REFERENCE[r].learns};
    of.in.rank = REFERENCE[r].rank;
    for (int i = 0; i < of.in.rank; i++) of.in.size[i] = REFERENCE[r].shape[i];
    Bench b = bench_new(&of);
    fill_reference(&b, (size_t)REFERENCE[r].modulus);
    bench_forward(&b);
    bench_backward(&b);
    const double *wanted = NUMBER + REFERENCE[r].first, *end = wanted + REFERENCE[r].count;
    wanted = check_lanes(&b, "y", b.y, b.out, wanted);
    wanted = check_lanes(&b, "dx", b.dx, b.in, wanted);
    wanted = check_row(&b, "dw", b.dw, b.weights, wanted);
    wanted = check_row(&b, "buffer", b.buffer, b.buffers, wanted);
    ck_assert(wanted == end);
    bench_free(&b);
}

START_TEST(pytorch_agrees) {
    unsetenv("BENIGN_ISA");
    Isa best = num_isa();
    for (int isa = 0; isa <= (int)best; isa++) {
        setenv("BENIGN_ISA", num_isa_name((Isa)isa), 1);
        for (size_t r = 0; r < BENCH_COUNT(REFERENCE); r++) check_reference(r);
    }
    unsetenv("BENIGN_ISA");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("layer/passes");
    TCase *all = tcase_create("passes");
    tcase_set_timeout(all, 120);
    tcase_add_test(all, plain_loops_agree);
    tcase_add_test(all, many_channels);
    tcase_add_test(all, dropout_drops_its_share);
    tcase_add_test(all, pytorch_agrees);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
