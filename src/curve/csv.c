#include "curve/table.h"
#include <string.h>

enum { LARGEST_FILE = 1 << 30 };

typedef struct Field {
    size_t start;  // in bytes
    size_t offset; // in data
} Field;

typedef struct Reader {
    const char *name, *data;
    size_t size, at, line; // line counts from 1
    Table *table;
    size_t line_start; // offset of the line
    Text bytes;        // the fields of the line, each ended by a 0
    Field *field;
    size_t fields, field_capacity;
    size_t skipped;    // 1: the first field of every line is an index
    const char **text; // (columns) where they ended up
    Error *error;
} Reader;

static bool fail(Reader *reader, size_t offset, const char *message) {
    return error_at(reader->error, reader->name, reader->data, reader->size, offset, 1, "%s",
                    message);
}

static bool at_line_end(const Reader *reader) {
    if (reader->at == reader->size) return true;
    if (reader->data[reader->at] == '\n') return true;
    return reader->data[reader->at] == '\r' && reader->at + 1 < reader->size &&
           reader->data[reader->at + 1] == '\n';
}

static void pass_line_end(Reader *reader) {
    if (reader->at < reader->size && reader->data[reader->at] == '\r') reader->at++;
    if (reader->at < reader->size) reader->at++;
    reader->line++;
}

static bool read_quoted(Reader *reader) {
    size_t open = reader->at++;
    for (;; reader->at++) {
        if (reader->at == reader->size) return fail(reader, open, "this quote is never closed");
        const char *c = reader->data + reader->at;
        if (*c == 0) return fail(reader, reader->at, "a NUL byte; this is not text");
        if (*c == '"') {
            reader->at++;
            if (reader->at == reader->size || c[1] != '"') break;
        }
        if (*c == '\n') reader->line++;
        text_add_bytes(&reader->bytes, c, 1);
    }
    if (!at_line_end(reader) && reader->data[reader->at] != ',')
        return fail(reader, reader->at, "after a closing quote comes a comma or the line's end");
    return true;
}

static bool read_bare(Reader *reader) {
    for (; !at_line_end(reader) && reader->data[reader->at] != ','; reader->at++) {
        const char *c = reader->data + reader->at;
        if (*c == 0) return fail(reader, reader->at, "a NUL byte; this is not text");
        if (*c == '\r') return fail(reader, reader->at, "a carriage return inside a line");
        if (*c == '"')
            return fail(reader, reader->at, "a quote inside a bare field; quote the whole field");
        text_add_bytes(&reader->bytes, c, 1);
    }
    return true;
}

static bool read_field(Reader *reader) {
    reader->field =
        memory_grow(reader->field, reader->fields, &reader->field_capacity, sizeof *reader->field);
    reader->field[reader->fields++] = (Field){reader->bytes.length, reader->at};
    bool quoted = reader->at < reader->size && reader->data[reader->at] == '"';
    bool ok = quoted ? read_quoted(reader) : read_bare(reader);
    text_add_bytes(&reader->bytes, "", 1);
    return ok;
}

// Reads the fields of one line; stops with an error at the first field too many (most > 0).
static bool read_line(Reader *reader, size_t most) {
    reader->fields = reader->bytes.length = 0;
    reader->line_start = reader->at;
    if (at_line_end(reader) && most != 1) return fail(reader, reader->at, "an empty line");
    for (;;) {
        size_t offset = reader->at;
        if (!read_field(reader)) return false;
        if (most && reader->fields > most)
            return error_at(reader->error, reader->name, reader->data, reader->size, offset, 1,
                            "field %zu, but the header names %zu columns", reader->fields, most);
        if (at_line_end(reader)) return true;
        reader->at++; // the comma
    }
}

static bool read_header(Reader *reader) {
    if (reader->size >= 3 && memcmp(reader->data, "\xEF\xBB\xBF", 3) == 0) reader->at = 3;
    if (reader->at == reader->size)
        return error_set(reader->error, "%s:1:1: empty; the first line names the columns",
                         reader->name);
    if (!read_line(reader, 0)) return false;
    reader->skipped = reader->fields > 1 && reader->bytes.data[reader->field[0].start] == 0;
    reader->table->has_index = reader->skipped;
    for (size_t i = reader->skipped; i < reader->fields; i++) {
        Error reason = {0};
        if (!table_add_column(reader->table, reader->bytes.data + reader->field[i].start, &reason))
            return fail(reader, reader->field[i].offset, reason.text + strlen(reader->name) + 2);
    }
    reader->text = memory_new(reader->fields, sizeof *reader->text);
    pass_line_end(reader);
    return true;
}

static void note_columns(const Reader *reader, TableRow *row) {
    for (size_t i = 0; i < reader->table->columns; i++)
        row->cell[i].column =
            (uint32_t)(reader->field[i + reader->skipped].offset - reader->line_start + 1);
}

static bool read_row(Reader *reader) {
    Table *table = reader->table;
    size_t line = reader->line, skipped = reader->skipped, fields = table->columns + skipped;
    if (!read_line(reader, fields)) return false;
    if (reader->fields < fields)
        return error_at(reader->error, reader->name, reader->data, reader->size, reader->at, 1,
                        "the line ends after %zu fields; the header names %zu columns, next is %s",
                        reader->fields, fields, table->column[reader->fields - skipped].name);
    for (size_t i = 0; i < table->columns; i++)
        reader->text[i] = reader->bytes.data + reader->field[i + skipped].start;
    pass_line_end(reader);
    if (!table_add_row(table, reader->text, line, reader->error)) return false;
    note_columns(reader, table->row[table->rows - 1]);
    return true;
}

bool curve_parse_csv(const char *name, const char *data, size_t size, Table *table, Error *error) {
    table_start(table, name);
    Reader reader = {
        .name = name, .data = data, .size = size, .line = 1, .table = table, .error = error};
    bool ok = read_header(&reader);
    while (ok && reader.at < size) ok = read_row(&reader);
    text_free(&reader.bytes);
    memory_free(reader.field);
    memory_free(reader.text);
    if (!ok) table_free(table);
    return ok;
}

bool curve_read_csv(const char *path, Table *table, Error *error) {
    char *data;
    size_t size;
    if (!file_read(path, LARGEST_FILE, &data, &size, error)) return false;
    bool ok = curve_parse_csv(path, data, size, table, error);
    memory_free(data);
    return ok;
}
