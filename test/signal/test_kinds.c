// The moment rule of every kind of layer, forward and back, against the kernels: what is predicted
// of a network that has it, and what is measured. Each number has to agree within 4.5 standard
// errors (one fails by chance with probability 7e-6, all 230 with 2e-3; the seed is fixed, so that
// the test passes always or never) and the part of it that is said, for finite widths and batches.
#include "net_of.h"
#include "run_suite.h"
#include "signal/signal.h"
#include <math.h>
#include <string.h>

typedef struct Case {
    const char *net;
    int draws, examples;
    double signal, gradient; // parts by which predictions may be off
} Case;

static const Case CASES[] = {
    // Windows: stride, padding, groups, one axis; borders differ, and are followed.
    {"input 7x5x16 conv3-16 stride=2 groups=2 relu conv3-16 groups=4 relu conv4-16 pad=2 relu "
     "flatten fc-16",
     60, 16, 0.03, 0.03},
    {"input 19x12 conv5-24 stride=2 relu conv3-24 relu globalpool fc-16", 60, 16, 0.03, 0.03},
    {"input 5x5x12 conv3-24 tanh conv3-24 tanh conv3-24 tanh conv3-24", 40, 16, 0.03, 0.03},
    // Pools.
    {"input 7x5x16 conv3-24 tanh avgpool3 pad=1 conv1-24 relu avgpool2 flatten fc-16", 40, 16, 0.03,
     0.05},
    {"input 6x4x32 conv1-32 relu pool2 conv1-24 relu flatten fc-16", 40, 16, 0.03, 0.03},
    {"input 6x4x32 conv1-32 tanh pool2 conv1-24 relu flatten fc-16", 40, 16, 0.05, 0.05},
    {"input 6x6x32 conv1-32 pool3 pad=1 stride=2 conv1-24 relu flatten fc-16", 40, 16, 0.05, 0.03},
    // The largest of the largest, of the whole image behind a batch norm.
    {"input 8x8x32 conv3-32 batchnorm relu pool2 pool4 flatten fc-16", 40, 16, 0.06, 0.07},
    // Norms and dropout.
    // E 1/s^2 of a variance s^2 that n weights make is n/(n - 2) of 1/E s^2: 1.04 for two of 96.
    {"input 3x3x96 conv1-96 batchnorm relu conv1-96 batchnorm relu flatten fc-16", 20, 64, 0.03,
     0.07},
    {"input 7x5x48 conv3-48 relu batchnorm conv3-32 relu batchnorm flatten fc-16", 12, 32, 0.03,
     0.07},
    {"input 5x3x32 conv1-48 layernorm relu conv1-24 relu flatten fc-16", 40, 16, 0.03, 0.06},
    {"input 48 fc-48 relu dropout p=0.3 fc-48 relu dropout p=0.5 fc-16", 100, 16, 0.03, 0.03},
    // Sums: with and without layers in the shortcut; without norm each block adds.
    {"input 6x4x16 conv1-16 residual { relu conv3-24 stride=2 relu conv3-24 } shortcut { conv1-24 "
     "stride=2 } residual { relu conv3-24 } flatten fc-16",
     40, 16, 0.03, 0.03},
    {"input 6x6x48 conv3-32 residual { batchnorm relu conv3-32 } residual { batchnorm relu conv3-32 } "
     "avgpool6 fc-16",
     12, 32, 0.06, 0.1},
    {"input 32 fc-48 repeat 5 { residual { relu fc-48 } } fc-16", 100, 16, 0.05, 0.03},
};

static void agree(const SignalReport *report, size_t i, const char *what, double measured,
                  double error, double predicted, double part) {
    const char *name = report->net->layer[report->scheme[0].layer[i].number].name;
    ck_assert_msg(fabs(measured - predicted) <= 4.5 * error + part * predicted,
                  "%s of %s: %g +- %g, predicted %g", what, name, measured, error, predicted);
}

START_TEST(rules_hold) {
    const Case *c = &CASES[_i];
    static const int EXACT = 0;
    SignalOptions options = {
        .scheme = &EXACT, .schemes = 1, .draws = c->draws, .examples = c->examples, .seed = 2385};
    SignalReport report;
    Error error;
    int64_t at;
    Net *net = net_of(c->net);
    ck_assert_msg(signal_analyse(net, &options, &report, &at, &error), "%s", error.text);
    ck_assert(report.measured);
    for (size_t i = 0; i < report.layers; i++) {
        const SignalLayer *l = &report.scheme[0].layer[i];
        double part = l->measured_error / l->measured; // of the parts of E u^2, too
        agree(&report, i, "E u^2", l->measured, l->measured_error, l->predicted, c->signal);
        agree(&report, i, "across", l->across, 2 * part * l->across, l->across_predicted,
              2 * c->signal);
        agree(&report, i, "gradient", l->gradient_measured, l->gradient_error,
              l->gradient_predicted, c->gradient);
        for (InitPlace place = 0; place < INIT_PLACES; place++) {
            if (isnan(l->place_predicted[place])) continue;
            agree(&report, i, "E u^2 at a place", l->place[place], 2 * part * l->place[place],
                  l->place_predicted[place], 2 * c->signal);
        }
    }
    signal_free(&report);
    net_free(net);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("signal/kinds");
    TCase *all = tcase_create("kinds");
    tcase_add_loop_test(all, rules_hold, 0, sizeof CASES / sizeof *CASES);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
