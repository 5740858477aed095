#include "data/csv_file.h"
#include "data/load.h"
#include <string.h>

typedef struct CsvOptions {
    char *file, *label;
    int task, header, standardise;
    int64_t classes, seed;
    double holdout;
} CsvOptions;

enum { CLASSIFICATION, REGRESSION };
static const char *const tasks[] = {"classification", "regression", NULL};
enum { HEADER_AUTO, HEADER_YES, HEADER_NO };
static const char *const headers[] = {"auto", "yes", "no", NULL};

static const Option options[] = {
    {"file", OPTION_TEXT, offsetof(CsvOptions, file), "", .metavar = "FILE",
     .help = "comma-separated numbers, an example a line"},
    {"label", OPTION_TEXT, offsetof(CsvOptions, label), "last", .metavar = "COLUMN",
     .help = "column to predict: its name, its number from 1, or last"},
    {"task", OPTION_CHOICE, offsetof(CsvOptions, task), "classification", .words = tasks,
     .metavar = "TASK", .help = "whether that column holds labels 0, 1, ... or targets"},
    {"header", OPTION_CHOICE, offsetof(CsvOptions, header), "auto", .words = headers,
     .metavar = "WORD", .help = "whether the first line holds names; auto: when none is a number"},
    LOAD_STANDARDISE(CsvOptions, "none"),
    LOAD_CLASSES_OPTION(CsvOptions),
    LOAD_HOLDOUT(CsvOptions),
    LOAD_SEED(CsvOptions, "0"),
};

// What a first pass over the file learns.
typedef struct Layout {
    size_t rows, columns, label;
    bool header;
} Layout;

// Decides whether the current record, the first, holds names.
static bool find_header(const Csv *csv, int header, bool *found, Error *error) {
    *found = header == HEADER_YES;
    if (header != HEADER_AUTO) return true;
    size_t first = 0, words = csv_words(csv, &first);
    *found = words == csv->fields;
    if (words == 0 || *found) return true;
    return csv_refuse(csv, first, error,
                      "the first line is part numbers, part words: is this a header (header=yes), "
                      "or not a number (header=no)?");
}

static bool unknown_column(const Csv *csv, const char *label, bool header, Error *error) {
    Text names = {0}, name = {0};
    for (size_t i = 0; header && i < csv->fields && names.length < 500; i++) {
        csv_text(csv, i, &name);
        text_printf(&names, ", %s", name.data);
    }
    csv_refuse(csv, 0, error, "no column \"%s\"; label takes last, 1 to %zu%s", label, csv->fields,
               names.data ? names.data : "");
    text_free(&names);
    text_free(&name);
    return false;
}

// In the current record, the first: by name, then by number, then last.
static bool find_label(const Csv *csv, const char *label, Layout *layout, Error *error) {
    Text name = {0};
    bool found = false;
    for (size_t i = 0; layout->header && !found && i < csv->fields; i++) {
        csv_text(csv, i, &name);
        found = strcmp(name.data, label) == 0;
        layout->label = i;
    }
    text_free(&name);
    int64_t number;
    if (!found && text_to_int(label, &number) && number >= 1 && number <= (int64_t)csv->fields) {
        layout->label = (size_t)number - 1;
        found = true;
    }
    if (!found && strcmp(label, "last") == 0) {
        layout->label = csv->fields - 1;
        found = true;
    }
    return found || unknown_column(csv, label, layout->header, error);
}

static bool read_first(Csv *csv, const CsvOptions *parameters, Layout *layout, bool *more,
                       Error *error) {
    if (!csv_next(csv, more, error)) return false;
    if (!*more) return error_set(error, "%s:1:1: the file has no lines", csv->path);
    layout->columns = csv->fields;
    if (csv->fields < 2)
        return csv_refuse(csv, 0, error,
                          "one column; features and a label are expected, separated "
                          "by commas");
    return find_header(csv, parameters->header, &layout->header, error) &&
           find_label(csv, parameters->label, layout, error);
}

static bool measure(Csv *csv, const CsvOptions *parameters, Layout *layout, Error *error) {
    bool more;
    if (!read_first(csv, parameters, layout, &more, error)) return false;
    size_t records = 0;
    while (more) {
        records++;
        if (csv->fields != layout->columns)
            return csv_refuse(csv, csv->fields - 1, error,
                              "%zu columns here, %zu in the first line", csv->fields,
                              layout->columns);
        if (!csv_next(csv, &more, error)) return false;
    }
    layout->rows = records - layout->header;
    return layout->rows > 0 || error_set(error, "%s:2:1: no examples follow the header", csv->path);
}

static bool read_number(const Csv *csv, size_t field, double *value, Error *error) {
    if (csv->field[field].length == 0) return csv_refuse(csv, field, error, "a value is missing");
    if (!csv_real(csv, field, value)) return csv_refuse(csv, field, error, "not a number");
    if (!isfinite(*value)) return csv_refuse(csv, field, error, "nan and inf are not data");
    if (!isfinite((float)*value)) return csv_refuse(csv, field, error, "does not fit a float");
    return true;
}

static bool read_row(const Csv *csv, size_t label, int64_t classes, LoadPart *part, size_t row,
                     Error *error) {
    size_t at = row * part->d;
    for (size_t i = 0; i < csv->fields; i++) {
        double value;
        if (!read_number(csv, i, &value, error)) return false;
        if (i != label) {
            if (part->x_double) part->x_double[at] = value;
            part->x[at++] = (float)value;
        } else if (part->target) {
            if (part->target_double) part->target_double[row] = value;
            part->target[row] = (float)value;
        } else {
            const char *fault = load_label_fault(value, classes);
            if (fault) return csv_refuse(csv, i, error, "label %g %s", value, fault);
            part->label[row] = (int32_t)value;
        }
    }
    return true;
}

static bool read_rows(Csv *csv, const CsvOptions *parameters, const Layout *layout, LoadPart *part,
                      Error *error) {
    bool more;
    csv_rewind(csv);
    if (layout->header && !csv_next(csv, &more, error)) return false;
    for (size_t i = 0; i < layout->rows; i++) {
        if (!csv_next(csv, &more, error)) return false;
        if (!read_row(csv, layout->label, parameters->classes, part, i, error)) return false;
    }
    return true;
}

static bool load_file(DataSet *set, const CsvOptions *parameters, const char *path, Error *error) {
    Csv csv;
    Layout layout = {0};
    LoadPart part = {0};
    if (!csv_open(&csv, path, error)) return false;
    bool ok = measure(&csv, parameters, &layout, error) &&
              load_part_new(&part, layout.rows, layout.columns - 1, parameters->task == REGRESSION,
                            error) &&
              load_part_double(&part, set, error) &&
              read_rows(&csv, parameters, &layout, &part, error);
    if (ok) {
        set->rank = 1;
        set->d = layout.columns - 1;
        set->size[0] = (int64_t)set->d;
        if (part.label)
            set->classes =
                parameters->classes ? (int)parameters->classes : load_part_classes(&part);
        ok = load_split(set, &part, parameters->holdout, parameters->seed, error) &&
             load_standardise(set, parameters->standardise, error);
    }
    load_part_free(&part);
    csv_close(&csv);
    return ok;
}

static bool load(DataSet *set, const void *values, Error *error) {
    const CsvOptions *parameters = values;
    if (!*parameters->file) return error_set(error, "%s: give file=FILE", set->spec);
    char *path = load_find(parameters->file, error);
    bool ok = path && load_file(set, parameters, path, error);
    memory_free(path);
    return ok;
}

const DataKind data_csv = {
    .name = "csv",
    .form = "csv:file=FILE[,label=last,task=classification,header=auto,standardise=none,classes=0,"
            "holdout=0,seed=0]",
    .help = "comma-separated numbers, one column to predict",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .bytes = sizeof(CsvOptions),
    .load = load,
};
