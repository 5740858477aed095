// A step of the optimiser with a last layer that learns at another rate: against the formulas of
// both optimisers, number by number, at sizes that are no whole lanes.
#include "train/optimize.h"
#include "net_of.h"
#include "run_suite.h"
#include <math.h>
#include <string.h>

enum { STEPS = 3 };

typedef struct Slow { // the formulas, in double
    double w, a, b;
} Slow;

static void step_slowly(Slow *slow, bool adam, double g, double lr, int t,
                        const TrainOptions *options) {
    g += options->weight_decay * slow->w;
    if (!adam) {
        slow->a = options->momentum * slow->a + g;
        slow->w -= lr * slow->a;
        return;
    }
    slow->a = options->beta1 * slow->a + (1 - options->beta1) * g;
    slow->b = options->beta2 * slow->b + (1 - options->beta2) * g * g;
    slow->w -= lr * (slow->a / (1 - pow(options->beta1, t))) /
               (sqrt(slow->b / (1 - pow(options->beta2, t))) + options->epsilon);
}

static void check(const char *text, size_t last, bool adam, double lr_last) {
    Net *net = net_of(text);
    size_t count = (size_t)net->parameters, padded = plan_parameters(net);
    ck_assert_uint_eq(optimize_last(net), last);
    TrainOptions options = {.lr_last = lr_last,
                            .momentum = 0.71,
                            .weight_decay = 0.013,
                            .beta1 = 0.83,
                            .beta2 = 0.957,
                            .epsilon = 1e-5};
    const Optimizer *optimizer = &train_kernels()->optimizer[adam];
    float *w = memory_new(padded, sizeof *w), *dw = memory_new(padded, sizeof *dw);
    float *state[2] = {memory_new(padded, sizeof *w), memory_new(padded, sizeof *w)};
    Slow *slow = memory_new(count, sizeof *slow);
    Random random = random_stream(2385, RANDOM_TEST, count);
    for (size_t i = 0; i < count; i++) slow[i].w = w[i] = (float)random_normal(&random);
    for (int t = 1; t <= STEPS; t++) {
        for (size_t i = 0; i < count; i++) dw[i] = (float)random_normal(&random);
        OptimizerStep step = {.count = padded,
                              .w = w,
                              .dw = dw,
                              .state = {state[0], adam ? state[1] : NULL},
                              .options = &options,
                              .lr = 0.0385,
                              .t = t};
        optimize(optimizer, &step, net);
        for (size_t i = 0; i < count; i++) {
            double lr = i < last ? 0.0385 : 0.0385 * lr_last;
            step_slowly(&slow[i], adam, (double)dw[i], lr, t, &options);
            ck_assert_msg(fabs((double)w[i] - slow[i].w) < 2e-6 * (1 + fabs(slow[i].w)),
                          "%s, lr_last %g, step %d: w[%zu] = %.9g, not %.9g", optimizer->name,
                          lr_last, t, i, (double)w[i], slow[i].w);
        }
    }
    memory_free(w), memory_free(dw), memory_free(state[0]), memory_free(state[1]);
    memory_free(slow);
    net_free(net);
}

START_TEST(the_last_layer_at_its_own_rate) {
    static const double RATE[] = {1, 0.2385, 0, 3};
    for (size_t i = 0; i < sizeof RATE / sizeof *RATE; i++) {
        for (int adam = 0; adam < 2; adam++) {
            check("input 7 fc-5 relu fc-3 relu softmax", 40, adam, RATE[i]);
            check("input 5 fc-19 tanh fc-23 softmax", 114, adam, RATE[i]);
            check("input 5 fc-3 relu", 0, adam, RATE[i]);
        }
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("train/optimize");
    TCase *all = tcase_create("optimize");
    tcase_add_test(all, the_last_layer_at_its_own_rate);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
