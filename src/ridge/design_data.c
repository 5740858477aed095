#include "ridge/design.h"

typedef struct Examples {
    const DataSet *set;
    const float *x; // (n, d): its training or its test examples
} Examples;

static bool read_set(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                     size_t columns, double *x, Error *error) {
    (void)error;
    const Examples *examples = design->state;
    for (size_t i = 0; i < rows; i++) {
        const float *from = examples->x + (row + i) * examples->set->d + column;
        for (size_t j = 0; j < columns; j++) x[i * columns + j] = (double)from[j];
    }
    return true;
}

static void close_set(RidgeDesign *design) {
    Examples *examples = design->state;
    data_close(examples->set);
    memory_free(examples);
}

bool design_from_data(RidgeDesign *design, const char *spec, bool test, Error *error) {
    const DataSet *set = data_open(spec, error);
    if (!set) return false;
    Examples *examples = memory_new(1, sizeof *examples);
    *examples = (Examples){set, test ? set->x_test : set->x_train};
    design->n = test ? set->n_test : set->n_train, design->d = set->d;
    design->read = read_set;
    design->close = close_set;
    design->state = examples;
    return true;
}

// ---- a sample and the test examples ----

static bool read_view(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                      size_t columns, double *x, Error *error) {
    (void)error;
    const DataView *view = design->state;
    const DataSet *set = view->set;
    for (size_t i = 0; i < rows; i++) {
        size_t at = row + i;
        const float *from = at < view->n ? set->x_train + view->row[at] * set->d
                                         : set->x_test + (at - view->n) * set->d;
        for (size_t j = 0; j < columns; j++) x[i * columns + j] = (double)from[column + j];
    }
    return true;
}

RidgeDesign *design_of_view(const DataView *view) {
    RidgeDesign *design = design_new(view->set->spec);
    design->n = view->n + view->set->n_test, design->d = view->set->d;
    design->read = read_view;
    design->state = (void *)(uintptr_t)view;
    return design;
}
