#include "ridge/design.h"

typedef struct Examples {
    const DataSet *set;
    const float *x;      // (n, d): its training or its test examples
    const double *exact; // the same unrounded, or NULL
} Examples;

// Columns column .. column + columns - 1 of row `row` of examples of d features each.
static void take_row(const float *x, const double *exact, size_t d, size_t row, size_t column,
                     size_t columns, double *to) {
    size_t at = row * d + column;
    for (size_t j = 0; j < columns; j++) to[j] = exact ? exact[at + j] : (double)x[at + j];
}

static bool read_set(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                     size_t columns, double *x, Error *error) {
    (void)error;
    const Examples *examples = design->state;
    for (size_t i = 0; i < rows; i++)
        take_row(examples->x, examples->exact, design->d, row + i, column, columns,
                 x + i * columns);
    return true;
}

static void close_set(RidgeDesign *design) {
    Examples *examples = design->state;
    data_close(examples->set);
    memory_free(examples);
}

bool design_from_data(RidgeDesign *design, const char *spec, bool test, Error *error) {
    const DataSet *set = data_open_double(spec, error);
    if (!set) return false;
    Examples *examples = memory_new(1, sizeof *examples);
    *examples = (Examples){set, test ? set->x_test : set->x_train,
                           test ? set->x_test_double : set->x_train_double};
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
        if (at < view->n)
            take_row(set->x_train, set->x_train_double, set->d, view->row[at], column, columns,
                     x + i * columns);
        else
            take_row(set->x_test, set->x_test_double, set->d, at - view->n, column, columns,
                     x + i * columns);
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
