// The orbits of a group on pairs (row, column), exactly.
//
// One orbit of rows at a time. Its first row r gets a label for each column; a Schreier tree
// carries them to the orbit's other rows: label(t(p), t(j)) = label(p, j) where generator t was
// first to reach row t(p) from p. The other edges p -> t(p) of the Schreier graph say which labels
// are one: a few of them at random do nearly all of that, then labels become those of the classes,
// and a pass over all edges makes the result exact. Every class of the orbit meets row r, so that
// numbering along r numbers by first appearance.
#include "symmetry/inner.h"
#include <string.h>

enum { SAMPLES = 24, PAIRS = 1 << 30 };

typedef struct Work {
    const SymmetryGroup *out, *in;
    SymmetryPattern *pattern;
    size_t *queue; // (rows) of the orbit
    int32_t *via;  // (rows) -1: not reached; else the generator that reached it, or `generators`
    uint32_t *parent, *number; // (cols) classes of labels; their numbers
} Work;

// ---- classes of labels ----

static uint32_t find(uint32_t *parent, uint32_t a) {
    while (parent[a] != a) a = parent[a] = parent[parent[a]];
    return a;
}

static bool unite(uint32_t *parent, uint32_t a, uint32_t b) { // true: they were two
    a = find(parent, a), b = find(parent, b);
    if (a == b) return false;
    if (a < b) parent[b] = a;
    if (b < a) parent[a] = b;
    return true;
}

// ---- rows of labels of 1, 2 or 4 bytes ----

#define ROW_KERNELS(bits)                                                                          \
    /* to[t[j]] = from[j] */                                                                       \
    static void carry##bits(const void *restrict from, void *restrict to,                          \
                            const int32_t *restrict t, size_t cols) {                              \
        const uint##bits##_t *a = from;                                                            \
        uint##bits##_t *b = to;                                                                    \
        for (size_t j = 0; j < cols; j++) b[t[j]] = a[j];                                          \
    }                                                                                              \
    /* makes from[j] and to[t[j]] one; true where they were not */                                 \
    static bool merge##bits(const void *restrict from, const void *restrict to,                    \
                            const int32_t *restrict t, size_t cols, uint32_t *parent) {            \
        const uint##bits##_t *a = from, *b = to;                                                   \
        uint##bits##_t differ = 0;                                                                 \
        for (size_t j = 0; j < cols; j++) differ |= (uint##bits##_t)(b[t[j]] ^ a[j]);              \
        bool merged = false;                                                                       \
        for (size_t j = 0; differ && j < cols; j++)                                                \
            if (b[t[j]] != a[j]) merged |= unite(parent, b[t[j]], a[j]);                           \
        return merged;                                                                             \
    }                                                                                              \
    /* row[j] = map[row[j]] + add */                                                               \
    static void rename##bits(void *row, size_t cols, const uint32_t *map, uint32_t add) {          \
        uint##bits##_t *a = row;                                                                   \
        for (size_t j = 0; j < cols; j++) a[j] = (uint##bits##_t)(map[a[j]] + add);                \
    }                                                                                              \
    static uint32_t get##bits(const void *row, size_t j) {                                         \
        return ((const uint##bits##_t *)row)[j];                                                   \
    }                                                                                              \
    static void set##bits(void *row, size_t j, uint32_t value) {                                   \
        ((uint##bits##_t *)row)[j] = (uint##bits##_t)value;                                        \
    }

ROW_KERNELS(8)
ROW_KERNELS(16)
ROW_KERNELS(32)

typedef struct Kernels {
    void (*carry)(const void *from, void *to, const int32_t *t, size_t cols);
    bool (*merge)(const void *from, const void *to, const int32_t *t, size_t cols,
                  uint32_t *parent);
    void (*rename)(void *row, size_t cols, const uint32_t *map, uint32_t add);
    uint32_t (*get)(const void *row, size_t j);
    void (*set)(void *row, size_t j, uint32_t value);
} Kernels;

static const Kernels *kernels(int bytes) {
    static const Kernels ONE = {carry8, merge8, rename8, get8, set8},
                         TWO = {carry16, merge16, rename16, get16, set16},
                         FOUR = {carry32, merge32, rename32, get32, set32};
    return bytes == 1 ? &ONE : bytes == 2 ? &TWO : &FOUR;
}

static char *row_at(const SymmetryPattern *pattern, size_t row) {
    return (char *)pattern->label + row * pattern->cols * (size_t)pattern->bytes;
}

uint32_t symmetry_label(const SymmetryPattern *pattern, size_t row, size_t col) {
    return kernels(pattern->bytes)->get(row_at(pattern, row), col);
}

// ---- one orbit of rows ----

static const int32_t *columns_of(const Work *work, size_t k) {
    return work->in->image + k * work->in->n;
}

// Fills queue with the orbit of row `first` and the rows with labels of its columns.
static size_t spread(const Work *work, size_t first, int32_t bias) {
    const SymmetryGroup *out = work->out;
    const Kernels *kernel = kernels(work->pattern->bytes);
    size_t count = 0;
    work->queue[count++] = first;
    work->via[first] = (int32_t)out->generators;
    for (size_t j = 0; j < work->pattern->cols; j++)
        kernel->set(row_at(work->pattern, first), j, (uint32_t)j);
    for (size_t at = 0; at < count; at++) {
        size_t from = work->queue[at];
        work->pattern->bias[from] = bias;
        for (size_t k = 0; k < out->generators; k++) {
            size_t to = (size_t)out->image[k * out->n + from];
            if (work->via[to] >= 0) continue;
            work->via[to] = (int32_t)k;
            work->queue[count++] = to;
            kernel->carry(row_at(work->pattern, from), row_at(work->pattern, to),
                          columns_of(work, k), work->pattern->cols);
        }
    }
    return count;
}

static bool merge_edge(const Work *work, size_t from, size_t k) {
    size_t to = (size_t)work->out->image[k * work->out->n + from];
    return kernels(work->pattern->bytes)
        ->merge(row_at(work->pattern, from), row_at(work->pattern, to), columns_of(work, k),
                work->pattern->cols, work->parent);
}

// number[label] becomes the class's least label.
static void flatten(const Work *work) {
    for (size_t j = 0; j < work->pattern->cols; j++)
        work->number[j] = find(work->parent, (uint32_t)j);
}

static void rename_rows(const Work *work, size_t count, uint32_t add) {
    for (size_t at = 0; at < count; at++)
        kernels(work->pattern->bytes)
            ->rename(row_at(work->pattern, work->queue[at]), work->pattern->cols, work->number,
                     add);
}

static void sample_edges(const Work *work, size_t first, size_t count) {
    Random random = random_stream(0, RANDOM_SYMMETRY, first);
    if (!work->out->generators) return;
    for (int i = 0; i < SAMPLES; i++) {
        size_t at = (size_t)random_below(&random, count);
        merge_edge(work, work->queue[at], (size_t)random_below(&random, work->out->generators));
    }
    flatten(work);
    rename_rows(work, count, 0);
}

// Tree edges hold already: those that led to `to` by generator k come from this very row, since k
// is one-to-one.
static bool merge_all(const Work *work, size_t count) {
    bool merged = false;
    for (size_t at = 0; at < count; at++) {
        size_t from = work->queue[at];
        for (size_t k = 0; k < work->out->generators; k++) {
            size_t to = (size_t)work->out->image[k * work->out->n + from];
            if (work->via[to] != (int32_t)k) merged |= merge_edge(work, from, k);
        }
    }
    return merged;
}

// Numbers classes from `from` on, in the order of the first row.
static uint32_t number_classes(const Work *work) {
    uint32_t classes = 0;
    for (size_t j = 0; j < work->pattern->cols; j++)
        if (find(work->parent, (uint32_t)j) == j) work->number[j] = classes++;
    for (size_t j = 0; j < work->pattern->cols; j++)
        work->number[j] = work->number[find(work->parent, (uint32_t)j)];
    return classes;
}

static void label_orbit(Work *work, size_t first) {
    SymmetryPattern *pattern = work->pattern;
    for (size_t j = 0; j < pattern->cols; j++) work->parent[j] = (uint32_t)j;
    size_t count = spread(work, first, (int32_t)pattern->biases++);
    sample_edges(work, first, count);
    merge_all(work, count);
    uint32_t classes = number_classes(work);
    rename_rows(work, count, (uint32_t)pattern->weights);
    pattern->weights += classes;
}

// ---- the whole ----

static size_t count_orbits(const Work *work) {
    size_t orbits = 0;
    for (size_t i = 0; i < work->out->n; i++) {
        if (work->via[i] >= 0) continue;
        size_t count = 0;
        orbits++;
        work->via[i] = 0;
        work->queue[count++] = i;
        for (size_t at = 0; at < count; at++) {
            for (size_t k = 0; k < work->out->generators; k++) {
                size_t to = (size_t)work->out->image[k * work->out->n + work->queue[at]];
                if (work->via[to] < 0) work->via[to] = 0, work->queue[count++] = to;
            }
        }
    }
    for (size_t i = 0; i < work->out->n; i++) work->via[i] = -1;
    return orbits;
}

static int bytes_for(size_t labels) {
    return labels <= UINT8_MAX + 1 ? 1 : labels <= UINT16_MAX + 1 ? 2 : 4;
}

// Labels of 4 bytes to 2, part by part.
static void narrow_in_place(char *label, size_t count) {
    enum { PART = 1024 };
    uint32_t from[PART];
    uint16_t to[PART];
    for (size_t i = 0; i < count; i += PART) {
        size_t part = count - i < PART ? count - i : PART;
        memcpy(from, label + i * sizeof *from, part * sizeof *from);
        for (size_t j = 0; j < part; j++) to[j] = (uint16_t)from[j];
        memcpy(label + i * sizeof *to, to, part * sizeof *to);
    }
}

// To the smallest width that holds all labels. To one byte in a block of its own: 1 byte beside the
// 4; otherwise in place.
static bool narrow(SymmetryPattern *pattern, Error *error) {
    int bytes = bytes_for(pattern->weights);
    size_t count = pattern->rows * pattern->cols;
    if (bytes == pattern->bytes) return true;
    if (bytes == 2) {
        narrow_in_place(pattern->label, count);
    } else {
        uint8_t *small = memory_try(count, 1, "a pattern of weights", error);
        if (!small) return false;
        const uint16_t *two = pattern->label;
        const uint32_t *four = pattern->label;
        if (pattern->bytes == 2)
            for (size_t i = 0; i < count; i++) small[i] = (uint8_t)two[i];
        else
            for (size_t i = 0; i < count; i++) small[i] = (uint8_t)four[i];
        memory_free(pattern->label);
        pattern->label = small;
    }
    pattern->bytes = bytes;
    return true;
}

static bool start(Work *work, Error *error) {
    SymmetryPattern *pattern = work->pattern;
    size_t rows = work->out->n, cols = work->in->n;
    if (rows > PAIRS / cols)
        return error_set(error, "%zu outputs and %zu inputs make more than 2^30 pairs", rows, cols);
    pattern->rows = rows, pattern->cols = cols;
    work->queue = memory_try(rows, sizeof *work->queue, "rows", error);
    work->via = memory_try(rows, sizeof *work->via, "rows", error);
    work->parent = memory_try(cols, sizeof *work->parent, "columns", error);
    work->number = memory_try(cols, sizeof *work->number, "columns", error);
    pattern->bias = memory_try(rows, sizeof *pattern->bias, "labels of biases", error);
    if (!work->queue || !work->via || !work->parent || !work->number || !pattern->bias)
        return false;
    for (size_t i = 0; i < rows; i++) work->via[i] = -1;
    pattern->bytes = bytes_for(count_orbits(work) * cols); // no more labels than that
    pattern->label = memory_try(rows * cols, (size_t)pattern->bytes, "a pattern of weights", error);
    return pattern->label != NULL;
}

bool symmetry_pattern(const Symmetry *symmetry, SymmetryPattern *pattern, Error *error) {
    *pattern = (SymmetryPattern){0};
    Work work = {.out = &symmetry->out, .in = &symmetry->in, .pattern = pattern};
    bool ok = start(&work, error);
    for (size_t i = 0; ok && i < pattern->rows; i++)
        if (work.via[i] < 0) label_orbit(&work, i);
    ok = ok && narrow(pattern, error);
    memory_free(work.queue);
    memory_free(work.via);
    memory_free(work.parent);
    memory_free(work.number);
    if (!ok) symmetry_pattern_free(pattern);
    return ok;
}

void symmetry_sizes(const SymmetryPattern *pattern, uint32_t *size) {
    const Kernels *kernel = kernels(pattern->bytes);
    memset(size, 0, pattern->weights * sizeof *size);
    for (size_t i = 0; i < pattern->rows; i++)
        for (size_t j = 0; j < pattern->cols; j++) size[kernel->get(row_at(pattern, i), j)]++;
}

void symmetry_pattern_free(SymmetryPattern *pattern) {
    memory_free(pattern->label);
    memory_free(pattern->bias);
    *pattern = (SymmetryPattern){0};
}
