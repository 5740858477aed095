// Private to net/: what the rules of the grammar share.
#pragma once

#include "net/program.h"

typedef struct Parser {
    NetProgram *program;
    Scanner scan;
    int depth;  // of parentheses and signs
    int blocks; // open ones
    Error *error;
} Parser;

// The error "expected WHAT, found ..." at the place where the parser stands; returns false.
bool parser_expected(Parser *parser, const char *what);

// A copy of a word in lower case, in the program's arena.
char *parser_text(Parser *parser, Span span);

// Takes a word, or NULL with an error that says what was expected.
char *parser_word(Parser *parser, const char *what, Span *span);

// Takes an expression, or a size (NUMBER or "{" expression "}"); NULL with an error.
const Expression *parse_expression(Parser *parser);
const Expression *parse_size(Parser *parser, const char *what);
