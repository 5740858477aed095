#include "data/load.h"
#include "data/npy_file.h"

typedef struct NpyOptions {
    char *dir, *x, *y, *x_test, *y_test;
    int task, standardise;
    int64_t classes, labels_from, seed;
    double holdout;
} NpyOptions;

enum { TASK_AUTO, TASK_CLASSIFICATION, TASK_REGRESSION };
static const char *const tasks[] = {"auto", "classification", "regression", NULL};

#define PATH_OPTION(field, text)                                                                   \
    { #field, OPTION_TEXT, offsetof(NpyOptions, field), "", .metavar = "FILE", .help = text }

static const Option options[] = {
    {"dir", OPTION_TEXT, offsetof(NpyOptions, dir), "", .metavar = "FOLDER",
     .help = "holds x.npy, y.npy and perhaps x_test.npy, y_test.npy"},
    PATH_OPTION(x, "(n, d) features, (n, h, w) images or (n, c, h, w) images"),
    PATH_OPTION(y, "(n) labels, or (n) or (n, outputs) targets"),
    PATH_OPTION(x_test, "like x"),
    PATH_OPTION(y_test, "like y"),
    {"task", OPTION_CHOICE, offsetof(NpyOptions, task), "auto", .words = tasks, .metavar = "TASK",
     .help = "what y holds; auto: integers are labels, floats are targets"},
    LOAD_STANDARDISE(NpyOptions, "none"),
    LOAD_CLASSES_OPTION(NpyOptions),
    LOAD_HOLDOUT(NpyOptions),
    LOAD_SEED(NpyOptions, "0"),
    LOAD_LABELS_FROM(NpyOptions),
};

static bool refuse_value(const Npy *npy, size_t row, size_t col, const char *what, Error *error) {
    return error_set(error, "%s: offset %zu: row %zu, column %zu is %g, it %s", npy->path,
                     npy_offset(npy, row, col), row, col, npy_value(npy, row, col), what);
}

// Rounded, and as they are where `exact` is given.
static bool take_reals(const Npy *npy, float *to, double *exact, Error *error) {
    for (size_t i = 0; i < npy->rows; i++) {
        for (size_t j = 0; j < npy->cols; j++) {
            double value = npy_value(npy, i, j);
            float rounded = (float)value;
            if (!isfinite(value)) return refuse_value(npy, i, j, "is not a number", error);
            if (!isfinite(rounded)) return refuse_value(npy, i, j, "does not fit a float", error);
            to[i * npy->cols + j] = rounded;
            if (exact) exact[i * npy->cols + j] = value;
        }
    }
    return true;
}

static bool take_labels(const Npy *npy, const LoadLabels *labels, int32_t *to, Error *error) {
    if (npy->cols != 1)
        return error_set(error,
                         "%s: labels of %zu columns; one is expected (y.argmax(1) in NumPy makes "
                         "labels of columns of 0 and 1)",
                         npy->path, npy->cols);
    for (size_t i = 0; i < npy->rows; i++) {
        double value = npy_value(npy, i, 0);
        const char *fault = load_label_fault(value, labels);
        if (fault) return refuse_value(npy, i, 0, fault, error);
        to[i] = (int32_t)(value - (double)labels->from);
    }
    return true;
}

static bool count_classes(const Npy *y, const LoadPart *part, LoadLabels *labels, Error *error) {
    size_t row = 0;
    Text why = {0};
    labels->classes = load_count_classes(part, labels, &row, &why);
    if (!labels->classes)
        error_set(error, "%s: offset %zu: %s", y->path, npy_offset(y, row, 0), why.data);
    text_free(&why);
    return labels->classes > 0;
}

static bool wants_labels(const Npy *y, int task) {
    return task == TASK_AUTO ? y->type->kind != 'f' : task == TASK_CLASSIFICATION;
}

static bool set_shape(const Npy *x, DataSet *set, Error *error) {
    if (x->rank < 2 || x->rank > 4 || x->rows == 0 || x->cols == 0) {
        Text shape = {0};
        for (int i = 0; i < x->rank; i++) text_printf(&shape, "%s%zu", i ? ", " : "", x->size[i]);
        error_set(error, "%s: shape (%s); x is (n, d), (n, h, w) or (n, c, h, w), none 0", x->path,
                  shape.data ? shape.data : "");
        text_free(&shape);
        return false;
    }
    Shape example = npy_example(x);
    set->d = x->cols;
    set->rank = example.rank;
    for (int i = 0; i < set->rank; i++) set->size[i] = example.size[i];
    return true;
}

// Reads the values of an open pair. *labels: of the training labels learns the number of classes.
static bool read_values(const Npy *x, const Npy *y, int task, const DataSet *set,
                        LoadLabels *labels, LoadPart *part, Error *error) {
    bool has_labels = wants_labels(y, task);
    if (y->rows != x->rows || y->rank == 0)
        return error_set(error, "%s: %zu rows, but %s has %zu", y->path, y->rank ? y->rows : 0,
                         x->path, x->rows);
    if (y->cols == 0) return error_set(error, "%s: 0 columns", y->path);
    if (!load_part_new(part, x->rows, x->cols, has_labels ? 0 : y->cols, error) ||
        !load_part_double(part, set, error))
        return false;
    if (!take_reals(x, part->x, part->x_double, error)) return false;
    if (!has_labels) return take_reals(y, part->target, part->target_double, error);
    return take_labels(y, labels, part->label, error) && count_classes(y, part, labels, error);
}

static bool open_pair(const char *const path[2], Npy *x, Npy *y, Error *error) {
    if (!npy_open(x, path[0], error)) return false;
    if (npy_open(y, path[1], error)) return true;
    npy_close(x);
    return false;
}

static bool read_train(const char *const path[2], const NpyOptions *parameters, DataSet *set,
                       LoadPart *part, Error *error) {
    Npy x, y;
    LoadLabels labels = {parameters->labels_from, parameters->classes};
    if (!open_pair(path, &x, &y, error)) return false;
    bool ok = set_shape(&x, set, error) &&
              read_values(&x, &y, parameters->task, set, &labels, part, error);
    if (ok && part->label) {
        set->classes = (int)labels.classes;
        load_name_labels(set, &labels);
    }
    npy_close(&x);
    npy_close(&y);
    return ok;
}

static bool read_test(const char *const path[2], const NpyOptions *parameters, DataSet *set,
                      const LoadPart *train, LoadPart *part, Error *error) {
    Npy x, y;
    DataSet shape = {0};
    LoadLabels labels = {parameters->labels_from, set->classes};
    if (!open_pair(path, &x, &y, error)) return false;
    bool ok = set_shape(&x, &shape, error);
    for (int i = 0; ok && i < 3; i++) {
        if (shape.rank != set->rank || shape.size[i] != set->size[i])
            ok = error_set(error, "%s: its examples are not of the shape of the training examples",
                           x.path);
    }
    ok = ok && read_values(&x, &y, parameters->task, set, &labels, part, error);
    if (ok && part->outputs != train->outputs)
        ok = error_set(error, "%s: not of the type and columns of the training y", y.path);
    npy_close(&x);
    npy_close(&y);
    return ok;
}

// Test files, a holdout, or neither.
static bool finish(DataSet *set, const NpyOptions *parameters, const char *const test_path[2],
                   LoadPart *train, Error *error) {
    if (!test_path[0]) return load_split(set, train, parameters->holdout, parameters->seed, error);
    LoadPart test = {0};
    bool ok = read_test(test_path, parameters, set, train, &test, error);
    if (ok) load_take(set, train, &test);
    load_part_free(&test);
    return ok;
}

enum { X, Y, X_TEST, Y_TEST, FILES };

static char *in_folder(const char *dir, const char *name, bool needed) {
    char *path = file_join(dir, name);
    if (needed || file_exists(path)) return path;
    memory_free(path);
    return NULL;
}

// The paths of the four files; NULL for a test file that there is not.
static bool find_files(const DataSet *set, const NpyOptions *parameters, char *path[FILES],
                       Error *error) {
    static const char *const names[] = {"x.npy", "y.npy", "x_test.npy", "y_test.npy"};
    const char *given[] = {parameters->x, parameters->y, parameters->x_test, parameters->y_test};
    bool any = false;
    for (int i = 0; i < FILES; i++) any = any || *given[i];
    if (any == (*parameters->dir != 0) || (any && !(*given[X] && *given[Y])))
        return error_set(error, "%s: give dir=FOLDER, or x=FILE and y=FILE", set->spec);
    char *dir = any ? NULL : load_find(parameters->dir, error);
    bool ok = any || dir;
    for (int i = 0; ok && i < FILES; i++) {
        if (dir)
            path[i] = in_folder(dir, names[i], i <= Y);
        else if (*given[i])
            ok = (path[i] = load_find(given[i], error)) != NULL;
    }
    memory_free(dir);
    if (ok && (path[X_TEST] == NULL) != (path[Y_TEST] == NULL))
        ok = error_set(error, "%s: x_test and y_test come together", set->spec);
    if (ok && path[X_TEST] && parameters->holdout > 0)
        ok = error_set(error, "%s: holdout, but there are test files", set->spec);
    return ok;
}

static bool load(DataSet *set, const void *values, Error *error) {
    const NpyOptions *parameters = values;
    char *path[FILES] = {0};
    LoadPart train = {0};
    bool ok = find_files(set, parameters, path, error);
    ok =
        ok && read_train((const char *const[]){path[X], path[Y]}, parameters, set, &train, error) &&
        finish(set, parameters, (const char *const[]){path[X_TEST], path[Y_TEST]}, &train, error) &&
        load_standardise(set, parameters->standardise, error);
    load_part_free(&train);
    for (int i = 0; i < FILES; i++) memory_free(path[i]);
    return ok;
}

bool data_read_npy(const char *path, DataMatrix *matrix, Error *error) {
    Npy npy;
    *matrix = (DataMatrix){0};
    if (!npy_open(&npy, path, error)) return false;
    bool ok = (npy.rank >= 1 && npy.rank <= 2) ||
              error_set(error, "%s: an array of %d dimensions, not a matrix", path, npy.rank);
    if (ok) matrix->x = memory_try(npy.rows * npy.cols, sizeof(double), "a matrix", error);
    if (matrix->x) {
        matrix->rows = npy.rows, matrix->cols = npy.cols;
        npy_read(&npy, 0, npy.rows, 0, npy.cols, matrix->x);
    }
    npy_close(&npy);
    return matrix->x != NULL;
}

const DataKind data_npy = {
    .name = "npy",
    .form = "npy:dir=FOLDER or npy:x=FILE,y=FILE[,x_test=FILE,y_test=FILE,task=auto,"
            "standardise=none,classes=0,labels_from=0,holdout=0,seed=0]",
    .help = "NumPy arrays; integer y are labels, float y targets",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .implied = 1,
    .bytes = sizeof(NpyOptions),
    .load = load,
};
