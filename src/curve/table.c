#include "curve/table.h"
#include <math.h>
#include <string.h>

void table_start(Table *table, const char *name) {
    *table = (Table){.name = memory_text(name)};
}

static ColumnRole role_of(const Table *table, const char *name) {
    if (text_ends_in(name, "seed")) return COLUMN_SEED;
    if (strcmp(name, "epoch") == 0) return COLUMN_EPOCH;
    if (table_find(table, "epoch") >= 0) return COLUMN_METRIC;
    if (text_starts(name, "train_") || text_starts(name, "test_")) return COLUMN_METRIC;
    if (strcmp(name, "weight_norm") == 0 || strcmp(name, "distance") == 0) return COLUMN_METRIC;
    return COLUMN_SETTING;
}

bool table_add_column(Table *table, const char *name, Error *error) {
    REQUIRE(table->rows == 0);
    if (!*name)
        return error_set(error, "%s: column %zu has no name", table->name, table->columns + 1);
    if (table_find(table, name) >= 0)
        return error_set(error, "%s: two columns are named '%s'", table->name, name);
    ColumnRole role = role_of(table, name);
    table->column =
        memory_grow(table->column, table->columns, &table->column_capacity, sizeof *table->column);
    table->column[table->columns++] = (TableColumn){memory_text(name), role};
    return true;
}

static bool make_room(Table *table, Error *error) {
    if (table->rows < table->row_capacity) return true;
    size_t capacity = table->row_capacity ? 2 * table->row_capacity : 64;
    TableRow **row = memory_try(capacity, sizeof *row, "rows of a table", error);
    if (!row) return error_prefix(error, "%s", table->name);
    if (table->rows) memcpy(row, table->row, table->rows * sizeof *row);
    memory_free(table->row);
    table->row = row;
    table->row_capacity = capacity;
    return true;
}

static TableCell read_cell(const char *text) {
    TableCell cell = {.text = text, .number = NAN};
    double number;
    cell.numeric = text_to_real(text, &number);
    if (cell.numeric) cell.number = number;
    return cell;
}

// A row is one block: its head, its cells, the bytes of their texts.
bool table_add_row(Table *table, const char *const *texts, size_t line, Error *error) {
    if (!make_room(table, error)) return false;
    size_t head = sizeof(TableRow) + table->columns * sizeof(TableCell), bytes = 0;
    for (size_t i = 0; i < table->columns; i++) bytes += strlen(texts[i]) + 1;
    TableRow *row = memory_try(head + bytes, 1, "a row of a table", error);
    if (!row) return error_prefix(error, "%s", table->name);
    row->line = line;
    char *next = (char *)row + head;
    for (size_t i = 0; i < table->columns; i++) {
        size_t size = strlen(texts[i]) + 1;
        memcpy(next, texts[i], size);
        row->cell[i] = read_cell(next);
        next += size;
    }
    table->row[table->rows++] = row;
    return true;
}

ptrdiff_t table_find(const Table *table, const char *name) {
    for (size_t i = 0; i < table->columns; i++) {
        if (strcmp(table->column[i].name, name) == 0) return (ptrdiff_t)i;
    }
    return -1;
}

bool table_need(const Table *table, const char *name, size_t *column, Error *error) {
    ptrdiff_t found = table_find(table, name);
    if (found >= 0) {
        *column = (size_t)found;
        return true;
    }
    const char *near = NULL;
    if (table->columns)
        near = text_nearest(name, &table->column[0].name, table->columns, sizeof(TableColumn));
    if (near)
        return error_set(error, "%s: no column '%s', did you mean '%s'?", table->name, name, near);
    Text names = {0};
    for (size_t i = 0; i < table->columns; i++)
        text_printf(&names, "%s%s", i ? ", " : "", table->column[i].name);
    error_set(error, "%s: no column '%s'; there are %.3000s", table->name, name,
              names.data ? names.data : "none");
    text_free(&names);
    return false;
}

int table_compare(const TableCell *a, const TableCell *b) {
    bool a_real = a->numeric && !isnan(a->number), b_real = b->numeric && !isnan(b->number);
    if (a_real != b_real) return a_real ? -1 : 1;
    if (!a_real) return strcmp(a->text, b->text);
    return (a->number > b->number) - (a->number < b->number);
}

void table_place(const Table *table, size_t row, Text *text) {
    size_t line = table->row[row]->line;
    if (line)
        text_printf(text, "%s:%zu", table->name, line);
    else
        text_printf(text, "%s: row %zu", table->name, row + 1);
}

void table_cell_place(const Table *table, size_t row, size_t column, Text *text) {
    table_place(table, row, text);
    size_t at = table->row[row]->cell[column].column;
    if (table->row[row]->line && at) text_printf(text, ":%zu", at);
}

void table_free(Table *table) {
    for (size_t i = 0; i < table->rows; i++) memory_free(table->row[i]);
    for (size_t i = 0; i < table->columns; i++) memory_free(table->column[i].name);
    memory_free(table->row);
    memory_free(table->column);
    memory_free(table->name);
    *table = (Table){0};
}
