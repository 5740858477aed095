#include "data/csv_table.h"
#include <string.h>

// ---- names of classes ----

static void names_free(CsvNames *names) {
    for (size_t i = 0; i < names->count; i++) memory_free(names->name[i]);
    memory_free(names->name);
    *names = (CsvNames){0};
}

size_t csv_names_find(const CsvNames *names, const char *name, bool *found) {
    size_t low = 0, high = names->count;
    *found = false;
    while (low < high && !*found) {
        size_t middle = (low + high) / 2;
        int order = strcmp(names->name[middle], name);
        *found = order == 0;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return high;
}

static void add_name(CsvNames *names, const char *name) {
    bool found;
    size_t at = csv_names_find(names, name, &found);
    if (found) return;
    names->name = memory_grow(names->name, names->count, &names->capacity, sizeof *names->name);
    memmove(names->name + at + 1, names->name + at, (names->count - at) * sizeof *names->name);
    names->name[at] = memory_text(name);
    names->count++;
}

// ---- the first record ----

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

// By name; *found: there is one of that name, and only one.
static bool find_named(const Csv *csv, const char *label, size_t *column, bool *found,
                       Error *error) {
    Text name = {0};
    bool twice = false;
    for (size_t i = 0; !twice && i < csv->fields; i++) {
        csv_text(csv, i, &name);
        if (strcmp(name.data, label) != 0) continue;
        twice = *found;
        if (twice)
            csv_refuse(csv, i, error, "columns %zu and %zu are called \"%s\"; give a number",
                       *column + 1, i + 1, label);
        *found = true;
        *column = i;
    }
    text_free(&name);
    return !twice;
}

// In the current record, the first: by name, then by number, then last.
static bool find_label(const Csv *csv, const char *label, CsvLayout *layout, Error *error) {
    int64_t number;
    bool found = false;
    if (layout->header && !find_named(csv, label, &layout->label, &found, error)) return false;
    if (!found && text_to_int(label, &number) && number >= 1 && number <= (int64_t)csv->fields) {
        layout->label = (size_t)number - 1;
        found = true;
    }
    if (!found && strcmp(label, "last") == 0) {
        layout->label = csv->fields - 1;
        found = true;
    }
    if (!found) return unknown_column(csv, label, layout->header, error);
    return layout->label >= layout->index ||
           csv_refuse(csv, 0, error, "column 1 has no name, it is an index; label=\"%s\"", label);
}

static bool refuse_mixed(const Csv *csv, size_t first, Error *error) {
    return csv_refuse(csv, first, error,
                      "the first line is part numbers, part words: is this a header (header=yes), "
                      "or not a number (header=no)?");
}

// Decides whether the current record, the first, holds names of columns, and finds the label. A
// first line of numbers whose label alone is a word may be an example.
static bool read_header(const Csv *csv, const CsvOptions *options, CsvLayout *layout,
                        Error *error) {
    size_t first = 0, words = csv_words(csv, &first);
    bool all = words == csv->fields, some = words > 0 && !all;
    layout->header =
        options->header == CSV_HEADER_YES || (options->header == CSV_HEADER_AUTO && all);
    if (layout->header && !csv_index(csv, &layout->index, error)) return false;
    if (layout->columns - layout->index < 2)
        return csv_refuse(csv, 0, error, "a label, but no features");
    if (options->header == CSV_HEADER_AUTO && some &&
        (words > 1 || options->task == CSV_REGRESSION || csv_missing(csv, first)))
        return refuse_mixed(csv, first, error);
    if (!find_label(csv, options->label, layout, error)) return false;
    return options->header != CSV_HEADER_AUTO || !some || first == layout->label ||
           refuse_mixed(csv, first, error);
}

// A test file must have the columns of the training file, in their order.
static bool same_columns(const Csv *csv, const CsvLayout *train, CsvLayout *layout, Error *error) {
    Text name = {0};
    bool same = true;
    for (size_t i = 0, at = 0; layout->header && i < csv->fields; i++) {
        csv_text(csv, i, &name);
        if (train && same && train->header) {
            const char *expected = train->heads.data + at;
            same = strcmp(expected, name.data) == 0 ||
                   csv_refuse(csv, i, error, "column \"%s\", which is \"%s\" in the training file",
                              name.data, expected);
            at += strlen(expected) + 1;
        }
        text_add_bytes(&layout->heads, name.data, name.length + 1);
    }
    text_free(&name);
    if (!train || !same) return same;
    return (layout->index == train->index && layout->label == train->label) ||
           csv_refuse(csv, layout->label, error,
                      "the label is column %zu here, column %zu in the training file",
                      layout->label + 1, train->label + 1);
}

static bool read_first(Csv *csv, const CsvOptions *options, const CsvLayout *train,
                       CsvLayout *layout, bool *more, Error *error) {
    if (!csv_next(csv, more, error)) return false;
    if (!*more) return error_set(error, "%s:1:1: the file has no lines", csv->path);
    layout->columns = csv->fields;
    if (csv->fields < 2)
        return csv_refuse(csv, 0, error,
                          "one column; features and a label are expected, between them commas, "
                          "semicolons, tabs or blanks");
    if (train && csv->fields != train->columns)
        return csv_refuse(csv, csv->fields - 1, error, "%zu columns, %zu in the training file",
                          csv->fields, train->columns);
    return read_header(csv, options, layout, error) && same_columns(csv, train, layout, error);
}

// ---- all records ----

static bool refuse_ragged(const Csv *csv, const CsvLayout *layout, size_t row, Error *error) {
    bool row_names = layout->header && row == 0 && csv->fields == layout->columns + 1;
    return csv_refuse(csv, csv->fields - 1, error, "%zu columns here, %zu in the first line%s",
                      csv->fields, layout->columns,
                      row_names ? " (R's write.table leaves out the name of the row names: "
                                  "write.csv with row.names=FALSE)"
                                : "");
}

// Labels are numbers, or the names of classes; not now this and now that.
static bool look_at_label(Csv *csv, const CsvOptions *options, CsvLayout *layout, size_t row,
                          Error *error) {
    double value;
    bool number = csv_real(csv, layout->label, &value), more;
    if (!number && csv_missing(csv, layout->label))
        return csv_refuse(csv, layout->label, error, "a value is missing");
    if (row == 1 && number && layout->names.count && !layout->header &&
        options->header == CSV_HEADER_AUTO) {
        csv_rewind(csv); // so the word in the first line was that of a header
        return csv_next(csv, &more, error) && refuse_mixed(csv, layout->label, error);
    }
    if (row > 0 && number == (layout->names.count > 0))
        return csv_refuse(csv, layout->label, error,
                          number ? "a number among labels that are words"
                                 : "not a number, but the labels before it are");
    if (number) return true;
    if (layout->names.count == LOAD_CLASSES)
        return csv_refuse(csv, layout->label, error, "more than %d classes", LOAD_CLASSES);
    Text name = {0};
    csv_text(csv, layout->label, &name);
    add_name(&layout->names, name.data);
    text_free(&name);
    return true;
}

bool csv_measure(Csv *csv, const CsvOptions *options, const CsvLayout *train, CsvLayout *layout,
                 Error *error) {
    bool more;
    *layout = (CsvLayout){0};
    if (!read_first(csv, options, train, layout, &more, error)) return false;
    if (layout->header && !csv_next(csv, &more, error)) return false;
    for (; more; layout->rows++) {
        if (csv->fields != layout->columns) return refuse_ragged(csv, layout, layout->rows, error);
        if (options->task == CSV_CLASSIFICATION &&
            !look_at_label(csv, options, layout, layout->rows, error))
            return false;
        if (!csv_next(csv, &more, error)) return false;
    }
    return layout->rows > 0 || error_set(error, "%s:2:1: no examples follow the header", csv->path);
}

void csv_layout_free(CsvLayout *layout) {
    names_free(&layout->names);
    text_free(&layout->heads);
    *layout = (CsvLayout){0};
}
