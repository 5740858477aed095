// Separated values (RFC 4180, and its like with other separators) in memory, read record by record.
// Private to data/.
#pragma once

#include "base/base.h"

typedef struct CsvField {
    size_t at, length; // inside the text, without quotes and white space around
} CsvField;

typedef struct Csv {
    const char *path; // not owned
    char *text;
    size_t size, at;         // of the next record
    char separator, decimal; // ',' ';' '\t', or ' ' for any run of blanks; '.' or ','
    CsvField *field;         // (fields) of the current record
    size_t fields, capacity;
} Csv;

// Errors: the file; no text, or text in UTF-16; a separator of 0, to be told by the first line,
// where that has several of them.
bool csv_open(Csv *csv, const char *path, char separator, char decimal, Error *error);
void csv_close(Csv *csv);
void csv_rewind(Csv *csv);

// Reads the next record; empty lines are skipped. *more is false after the last one. A quoted field
// may hold separators and line ends.
bool csv_next(Csv *csv, bool *more, Error *error);

// The text of a field ("" is "): replaces *text.
void csv_text(const Csv *csv, size_t field, Text *text);

// True when the field is a number, nan and inf included.
bool csv_real(const Csv *csv, size_t field, double *value);

// The same, or an error at the field that says what stands there.
bool csv_number(const Csv *csv, size_t field, double *value, Error *error);

// Whether a field says that there is no value: it is empty, NA, null, ? or the like.
bool csv_missing(const Csv *csv, size_t field);

// How many fields of the current record are no numbers; *first of them. A header has only such.
size_t csv_words(const Csv *csv, size_t *first);

// Of a header, the current record: 1 when its first column has no name and is so an index (as
// pandas and R write one), else 0. Errors: another column without a name.
bool csv_index(const Csv *csv, size_t *index, Error *error);
extern const char csv_index_note[];

// An error at a field of the current record: path:line:column, the line, a caret. Returns false.
bool csv_refuse(const Csv *csv, size_t field, Error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
