#include "ridge/design.h"

static bool read_set(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                     size_t columns, double *x, Error *error) {
    (void)error;
    const DataSet *set = design->state;
    for (size_t i = 0; i < rows; i++) {
        const float *from = set->x_train + (row + i) * set->d + column;
        for (size_t j = 0; j < columns; j++) x[i * columns + j] = (double)from[j];
    }
    return true;
}

static void close_set(RidgeDesign *design) {
    data_close(design->state);
}

bool design_from_data(RidgeDesign *design, const char *spec, Error *error) {
    const DataSet *set = data_open(spec, error);
    if (!set) return false;
    design->n = set->n_train, design->d = set->d;
    design->read = read_set;
    design->close = close_set;
    design->state = (void *)(uintptr_t)set;
    return true;
}
