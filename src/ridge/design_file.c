#include "ridge/design.h"

static bool read_file(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                      size_t columns, double *x, Error *error) {
    (void)error;
    data_file_read(design->state, row, rows, column, columns, x);
    return true;
}

static void close_file(RidgeDesign *design) {
    data_file_close(design->state);
}

bool design_from_file(RidgeDesign *design, const char *path, Error *error) {
    DataFile *file = data_file_open(path, error);
    if (!file) return false;
    design->n = file->rows, design->d = file->cols;
    design->read = read_file;
    design->close = close_file;
    design->state = file;
    if (file->note) { // part of its name, so that whatever names the design says so
        Text name = {0};
        text_printf(&name, "%s (%s)", design->name, file->note);
        memory_free(design->name);
        design->name = name.data;
    }
    return true;
}
