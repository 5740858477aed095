#include "layer/window.h"

// One axis of a shape: `before` times n positions times `after`, which become m.
typedef struct Axis {
    int64_t before, n, m, after, kernel, stride, pad;
} Axis;

static Axis axis_of(const Layer *layer, int axis) {
    Axis of = {.before = 1,
               .n = layer->in.size[axis],
               .m = layer->out.size[axis],
               .after = 1,
               .kernel = layer->kernel,
               .stride = layer->option[WINDOW_STRIDE].whole,
               .pad = layer->option[WINDOW_PAD].whole};
    for (int i = 0; i < axis; i++) of.before *= layer->out.size[i]; // those done already
    for (int i = axis + 1; i + 1 < layer->in.rank; i++) of.after *= layer->in.size[i];
    return of;
}

// The taps of output o that are inside.
static void taps(const Axis *of, int64_t o, int64_t *from, int64_t *to) {
    *from = o * of->stride - of->pad;
    *to = *from + of->kernel;
    if (*from < 0) *from = 0;
    if (*to > of->n) *to = of->n;
}

static void gather(const Axis *of, const double *x, double *y) {
    for (int64_t b = 0; b < of->before; b++) {
        for (int64_t o = 0; o < of->m; o++) {
            int64_t from, to;
            taps(of, o, &from, &to);
            for (int64_t a = 0; a < of->after; a++) {
                double sum = 0;
                for (int64_t i = from; i < to; i++) sum += x[(b * of->n + i) * of->after + a];
                y[(b * of->m + o) * of->after + a] = sum;
            }
        }
    }
}

static void scatter(const Axis *of, const double *y, double *x) {
    for (int64_t i = 0; i < of->before * of->n * of->after; i++) x[i] = 0;
    for (int64_t b = 0; b < of->before; b++) {
        for (int64_t o = 0; o < of->m; o++) {
            int64_t from, to;
            taps(of, o, &from, &to);
            for (int64_t i = from; i < to; i++) {
                for (int64_t a = 0; a < of->after; a++)
                    x[(b * of->n + i) * of->after + a] += y[(b * of->m + o) * of->after + a];
            }
        }
    }
}

// A window is a product over its axes, so each is summed on its own.
static double *between(const Layer *layer) { // (out rows, in columns)
    return memory_new((size_t)(layer->out.size[0] * layer->in.size[1]), sizeof(double));
}

void layer_gather(const Layer *layer, const double *x, double *y) {
    Axis first = axis_of(layer, 0);
    if (layer->in.rank == 2) {
        gather(&first, x, y);
        return;
    }
    Axis second = axis_of(layer, 1);
    double *half = between(layer);
    gather(&first, x, half);
    gather(&second, half, y);
    memory_free(half);
}

void layer_scatter(const Layer *layer, const double *y, double *x) {
    Axis first = axis_of(layer, 0);
    if (layer->in.rank == 2) {
        scatter(&first, y, x);
        return;
    }
    Axis second = axis_of(layer, 1);
    double *half = between(layer);
    scatter(&second, y, half);
    scatter(&first, half, x);
    memory_free(half);
}

bool layer_shift(const Layer *layer, int64_t k, const double *x, double *y) {
    bool flat = layer->in.rank == 2;
    int64_t width = flat ? 1 : layer->kernel, columns = flat ? 1 : layer->out.size[1];
    if (k >= layer->kernel * width) return false;
    Axis row = axis_of(layer, 0), column = axis_of(layer, flat ? 0 : 1);
    for (int64_t p = 0; p < row.m * columns; p++) {
        int64_t i = p / columns * row.stride - row.pad + k / width;
        int64_t j = flat ? 0 : p % columns * column.stride - column.pad + k % width;
        bool inside = i >= 0 && i < row.n && j >= 0 && (flat || j < column.n);
        y[p] = inside ? x[flat ? i : i * column.n + j] : 0;
    }
    return true;
}

double layer_live(const Layer *layer) {
    return window_live(layer).mean;
}
