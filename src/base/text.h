// Text that grows, numbers to text and back, and the nearest word to a wrong one.
#pragma once

#include "base/error.h"
#include <stdint.h>
#include <stdarg.h>

typedef struct Text {
    char *data; // ends in 0 once anything was added; NULL before
    size_t length, capacity;
} Text;

void text_add(Text *text, const char *more);
void text_add_bytes(Text *text, const char *more, size_t length);
void text_printf(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(Text *text, const char *format, va_list list);

// The shortest decimal that reads back the same, as 300, 0.001 or 1e-08; -0 is 0.
void text_add_real(Text *text, double value);
void text_add_quoted(Text *text, const char *more, const char *special); // \ before each special
bool text_ends_in(const char *text, const char *tail);

// Control characters but those in `keep` become '?': a terminal would obey what a file is called.
void text_tame(char *text, const char *keep);
void text_add_tame(Text *text, const char *more); // none of them kept

// Bytes of the UTF-8 character at text, 1 to 4, and its number in *code (NULL: not wanted); 0 where
// there is none, as in long forms and surrogates. The 0 at the end is a character of 1 byte.
size_t text_character(const char *text, uint32_t *code);

// Any bytes as UTF-8: a byte that is part of no character, or of one that terminals obey (127 to
// 159), becomes the four characters \xNN.
void text_add_utf8(Text *text, const char *bytes);

// Any bytes as a literal of Python, "..." on one line of printable ASCII, whose value is
// os.fsdecode(bytes): nothing in it ends the literal, a line or a comment.
void text_add_python(Text *text, const char *bytes);

void text_cut(Text *text, size_t length); // forgets what stands behind the first length bytes
void text_free(Text *text);

// Whole-string conversions: leading or trailing junk, overflow and (for text_to_real) hexadecimal
// are refused; "nan" and "inf" are read. True when *value was set.
bool text_to_int(const char *text, int64_t *value);
bool text_to_real(const char *text, double *value);

// The candidate nearest to word by edit distance (case folded), or NULL when none is near enough to
// be a misspelling. names[i] is found at (const char *const *)((const char *)names + i * stride).
const char *text_nearest(const char *word, const void *names, size_t count, size_t stride);

bool text_equal_fold(const char *a, const char *b);
bool text_starts(const char *text, const char *prefix);
