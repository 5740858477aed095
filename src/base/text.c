#include "base/base.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_add_bytes(Text *text, const char *more, size_t length) {
    if (text->length + length + 1 > text->capacity) {
        size_t capacity = 2 * text->capacity + length + 64;
        text->data = memory_resize(text->data, capacity);
        text->capacity = capacity;
    }
    if (length) memcpy(text->data + text->length, more, length);
    text->length += length;
    text->data[text->length] = 0;
}

void text_add(Text *text, const char *more) {
    text_add_bytes(text, more, strlen(more));
}

void text_vprintf(Text *text, const char *format, va_list list) {
    va_list again;
    va_copy(again, list);
    errno = 0;
    int length = vsnprintf(NULL, 0, format, list);
    if (length < 0 && errno == ENOMEM) memory_end(0);
    REQUIRE(length >= 0);
    char *line = memory_new((size_t)length + 1, 1);
    vsnprintf(line, (size_t)length + 1, format, again);
    va_end(again);
    text_add_bytes(text, line, (size_t)length);
    memory_free(line);
}

void text_printf(Text *text, const char *format, ...) {
    va_list list;
    va_start(list, format);
    text_vprintf(text, format, list);
    va_end(list);
}

void text_add_real(Text *text, double value) {
    char number[40];
    if (isnan(value)) {
        text_add(text, "nan");
        return;
    }
    if (value == 0) value = 0; // -0 is 0
    int digits = 0;
    do snprintf(number, sizeof number, "%.*e", digits, value);
    while (++digits < 17 && strtod(number, NULL) != value);
    const char *e = strchr(number, 'e'); // NULL: inf
    int exponent = e ? atoi(e + 1) : 0;
    if (e && exponent >= -4 && exponent < 16) {
        int decimals = digits - 1 - exponent;
        snprintf(number, sizeof number, "%.*f", decimals > 0 ? decimals : 0, value);
    }
    text_add(text, number);
}

void text_add_quoted(Text *text, const char *more, const char *special) {
    for (; *more; more++) {
        if (strchr(special, *more)) text_add(text, "\\");
        text_add_bytes(text, more, 1);
    }
}

void text_cut(Text *text, size_t length) {
    REQUIRE(length <= text->length);
    text->length = length;
    if (text->data) text->data[length] = 0;
}

void text_free(Text *text) {
    free(text->data);
    *text = (Text){0};
}

bool text_to_int(const char *text, int64_t *value) {
    if (!*text || isspace((unsigned char)*text)) return false;
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (*end || errno) return false;
    *value = number;
    return true;
}

bool text_to_real(const char *text, double *value) {
    if (!*text || isspace((unsigned char)*text) || strpbrk(text, "xXpP(")) return false;
    char *end;
    errno = 0;
    double number = strtod(text, &end);
    if (*end || (errno == ERANGE && isinf(number))) return false;
    *value = number;
    return true;
}

static size_t edit_distance(const char *a, const char *b) {
    enum { LONGEST = 64 };
    size_t n = strlen(a), m = strlen(b), row[LONGEST + 1];
    if (n > LONGEST || m > LONGEST) return LONGEST;
    for (size_t j = 0; j <= m; j++) row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t change =
                diagonal + (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));
            diagonal = row[j];
            size_t shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = change < shorter ? change : shorter;
        }
    }
    return row[m];
}

bool text_ends_in(const char *text, const char *tail) {
    size_t length = strlen(text), end = strlen(tail);
    return length >= end && strcmp(text + length - end, tail) == 0;
}

// Those above 127 are two bytes of UTF-8, C2 80 to C2 9F; or one byte, where no UTF-8 is.
void text_tame(char *text, const char *keep) {
    unsigned char before = 0;
    for (unsigned char *c = (unsigned char *)text; *c; before = *c++) {
        bool high = *c >= 0x80 && *c < 0xA0, pair = high && before == 0xC2;
        if (pair) c[-1] = '?';
        if (pair || (high && before < 0x80) || ((*c < ' ' || *c == 127) && !strchr(keep, *c)))
            *c = '?';
    }
}

void text_add_tame(Text *text, const char *more) {
    size_t at = text->length;
    text_add(text, more);
    if (text->data) text_tame(text->data + at, "");
}

const char *text_nearest(const char *word, const void *names, size_t count, size_t stride) {
    const char *best = NULL;
    size_t limit = strlen(word) / 3 + 1, least = limit + 1;
    for (size_t i = 0; i < count; i++) {
        const char *name = *(const char *const *)((const char *)names + i * stride);
        size_t distance = edit_distance(word, name);
        if (distance < least && distance < strlen(name)) {
            least = distance;
            best = name;
        }
    }
    return best;
}

bool text_equal_fold(const char *a, const char *b) {
    while (*a && tolower((unsigned char)*a) == tolower((unsigned char)*b)) a++, b++;
    return *a == 0 && *b == 0;
}

bool text_starts(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}
