#include "train/running.h"
#include <math.h>

typedef struct Tally {
    double loss;
    size_t count, errors, noisy, noisy_errors;
} Tally;

// The class is the first of the largest outputs; of one output for two classes, 1
// where it is above 0.
static bool is_error(const Run *run, const float *u, size_t row, size_t e, int32_t label) {
    size_t outputs = (size_t)run->net->outputs;
    size_t best = outputs == 1 && run->set->classes == 2 && u[e] > 0;
    for (size_t c = 1; c < outputs; c++) {
        if (u[c * row + e] > u[best * row + e]) best = c;
    }
    return best != (size_t)label;
}

static void tally_batch(Run *run, const Truth *truth, const uint8_t *wrong, size_t count,
                        Tally *tally) {
    const float *u = plan_forward(run->judge, run->state.w);
    const float *loss = plan_loss(run->judge, run->options->loss, truth, run->state.w, NULL);
    size_t row = plan_groups(run->judge) * 16;
    for (size_t e = 0; e < count; e++) {
        tally->loss += loss[e];
        if (!truth->label) continue;
        bool error = is_error(run, u, row, e, truth->label[e]);
        tally->errors += error;
        tally->noisy += wrong && wrong[e];
        tally->noisy_errors += error && wrong && wrong[e];
    }
    tally->count += count;
}

static Tally tally_train(Run *run) {
    Tally tally = {0};
    const DataView *sample = run->sample;
    for (size_t from = 0; from < sample->n; from += EVALUATION_BATCH) {
        size_t count = running_smaller(EVALUATION_BATCH, sample->n - from);
        Truth truth = running_load(run, run->judge, NULL, from, count);
        tally_batch(run, &truth, sample->wrong ? sample->wrong + from : NULL, count, &tally);
    }
    return tally;
}

static Tally tally_test(Run *run) {
    Tally tally = {0};
    const DataSet *set = run->set;
    for (size_t from = 0; from < set->n_test; from += EVALUATION_BATCH) {
        size_t count = running_smaller(EVALUATION_BATCH, set->n_test - from);
        for (size_t i = 0; i < count; i++) run->rows[i] = (uint32_t)(from + i);
        plan_load(run->judge, set->x_test, run->rows, count);
        Truth truth = {set->y_test ? set->y_test + from : NULL,
                       set->t_test ? set->t_test + from * set->outputs : NULL};
        tally_batch(run, &truth, NULL, count, &tally);
    }
    return tally;
}

static double share(double part, size_t whole) {
    return whole ? part / (double)whole : NAN;
}

static void measure_weights(const Run *run, double *metrics) {
    double norm = 0, distance = 0;
    for (int64_t i = 0; i < run->net->parameters; i++) {
        double w = run->state.w[i], moved = w - run->start[i];
        norm += w * w;
        distance += moved * moved;
    }
    metrics[METRIC_WEIGHT_NORM] = sqrt(norm);
    metrics[METRIC_DISTANCE] = sqrt(distance);
}

void running_measure(Run *run, double *metrics) {
    bool labels = run->sample->label != NULL;
    Tally train = tally_train(run), test = tally_test(run);
    metrics[METRIC_TRAIN_LOSS] = share(train.loss, train.count);
    metrics[METRIC_TEST_LOSS] = share(test.loss, test.count);
    metrics[METRIC_TRAIN_ERROR] = labels ? share((double)train.errors, train.count) : NAN;
    metrics[METRIC_TEST_ERROR] = labels ? share((double)test.errors, test.count) : NAN;
    metrics[METRIC_TRAIN_ERROR_CLEAN] =
        labels ? share((double)(train.errors - train.noisy_errors), train.count - train.noisy)
               : NAN;
    metrics[METRIC_TRAIN_ERROR_NOISY] = share((double)train.noisy_errors, train.noisy);
    measure_weights(run, metrics);
}
