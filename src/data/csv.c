#include "data/csv_table.h"
#include <string.h>

static const char *const tasks[] = {"classification", "regression", NULL};
static const char *const headers[] = {"auto", "yes", "no", NULL};
static const char *const separators[] = {"auto", "comma", "semicolon", "tab", "space", NULL};
static const char SEPARATOR[] = {0, ',', ';', '\t', ' '};
static const char *const decimals[] = {"point", "comma", NULL};
static const char DECIMAL[] = {'.', ','};

static const Option csv_options[] = {
    {"file", OPTION_TEXT, offsetof(CsvOptions, file), "", .metavar = "FILE",
     .help = "numbers with commas, semicolons, tabs or blanks between, an example a line"},
    {"label", OPTION_TEXT, offsetof(CsvOptions, label), "last", .metavar = "COLUMN",
     .help = "column to predict: its name, its number from 1, or last"},
    {"task", OPTION_CHOICE, offsetof(CsvOptions, task), "classification", .words = tasks,
     .metavar = "TASK", .help = "whether that column holds labels 0, 1, ... or words, or targets"},
    {"header", OPTION_CHOICE, offsetof(CsvOptions, header), "auto", .words = headers,
     .metavar = "WORD", .help = "whether the first line holds names; auto: when none is a number"},
    LOAD_STANDARDISE(CsvOptions, "none"),
    LOAD_CLASSES_OPTION(CsvOptions),
    LOAD_HOLDOUT(CsvOptions),
    LOAD_SEED(CsvOptions, "0"),
    {"test", OPTION_TEXT, offsetof(CsvOptions, test), "", .metavar = "FILE",
     .help = "test examples in the same columns"},
    {"separator", OPTION_CHOICE, offsetof(CsvOptions, separator), "auto", .words = separators,
     .metavar = "WORD", .help = "what stands between columns"},
    {"decimal", OPTION_CHOICE, offsetof(CsvOptions, decimal), "point", .words = decimals,
     .metavar = "WORD", .help = "how fractions are written, 0.25 or 0,25"},
    LOAD_LABELS_FROM(CsvOptions),
};

// A file, open and looked through once.
typedef struct Table {
    char *path;
    Csv csv;
    CsvLayout layout;
    LoadPart part;
} Table;

static void table_close(Table *table) {
    load_part_free(&table->part);
    csv_layout_free(&table->layout);
    csv_close(&table->csv);
    memory_free(table->path);
}

static bool table_open(Table *table, const char *file, const CsvOptions *options,
                       const CsvLayout *train, Error *error) {
    table->path = load_find(file, error);
    return table->path &&
           csv_open(&table->csv, table->path, SEPARATOR[options->separator],
                    DECIMAL[options->decimal], error) &&
           csv_measure(&table->csv, options, train, &table->layout, error);
}

// ---- values ----

static bool read_number(const Csv *csv, size_t field, double *value, Error *error) {
    if (!csv_number(csv, field, value, error)) return false;
    if (!isfinite(*value)) return csv_refuse(csv, field, error, "nan and inf are not data");
    if (!isfinite((float)*value)) return csv_refuse(csv, field, error, "does not fit a float");
    return true;
}

// names: of the training file's classes.
static bool read_label(const Csv *csv, size_t field, const LoadLabels *labels,
                       const CsvNames *names, int32_t *class, Error *error) {
    double value;
    if (names->count) {
        bool found;
        Text name = {0};
        csv_text(csv, field, &name);
        *class = (int32_t)csv_names_find(names, name.data, &found);
        text_free(&name);
        return found || csv_refuse(csv, field, error, "a class without training examples");
    }
    if (!read_number(csv, field, &value, error)) return false;
    const char *fault = load_label_fault(value, labels);
    *class = fault ? 0 : (int32_t)(value - (double)labels->from);
    return !fault || csv_refuse(csv, field, error, "label %g %s", value, fault);
}

static bool read_row(Table *table, size_t row, const LoadLabels *labels, const CsvNames *names,
                     Error *error) {
    const Csv *csv = &table->csv;
    LoadPart *part = &table->part;
    size_t at = row * part->d;
    for (size_t i = table->layout.index; i < csv->fields; i++) {
        double value;
        bool is_label = i == table->layout.label;
        if (is_label && part->label) {
            if (!read_label(csv, i, labels, names, &part->label[row], error)) return false;
            continue;
        }
        if (!read_number(csv, i, &value, error)) return false;
        double *exact = is_label ? part->target_double : part->x_double;
        if (exact) exact[is_label ? row : at] = value;
        if (is_label)
            part->target[row] = (float)value;
        else
            part->x[at++] = (float)value;
    }
    return true;
}

// Goes to the record of example `row`.
static bool go_to(Table *table, size_t row, Error *error) {
    bool more;
    csv_rewind(&table->csv);
    for (size_t i = 0; i <= row + table->layout.header; i++)
        if (!csv_next(&table->csv, &more, error)) return false;
    return true;
}

static bool read_rows(DataSet *set, Table *table, const CsvOptions *options,
                      const LoadLabels *labels, const CsvNames *names, Error *error) {
    const CsvLayout *layout = &table->layout;
    size_t d = layout->columns - layout->index - 1;
    if (!load_part_new(&table->part, layout->rows, d, options->task == CSV_REGRESSION, error) ||
        !load_part_double(&table->part, set, error) || !go_to(table, 0, error))
        return false;
    for (size_t i = 0; i < layout->rows; i++) {
        bool more;
        if (!read_row(table, i, labels, names, error)) return false;
        if (!csv_next(&table->csv, &more, error)) return false;
    }
    return true;
}

// ---- the set ----

static bool count_classes(DataSet *set, Table *train, const LoadLabels *labels, Error *error) {
    const CsvNames *names = &train->layout.names;
    if (names->count) {
        if (labels->from || labels->classes)
            return error_set(error, "%s: labels_from and classes go with labels that are numbers",
                             set->spec);
        set->classes = (int)names->count;
        set->class_name = memory_new(names->count, sizeof *set->class_name);
        for (size_t c = 0; c < names->count; c++) set->class_name[c] = memory_text(names->name[c]);
        return true;
    }
    size_t row = 0;
    Text why = {0};
    set->classes = load_count_classes(&train->part, labels, &row, &why);
    if (set->classes)
        load_name_labels(set, labels);
    else if (go_to(train, row, error))
        csv_refuse(&train->csv, train->layout.label, error, "%s", why.data);
    text_free(&why);
    return set->classes > 0;
}

static bool read_test(DataSet *set, const CsvOptions *options, const LoadLabels *labels,
                      const Table *train, const CsvNames *names, Table *test, Error *error) {
    if (!table_open(test, options->test, options, &train->layout, error)) return false;
    if ((names->count > 0) != (test->layout.names.count > 0) && set->classes)
        return go_to(test, 0, error) &&
               csv_refuse(&test->csv, test->layout.label, error,
                          "labels are words in one file and numbers in the other");
    return read_rows(set, test, options, labels, names, error);
}

static bool load_files(DataSet *set, const CsvOptions *options, Table *train, Table *test,
                       Error *error) {
    LoadLabels labels = {options->labels_from, options->classes};
    bool has_labels = options->task == CSV_CLASSIFICATION;
    const CsvNames *names = &train->layout.names;
    if (!table_open(train, options->file, options, NULL, error) ||
        !read_rows(set, train, options, &labels, names, error) ||
        (has_labels && !count_classes(set, train, &labels, error)))
        return false;
    if (train->layout.index) set->note = memory_text(csv_index_note);
    set->rank = 1;
    set->d = train->part.d;
    set->size[0] = (int64_t)set->d;
    labels.classes = set->classes;
    if (!*options->test)
        return load_split(set, &train->part, options->holdout, options->seed, error);
    if (!read_test(set, options, &labels, train, names, test, error)) return false;
    load_take(set, &train->part, &test->part);
    return true;
}

static bool load(DataSet *set, const void *values, Error *error) {
    const CsvOptions *parameters = values;
    Table train = {0}, test = {0};
    if (!*parameters->file) return error_set(error, "%s: give file=FILE", set->spec);
    if (*parameters->test && parameters->holdout > 0)
        return error_set(error, "%s: holdout, but there is a test file", set->spec);
    bool ok = load_files(set, parameters, &train, &test, error) &&
              load_standardise(set, parameters->standardise, error);
    table_close(&train);
    table_close(&test);
    return ok;
}

const DataKind data_csv = {
    .name = "csv",
    .form = "csv:file=FILE[,test=FILE,label=last,task=classification,header=auto,separator=auto,"
            "decimal=point,standardise=none,classes=0,labels_from=0,holdout=0,seed=0]",
    .help = "a text of numbers, one column to predict; labels are numbers or words",
    .options = csv_options,
    .option_count = sizeof csv_options / sizeof *csv_options,
    .implied = 4,
    .bytes = sizeof(CsvOptions),
    .load = load,
};
