// An intercept, as N - 1 contrasts of the N rows of X. With v = 1/sqrt(N) + e_1 the reflection
//     Q = I - v v' / (1 + 1/sqrt(N))      takes the ones to -sqrt(N) e_1,
// so its other N - 1 rows are orthonormal and give 0 for what is the same in every row. Of X they
// make Z with Z'Z = Xc'Xc, where Xc has centred columns, and
//     z_i = x_i - c,   c = mean + (x_1 - mean)/(sqrt(N) + 1),   i = 2 .. N.
// Xc itself would do, too, but it has N rows of rank N - 1 at most: of a wide X rounding would have
// to be told from rank.
#include "ridge/design.h"
#include <float.h>
#include <math.h>
#include <string.h>

static const size_t BLOCK = (size_t)1 << 20; // numbers that are read at a time

// Rows of base, from `skip` on, less one row: a number is high + low, to twice double precision. A
// column that is constant up to rounding is 0.
typedef struct Shifted {
    const RidgeDesign *base;
    RidgeDesign *owned; // base, or NULL where it is borrowed
    size_t skip;
    double *high, *low;   // (d) what is taken away
    double *mean, *mean2; // (d) the mean row of the contrasts' base, high and low
    bool *constant;       // (d)
} Shifted;

static bool read_shifted(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                         size_t columns, double *x, Error *error) {
    const Shifted *s = design->state;
    if (!s->base->read(s->base, row + s->skip, rows, column, columns, x, error)) return false;
    for (size_t k = 0; k < rows * columns; k++) {
        size_t j = column + k % columns;
        x[k] = s->constant[j] ? 0 : (x[k] - s->high[j]) - s->low[j];
    }
    return true;
}

static void close_shifted(RidgeDesign *design) {
    Shifted *s = design->state;
    ridge_design_close(s->owned);
    memory_free(s->high);
    memory_free(s->constant);
    memory_free(s);
}

static RidgeDesign *new_shifted(const RidgeDesign *base, size_t skip, Error *error) {
    size_t d = base->d;
    RidgeDesign *design = design_new(base->name);
    Shifted *s = memory_new(1, sizeof *s);
    *s = (Shifted){.base = base, .skip = skip};
    *design = (RidgeDesign){.name = design->name,
                            .n = base->n - skip,
                            .d = d,
                            .read = read_shifted,
                            .close = close_shifted,
                            .state = s,
                            .progress = base->progress};
    s->high = memory_try(d, 4 * sizeof(double), "the means of columns", error);
    s->constant = s->high ? memory_try(d, sizeof(bool), "the means of columns", error) : NULL;
    if (!s->constant) {
        ridge_design_close(design);
        return NULL;
    }
    s->low = s->high + d, s->mean = s->high + 2 * d, s->mean2 = s->high + 3 * d;
    return design;
}

// high + low = a + b, to twice double precision (Knuth 1969).
static void add_exactly(double a, double b, double *high, double *low) {
    double sum = a + b, part = sum - a;
    *low = (a - (sum - part)) + (b - part);
    *high = sum;
}

// Of one column: the sum of x - first, and the largest of |x - first| and |x|.
typedef struct Column {
    double first, sum, spread, largest;
} Column;

static void column_add(Column *column, double x) {
    double off = x - column->first;
    column->sum += off;
    column->spread = fmax(column->spread, fabs(off));
    column->largest = fmax(column->largest, fabs(x));
}

// The mean is high + low, right to the digits of the spread of the column, however far it is from
// 0; and exactly `first` in a constant one.
static void column_mean(const Column *column, size_t n, double *high, double *low) {
    add_exactly(column->first, column->sum / (double)n, high, low);
}

static bool add_rows(const RidgeDesign *base, size_t most, Column *column, double *block,
                     Error *error) {
    size_t n = base->n, d = base->d;
    for (size_t row = 0; row < n; row += most) {
        size_t rows = n - row < most ? n - row : most;
        if (!design_tell(base, "the means of columns", row / most, (n + most - 1) / most, error) ||
            !base->read(base, row, rows, 0, d, block, error) ||
            !design_check_numbers(base, row, rows, 0, d, block, error))
            return false;
        for (size_t j = 0; row == 0 && j < d; j++) column[j].first = block[j];
        for (size_t k = 0; k < rows * d; k++) column_add(&column[k % d], block[k]);
    }
    return true;
}

// Means, and which columns are constant: their numbers differ by no more than rounding may have
// made of one.
static bool find_means(RidgeDesign *design, Error *error) {
    Shifted *s = design->state;
    const RidgeDesign *base = s->base;
    size_t n = base->n, d = base->d, most = BLOCK / d + 1;
    if (most > n) most = n;
    double tolerance = (double)(n > d ? n : d) * DBL_EPSILON, root = sqrt((double)n);
    Column *column = memory_try(d, sizeof *column, "the means of columns", error);
    double *block = column ? design_matrix(most, d, "a block of rows", error) : NULL;
    bool ok = block && add_rows(base, most, column, block, error);
    for (size_t j = 0; ok && j < d; j++) {
        s->constant[j] = column[j].spread <= tolerance * column[j].largest;
        design->constant += s->constant[j];
        column_mean(&column[j], n, &s->mean[j], &s->mean2[j]);
        double off = ((column[j].first - s->mean[j]) - s->mean2[j]) / (root + 1);
        add_exactly(s->mean[j], off, &s->high[j], &s->low[j]);
        s->low[j] += s->mean2[j];
    }
    memory_free(column);
    memory_free(block);
    return ok;
}

RidgeDesign *ridge_design_contrasts(RidgeDesign *base, Error *error) {
    if (base->n < 2) {
        error_set(error, "%s: 1 row; with an intercept at least 2 are needed (--intercept no)",
                  base->name);
        ridge_design_close(base);
        return NULL;
    }
    RidgeDesign *design = new_shifted(base, 1, error);
    if (!design) {
        ridge_design_close(base);
        return NULL;
    }
    ((Shifted *)design->state)->owned = base;
    design->intercept = true;
    if (find_means(design, error)) return design;
    ridge_design_close(design);
    return NULL;
}

RidgeDesign *design_from_mean(const RidgeDesign *base, const RidgeDesign *contrasts, Error *error) {
    const Shifted *from = contrasts->state;
    RidgeDesign *design = new_shifted(base, 0, error);
    if (!design) return NULL;
    Shifted *s = design->state;
    for (size_t j = 0; j < base->d; j++) {
        s->high[j] = from->mean[j], s->low[j] = from->mean2[j];
        s->constant[j] = from->constant[j];
    }
    return design;
}

// ---- nested ones ----

static void close_nested(RidgeDesign *design) {
    memory_free((double *)design->state - design->d); // its rows stand behind the first one of X
}

// Row k of x (n, d), k = 2 .. n, becomes sqrt((k - 1)/k) (x_k - mean of the rows before it).
static void nest(const Shifted *s, size_t n, size_t d, double *x, double *high, double *low) {
    memcpy(high, x, d * sizeof *high);
    memset(low, 0, d * sizeof *low);
    for (size_t i = 1; i < n; i++) {
        double k = (double)i + 1, scale = sqrt((k - 1) / k), rest;
        for (size_t j = 0; j < d; j++) {
            double off = s->constant[j] ? 0 : (x[i * d + j] - high[j]) - low[j];
            add_exactly(high[j], off / k, &high[j], &rest);
            low[j] += rest;
            x[i * d + j] = scale * off;
        }
    }
}

RidgeDesign *design_nested(const RidgeDesign *contrasts, Error *error) {
    const Shifted *s = contrasts->state;
    size_t n = s->base->n, d = s->base->d;
    double *x = design_matrix(n, d, "nested contrasts", error);
    double *mean = x ? design_matrix(2, d, "the means of columns", error) : NULL;
    bool ok = mean && s->base->read(s->base, 0, n, 0, d, x, error);
    if (ok) nest(s, n, d, x, mean, mean + d);
    memory_free(mean);
    if (!ok) {
        memory_free(x);
        return NULL;
    }
    RidgeDesign *design = ridge_design_of(n - 1, d, x + d);
    memory_free(design->name);
    design->name = memory_text(contrasts->name);
    design->close = close_nested;
    design->progress = contrasts->progress;
    design->intercept = true;
    design->constant = contrasts->constant;
    return design;
}

// ---- numbers beside the design ----

double design_centre(size_t n, size_t step, double *y) {
    Column column = {.first = y[0]};
    double high, low;
    for (size_t i = 0; i < n; i++) column_add(&column, y[i * step]);
    column_mean(&column, n, &high, &low);
    for (size_t i = 0; i < n; i++) y[i * step] = (y[i * step] - high) - low;
    return high;
}

double design_gather(size_t n, double *y) {
    double mean = design_centre(n, 1, y), off = y[0] / (sqrt((double)n) + 1);
    for (size_t i = 1; i < n; i++) y[i - 1] = y[i] - off;
    return mean;
}

void design_spread(size_t n, size_t columns, double *x) {
    double rows = (double)n, root = sqrt(rows);
    memset(x, 0, columns * sizeof *x);
    for (size_t k = columns; k < n * columns; k++) x[k % columns] += x[k];
    for (size_t k = columns; k < n * columns; k++) x[k] -= x[k % columns] / (rows + root);
    for (size_t j = 0; j < columns; j++) x[j] /= -root;
}
