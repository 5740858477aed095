#include "data/csv_file.h"
#include "data/load.h"
#include "data/npy_file.h"
#include <string.h>

// What an open file is read from: the map, or numbers in memory.
typedef struct Values {
    Npy npy;
    double *wide; // (rows, cols), or NULL
    LoadPart part;
} Values;

static bool open_npy(DataFile *file, Values *values, Error *error) {
    if (!npy_map(&values->npy, file->path, error)) return false;
    if (values->npy.rank == 0)
        return error_set(error, "%s: a single number, not a matrix", file->path);
    file->rows = values->npy.rows;
    file->cols = values->npy.cols;
    file->row = npy_example(&values->npy);
    return true;
}

// Which columns of which records are numbers.
typedef struct Layout {
    bool header;
    size_t index; // columns left out at the beginning: 0 or 1
} Layout;

static bool read_first(Csv *csv, Layout *layout, bool *more, Error *error) {
    if (!csv_next(csv, more, error)) return false;
    if (!*more) return error_set(error, "%s:1:1: the file has no lines", csv->path);
    double value;
    size_t first = 0, words = csv_words(csv, &first);
    layout->header = words == csv->fields;
    if (layout->header) return csv_index(csv, &layout->index, error);
    return words == 0 || csv_number(csv, first, &value, error);
}

static bool measure(Csv *csv, DataFile *file, Layout *layout, Error *error) {
    bool more;
    if (!read_first(csv, layout, &more, error)) return false;
    size_t records = 0, columns = csv->fields;
    while (more) {
        records++;
        if (csv->fields != columns)
            return csv_refuse(csv, csv->fields - 1, error,
                              "%zu columns here, %zu in the first line", csv->fields, columns);
        if (!csv_next(csv, &more, error)) return false;
    }
    file->rows = records - layout->header;
    file->cols = columns - layout->index;
    if (file->rows == 0) return error_set(error, "%s:2:1: no rows follow the header", csv->path);
    return file->cols > 0 || error_set(error, "%s:1:1: an index alone, no columns", csv->path);
}

static bool read_rows(Csv *csv, const DataFile *file, const Layout *layout, double *x,
                      Error *error) {
    bool more;
    csv_rewind(csv);
    if (layout->header && !csv_next(csv, &more, error)) return false;
    for (size_t i = 0; i < file->rows; i++) {
        if (!csv_next(csv, &more, error)) return false;
        for (size_t j = 0; j < file->cols; j++) {
            if (!csv_number(csv, j + layout->index, &x[i * file->cols + j], error)) return false;
        }
    }
    return true;
}

static bool open_csv(DataFile *file, Values *values, Error *error) {
    Csv csv;
    Layout layout = {0};
    if (!csv_open(&csv, file->path, 0, '.', error)) return false;
    bool ok = measure(&csv, file, &layout, error);
    if (ok) values->wide = memory_try(file->rows * file->cols, sizeof(double), "a matrix", error);
    ok = values->wide && read_rows(&csv, file, &layout, values->wide, error);
    if (layout.index) file->note = csv_index_note;
    csv_close(&csv);
    return ok;
}

static bool open_idx(DataFile *file, Values *values, Error *error) {
    uint32_t size[3];
    if (!load_idx_images(file->path, &values->part, size, error)) return false;
    file->rows = values->part.n;
    file->cols = values->part.d;
    return true;
}

static const struct {
    const char *ending;
    bool (*open)(DataFile *file, Values *values, Error *error);
} kinds[] = {{".npy", open_npy}, {".csv", open_csv}, {"ubyte", open_idx}, {"ubyte.gz", open_idx}};
enum { KINDS = sizeof kinds / sizeof *kinds };

static int find_kind(const char *name) {
    size_t length = strlen(name);
    for (int i = 0; i < KINDS; i++) {
        size_t ending = strlen(kinds[i].ending);
        if (length > ending && strcmp(name + length - ending, kinds[i].ending) == 0) return i;
    }
    return KINDS;
}

bool data_file_named(const char *name) {
    return find_kind(name) < KINDS;
}

DataFile *data_file_open(const char *path, Error *error) {
    int kind = find_kind(path);
    if (kind == KINDS) {
        error_set(error, "%s: the name of a matrix ends in .npy, .csv, ubyte or ubyte.gz", path);
        return NULL;
    }
    char *found = load_find(path, error);
    if (!found) return NULL;
    DataFile *file = memory_new(1, sizeof *file);
    Values *values = memory_new(1, sizeof *values);
    *file = (DataFile){.path = found, .state = values};
    if (kinds[kind].open(file, values, error)) {
        if (!file->row.rank) file->row = (Shape){1, {(int64_t)file->cols}};
        return file;
    }
    data_file_close(file);
    return NULL;
}

void data_file_close(DataFile *file) {
    if (!file) return;
    Values *values = file->state;
    npy_close(&values->npy);
    memory_free(values->wide);
    load_part_free(&values->part);
    memory_free(values);
    memory_free(file->path);
    memory_free(file);
}

void data_file_read(const DataFile *file, size_t row, size_t rows, size_t col, size_t cols,
                    double *x) {
    const Values *values = file->state;
    if (values->npy.bytes) {
        npy_read(&values->npy, row, rows, col, cols, x);
        return;
    }
    for (size_t i = 0; i < rows; i++) {
        size_t from = (row + i) * file->cols + col;
        if (values->wide) memcpy(x + i * cols, values->wide + from, cols * sizeof *x);
        for (size_t j = 0; !values->wide && j < cols; j++)
            x[i * cols + j] = (double)values->part.x[from + j];
    }
}
