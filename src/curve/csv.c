#include "curve/table.h"
#include <string.h>

enum { LARGEST_FILE = 1 << 30 };

typedef struct Reader {
    const char *name, *data;
    size_t size, at, line; // line counts from 1
    Table *table;
    Text bytes;    // the fields of the line, each ended by a 0
    size_t *start; // of field i in bytes
    size_t fields, start_capacity;
    const char **text; // (fields of the header) where they ended up
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
    reader->start =
        memory_grow(reader->start, reader->fields, &reader->start_capacity, sizeof *reader->start);
    reader->start[reader->fields++] = reader->bytes.length;
    bool quoted = reader->at < reader->size && reader->data[reader->at] == '"';
    bool ok = quoted ? read_quoted(reader) : read_bare(reader);
    text_add_bytes(&reader->bytes, "", 1);
    return ok;
}

// Reads the fields of one line; stops with an error at the first field too many (most > 0).
static bool read_line(Reader *reader, size_t most) {
    reader->fields = reader->bytes.length = 0;
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
    for (size_t i = 0; i < reader->fields; i++) {
        const char *name = reader->bytes.data + reader->start[i];
        Error reason = {0};
        if (!table_add_column(reader->table, name, &reason))
            return error_set(reader->error, "%s:1:1: field %zu of the header: %s", reader->name,
                             i + 1, reason.text + strlen(reader->name) + 2);
    }
    reader->text = memory_new(reader->fields, sizeof *reader->text);
    pass_line_end(reader);
    return true;
}

static bool read_row(Reader *reader) {
    size_t line = reader->line, columns = reader->table->columns;
    if (!read_line(reader, columns)) return false;
    if (reader->fields < columns)
        return error_at(reader->error, reader->name, reader->data, reader->size, reader->at, 1,
                        "the line ends after %zu fields; the header names %zu columns, next is %s",
                        reader->fields, columns, reader->table->column[reader->fields].name);
    for (size_t i = 0; i < columns; i++) reader->text[i] = reader->bytes.data + reader->start[i];
    pass_line_end(reader);
    return table_add_row(reader->table, reader->text, line, reader->error);
}

bool curve_parse_csv(const char *name, const char *data, size_t size, Table *table, Error *error) {
    table_start(table, name);
    Reader reader = {
        .name = name, .data = data, .size = size, .line = 1, .table = table, .error = error};
    bool ok = read_header(&reader);
    while (ok && reader.at < size) ok = read_row(&reader);
    text_free(&reader.bytes);
    memory_free(reader.start);
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
