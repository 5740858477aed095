#include "data/csv_file.h"
#include "data/source.h"
#include <stdarg.h>
#include <string.h>

bool csv_open(Csv *csv, const char *path, Error *error) {
    *csv = (Csv){.path = path};
    if (!file_read(path, source_limit, &csv->text, &csv->size, error)) return false;
    csv_rewind(csv);
    return true;
}

void csv_close(Csv *csv) {
    memory_free(csv->text);
    memory_free(csv->field);
    *csv = (Csv){0};
}

void csv_rewind(Csv *csv) {
    bool mark = csv->size >= 3 && memcmp(csv->text, "\xEF\xBB\xBF", 3) == 0; // byte order mark
    csv->at = mark ? 3 : 0;
    csv->fields = 0;
}

static bool at_end(const Csv *csv) {
    return csv->at >= csv->size;
}

static char here(const Csv *csv) {
    return at_end(csv) ? '\n' : csv->text[csv->at];
}

static bool is_line_end(char c) {
    return c == '\n' || c == '\r';
}

static void skip_blanks(Csv *csv) {
    while (!at_end(csv) && (here(csv) == ' ' || here(csv) == '\t')) csv->at++;
}

static bool read_quoted(Csv *csv, CsvField *field, Error *error) {
    size_t start = csv->at++;
    field->at = csv->at;
    for (; !at_end(csv); csv->at++) {
        if (here(csv) != '"') continue;
        if (csv->at + 1 < csv->size && csv->text[csv->at + 1] == '"')
            csv->at++;
        else
            break;
    }
    if (at_end(csv))
        return error_at(error, csv->path, csv->text, csv->size, start, 1,
                        "this quote is not closed");
    field->length = csv->at++ - field->at;
    skip_blanks(csv);
    if (here(csv) == ',' || is_line_end(here(csv))) return true;
    return error_at(error, csv->path, csv->text, csv->size, csv->at, 1,
                    "a comma or the end of the line is expected after a quoted value");
}

static void read_bare(Csv *csv, CsvField *field) {
    field->at = csv->at;
    while (!at_end(csv) && here(csv) != ',' && !is_line_end(here(csv))) csv->at++;
    size_t end = csv->at;
    while (end > field->at && (csv->text[end - 1] == ' ' || csv->text[end - 1] == '\t')) end--;
    field->length = end - field->at;
}

static bool read_field(Csv *csv, Error *error) {
    csv->field = memory_grow(csv->field, csv->fields, &csv->capacity, sizeof *csv->field);
    CsvField *field = &csv->field[csv->fields++];
    skip_blanks(csv);
    if (!at_end(csv) && here(csv) == '"') return read_quoted(csv, field, error);
    read_bare(csv, field);
    return true;
}

bool csv_next(Csv *csv, bool *more, Error *error) {
    csv->fields = 0;
    while (!at_end(csv) && is_line_end(here(csv))) csv->at++;
    *more = !at_end(csv);
    if (!*more) return true;
    for (;;) {
        if (!read_field(csv, error)) return false;
        if (here(csv) != ',' || at_end(csv)) return true;
        csv->at++;
    }
}

void csv_text(const Csv *csv, size_t field, Text *text) {
    const CsvField *f = &csv->field[field];
    text_free(text);
    text_add(text, "");
    for (size_t i = 0; i < f->length; i++) {
        text_add_bytes(text, csv->text + f->at + i, 1);
        if (csv->text[f->at + i] == '"') i++; // the second of a doubled quote
    }
}

bool csv_real(const Csv *csv, size_t field, double *value) {
    enum { LONGEST = 400 }; // 1 + 308 digits before the point, 17 that matter, some grace
    const CsvField *f = &csv->field[field];
    char number[LONGEST + 1];
    if (f->length > LONGEST || memchr(csv->text + f->at, 0, f->length)) return false;
    memcpy(number, csv->text + f->at, f->length);
    number[f->length] = 0;
    return text_to_real(number, value);
}

size_t csv_words(const Csv *csv, size_t *first) {
    size_t words = 0;
    for (size_t i = csv->fields; i-- > 0;) {
        double value;
        if (csv_real(csv, i, &value)) continue;
        words++;
        *first = i;
    }
    return words;
}

bool csv_refuse(const Csv *csv, size_t field, Error *error, const char *format, ...) {
    const CsvField *f = &csv->field[field];
    Text what = {0};
    va_list list;
    va_start(list, format);
    text_vprintf(&what, format, list);
    va_end(list);
    error_at(error, csv->path, csv->text, csv->size, f->at, f->length ? f->length : 1, "%s",
             what.data);
    text_free(&what);
    return false;
}
