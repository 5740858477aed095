#include "ridge/path.h"
#include "ridge/design.h"
#include <float.h>
#include <math.h>
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

double *path_read(const RidgeDesign *design, bool columns, Error *error) {
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

// Turns coordinates at .. at + width - 1, so that row k keeps one of them only, for it and for the
// rows after it. Householder's reflection I - scale u u'; work (p).
static void turn(PathFactor *f, size_t k, size_t at, size_t width, double *work) {
    double *u = f->l + k * f->q + at;
    double length = sqrt(linear_dot(width, u, u)), to = u[0] > 0 ? -length : length;
    u[0] -= to;
    double scale = 2 / linear_dot(width, u, u);
    for (size_t i = k + 1; i < f->m; i++) {
        double *x = f->l + i * f->q + at, part = scale * linear_dot(width, u, x);
        for (size_t j = 0; j < width; j++) x[j] -= part * u[j];
    }
    if (f->basis) {
        double *q = f->basis + at * f->p;
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

// QR without pivots leaves row k with coordinates up to k, whatever depends; a row that depends
// frees a coordinate for the next one that does not.
static void settle(PathFactor *f, double *work) {
    size_t rank = 0;
    double square = 0, lost = 0;
    for (size_t k = 0; k < f->m; k++) {
        double *row = f->l + k * f->q;
        size_t width = (k < f->q ? k + 1 : f->q) - rank, most = k + 1 > f->p ? k + 1 : f->p;
        square += linear_dot(f->q, row, row);
        double adds = sqrt(linear_dot(width, row + rank, row + rank));
        if (adds > (double)most * DBL_EPSILON * sqrt(square)) {
            if (width > 1) turn(f, k, rank, width, work);
            rank++;
        } else {
            lost += adds * adds;
        }
        memset(row + rank, 0, (f->q - rank) * sizeof *row);
        f->rank[k] = rank;
        f->square[k] = square;
        f->lost[k] = lost;
    }
}

bool path_factor(size_t m, size_t p, double *a, bool basis, PathFactor *factor, Error *error) {
    size_t q = m < p ? m : p;
    *factor = (PathFactor){.m = m, .p = p, .q = q, .l = a};
    factor->rank = memory_try(m, sizeof *factor->rank, "ranks of a path", error);
    factor->square = factor->rank ? design_matrix(m, 1, "norms of a path", error) : NULL;
    factor->lost = factor->square ? design_matrix(m, 1, "norms of a path", error) : NULL;
    double *work = factor->lost ? design_matrix(p, 1, "a row of a path", error) : NULL;
    bool ok = work != NULL;
    if (ok && basis) {
        factor->basis = design_matrix(q, p, "the basis of a path", error);
        ok = factor->basis != NULL;
    }
    ok = ok && linear_lq(m, p, a, factor->basis, error);
    if (ok) {
        settle(factor, work);
        ok = isfinite(factor->square[m - 1]) ||
             error_set(error, "a number is not finite, or its square is too large");
    }
    memory_free(work);
    if (!ok) path_factor_free(factor);
    return ok;
}

void path_factor_free(PathFactor *factor) {
    memory_free(factor->l);
    memory_free(factor->basis);
    memory_free(factor->rank);
    memory_free(factor->square);
    memory_free(factor->lost);
    *factor = (PathFactor){0};
}
