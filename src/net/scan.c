#include "net/scan.h"
#include <stdio.h>
#include <string.h>

// The language is ASCII whatever the locale says.
static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char scan_peek(const Scanner *scan) {
    return scan->at < scan->length ? scan->text[scan->at] : 0;
}

void scan_blank(Scanner *scan) {
    for (;;) {
        while (is_blank(scan_peek(scan))) scan->at++;
        if (scan_peek(scan) != '#') return;
        while (scan->at < scan->length && scan->text[scan->at] != '\n') scan->at++;
    }
}

bool scan_take(Scanner *scan, char wanted) {
    if (scan_peek(scan) != wanted) return false;
    scan->at++;
    return true;
}

Span scan_word(Scanner *scan) {
    size_t start = scan->at;
    if (is_letter(scan_peek(scan))) {
        char c;
        do c = (scan->at++, scan_peek(scan));
        while (is_letter(c) || is_digit(c) || c == '_');
    }
    return (Span){start, scan->at - start};
}

Span scan_digits(Scanner *scan) {
    size_t start = scan->at;
    while (is_digit(scan_peek(scan))) scan->at++;
    return (Span){start, scan->at - start};
}

// prefix { digit }, when at least one digit follows the prefix
static bool take_digits_after(Scanner *scan, const char *signs, bool optional) {
    Scanner ahead = *scan;
    if (scan_peek(&ahead) && strchr(signs, scan_peek(&ahead))) {
        ahead.at++;
    } else if (!optional) {
        return false;
    }
    if (!scan_digits(&ahead).width) return false;
    *scan = ahead;
    return true;
}

Span scan_decimal(Scanner *scan) {
    Span none = {scan->at, 0};
    Scanner ahead = *scan;
    bool whole = scan_peek(scan) != '-';
    if (!take_digits_after(&ahead, "-", true)) return none;
    if (take_digits_after(&ahead, ".", false)) whole = false;
    Scanner exponent = ahead;
    if (scan_take(&exponent, 'e') || scan_take(&exponent, 'E')) {
        if (take_digits_after(&exponent, "+-", true)) {
            whole = false;
            ahead = exponent;
        }
    }
    if (whole) return none;
    *scan = ahead;
    return (Span){none.offset, ahead.at - none.offset};
}

bool scan_separated(const Scanner *scan) {
    return scan->at >= scan->length || is_blank(scan_peek(scan)) || scan_peek(scan) == '#';
}

// The bytes of the character here if it can be shown, else 0: a printable one of ASCII, or what
// has the form of a character in UTF-8.
static size_t character_width(const Scanner *scan) {
    unsigned char first = (unsigned char)scan->text[scan->at];
    size_t width = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (first < 0x20 || first == 0x7F || first > 0xF4) return 0;
    if (width > scan->length - scan->at) return 0;
    for (size_t i = 1; i < width; i++) {
        if (((unsigned char)scan->text[scan->at + i] & 0xC0) != 0x80) return 0;
    }
    return width;
}

Span scan_here(const Scanner *scan, char shown[SCAN_SHOWN]) {
    enum { LONGEST = 40 };
    if (scan->at >= scan->length) {
        snprintf(shown, SCAN_SHOWN, "the end of the text");
        return (Span){scan->length, 1};
    }
    if (is_blank(scan_peek(scan))) {
        snprintf(shown, SCAN_SHOWN, "a blank");
        return (Span){scan->at, 1};
    }
    Scanner ahead = *scan;
    Span span = is_digit(scan_peek(scan)) ? scan_digits(&ahead) : scan_word(&ahead);
    if (!span.width) span.width = character_width(scan);
    if (!span.width) {
        snprintf(shown, SCAN_SHOWN, "byte 0x%02X", (unsigned)(unsigned char)scan->text[scan->at]);
        span.width = 1;
    } else {
        bool cut = span.width > LONGEST;
        snprintf(shown, SCAN_SHOWN, "\"%.*s%s\"", (int)(cut ? LONGEST : span.width),
                 scan->text + span.offset, cut ? "..." : "");
    }
    return span;
}
