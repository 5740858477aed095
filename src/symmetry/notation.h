// Private: what the files of the notation share.
#pragma once

#include "symmetry/inner.h"

enum { DEPTH = 100, WORD = 32 };

typedef struct Parser {
    const char *text;
    size_t length, at;
    int depth;
    bool zero_based, closed; // closed: no file may be read
    SymmetryFault *fault;
} Parser;

// An error at these bytes; returns false.
__attribute__((format(printf, 4, 5))) bool notation_fail(Parser *parser, size_t offset,
                                                         size_t width, const char *format, ...);
bool notation_expected(Parser *parser,
                       const char *what); // the same: found X where what is expected

char notation_byte(const Parser *parser, size_t at); // 0 beyond the end
char notation_peek(Parser *parser);                  // the next byte that is no blank, 0 at the end
bool notation_take(Parser *parser, char wanted);
size_t notation_word(Parser *parser); // length of a word of letters, digits, _ and - inside
bool notation_next_is(Parser *parser, const char *word);
bool notation_take_word(Parser *parser, const char *word);
bool notation_number(Parser *parser, const char *what, size_t *value);

// Cycles and lists, one generator each, separated by "," or ";".
bool notation_permutations(Parser *parser, SymmetryGroup *group);
