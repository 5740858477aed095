#include "layer/window.h"
#include <math.h>
#include <stdlib.h>

// ---- live taps ----

static WindowLive axis_live(const Layer *layer, int axis) {
    int64_t n = layer->in.size[axis], count = layer->out.size[axis], kernel = layer->kernel;
    int64_t stride = layer->option[WINDOW_STRIDE].whole, pad = layer->option[WINDOW_PAD].whole;
    double sum = 0, square = 0;
    // Windows that begin in the padding, those that end there, and all others, which are whole.
    int64_t first = (pad + stride - 1) / stride, last = (n + pad - kernel) / stride + 1;
    if (n + pad < kernel) last = 0;
    if (first > count) first = count;
    if (last < first) last = first;
    if (last > count) last = count;
    for (int64_t o = 0; o < count; o++) {
        if (o == first) o = last;
        if (o == count) break;
        int64_t from = o * stride - pad, to = from + kernel;
        double live = (double)((to < n ? to : n) - (from > 0 ? from : 0));
        if (live < 0) live = 0;
        sum += live;
        square += live * live;
    }
    double whole = (double)(last - first), k = (double)kernel;
    return (WindowLive){(sum + whole * k) / (double)count,
                        (square + whole * k * k) / (double)count};
}

WindowLive window_live(const Layer *layer) {
    WindowLive live = {1, 1};
    for (int axis = 0; axis + 1 < layer->in.rank; axis++) {
        WindowLive one = axis_live(layer, axis);
        live.mean *= one.mean;
        live.square *= one.square;
    }
    return live;
}

// ---- the largest ----

enum { INNER = 768, OUTER = 49 }; // cells of the inner law end at 0, where activations bend
static const double REACH = 8;

typedef struct Atom {
    double x, slope, mass;
} Atom;

typedef struct Moments {
    double mean, square, slope; // of the largest: E x, E x^2, E (dx/du)^2
} Moments;

typedef struct Largest {
    const LayerSignal *in;
    double root, rest; // sqrt(c), sqrt(1-c)
    double n;          // numbers in a window
    double scale;      // of a Gaussian signal
} Largest;

static int ascending(const void *a, const void *b) {
    double x = ((const Atom *)a)->x, y = ((const Atom *)b)->x;
    return (x > y) - (x < y);
}

// The standard normal law on `count` cells of equal width up to REACH: centre and mass of cell i.
static double cell(int count, int i, double *mass) {
    double width = 2 * REACH / count, low = -REACH + width * i, high = low + width;
    *mass = (erfc(-high / sqrt(2)) - erfc(-low / sqrt(2))) / 2;
    if (low > 0) *mass = (erfc(low / sqrt(2)) - erfc(high / sqrt(2))) / 2;
    return (low + high) / 2;
}

static void sample(const Largest *of, double z0, Atom *atom) {
    double z[INNER], x[INNER], slope[INNER];
    for (int i = 0; i < INNER; i++) {
        z[i] = of->root * z0 + of->rest * cell(INNER, i, &atom[i].mass);
        x[i] = of->in->mean + of->scale * z[i];
        slope[i] = 1;
    }
    if (of->in->sample) of->in->sample(of->in->context, INNER, z, x, slope);
    for (int i = 0; i < INNER; i++) {
        atom[i].x = x[i];
        atom[i].slope = slope[i];
    }
    qsort(atom, INNER, sizeof *atom, ascending);
}

// The same of n of them, given z0: the law of the largest is F^n.
static Moments largest_given(const Largest *of, double z0) {
    Atom atom[INNER];
    Moments moments = {0};
    double below = 0, before = 0;
    sample(of, z0, atom);
    for (int i = 0; i < INNER; i++) {
        below += atom[i].mass;
        double upto = pow(fmin(below, 1), of->n), mass = upto - before;
        before = upto;
        moments.mean += mass * atom[i].x;
        moments.square += mass * atom[i].x * atom[i].x;
        moments.slope += mass * atom[i].slope * atom[i].slope;
    }
    return moments;
}

// What is shared by any two positions, as a part of what near ones share.
static double part_apart(const LayerSignal *in) {
    double square = in->mean * in->mean, near = in->shared - square;
    return fabs(near) > 1e-12 * in->square ? (in->apart - square) / near : 1;
}

// How much of the image a window sees: a small one has near positions, one of all any two.
static double reach_of(const Layer *layer) {
    return fmin(window_live(layer).mean / (double)shape_positions(&layer->in), 1);
}

double window_pairs(const Layer *layer, const LayerSignal *in) {
    double reach = reach_of(layer);
    return in->shared * (1 - reach) + in->apart * reach;
}

// The correlation in a window.
static double correlation_of(const Layer *layer, const LayerSignal *in) {
    double variance = in->square - in->mean * in->mean, reach = reach_of(layer);
    double near = (in->shared - in->mean * in->mean) / variance;
    if (!(variance > 0)) return 0;
    double c = (in->sample ? in->correlation : near) * (1 - reach + reach * part_apart(in));
    return c > 1e-9 ? fmin(c, 1) : 0;
}

void window_signal_largest(const Layer *layer, const LayerSignal *in, const LayerSignal *in2,
                           LayerSignal *out) {
    (void)in2;
    double n = window_live(layer).mean * (in->sample ? in->largest_of : 1), slope = 0;
    double c = correlation_of(layer, in);
    double deviation = sqrt(fmax(in->square - in->mean * in->mean, 0));
    Largest of = {in, sqrt(c), sqrt(1 - c), n, deviation};
    *out = (LayerSignal){0};
    int outer = c > 0 ? OUTER : 1;
    for (int i = 0; i < outer; i++) {
        double mass, z0 = cell(outer, i, &mass);
        Moments m = largest_given(&of, z0);
        out->mean += mass * m.mean;
        out->square += mass * m.square;
        out->shared += mass * m.mean * m.mean; // given z0 the windows are independent
        slope += mass * m.slope;
    }
    double mean_square = out->mean * out->mean;
    out->apart = mean_square + (out->shared - mean_square) * part_apart(in);
    out->gradient = in->sample ? slope / in->steepness : in->gaussian ? 1 : NAN;
    if (!in->sample) return;
    out->sample = in->sample, out->context = in->context, out->correlation = in->correlation;
    out->largest_of = n, out->steepness = slope;
}
