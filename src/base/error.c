#include "base/base.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool set(Error *error, ErrorKind kind, const char *format, va_list list) {
    if (!error) return false;
    error->kind = kind;
    vsnprintf(error->text, sizeof error->text, format, list);
    return false;
}

bool error_set(Error *error, const char *format, ...) {
    va_list list;
    va_start(list, format);
    set(error, ERROR_INPUT, format, list);
    va_end(list);
    return false;
}

bool error_kind(Error *error, ErrorKind kind, const char *format, ...) {
    va_list list;
    va_start(list, format);
    set(error, kind, format, list);
    va_end(list);
    return false;
}

bool error_prefix(Error *error, const char *format, ...) {
    if (!error) return false;
    char old[sizeof error->text];
    memcpy(old, error->text, sizeof old);
    va_list list;
    va_start(list, format);
    int length = vsnprintf(error->text, sizeof error->text, format, list);
    va_end(list);
    if (length >= 0 && (size_t)length < sizeof error->text) {
        size_t room = sizeof error->text - (size_t)length;
        snprintf(error->text + length, room, ": %.*s", (int)room - 3, old);
    }
    return false;
}

static bool continues(char c) {
    return ((unsigned char)c & 0xC0) == 0x80;
} // inside a UTF-8 character

bool error_at(Error *error, const char *name, const char *source, size_t length, size_t offset,
              size_t width, const char *format, ...) {
    if (!error) return false;
    if (offset > length) offset = length;
    size_t start = 0, line = 1;
    for (size_t i = 0; i < offset; i++) {
        if (source[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    size_t end = start;
    while (end < length && (end < offset || !strchr("\n\r", source[end]))) end++;
    size_t column = 1;
    for (size_t i = start; i < offset; i++) column += !continues(source[i]);

    // A very long line is shown from a little before the place.
    size_t from = offset - start > 120 ? offset - 60 : start;
    while (from < offset && continues(source[from])) from++;
    size_t to = end - from > 160 ? from + 160 : end;
    while (to < end && continues(source[to])) to++;

    Text text = {0};
    va_list list;
    va_start(list, format);
    text_printf(&text, "%s:%zu:%zu: ", name, line, column);
    text_vprintf(&text, format, list);
    va_end(list);
    text_add(&text, "\n    ");
    for (size_t i = from; i < to; i++) {
        unsigned char c = (unsigned char)source[i];
        char shown = c < 32 || c == 127 ? ' ' : (char)c;
        text_add_bytes(&text, &shown, 1);
    }
    text_add(&text, "\n    ");
    for (size_t i = from; i < offset; i++) {
        if (!continues(source[i])) text_add(&text, " ");
    }
    text_add(&text, "^");
    for (size_t i = offset + 1; i < offset + width && i < to; i++) {
        if (!continues(source[i])) text_add(&text, "~");
    }
    error->kind = ERROR_INPUT;
    snprintf(error->text, sizeof error->text, "%s", text.data);
    text_free(&text);
    return false;
}

_Noreturn void error_stop(const char *file, int line, const char *condition) {
    fprintf(stderr, "benign: bug at %s:%d: %s does not hold\n", file, line, condition);
    abort();
}
