// Private to net/: the bytes of a text as words, numbers and signs.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// A place in a text, in bytes.
typedef struct Span {
    size_t offset, width;
} Span;

// A text and how far it has been read. Copy it to look ahead.
typedef struct Scanner {
    const char *text; // (length), may hold any byte
    size_t length, at;
} Scanner;

// Goes past white space and comments (# to the end of the line).
void scan_blank(Scanner *scan);

// The next byte, 0 at the end: no rule of the grammar begins with a byte 0.
char scan_peek(const Scanner *scan);

// Goes past the next byte if it is the one wanted.
bool scan_take(Scanner *scan, char wanted);

// Letter { letter | digit | "_" }, and digit { digit }; width 0 when there is none here.
Span scan_word(Scanner *scan);
Span scan_digits(Scanner *scan);

// A number with a sign, a fraction or an exponent: [-] digits [. digits] [e [+|-] digits]. Width 0
// when there is none here, or when it is nothing but digits.
Span scan_decimal(Scanner *scan);

// True where a word or a number may end: before white space, a comment or the end.
bool scan_separated(const Scanner *scan);

// What stands here, for a message: a word, a number, one character. Into shown goes how to call it:
// "relu" in quotes, a blank, the end of the text, byte 0xFF.
enum { SCAN_SHOWN = 64 };
Span scan_here(const Scanner *scan, char shown[SCAN_SHOWN]);
