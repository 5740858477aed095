// A table: columns by name, a row per record, every cell a text and, where it reads as one, a
// number. Tables come from a CSV file or are filled row by row by whoever has records.
#pragma once

#include "base/base.h"

typedef struct TableCell {
    const char *text; // "": missing
    double number;    // nan when the text is not a number
    bool numeric;
    uint32_t column; // where the field begins on its line, in bytes from 1; 0: not known
} TableCell;

// A setting was chosen before the run, a metric came out of it. Only settings can be the reason
// why two runs differ.
typedef enum ColumnRole { COLUMN_SETTING, COLUMN_SEED, COLUMN_EPOCH, COLUMN_METRIC } ColumnRole;

typedef struct TableColumn {
    char *name;
    ColumnRole role;
} TableColumn;

typedef struct TableRow {
    size_t line;      // in the user's file; 0: not from a file
    TableCell cell[]; // (columns)
} TableRow;

typedef struct Table {
    char *name; // what errors begin with: "runs.csv", "RUNS.db"
    TableColumn *column;
    size_t columns, column_capacity;
    TableRow **row;
    size_t rows, row_capacity;
    bool has_index; // the file has a first column without a name, which was left out
} Table;

// An empty table. Free with table_free.
void table_start(Table *table, const char *name);

// Adds a column; to be called before the first row. The role follows from the name:
//   ends in "seed"                                              COLUMN_SEED
//   "epoch"                                                     COLUMN_EPOCH
//   stands after epoch, begins with train_ or test_, or is
//   weight_norm or distance                                     COLUMN_METRIC
//   any other                                                   COLUMN_SETTING
// Refused: an empty name and one that is already there.
bool table_add_column(Table *table, const char *name, Error *error);

// Adds a row of table->columns texts, which are copied.
bool table_add_row(Table *table, const char *const *texts, size_t line, Error *error);

// The column of that name, or -1.
ptrdiff_t table_find(const Table *table, const char *name);

// As table_find, but a name that is not there is an error that suggests the nearest one.
bool table_need(const Table *table, const char *name, size_t *column, Error *error);

// The order of cells: numbers by value, before texts by bytes. 0 when equal ("0.1" is "1e-1").
int table_compare(const TableCell *a, const TableCell *b);

// "runs.csv:12" or "RUNS.db: row 12": where a row is, for errors.
void table_place(const Table *table, size_t row, Text *text);

// "runs.csv:12:5" or "RUNS.db: row 12": where a cell is.
void table_cell_place(const Table *table, size_t row, size_t column, Text *text);

void table_free(Table *table);

// Reads CSV (RFC 4180) with a header line: fields separated by commas, quoted with " where they
// hold commas, quotes (doubled) or line ends; lines end in LF or CRLF; a byte-order mark is passed
// over. Strict: every line has as many fields as the header, no empty lines, no bytes after a
// closing quote, no quote inside a bare field, no NUL. A first column without a name is the index
// that pandas writes (to_csv): it is left out, and has_index says so; any other column without a
// name is refused. Errors begin with path:line:column.
bool curve_read_csv(const char *path, Table *table, Error *error);

// The same for text in memory; name stands for the path in errors.
bool curve_parse_csv(const char *name, const char *data, size_t size, Table *table, Error *error);
