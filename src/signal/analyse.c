#include "activation/activation.h"
#include "signal/inner.h"
#include <math.h>
#include <string.h>

const Layer *signal_reader(const Net *net, size_t number) {
    if (number + 1 == net->layers) return NULL;
    const Layer *next = &net->layer[number + 1];
    return next->kind->is_activation && next->from == (int64_t)number ? next : NULL;
}

// ---- prediction ----

static size_t count_layers(const Net *net) {
    size_t count = 0;
    for (size_t l = 0; l < net->layers; l++) count += layer_weight(&net->layer[l]) != NULL;
    return count;
}

// An average pool hands each of the numbers it read its share, so |dL/dx|^2 falls by their number:
// pooled (net layers), the factor by which those that lie above a layer make it fall.
static void fill_pooled(const Net *net, const InitLayer *known, double *pooled) {
    for (size_t l = 0; l < net->layers; l++) pooled[l] = 1;
    for (size_t l = 0; l < net->layers; l++) {
        const Layer *layer = &net->layer[l];
        bool averages = layer->kind->mixes && layer->kind->places != PLACES_ONE && !layer->slots;
        if (averages && layer->from >= 0 && known[layer->from].gradient > 0)
            pooled[layer->from] *= known[layer->from].gradient / known[l].gradient;
    }
    for (size_t l = net->layers; l-- > 1;) pooled[l - 1] *= pooled[l];
}

static void set_layers(const SignalReport *report, const InitLayer *known, SignalScheme *scheme) {
    const Net *net = report->net;
    double *pooled = memory_new(net->layers, sizeof *pooled);
    size_t i = 0;
    fill_pooled(net, known, pooled);
    for (size_t l = 0; l < net->layers; l++) {
        if (!layer_weight(&net->layer[l])) continue;
        scheme->layer[i++] = (SignalLayer){
            .number = l,
            .power = known[l].power,
            .sigma = known[l].sigma,
            .predicted = known[l].square,
            .measured = NAN,
            .measured_error = NAN,
            .median = NAN,
            .scatter = NAN,
            .apart = NAN,
            .typical = NAN,
            .scatter_predicted = NAN,
            .deviation = NAN,
            .gradient_median = NAN,
            .gradient_scatter = NAN,
            .spread = NAN,
            .spread_predicted = NAN,
            .finite = NAN,
            .across_predicted = known[l].square - known[l].shared,
            .across = NAN,
            .ratio_predicted = signal_reader(net, l) ? known[l + 1].square / known[l].square : NAN,
            .ratio = NAN,
            .kurtosis = NAN,
            .kurtosis_predicted = NAN,
            .distance = NAN,
            .gradient_predicted = known[l].gradient,
            .gradient_measured = NAN,
            .gradient_error = NAN,
            .pooled = pooled[l],
        };
        SignalLayer *layer = &scheme->layer[i - 1];
        for (InitPlace place = 0; place < INIT_PLACES; place++) {
            layer->place_predicted[place] = known[l].place[place];
            layer->place[place] = NAN;
        }
    }
    memory_free(pooled);
}

static SignalInput lengths_of(const SignalReport *report) {
    const DataSet *set = report->options.data;
    double d = (double)shape_count(&report->net->input), square = 0, length4 = 0, fourth = 0;
    if (!set) return (SignalInput){2 / d, 3 / d};
    for (size_t i = 0; i < set->n_train; i++) {
        double length2 = 0;
        for (size_t j = 0; j < set->d; j++) {
            double x = set->x_train[i * set->d + j];
            length2 += x * x;
            fourth += x * x * x * x;
        }
        square += length2;
        length4 += length2 * length2;
    }
    double n = (double)set->n_train;
    return (SignalInput){length4 * n / (square * square) - 1, fourth * n / (square * square)};
}

static bool predict(SignalReport *report, const InitInput *input, int64_t *at, Error *error) {
    const SignalInput lengths = lengths_of(report);
    const SignalOptions *options = &report->options;
    InitLayer *known =
        memory_try(report->net->layers, sizeof *known, "moments of the layers", error);
    bool ok = known != NULL;
    for (size_t s = 0; ok && s < options->schemes; s++) {
        InitOptions init = {options->scheme[s], options->law, options->seed, *input, true};
        SignalScheme *scheme = &report->scheme[s];
        size_t place;
        scheme->scheme = options->scheme[s];
        scheme->layer =
            memory_try(report->layers, sizeof *scheme->layer, "moments of the layers", error);
        if (!scheme->layer) ok = false;
        if (ok && !init_predict(report->net, &init, known, &place, error)) {
            *at = (int64_t)place;
            ok = false;
        }
        if (!ok) break;
        set_layers(report, known, scheme);
        signal_finite(report, known, &lengths, scheme);
    }
    memory_free(known);
    return ok;
}

// ---- all of it ----

static bool check(const Net *net, const SignalOptions *options, Error *error) {
    if (count_layers(net) == 0)
        return error_set(error, "the network has no weights, so there is nothing to initialise");
    return !options->data || data_fits(options->data, &net->input, error);
}

// Batch norm needs two numbers of each channel: examples times positions.
static bool check_batch(const SignalReport *report, int64_t *at, Error *error) {
    if (!report->measured || report->options.examples > 1) return true;
    for (size_t l = 0; l < report->net->layers; l++) {
        const Layer *layer = &report->net->layer[l];
        bool normalises = layer->buffers > 0; // by the statistics of a batch
        if (!normalises || shape_count(&layer->in) != layer->in.size[layer->in.rank - 1]) continue;
        *at = (int64_t)l;
        return error_set(error, "a batch of one example gives each channel a single number here, "
                                "which has no variance; --examples takes 2 or more");
    }
    return true;
}

static InitInput input_of(const DataSet *set, const Shape *shape) {
    if (!set) return init_unit_input;
    uint32_t *row = memory_new(set->n_train, sizeof *row);
    for (size_t i = 0; i < set->n_train; i++) row[i] = (uint32_t)i;
    InitInput input = init_measure_input(set->x_train, row, set->n_train, shape);
    memory_free(row);
    return input;
}

bool signal_analyse(const Net *net, const SignalOptions *options, SignalReport *report, int64_t *at,
                    Error *error) {
    *report = (SignalReport){.net = net, .options = *options};
    *at = -1;
    if (!check(net, options, error)) return false;
    report->layers = count_layers(net);
    report->scheme = memory_new(options->schemes, sizeof *report->scheme);
    signal_choose(net, &report->options, report->why_not, sizeof report->why_not);
    report->measured = !*report->why_not;
    InitInput input = input_of(options->data, &net->input);
    bool ok = check_batch(report, at, error) && predict(report, &input, at, error) &&
              (!report->measured || signal_measure(report, &input, error));
    for (size_t s = 0; ok && s < options->schemes; s++) signal_judge(report, &report->scheme[s]);
    if (!ok) signal_free(report);
    return ok;
}

void signal_free(SignalReport *report) {
    for (size_t s = 0; report->scheme && s < report->options.schemes; s++)
        memory_free(report->scheme[s].layer);
    memory_free(report->scheme);
    report->scheme = NULL;
}

const SignalLayer *signal_last_hidden(const SignalReport *report, size_t scheme) {
    const SignalLayer *layer = report->scheme[scheme].layer;
    size_t i = report->layers;
    while (i > 1 && !signal_reader(report->net, layer[i - 1].number)) i--;
    return &layer[i - 1];
}
