#include "signal/inner.h"
#include "num/statistics.h"
#include "train/train.h"
#include <math.h>
#include <stdlib.h>

enum { VALUES = 20000, LANES = 16 };

// Sums over draws of one layer.
typedef struct Tally {
    double square, square2;    // of M, the mean of u^2 in a draw
    double fourth;             // of the mean of u^4
    double each2;              // of the mean over examples of the square of their own mean u^2
    double across;             // of the variance over examples
    double place[INIT_PLACES]; // of the mean of u^2 there
    double phi;                // of the mean of phi^2(u)
    double gradient, gradient2;
    double weights; // of the mean square of the weights
    float *value;   // (draws * values) some u, for their law
    // (draws, kept) Of single examples: the mean of u^2 over units, and |dL/du|^2 as a multiple of
    // that of the network's output. (draws) The part of u^2 that differs between examples.
    double *each, *slope, *apart;
} Tally;

typedef struct Measurement {
    const SignalReport *report;
    double *power; // (net layers) of the scheme, where it needs one
    const InitInput *input;
    const Net *net;
    Plan *plan;
    float *w, *dw, *x;
    uint32_t *row;
    Tally *tally;      // (layers)
    size_t *place;     // (net layers) index of a layer with weights among those
    double *direction; // (kept) |dL/dy|^2 of the network's output
    size_t draws, live, values, d;
    size_t kept; // examples of a draw that are looked at one by one
    int scheme;
} Measurement;

// ---- one draw ----

static void draw_inputs(Measurement *m, Random *random) {
    const DataSet *data = m->report->options.data;
    for (size_t i = 0; i < m->live; i++)
        m->row[i] = data ? (uint32_t)random_below(random, data->n_train) : (uint32_t)i;
    for (size_t i = 0; !data && i < m->live * m->d; i++) m->x[i] = (float)random_normal(random);
}

static bool draw_weights(Measurement *m, uint64_t seed, const float *x, Error *error) {
    int law = m->report->options.law;
    if (init_schemes[m->scheme].from_data) {
        TrainStart start = {m->net, m->scheme, law, seed, x, m->row, m->live};
        return train_start(&start, m->w, error);
    }
    InitOptions init = {m->scheme, law, seed, *m->input, false};
    uint64_t number = 0;
    bool ok = true;
    for (size_t l = 0; ok && l < m->net->layers; l++) {
        ok = init_fill_layer(&m->net->layer[l], number, &init, m->power[l], m->w, error);
        number += (uint64_t)m->net->layer[l].slots;
    }
    return ok;
}

static double mean_square(const float *y, size_t features, size_t row, size_t live) {
    double sum = 0;
    for (size_t j = 0; j < features; j++) {
        for (size_t e = 0; e < live; e++) sum += (double)y[j * row + e] * (double)y[j * row + e];
    }
    return sum / ((double)features * (double)live);
}

// Of one unit over the examples, times their number less 1.
static double deviations(const float *u, size_t live) {
    double mean = 0, sum = 0;
    for (size_t e = 0; e < live; e++) mean += (double)u[e] / (double)live;
    for (size_t e = 0; e < live; e++) sum += ((double)u[e] - mean) * ((double)u[e] - mean);
    return sum;
}

static double mean_square_of(const float *u, size_t units, size_t row, size_t example) {
    double sum = 0;
    for (size_t j = 0; j < units; j++)
        sum += (double)u[j * row + example] * (double)u[j * row + example];
    return sum / (double)units;
}

// The mean over examples of M^2.
static double mean_square2(const float *u, size_t units, size_t row, size_t live) {
    double sum = 0;
    for (size_t e = 0; e < live; e++) sum += pow(mean_square_of(u, units, row, e), 2);
    return sum / (double)live;
}

// The mean of u^2 over channels and examples at one place of the positions; 0 where there is none.
static double square_at(const float *u, const Shape *shape, InitPlace place, size_t row,
                        size_t live) {
    size_t position[4], count = init_positions(shape, place, position);
    size_t positions = shape_positions(shape), units = (size_t)shape_count(shape);
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = position[i]; j < units; j += positions)
            sum += mean_square(u + j * row, 1, row, live);
    }
    return count ? sum * (double)positions / (double)(count * units) : 0;
}

static double known_or_infinite(double value) {
    return isnan(value) ? INFINITY : value; // inf - inf: it exploded
}

static void look_at_units(const Measurement *m, Tally *tally, const Layer *layer, const float *u,
                          Random *random, size_t draw) {
    size_t units = (size_t)shape_count(&layer->out);
    size_t row = plan_groups(m->plan) * LANES;
    double square = mean_square(u, units, row, m->live), fourth = 0, across = 0;
    for (size_t j = 0; j < units; j++) {
        across += deviations(u + j * row, m->live);
        for (size_t e = 0; e < m->live; e++) {
            double u2 = (double)u[j * row + e] * (double)u[j * row + e];
            fourth += u2 * u2;
        }
    }
    tally->square += square;
    tally->square2 += square * square;
    tally->each2 += mean_square2(u, units, row, m->live);
    for (InitPlace place = 0; place < INIT_PLACES; place++)
        tally->place[place] += square_at(u, &layer->out, place, row, m->live);
    tally->fourth += fourth / ((double)units * (double)m->live);
    across /= (double)units * ((double)m->live - 1);
    tally->across += across;
    for (size_t e = 0; e < m->kept; e++)
        tally->each[draw * m->kept + e] = known_or_infinite(mean_square_of(u, units, row, e));
    tally->apart[draw] = across > 0 && isfinite(square) ? across / square : 0;
    for (size_t i = 0; i < m->values; i++) {
        size_t j = random_below(random, units), e = random_below(random, m->live);
        tally->value[draw * m->values + i] = u[j * row + e];
    }
}

static void look_at_weights(const Measurement *m, Tally *tally, const LayerSlot *slot) {
    double sum = 0;
    for (int64_t i = 0; i < slot->count; i++) {
        double w = m->w[slot->offset + i];
        sum += w * w;
    }
    tally->weights += sum / (double)slot->count;
}

static void go_forward(Measurement *m, Random *random, size_t draw) {
    size_t row = plan_groups(m->plan) * LANES;
    for (size_t l = 0; l < plan_layers(m->plan); l++) {
        const Layer *layer = &m->net->layer[l];
        const float *y = plan_step(m->plan, l, m->w);
        size_t units = (size_t)shape_count(&layer->out);
        if (layer_weight(layer)) {
            look_at_weights(m, &m->tally[m->place[l]], layer_weight(layer));
            look_at_units(m, &m->tally[m->place[l]], layer, y, random, draw);
        } else if (l > 0 && layer_weight(layer - 1) && layer->kind->is_activation) {
            m->tally[m->place[l - 1]].phi += mean_square(y, units, row, m->live);
        }
    }
}

// Random directions of the output, of mean square length 1.
static void draw_direction(const Measurement *m, Random *random, float *gradient) {
    size_t row = plan_groups(m->plan) * LANES, outputs = (size_t)m->net->outputs;
    double sum = 0;
    for (size_t i = 0; i < outputs * row; i++) {
        gradient[i] = i % row < m->live ? (float)random_normal(random) : 0;
        sum += (double)gradient[i] * (double)gradient[i];
    }
    float scale = (float)sqrt((double)m->live / sum);
    for (size_t i = 0; i < outputs * row; i++) gradient[i] *= scale;
    for (size_t e = 0; e < m->kept; e++)
        m->direction[e] = (double)outputs * mean_square_of(gradient, outputs, row, e);
}

static void look_at_gradient(const Measurement *m, Tally *tally, size_t units, const float *dy,
                             size_t draw) {
    size_t row = plan_groups(m->plan) * LANES;
    for (size_t e = 0; e < m->kept; e++)
        tally->slope[draw * m->kept + e] =
            known_or_infinite((double)units * mean_square_of(dy, units, row, e) / m->direction[e]);
}

static void go_back(Measurement *m, Random *random, size_t draw) {
    size_t row = plan_groups(m->plan) * LANES;
    draw_direction(m, random, plan_gradient(m->plan, (int64_t)plan_layers(m->plan) - 1));
    for (size_t l = plan_layers(m->plan); l-- > 0;) {
        const Layer *layer = &m->net->layer[l];
        if (layer_weight(layer)) {
            size_t units = (size_t)shape_count(&layer->out);
            const float *dy = plan_gradient(m->plan, (int64_t)l);
            double square = (double)units * mean_square(dy, units, row, m->live);
            m->tally[m->place[l]].gradient += square;
            m->tally[m->place[l]].gradient2 += square * square;
            look_at_gradient(m, &m->tally[m->place[l]], units, dy, draw);
        }
        plan_step_back(m->plan, l, m->w, m->dw);
    }
}

static bool draw_once(Measurement *m, size_t draw, Error *error) {
    const SignalOptions *options = &m->report->options;
    Random random = random_stream(options->seed, RANDOM_SIGNAL, draw);
    uint64_t seed = random_bits64(&random);
    const float *x = options->data ? options->data->x_train : m->x;
    draw_inputs(m, &random);
    if (!draw_weights(m, seed, x, error)) return false;
    plan_draw(m->plan, seed, draw);
    plan_load(m->plan, x, m->row, m->live);
    go_forward(m, &random, draw);
    go_back(m, &random, draw);
    return true;
}

// ---- what the sums say ----

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

// The Kolmogorov-Smirnov distance of value/scale from N(0, 1). Sorts the values.
static double distance_of(float *value, size_t count, double scale) {
    double most = 0;
    if (!(scale > 0 && scale < INFINITY)) return NAN;
    qsort(value, count, sizeof *value, ascending);
    for (size_t i = 0; i < count; i++) {
        double f = erfc(-(double)value[i] / (scale * sqrt(2))) / 2;
        most = fmax(most, fabs(f - (double)i / (double)count));
        most = fmax(most, fabs(f - (double)(i + 1) / (double)count));
    }
    return most;
}

static double error_of(double sum, double sum2, double n) {
    double mean = sum / n, variance = (sum2 / n - mean * mean) * n / (n - 1);
    return n > 1 ? sqrt(fmax(variance, 0) / n) : NAN;
}

// Half of what the middle 68 % of the logarithms span.
static double scatter_of(const double *sorted, size_t count) {
    double low = statistics_quantile(sorted, count, 0.16);
    double high = statistics_quantile(sorted, count, 0.84);
    return count > 1 && high > 0 && isfinite(low) ? log(high / low) / 2 : NAN;
}

static void look_at_draws(const Measurement *m, Tally *tally, SignalLayer *layer) {
    size_t count = m->draws * m->kept;
    statistics_sort(tally->each, count);
    statistics_sort(tally->slope, count);
    statistics_sort(tally->apart, m->draws);
    layer->median = statistics_quantile(tally->each, count, 0.5);
    layer->scatter = scatter_of(tally->each, count);
    layer->gradient_median = statistics_quantile(tally->slope, count, 0.5);
    layer->gradient_scatter = scatter_of(tally->slope, count);
    layer->apart = m->live > 1 ? statistics_quantile(tally->apart, m->draws, 0.5) : NAN;
}

// How many of these ended far from where the median began.
static void count_lost(const double *value, size_t count, double first,
                       SignalJudgement *judgement) {
    judgement->looked_at = (int64_t)count;
    for (size_t i = 0; i < count; i++) {
        judgement->died += value[i] < first / SIGNAL_FAR;
        judgement->exploded += value[i] > first * SIGNAL_FAR;
    }
}

static void conclude(const Measurement *m, Tally *tally, SignalLayer *layer) {
    double n = (double)m->draws, square = tally->square / n;
    layer->measured = known_or_infinite(square);
    layer->measured_error = error_of(tally->square, tally->square2, n);
    layer->across = m->live > 1 ? known_or_infinite(tally->across / n) : NAN;
    if (m->draws * m->live > 1)
        layer->spread = sqrt(fmax(tally->each2 / n / (square * square) - 1, 0));
    if (signal_reader(m->net, layer->number)) layer->ratio = tally->phi / tally->square;
    layer->kurtosis = tally->fourth / n / (square * square);
    layer->distance = distance_of(tally->value, m->draws * m->values, sqrt(square));
    layer->gradient_measured = known_or_infinite(tally->gradient / n);
    layer->gradient_error = error_of(tally->gradient, tally->gradient2, n);
    for (InitPlace place = 0; place < INIT_PLACES; place++) {
        if (!isnan(layer->place_predicted[place])) layer->place[place] = tally->place[place] / n;
    }
    if (init_schemes[m->scheme].from_data) layer->sigma = sqrt(tally->weights / n);
    look_at_draws(m, tally, layer);
}

static void count_draws(const Measurement *m, SignalScheme *scheme) {
    size_t last = m->report->layers - 1, count = m->draws * m->kept;
    const SignalLayer *first = &scheme->layer[0], *end = &scheme->layer[last];
    count_lost(m->tally[last].each, count, first->median, &scheme->signal);
    double pools = first->pooled / end->pooled;
    count_lost(m->tally[0].slope, count, end->gradient_median * pools, &scheme->gradient);
}

// ---- all draws ----

static bool allocate(Measurement *m, Error *error) {
    static const char WHAT[] = "a measurement";
    const SignalReport *report = m->report;
    size_t weights = plan_parameters(m->net);
    m->plan = plan_new(&(PlanOptions){.net = m->net, .batch = m->live, .learns = true}, error);
    if (!m->plan) return false;
    m->w = memory_try(weights, sizeof *m->w, "parameters", error);
    m->dw = memory_try(weights, sizeof *m->dw, "gradient", error);
    m->x = memory_try(m->live * m->d, sizeof *m->x, WHAT, error);
    m->row = memory_try(m->live, sizeof *m->row, WHAT, error);
    m->direction = memory_try(m->kept, sizeof *m->direction, WHAT, error);
    m->tally = memory_try(report->layers, sizeof *m->tally, WHAT, error);
    m->place = memory_try(m->net->layers, sizeof *m->place, WHAT, error);
    m->power = memory_try(m->net->layers, sizeof *m->power, WHAT, error);
    if (!m->power || !m->w || !m->dw || !m->x || !m->row || !m->direction || !m->tally || !m->place)
        return false;
    for (size_t i = 0; i < report->layers; i++) {
        m->place[report->scheme[0].layer[i].number] = i;
        m->tally[i].value =
            memory_try(m->draws * m->values, sizeof(float), "values of the units", error);
        m->tally[i].each = memory_try(m->draws * m->kept, sizeof(double), WHAT, error);
        m->tally[i].slope = memory_try(m->draws * m->kept, sizeof(double), WHAT, error);
        m->tally[i].apart = memory_try(m->draws, sizeof(double), WHAT, error);
        if (!m->tally[i].value || !m->tally[i].each || !m->tally[i].slope || !m->tally[i].apart)
            return false;
    }
    return true;
}

static void release(Measurement *m) {
    for (size_t i = 0; m->tally && i < m->report->layers; i++) {
        memory_free(m->tally[i].value);
        memory_free(m->tally[i].each);
        memory_free(m->tally[i].slope);
        memory_free(m->tally[i].apart);
    }
    plan_free(m->plan);
    memory_free(m->w);
    memory_free(m->dw);
    memory_free(m->x);
    memory_free(m->row);
    memory_free(m->direction);
    memory_free(m->tally);
    memory_free(m->place);
    memory_free(m->power);
}

static void forget(Measurement *m) {
    for (size_t i = 0; i < m->report->layers; i++) {
        Tally *t = &m->tally[i];
        *t = (Tally){.value = t->value, .each = t->each, .apart = t->apart, .slope = t->slope};
    }
}

bool signal_measure(SignalReport *report, const InitInput *input, Error *error) {
    const SignalOptions *options = &report->options;
    Measurement m = {.report = report,
                     .input = input,
                     .net = report->net,
                     .draws = (size_t)options->draws,
                     .live = (size_t)options->examples,
                     .d = (size_t)shape_count(&report->net->input)};
    m.values = m.draws < VALUES ? VALUES / m.draws : 1;
    m.kept = m.values < m.live ? m.values : m.live;
    bool ok = allocate(&m, error);
    for (size_t s = 0; ok && s < options->schemes; s++) {
        m.scheme = options->scheme[s];
        forget(&m);
        for (size_t i = 0; i < report->layers; i++) {
            const SignalLayer *layer = &report->scheme[s].layer[i];
            m.power[layer->number] = layer->power;
        }
        for (size_t r = 0; ok && r < m.draws; r++) ok = draw_once(&m, r, error);
        for (size_t i = 0; ok && i < report->layers; i++)
            conclude(&m, &m.tally[i], &report->scheme[s].layer[i]);
        if (ok) count_draws(&m, &report->scheme[s]);
    }
    release(&m);
    return ok;
}
