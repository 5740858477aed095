#include "ridge/design.h"
#include <math.h>
#include <string.h>

static bool read_memory(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                        size_t columns, double *x, Error *error) {
    (void)error;
    const double *from = design->state;
    for (size_t i = 0; i < rows; i++)
        memcpy(x + i * columns, from + (row + i) * design->d + column, columns * sizeof *x);
    return true;
}

double *design_matrix(size_t rows, size_t columns, const char *what, Error *error) {
    size_t bytes;
    if (__builtin_mul_overflow(columns, sizeof(double), &bytes)) bytes = SIZE_MAX;
    return memory_try(rows, bytes, what, error);
}

RidgeDesign *design_new(const char *name) {
    RidgeDesign *design = memory_new(1, sizeof *design);
    design->name = memory_text(name);
    return design;
}

RidgeDesign *ridge_design_of(size_t n, size_t d, const double *x) {
    RidgeDesign *design = design_new("a matrix");
    design->n = n, design->d = d;
    design->read = read_memory;
    design->state = (void *)(uintptr_t)x;
    return design;
}

static bool read_part(const RidgeDesign *part, size_t row, size_t rows, size_t column,
                      size_t columns, double *x, Error *error) {
    const RidgeDesign *whole = part->state;
    return whole->read(whole, row, rows, column, columns, x, error);
}

RidgeDesign *design_part(const RidgeDesign *whole, size_t n, size_t d) {
    RidgeDesign *design = design_new(whole->name);
    design->n = n, design->d = d;
    design->read = read_part;
    design->state = (void *)(uintptr_t)whole;
    design->intercept = whole->intercept;
    return design;
}

void ridge_design_close(RidgeDesign *design) {
    if (!design) return;
    if (design->close) design->close(design);
    memory_free(design->name);
    memory_free(design);
}

bool design_tell(const RidgeDesign *design, const char *stage, size_t part, size_t parts,
                 Error *error) {
    if (!design->progress || design->progress(stage, part, parts)) return true;
    if (parts)
        return error_kind(error, ERROR_INTERRUPTED,
                          "%s: interrupted with %zu of %zu parts of %s "
                          "done",
                          design->name, part, parts, stage);
    return error_kind(error, ERROR_INTERRUPTED, "%s: interrupted before %s", design->name, stage);
}

static bool check_size(const RidgeDesign *design, Error *error) {
    if (design->n == 0 || design->d == 0)
        return error_set(error, "%s: %zu rows and %zu columns; at least one of each is needed",
                         design->name, design->n, design->d);
    if (design->n > INT32_MAX || design->d > INT32_MAX)
        return error_set(error, "%s: %zu rows and %zu columns; at most %d of each are possible",
                         design->name, design->n, design->d, INT32_MAX);
    return true;
}

static bool take_samples(RidgeDesign *design, int64_t samples, Error *error) {
    if (samples < 0 || (uint64_t)samples > design->n)
        return error_set(error, "%s: %lld samples are asked for; 0 (all) to %zu are possible",
                         design->name, (long long)samples, design->n);
    if (samples) design->n = (size_t)samples;
    return true;
}

bool design_check_numbers(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                          size_t columns, const double *x, Error *error) {
    for (size_t k = 0; k < rows * columns; k++) {
        if (fabs(x[k]) <= DESIGN_LARGEST) continue; // false for nan
        const char *why = isfinite(x[k]) ? "numbers up to 1e140 are possible, so that X'X is finite"
                                         : "every number must be finite";
        return error_set(error, "%s: row %zu, column %zu (counted from 0) is %g; %s", design->name,
                         row + k / columns, column + k % columns, design_shown(x[k]), why);
    }
    return true;
}

// Reads everything once.
static bool check_numbers(const RidgeDesign *design, Error *error) {
    const size_t most = (size_t)1 << 20;
    size_t columns = design->d < most ? design->d : most, rows = most / columns;
    if (rows > design->n) rows = design->n;
    double *x = memory_try(rows * columns, sizeof *x, "a block of a design matrix", error);
    bool ok = x != NULL;
    size_t parts = (design->n + rows - 1) / rows;
    for (size_t i = 0; ok && i < design->n; i += rows) {
        size_t m = design->n - i < rows ? design->n - i : rows;
        ok = design_tell(design, "reading blocks of rows", i / rows, parts, error);
        for (size_t j = 0; ok && j < design->d; j += columns) {
            size_t k = design->d - j < columns ? design->d - j : columns;
            ok = design->read(design, i, m, j, k, x, error) &&
                 design_check_numbers(design, i, m, j, k, x, error);
        }
    }
    memory_free(x);
    return ok;
}

bool design_is_data_set(const char *text) {
    size_t length = strcspn(text, ":");
    for (int i = 0; data_kinds[i]; i++) {
        const char *name = data_kinds[i]->name;
        if (strlen(name) == length && strncmp(name, text, length) == 0) return true;
    }
    return false;
}

static bool open_source(RidgeDesign *design, const char *data, const RidgeDesignOptions *options,
                        Error *error) {
    if (options->test) return design_from_data(design, data, true, error);
    if (design_is_gaussian(data)) return design_gaussian(design, data, options->seed, error);
    if (design_is_data_set(data)) return design_from_data(design, data, false, error);
    if (data_file_named(data)) return design_from_file(design, data, error);
    if (file_exists(data))
        return error_set(error,
                         "%s: a file is known by its name, which ends in .npy, .csv, ubyte or "
                         "ubyte.gz",
                         data);
    return design_from_data(design, data, false, error); // says which sets there are
}

static RidgeDesign *add_features(RidgeDesign *base, const RidgeDesignOptions *options,
                                 Error *error) {
    Text name = {0};
    text_printf(&name, "%s, %s", base->name, options->features);
    RidgeDesign *design = design_new(name.data);
    text_free(&name);
    design->progress = options->progress;
    if (design_features(design, base, options->features, options->seed, error)) return design;
    ridge_design_close(design);
    return NULL;
}

RidgeDesign *ridge_design_open(const char *data, const RidgeDesignOptions *options, Error *error) {
    RidgeDesign *design = design_new(data);
    design->progress = options->progress;
    bool ok = open_source(design, data, options, error) && check_size(design, error) &&
              (options->test || take_samples(design, options->samples, error)) &&
              (design_is_gaussian(data) || check_numbers(design, error));
    if (!ok) {
        ridge_design_close(design);
        return NULL;
    }
    return options->features ? add_features(design, options, error) : design;
}
