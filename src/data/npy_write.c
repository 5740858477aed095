#include "data/data.h"
#include <string.h>

// The header's length, with the ten bytes before it, is a multiple of 64: so the format wants it.
enum { PREFIX = 10, ALIGNMENT = 64 };

static void add_header(Text *text, const char *type, size_t rows, size_t cols) {
    const union {
        uint16_t number;
        char first;
    } probe = {1};
    char order = type[1] == '1' ? '|' : probe.first ? '<' : '>';
    Text words = {0};
    text_printf(&words, "{'descr': '%c%s', 'fortran_order': False, 'shape': (%zu, %zu), }", order,
                type, rows, cols);
    while ((PREFIX + words.length + 1) % ALIGNMENT) text_add(&words, " ");
    text_add(&words, "\n");
    const char prefix[PREFIX] = {'\x93',
                                 'N',
                                 'U',
                                 'M',
                                 'P',
                                 'Y',
                                 1,
                                 0,
                                 (char)(words.length & 255),
                                 (char)(words.length >> 8)};
    text_add_bytes(text, prefix, PREFIX);
    text_add_bytes(text, words.data, words.length);
    text_free(&words);
}

bool data_write_npy(const char *path, const char *type, size_t rows, size_t cols,
                    const void *values, Error *error) {
    Text header = {0};
    add_header(&header, type, rows, cols);
    size_t bytes = rows * cols * (size_t)(type[1] - '0');
    char *file = memory_try(header.length + bytes, 1, path, error);
    bool ok = file != NULL;
    if (ok) {
        memcpy(file, header.data, header.length);
        if (bytes) memcpy(file + header.length, values, bytes);
        ok = file_write(path, file, header.length + bytes, error);
    }
    memory_free(file);
    text_free(&header);
    return ok;
}
