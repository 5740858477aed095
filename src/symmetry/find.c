// From a matrix to its group.
#include "symmetry/inner.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double RELATIVE = 1e-6;

// ---- values to labels ----

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Keeps, of values in ascending order, the first after each gap beyond the tolerance.
static void cut(double *value, size_t count, SymmetryFound *found) {
    found->margin_above = INFINITY;
    found->values = 1;
    double last = value[0];
    for (size_t i = 1; i < count; i++) {
        double gap = value[i] - last;
        last = value[i];
        if (gap <= found->tolerance) {
            found->margin_below = fmax(found->margin_below, gap);
        } else {
            found->margin_above = fmin(found->margin_above, gap);
            value[found->values++] = last;
        }
    }
}

static uint32_t label_of(const double *first, size_t values, double w) {
    size_t low = 0, high = values;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        *(first[middle] <= w ? &low : &high) = middle;
    }
    return (uint32_t)low;
}

static bool label_values(const DataMatrix *W, SymmetryFound *found, SymmetryPattern *pattern,
                         Error *error) {
    size_t count = W->rows * W->cols;
    double *value = memory_try(count, sizeof *value, "values", error);
    uint32_t *label = memory_try(count, sizeof *label, "labels", error);
    *pattern = (SymmetryPattern){.rows = W->rows, .cols = W->cols, .bytes = 4, .label = label};
    if (value && label) {
        memcpy(value, W->x, count * sizeof *value);
        qsort(value, count, sizeof *value, compare);
        cut(value, count, found);
        for (size_t i = 0; i < count; i++) label[i] = label_of(value, found->values, W->x[i]);
        pattern->weights = found->values;
    }
    memory_free(value);
    return value && label;
}

// ---- automorphisms to a group ----

static bool take_group(const Automorphisms *made, SymmetryGroup *group, Error *error) {
    size_t generators = made->generators ? made->generators : 1;
    if (!group_new(group, made->points, generators, error)) return false;
    for (size_t i = 0; i < made->points * generators; i++)
        group->image[i] = made->generators ? made->image[i] : (int32_t)(i % made->points);
    group->log_most = 0;
    for (size_t i = 0; i < made->indices; i++) group->log_most += log((double)made->index[i]);
    return true;
}

bool matrix_automorphisms(const DataMatrix *W, int seconds, SymmetryFound *found, Error *error) {
    SymmetryPattern pattern;
    Automorphisms made = {0};
    found->rectangular = W->rows != W->cols;
    if (W->rows < 1 || W->cols < 1 || W->rows + W->cols > 2 * (size_t)SYMMETRY_POINTS)
        return error_set(error, "W has %zu rows and %zu columns; it takes 1 to %d", W->rows,
                         W->cols, SYMMETRY_POINTS);
    bool ok = label_values(W, found, &pattern, error) &&
              automorphisms_of(&pattern, found->rectangular, seconds, &made, error);
    found->in_time = made.found;
    if (ok && made.found)
        ok = take_group(&made, &found->group, error) &&
             (found->order = order_product(made.index, made.indices, 1, error)) != NULL;
    automorphisms_free(&made);
    symmetry_pattern_free(&pattern);
    return ok;
}

// ---- the whole ----

// The actions on outputs and on inputs of a group on both.
static bool split(const SymmetryFound *found, size_t rows, size_t cols, Symmetry *symmetry,
                  Error *error) {
    const SymmetryGroup *group = &found->group;
    size_t shift = found->rectangular ? rows : 0;
    symmetry->rectangular = true; // in and out are two blocks
    if (!group_new(&symmetry->out, rows, group->generators, error) ||
        !group_new(&symmetry->in, cols, group->generators, error))
        return false;
    for (size_t k = 0; k < group->generators; k++) {
        const int32_t *image = group->image + k * group->n;
        for (size_t i = 0; i < rows; i++) symmetry->out.image[k * rows + i] = image[i];
        for (size_t j = 0; j < cols; j++)
            symmetry->in.image[k * cols + j] = image[shift + j] - (int32_t)shift;
    }
    return true;
}

static bool count_free(size_t rows, size_t cols, SymmetryFound *found, Error *error) {
    Symmetry symmetry = {0};
    SymmetryPattern pattern = {0};
    bool ok =
        split(found, rows, cols, &symmetry, error) && symmetry_pattern(&symmetry, &pattern, error);
    found->weights = pattern.weights, found->biases = pattern.biases;
    symmetry_pattern_free(&pattern);
    group_free(&symmetry.out);
    group_free(&symmetry.in);
    return ok;
}

bool symmetry_find(const DataMatrix *W, double tolerance, int seconds, SymmetryFound *found,
                   Error *error) {
    *found = (SymmetryFound){.tolerance = tolerance};
    for (size_t i = 0; i < W->rows * W->cols; i++)
        if (!isfinite(W->x[i]))
            return error_set(error, "W is not a number in row %zu, column %zu", i / W->cols,
                             i % W->cols);
    if (isnan(tolerance)) found->tolerance = RELATIVE * weights_scale(W);
    if (matrix_automorphisms(W, seconds, found, error) &&
        (!found->in_time || count_free(W->rows, W->cols, found, error)))
        return true;
    symmetry_found_free(found);
    return false;
}

void symmetry_found_free(SymmetryFound *found) {
    group_free(&found->group);
    memory_free(found->order);
    *found = (SymmetryFound){0};
}

// ---- graphs ----

enum { GRAPH_POINTS = 1 << 13, GRAPH_SECONDS = 10, GRAPH_BYTES = 1 << 28 };

static bool read_matrix(const char *path, DataMatrix *W, Error *error) {
    DataFile *file = data_file_open(path, error);
    if (!file) return false;
    bool ok = file->rows == file->cols && file->rows <= GRAPH_POINTS;
    if (!ok)
        error_set(error, "%s: %zu rows and %zu columns; a graph takes as many of both, at most %d",
                  path, file->rows, file->cols, GRAPH_POINTS);
    if (ok) W->x = memory_try(file->rows * file->cols, sizeof *W->x, "a graph", error);
    if (W->x) {
        W->rows = file->rows, W->cols = file->cols;
        data_file_read(file, 0, W->rows, 0, W->cols, W->x);
    }
    data_file_close(file);
    return W->x != NULL;
}

typedef struct Edges {
    size_t *point; // ends, one after the other
    size_t count, capacity, most;
} Edges;

static bool read_edges(const char *path, const char *text, Edges *edges, Error *error) {
    size_t line = 1, in_line = 0;
    for (const char *c = text;; c++) {
        if (*c == '#') c += strcspn(c, "\n");
        if (!*c || *c == '\n') {
            if (in_line != 0 && in_line != 2)
                return error_set(error, "%s:%zu: %zu points; an edge has 2", path, line, in_line);
            in_line = 0;
            line++;
            if (!*c) return true;
        } else if (isdigit((unsigned char)*c)) {
            size_t point = 0;
            for (; isdigit((unsigned char)*c); c++)
                if (point < GRAPH_POINTS) point = 10 * point + (size_t)(*c - '0');
            c--;
            if (point >= GRAPH_POINTS)
                return error_set(error, "%s:%zu: points count from 0 to %d at most", path, line,
                                 GRAPH_POINTS - 1);
            edges->point =
                memory_grow(edges->point, edges->count, &edges->capacity, sizeof *edges->point);
            edges->point[edges->count++] = point;
            if (point >= edges->most) edges->most = point + 1;
            in_line++;
        } else if (!isspace((unsigned char)*c)) {
            return error_set(error, "%s:%zu: an edge is two numbers", path, line);
        }
    }
}

static bool read_list(const char *path, DataMatrix *W, Error *error) {
    char *text;
    size_t size;
    Edges edges = {0};
    if (!file_read(path, GRAPH_BYTES, &text, &size, error)) return false;
    bool ok = read_edges(path, text, &edges, error);
    if (ok && !edges.most) ok = error_set(error, "%s: no edges", path);
    if (ok) W->x = memory_try(edges.most * edges.most, sizeof *W->x, "a graph", error);
    if (W->x) {
        W->rows = W->cols = edges.most;
        for (size_t i = 0; i < edges.count; i += 2) {
            size_t a = edges.point[i], b = edges.point[i + 1];
            W->x[a * edges.most + b] = W->x[b * edges.most + a] = 1;
        }
    }
    memory_free(edges.point);
    memory_free(text);
    return W->x != NULL;
}

bool group_of_graph(const char *path, SymmetryGroup *group, Error *error) {
    DataMatrix W = {0};
    SymmetryFound found = {0};
    bool ok = (data_file_named(path) ? read_matrix : read_list)(path, &W, error);
    for (size_t i = 0; ok && i < W.rows * W.cols; i++)
        if (!isfinite(W.x[i]))
            ok = error_set(error, "%s: not a number in row %zu, column %zu", path, i / W.cols,
                           i % W.cols);
    ok = ok && matrix_automorphisms(&W, GRAPH_SECONDS, &found, error);
    if (ok && !found.in_time)
        ok = error_set(error, "%s: its automorphisms were not found in %d s", path, GRAPH_SECONDS);
    if (ok) {
        *group = found.group;
        found.group = (SymmetryGroup){0};
    }
    symmetry_found_free(&found);
    memory_free(W.x);
    return ok;
}
