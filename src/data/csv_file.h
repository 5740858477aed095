// Comma-separated values (RFC 4180) in memory, read record by record. Private to data/.
#pragma once

#include "base/base.h"

typedef struct CsvField {
    size_t at, length; // inside the text, without quotes and white space around
} CsvField;

typedef struct Csv {
    const char *path; // not owned
    char *text;
    size_t size, at; // of the next record
    CsvField *field; // (fields) of the current record
    size_t fields, capacity;
} Csv;

bool csv_open(Csv *csv, const char *path, Error *error);
void csv_close(Csv *csv);
void csv_rewind(Csv *csv);

// Reads the next record; empty lines are skipped. *more is false after the last one. A quoted field
// may hold commas and line ends.
bool csv_next(Csv *csv, bool *more, Error *error);

// The text of a field ("" is "): replaces *text.
void csv_text(const Csv *csv, size_t field, Text *text);

// True when the field is a number, nan and inf included.
bool csv_real(const Csv *csv, size_t field, double *value);

// How many fields of the current record are no numbers; *first of them. A header has only such.
size_t csv_words(const Csv *csv, size_t *first);

// An error at a field of the current record: path:line:column, the line, a caret. Returns false.
bool csv_refuse(const Csv *csv, size_t field, Error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
