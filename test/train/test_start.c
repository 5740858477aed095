// The weights that exact-data begins with, against the rule done by hand: forward in double, layer
// by layer, sigma = 1/sqrt(sum_j mean x_j^2) from what the weights below give on the sample.
#include "init/init.h"
#include "net_of.h"
#include "run_suite.h"
#include "train/train.h"
#include <math.h>
#include <string.h>

enum { EXACT, EXACT_DATA, FEATURES = 7, EXAMPLES = 1100, MEASURED = 1024, WIDEST = 9 };

static const int UNITS[] = {FEATURES, 9, 6, 5};
static const char NET[] = "input 7 fc-9 tanh fc-6 relu fc-5";

typedef struct Sample {
    float x[EXAMPLES * FEATURES];
    uint32_t row[EXAMPLES];
} Sample;

// Features of different means and sizes; rows in an order of their own.
static void make_sample(Sample *sample) {
    Random random = random_stream(2385, RANDOM_TEST, 0);
    for (int i = 0; i < EXAMPLES * FEATURES; i++)
        sample->x[i] = (float)((1 + i % FEATURES) * (random_normal(&random) + 0.4));
    for (uint32_t i = 0; i < EXAMPLES; i++) sample->row[i] = i * 37 % EXAMPLES;
}

static float *started(const Net *net, int scheme, int law, const Sample *sample, size_t rows) {
    Error error;
    TrainStart start = {net, scheme, law, 11, sample->x, sample->row, rows};
    float *w = memory_new((size_t)net->parameters, sizeof *w);
    ck_assert_msg(train_start(&start, w, &error), "%s", error.text);
    return w;
}

// What a dense layer with these weights and the activation below it makes of x, in double.
static void step(const float *w, int l, double *x) {
    double u[WIDEST];
    for (int o = 0; o < UNITS[l + 1]; o++) {
        u[o] = 0;
        for (int i = 0; i < UNITS[l]; i++) u[o] += (double)w[o * UNITS[l] + i] * x[i];
    }
    for (int o = 0; o < UNITS[l + 1]; o++) x[o] = l == 0 ? tanh(u[o]) : fmax(u[o], 0);
}

// 1/sqrt(sum_j mean x_j^2) of layer l's inputs.
static double sigma_by_hand(const Net *net, const float *w, const Sample *sample, size_t rows,
                            int l) {
    double power = 0;
    for (size_t e = 0; e < rows; e++) {
        double x[WIDEST];
        for (int i = 0; i < FEATURES; i++) x[i] = sample->x[sample->row[e] * FEATURES + i];
        for (int k = 0; k < l; k++) step(w + net->layer[2 * k].slot[0].offset, k, x);
        for (int i = 0; i < UNITS[l]; i++) power += x[i] * x[i] / (double)rows;
    }
    return 1 / sqrt(power);
}

// Signs carry sigma itself; normal weights are those of exact, times a ratio of two sigmas.
START_TEST(sigma_is_that_of_the_sample) {
    static Sample sample;
    static const size_t ROWS[] = {19, MEASURED, EXAMPLES}; // of the last the first 1024 count
    size_t rows = ROWS[_i], measured = rows < MEASURED ? rows : MEASURED;
    Net *net = net_of(NET);
    make_sample(&sample);
    float *sign = started(net, EXACT_DATA, LAW_SIGN, &sample, rows);
    float *normal = started(net, EXACT_DATA, LAW_NORMAL, &sample, rows);
    float *plain = started(net, EXACT, LAW_NORMAL, &sample, rows);
    for (int l = 0; l < 3; l++) {
        const LayerSlot *slot = &net->layer[2 * l].slot[0];
        double sigma = sigma_by_hand(net, sign, &sample, measured, l);
        double ratio = (double)normal[slot->offset] / (double)plain[slot->offset];
        for (int64_t i = slot->offset; i < slot->offset + slot->count; i++) {
            ck_assert_double_eq_tol(fabs((double)sign[i]), sigma, 1e-6 * sigma);
            ck_assert_double_eq_tol(normal[i], ratio * (double)plain[i],
                                    1e-6 * fabs((double)normal[i]));
        }
        const LayerSlot *bias = &net->layer[2 * l].slot[1];
        for (int64_t i = 0; i < bias->count; i++)
            ck_assert_double_eq((double)sign[bias->offset + i], 0);
    }
    memory_free(sign);
    memory_free(normal);
    memory_free(plain);
    net_free(net);
}
END_TEST

// Normal weights have the sigma of the sample, too: exactly so in the first layer, where exact and
// exact-data see the same sample.
START_TEST(first_layers_agree) {
    static Sample sample;
    Net *net = net_of(NET);
    make_sample(&sample);
    float *a = started(net, EXACT, LAW_NORMAL, &sample, 19);
    float *b = started(net, EXACT_DATA, LAW_NORMAL, &sample, 19);
    for (int i = 0; i < 9 * FEATURES; i++)
        ck_assert_double_eq_tol(a[i], b[i], 1e-6 * fabs((double)a[i]));
    memory_free(a);
    memory_free(b);
    net_free(net);
}
END_TEST

// A sample of zeros; one unit of ReLU that is dead for about half of the seeds.
START_TEST(nothing_comes_through) {
    static Sample sample;
    static const char *const BEGINS[] = {"fc1: its inputs have second moment 0, and no init",
                                         "fc1: its inputs have second moment 0 on the sample"};
    Net *net = net_of(NET);
    Error error;
    float w[200];
    memset(sample.x, 0, sizeof sample.x);
    for (int scheme = EXACT; scheme <= EXACT_DATA; scheme++) {
        TrainStart start = {net, scheme, LAW_NORMAL, 11, sample.x, sample.row, 19};
        ck_assert(!train_start(&start, w, &error));
        ck_assert_ptr_eq(strstr(error.text, BEGINS[scheme]), error.text);
    }
    net_free(net);
}
END_TEST

START_TEST(a_dead_unit_is_named) {
    static const float ONE[] = {2.385f};
    static const uint32_t ROW[] = {0};
    Net *net = net_of("input 1 fc-1 relu fc-1");
    Error error;
    float w[4];
    int dead = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        TrainStart start = {net, EXACT_DATA, LAW_SIGN, seed, ONE, ROW, 1};
        bool ok = train_start(&start, w, &error);
        ck_assert_int_eq(ok, w[0] > 0);
        if (ok) continue;
        dead++;
        ck_assert_str_eq(error.text, "fc2: its inputs have second moment 0 on the sample, and no "
                                     "initialisation makes that 1");
    }
    ck_assert(dead > 0 && dead < 20);
    net_free(net);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("train/start");
    TCase *all = tcase_create("start");
    tcase_add_loop_test(all, sigma_is_that_of_the_sample, 0, 3);
    tcase_add_test(all, first_layers_agree);
    tcase_add_test(all, nothing_comes_through);
    tcase_add_test(all, a_dead_unit_is_named);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
