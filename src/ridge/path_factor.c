#include "ridge/path.h"
#include "ridge/design.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { READ_ROWS = 256 };

static bool read_turned(const RidgeDesign *design, double *a, Error *error) {
    size_t n = design->n, d = design->d;
    double *block = design_matrix(n < READ_ROWS ? n : READ_ROWS, d, "rows of a path", error);
    bool ok = block != NULL;
    for (size_t first = 0; ok && first < n; first += READ_ROWS) {
        size_t rows = n - first < READ_ROWS ? n - first : READ_ROWS;
        ok = design->read(design, first, rows, 0, d, block, error);
        for (size_t j = 0; ok && j < d; j++) {
            for (size_t i = 0; i < rows; i++) a[j * n + first + i] = block[i * d + j];
        }
    }
    memory_free(block);
    return ok;
}

static double *read_matrix(const RidgeDesign *design, bool columns, Error *error) {
    size_t n = design->n, d = design->d;
    if (n == 0 || d == 0) {
        error_set(error, "%s: a matrix of %zu rows and %zu columns has no path", design->name, n,
                  d);
        return NULL;
    }
    if (!design_tell(design, "the factor of a path", 0, 0, error)) return NULL;
    double *a = design_matrix(n, d, "the matrix of a path", error);
    if (!a) {
        error_prefix(error, "%s", design->name);
        return NULL;
    }
    if (columns ? read_turned(design, a, error) : design->read(design, 0, n, 0, d, a, error))
        return a;
    memory_free(a);
    return NULL;
}

// Turns coordinates at .. at + width - 1 of l, so that row k keeps one of them only, for it and for
// the rows after it. Householder's reflection I - scale u u'; basis (q, p) or NULL, work (p).
static void turn(const PathFactor *f, double *l, double *basis, size_t k, size_t at, size_t width,
                 double *work) {
    double *u = l + k * f->q + at;
    double length = sqrt(linear_dot(width, u, u)), to = u[0] > 0 ? -length : length;
    u[0] -= to;
    double square = linear_dot(width, u, u), scale = square > 0 ? 2 / square : 0;
    for (size_t i = k + 1; i < f->m; i++) {
        double *x = l + i * f->q + at, part = scale * linear_dot(width, u, x);
        for (size_t j = 0; j < width; j++) x[j] -= part * u[j];
    }
    if (basis) {
        double *q = basis + at * f->p;
        memset(work, 0, f->p * sizeof *work);
        for (size_t i = 0; i < width; i++) {
            for (size_t j = 0; j < f->p; j++) work[j] += scale * u[i] * q[i * f->p + j];
        }
        for (size_t i = 0; i < width; i++) {
            for (size_t j = 0; j < f->p; j++) q[i * f->p + j] -= u[i] * work[j];
        }
    }
    u[0] = to;
}

// How much larger a column is in all rows than in the first ones, at most. X is scaled by its whole
// columns, a prefix of rows by what it has of them.
static void note_growth(const double *row, size_t d, const double *whole, double *square,
                        double *growth) {
    *growth = 1;
    for (size_t j = 0; j < d; j++) {
        double part = whole[j] > 0 ? row[j] / whole[j] : 0;
        square[j] += part * part;
        if (square[j] > 0) *growth = fmax(*growth, 1 / sqrt(square[j]));
    }
}

// Whether row k of X adds to the rank of the rows before it, by singular values.
static bool ask_rank(const RidgeDesign *design, size_t k, size_t rank, bool *grows, Error *error) {
    RidgeRank found;
    if (!rank_of_rows(design, k + 1, &found, NULL, error)) return false;
    *grows = found.rank > rank;
    return true;
}

// QR without pivots leaves row k with coordinates up to k, whatever depends; a row that depends
// frees a coordinate for the next one that does not. Of rows of X, growth (m), or NULL: 1; where it
// leaves open whether a row depends, singular values tell.
static bool settle(PathFactor *f, const RidgeDesign *design, const double *growth, double *work,
                   Error *error) {
    size_t rank = 0;
    double square = 0, lost = 0;
    for (size_t k = 0; k < f->m; k++) {
        double *row = f->l + k * f->q, *other = f->other ? f->other + k * f->q : row;
        double by = f->by ? f->by[k] : 1, grown = growth ? growth[k] : 1;
        size_t width = (k < f->q ? k + 1 : f->q) - rank;
        square += by * by * linear_dot(f->q, other, other);
        double adds = by * by * linear_dot(width, other + rank, other + rank);
        double tolerance = rank_tolerance(k + 1, f->p);
        bool grows = sqrt(lost + adds) > tolerance;
        if (!grows && sqrt(adds) * grown > tolerance && !ask_rank(design, k, rank, &grows, error))
            return false;
        if (grows && width > 1) {
            turn(f, f->l, f->basis, k, rank, width, work);
            if (f->other) turn(f, f->other, NULL, k, rank, width, work);
        }
        if (grows)
            rank++;
        else
            lost += adds;
        memset(row + rank, 0, (f->q - rank) * sizeof *row);
        memset(other + rank, 0, (f->q - rank) * sizeof *other);
        f->rank[k] = rank;
        f->square[k] = square;
        f->lost[k] = lost;
    }
    return true;
}

// Of columns: row k is scaled by its norm.
static void scale_rows(PathFactor *f) {
    double most = 0;
    for (size_t k = 0; k < f->m; k++) {
        double norm = sqrt(linear_dot(f->q, f->l + k * f->q, f->l + k * f->q));
        f->by[k] = norm > 0 ? 1 / norm : 0;
        f->scale[k] = most = fmax(most, norm);
    }
}

typedef struct Order {
    double norm;
    size_t column;
} Order;

static int larger_first(const void *a, const void *b) {
    const Order *x = a, *y = b;
    return x->norm != y->norm ? (x->norm < y->norm) - (x->norm > y->norm)
                              : (x->column > y->column) - (x->column < y->column);
}

// Columns by their norms, which leaves small ones their digits in a QR of a': row k of a prefix is
// row k still. Their norms, sorted, into norm (p).
static bool sort_columns(size_t m, size_t p, double *a, double *norm, Error *error) {
    Order *order = memory_try(p, sizeof *order, "the columns of a path", error);
    double *row = order ? design_matrix(p, 1, "a row of a path", error) : NULL;
    if (row) {
        rank_norms(m, p, a, norm);
        for (size_t j = 0; j < p; j++) order[j] = (Order){norm[j], j};
        qsort(order, p, sizeof *order, larger_first);
        for (size_t i = 0; i < m; i++) {
            memcpy(row, a + i * p, p * sizeof *row);
            for (size_t j = 0; j < p; j++) a[i * p + j] = row[order[j].column];
        }
        for (size_t j = 0; j < p; j++) norm[j] = order[j].norm;
    }
    bool ok = row != NULL;
    memory_free(order);
    memory_free(row);
    return ok;
}

// Of rows: the other factor, of a with columns of norm 1, and growth (m).
static bool factor_scaled(PathFactor *f, const double *a, const double *norm, double *growth,
                          Error *error) {
    size_t m = f->m, p = f->p;
    double *square = design_matrix(p, 1, "norms of a path", error);
    f->other = square ? design_matrix(m, p, "the scaled matrix of a path", error) : NULL;
    if (f->other) {
        for (size_t k = 0; k < m; k++) {
            note_growth(a + k * p, p, norm, square, &growth[k]);
            f->scale[k] = norm[0];
        }
        for (size_t k = 0; k < m * p; k++) f->other[k] = norm[k % p] > 0 ? a[k] / norm[k % p] : 0;
    }
    memory_free(square);
    return f->other && linear_lq(m, p, f->other, NULL, error);
}

static double contrast_of(size_t count, const double *norm) {
    double least = INFINITY, most = 0;
    for (size_t k = 0; k < count; k++) {
        if (norm[k] > 0) least = fmin(least, norm[k]);
        most = fmax(most, norm[k]);
    }
    return most == 0 ? 1 : most / least;
}

// The contrast of the rows and of the columns of a (m, p).
static bool find_contrast(PathFactor *f, const double *a, Error *error) {
    double *norm = design_matrix(f->m + f->p, 1, "norms of a path", error);
    if (!norm) return false;
    rank_norms(f->m, f->p, a, norm + f->m);
    double total = 0;
    for (size_t k = 0; k < f->m; k++) {
        double square = linear_dot(f->p, a + k * f->p, a + k * f->p);
        norm[k] = sqrt(square);
        total += square;
    }
    f->contrast = fmax(contrast_of(f->m, norm), contrast_of(f->p, norm + f->m));
    memory_free(norm);
    return isfinite(total) ||
           error_set(error, "a number is not finite, or its square is too large");
}

static bool allocate(PathFactor *f, bool columns, Error *error) {
    static const char what[] = "norms of a path";
    f->rank = memory_try(f->m, sizeof *f->rank, "ranks of a path", error);
    return f->rank && (f->square = design_matrix(f->m, 1, what, error)) &&
           (f->lost = design_matrix(f->m, 1, what, error)) &&
           (f->scale = design_matrix(f->m, 1, what, error)) &&
           (!columns || ((f->by = design_matrix(f->m, 1, what, error)) &&
                         (f->basis = design_matrix(f->q, f->p, "the basis of a path", error))));
}

bool path_factor(const RidgeDesign *design, bool columns, PathFactor *factor, Error *error) {
    size_t m = columns ? design->d : design->n, p = columns ? design->n : design->d;
    *factor = (PathFactor){.m = m, .p = p, .q = m < p ? m : p};
    factor->l = read_matrix(design, columns, error);
    if (!factor->l) return false;
    double *work = NULL, *norm = NULL, *growth = NULL;
    bool ok = allocate(factor, columns, error) && find_contrast(factor, factor->l, error) &&
              (work = design_matrix(p, 1, "a row of a path", error));
    if (ok && !columns)
        ok = (norm = design_matrix(p, 1, "norms of a path", error)) &&
             (growth = design_matrix(m, 1, "norms of a path", error)) &&
             sort_columns(m, p, factor->l, norm, error) &&
             factor_scaled(factor, factor->l, norm, growth, error);
    ok = ok && linear_lq(m, p, factor->l, factor->basis, error);
    if (ok && columns) scale_rows(factor);
    ok = ok && settle(factor, design, growth, work, error);
    memory_free(work);
    memory_free(norm);
    memory_free(growth);
    if (ok) return true;
    path_factor_free(factor);
    return error_prefix(error, "%s", design->name);
}

void path_factor_free(PathFactor *factor) {
    memory_free(factor->l);
    memory_free(factor->basis);
    memory_free(factor->rank);
    memory_free(factor->by);
    memory_free(factor->other);
    memory_free(factor->scale);
    memory_free(factor->square);
    memory_free(factor->lost);
    *factor = (PathFactor){0};
}
