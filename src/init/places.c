#include "init/places.h"
#include <math.h>

enum { NODES = 33 };
static const size_t MOST = 4000000;  // positions of a layer
static const double MOST_TAPS = 1e9; // of all its windows

struct Places {
    const Net *net;
    bool off;
    double **square;   // [l + 1] (positions) E y^2 over its mean; [0]: the network's input
    double **gradient; // [l + 1] (positions) E |dL/dy|^2; their mean is that of the whole layer
    double **slope;    // [l + 1] (positions) of an activation: E phi'^2 over that of its mean input
};

static const Shape *shape_of(const Places *places, int64_t l) {
    return l == LAYER_INPUT ? &places->net->input : &places->net->layer[l].out;
}

// One where positions are not followed.
static size_t count_of(const Places *places, int64_t l) {
    return places->off ? 1 : shape_positions(shape_of(places, l));
}

static bool is_large(const Net *net, const Layer *layer) {
    const Shape *shape = layer ? &layer->out : &net->input;
    double taps = (double)shape_positions(shape);
    for (int i = 1; layer && layer->kind->has_kernel && i < shape->rank; i++)
        taps *= (double)layer->kernel;
    return shape_positions(shape) > MOST || taps > MOST_TAPS;
}

Places *places_new(const Net *net, Error *error) {
    Places *places = memory_new(1, sizeof *places);
    size_t layers = net->layers + 1;
    bool ok = true;
    places->net = net;
    places->square = memory_new(layers, sizeof *places->square);
    places->gradient = memory_new(layers, sizeof *places->gradient);
    places->slope = memory_new(layers, sizeof *places->slope);
    for (size_t t = 0; t < layers; t++) places->off |= is_large(net, t ? &net->layer[t - 1] : NULL);
    for (size_t t = 0; ok && t < layers; t++) {
        size_t count = count_of(places, (int64_t)t - 1);
        places->square[t] = memory_try(count, sizeof(double), "moments of positions", error);
        places->gradient[t] = memory_try(count, sizeof(double), "moments of positions", error);
        ok = places->square[t] && places->gradient[t];
        for (size_t i = 0; ok && i < count; i++) places->square[t][i] = 1;
    }
    if (ok) return places;
    places_free(places);
    return NULL;
}

void places_free(Places *places) {
    if (!places) return;
    for (size_t t = 0; t <= places->net->layers; t++) {
        memory_free(places->square[t]);
        memory_free(places->gradient[t]);
        memory_free(places->slope[t]);
    }
    memory_free(places->square);
    memory_free(places->gradient);
    memory_free(places->slope);
    memory_free(places);
}

static double mean_of(const double *x, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += x[i];
    return sum / (double)count;
}

// To mean 1; returns what it was.
static double normalise(double *x, size_t count) {
    double mean = mean_of(x, count);
    for (size_t i = 0; i < count; i++) x[i] = mean > 0 ? x[i] / mean : 1;
    return mean > 0 ? mean : 1;
}

// ---- forward ----

static void fill_live(const Layer *layer, double *live) { // (out positions)
    size_t count = shape_positions(&layer->in);
    double *ones = memory_new(count, sizeof *ones);
    for (size_t i = 0; i < count; i++) ones[i] = 1;
    layer_gather(layer, ones, live);
    memory_free(ones);
}

static void slide(const Layer *layer, const double *x, double *y, size_t count) {
    layer_gather(layer, x, y);
    if (layer->kind->places == PLACES_SUM) {
        double live = layer_live(layer);
        for (size_t i = 0; i < count; i++) y[i] /= live;
        return;
    }
    double *live = memory_new(count, sizeof *live);
    fill_live(layer, live);
    for (size_t i = 0; i < count; i++) y[i] /= live[i]; // no window of a pool is empty
    memory_free(live);
}

static void join(const double *x, const double *x2, const LayerSignal *in, const LayerSignal *in2,
                 const LayerSignal *out, double *y, size_t count) {
    double means = out->square - in->square - in2->square;
    for (size_t i = 0; out->square > 0 && i < count; i++)
        y[i] = (in->square * x[i] + in2->square * x2[i] + means) / out->square;
}

static double mean_root(const double *x, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += sqrt(x[i]);
    return sum / (double)count;
}

double places_thin(const Places *places, int64_t l) {
    double root = mean_root(places->square[l + 1], count_of(places, l));
    return root * root;
}

// The channel's mean m is taken off a position of second moment x(p): what two positions have in
// common is as their roots, so E u(p) m is root x(p) times the mean root.
static void centre(const double *x, const LayerSignal *in, double *y, size_t count) {
    double rest = in->square - in->apart, root = mean_root(x, count);
    for (size_t i = 0; rest > 0 && i < count; i++)
        y[i] = fmax(in->square * x[i] + in->apart * (1 - 2 * sqrt(x[i]) / root), 0) / rest;
}

double places_pairs(const Places *places, size_t l) {
    const Layer *layer = &places->net->layer[l];
    if (places->off || layer->kind->places != PLACES_SUM || !layer->slots) return 1;
    size_t in = count_of(places, layer->from), out = count_of(places, (int64_t)l);
    double *root = memory_new(in, sizeof *root), *tap = memory_new(out, sizeof *tap), sum = 0;
    for (size_t i = 0; i < in; i++) root[i] = sqrt(places->square[layer->from + 1][i]);
    for (int64_t k = 0; layer_shift(layer, k, root, tap); k++) {
        double mean = mean_of(tap, out);
        sum += mean * mean;
    }
    memory_free(root);
    memory_free(tap);
    return sum / (layer_live(layer) * places_thin(places, layer->from));
}

double places_forward(Places *places, size_t l, const LayerSignal *in, const LayerSignal *in2,
                      const LayerSignal *out) {
    const Layer *layer = &places->net->layer[l];
    const double *x = places->square[layer->from + 1];
    double *y = places->square[l + 1];
    size_t count = count_of(places, (int64_t)l);
    if (places->off) return 1;
    if (layer->kind->is_join) {
        join(x, places->square[layer->from2 + 1], in, in2, out, y, count);
    } else if (layer->kind->places == PLACES_SUM || layer->kind->places == PLACES_ONE) {
        slide(layer, x, y, count);
    } else if (layer->kind->places == PLACES_CENTRE) {
        centre(x, in, y, count);
    } else if (layer->kind->places == PLACES_SAME && count == count_of(places, layer->from)) {
        for (size_t i = 0; i < count; i++) y[i] = x[i];
    }
    return normalise(y, count);
}

// E phi^2/q and E phi'^2 at variances q that are spaced evenly in log q.
typedef struct Curve {
    double low, step; // of log q
    double square[NODES], slope[NODES];
} Curve;

static bool make_curve(const Activation *activation, double mean, double low, double high,
                       Curve *curve) {
    *curve = (Curve){.low = log(low), .step = log(high / low) / (NODES - 1)};
    for (int i = 0; i < NODES; i++) {
        ActivationMoments moments;
        double q = exp(curve->low + curve->step * i);
        if (!activation_moments(activation, (ActivationLaw){mean, q}, &moments, NULL)) return false;
        curve->square[i] = moments.second_moment / q;
        curve->slope[i] = moments.slope_second_moment;
    }
    return true;
}

static double between(const Curve *curve, const double *value, double q) {
    double t = (log(q) - curve->low) / curve->step;
    int i = t < 0 ? 0 : t > NODES - 2 ? NODES - 2 : (int)t;
    t = fmin(fmax(t - i, 0), 1);
    return value[i] * (1 - t) + value[i + 1] * t;
}

// The variance at a position; where the mean takes all of it there is next to none.
static double variance_at(const LayerSignal *in, double x) {
    return fmax(in->square * x - in->mean * in->mean, 1e-9 * in->square);
}

double places_activate(Places *places, size_t l, const Activation *activation,
                       const LayerSignal *in, const LayerSignal *out) {
    Curve curve;
    const double *x = places->square[places->net->layer[l].from + 1];
    double *y = places->square[l + 1], low = x[0], high = x[0];
    size_t count = count_of(places, (int64_t)l);
    for (size_t i = 0; i < count; i++) {
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    if (high - low < 1e-9 ||
        !make_curve(activation, in->mean, variance_at(in, low), variance_at(in, high), &curve))
        return 1;
    double *slope = places->slope[l + 1] = memory_new(count, sizeof *slope);
    for (size_t i = 0; i < count; i++) {
        double q = variance_at(in, x[i]);
        y[i] = between(&curve, curve.square, q) * q / out->square;
        slope[i] = out->gradient > 0 ? between(&curve, curve.slope, q) / out->gradient : 1;
    }
    return normalise(y, count);
}

void places_add_bias(Places *places, size_t l, double share) {
    double *y = places->square[l + 1];
    size_t count = count_of(places, (int64_t)l);
    for (size_t i = 0; i < count; i++) y[i] = y[i] * share + 1 - share;
}

// ---- back ----

void places_start_back(Places *places) {
    size_t last = places->net->layers;
    for (size_t t = 0; t <= last; t++) {
        size_t count = count_of(places, (int64_t)t - 1);
        for (size_t i = 0; i < count; i++) places->gradient[t][i] = t == last;
    }
}

static void slide_back(const Places *places, size_t l, double factor, double *dx) {
    const Layer *layer = &places->net->layer[l];
    size_t in = count_of(places, layer->from), out = count_of(places, (int64_t)l);
    double *dy = memory_new(out, sizeof *dy), *sum = memory_new(in, sizeof *sum);
    double live = layer_live(layer), scale = factor * (double)in / (double)out;
    if (layer->kind->places == PLACES_ONE) fill_live(layer, dy);
    for (size_t i = 0; i < out; i++)
        dy[i] = places->gradient[l + 1][i] / (layer->kind->places == PLACES_ONE ? dy[i] : live);
    layer_scatter(layer, dy, sum);
    for (size_t i = 0; i < in; i++) dx[i] += scale * sum[i];
    memory_free(dy);
    memory_free(sum);
}

static void same_back(const Places *places, size_t l, double factor, double *dx) {
    const Layer *layer = &places->net->layer[l];
    const double *dy = places->gradient[l + 1], *slope = places->slope[l + 1];
    const double *x = places->square[layer->from + 1];
    size_t count = count_of(places, (int64_t)l);
    for (size_t i = 0; i < count; i++) {
        double local = slope ? slope[i] : 1;
        if (layer->kind->places == PLACES_LEVEL && x[i] > 0) local = 1 / x[i];
        dx[i] += factor * local * dy[i];
    }
}

void places_back(Places *places, size_t l, double factor) {
    const Layer *layer = &places->net->layer[l];
    double *dx = places->gradient[layer->from + 1];
    size_t in = count_of(places, layer->from), out = count_of(places, (int64_t)l);
    bool slides = layer->kind->places == PLACES_SUM || layer->kind->places == PLACES_ONE;
    if (slides && !places->off) {
        slide_back(places, l, factor, dx);
    } else if (in == out) {
        same_back(places, l, factor, dx);
        if (layer->kind->is_join) same_back(places, l, factor, places->gradient[layer->from2 + 1]);
    } else {
        double mean = mean_of(places->gradient[l + 1], out);
        for (size_t i = 0; i < in; i++) dx[i] += factor * mean;
    }
}

double places_gradient(const Places *places, size_t l) {
    return mean_of(places->gradient[l + 1], count_of(places, (int64_t)l));
}

// ---- where ----

size_t init_positions(const Shape *shape, InitPlace place, size_t position[4]) {
    if (shape->rank < 2 || (shape->rank == 2 && place == INIT_EDGE)) return 0;
    size_t h = shape->rank == 3 ? (size_t)shape->size[0] : 1;
    size_t w = (size_t)shape->size[shape->rank - 2], count = 0;
    const size_t bottom = h - 1, right = w - 1;
    const size_t rows[][4] = {[INIT_CORNER] = {0, 0, bottom, bottom},
                              [INIT_EDGE] = {0, bottom, h / 2, h / 2},
                              [INIT_MIDDLE] = {h / 2}};
    const size_t columns[][4] = {[INIT_CORNER] = {0, right, 0, right},
                                 [INIT_EDGE] = {w / 2, w / 2, 0, right},
                                 [INIT_MIDDLE] = {w / 2}};
    size_t most = place == INIT_MIDDLE ? 1 : h == 1 ? 2 : 4;
    for (; count < most; count++) position[count] = rows[place][count] * w + columns[place][count];
    return count;
}

double places_at(const Places *places, size_t l, InitPlace place) {
    size_t position[4], count = init_positions(shape_of(places, (int64_t)l), place, position);
    double sum = 0;
    if (places->off || count == 0) return NAN;
    for (size_t i = 0; i < count; i++) sum += places->square[l + 1][position[i]];
    return sum / (double)count;
}
