// Private to net/: a parsed text. Everything lies in one arena; lists are linked in the order of
// the text. Words are in lower case.
#pragma once

#include "net/net.h"
#include "net/scan.h"

enum {
    NET_TEXT = 4 << 20,  // bytes of a text
    NET_LAYERS = 100000, // layers and blocks, repetitions counted
    NET_VARIABLES = 100,
    NET_DEPTH = 100, // of parentheses and signs in an expression, and of blocks
    NET_WORD = 60,   // bytes of a name
};

typedef enum ExpressionKind {
    EXPRESSION_NUMBER,
    EXPRESSION_VARIABLE,
    EXPRESSION_NEGATIVE, // - first
    EXPRESSION_SUM,      // first + second - third ...
    EXPRESSION_PRODUCT,  // first * second / third % ...
} ExpressionKind;

// A chain of operators of one rank is one node with a list of operands, so that the depth of the
// tree is the depth of the parentheses, however long the chain.
typedef struct Expression {
    ExpressionKind kind;
    char sign; // as a later operand of a chain: the operator in front of it
    Span place;
    int64_t number;                 // NUMBER
    size_t variable;                // VARIABLE: its index
    const struct Expression *first; // NEGATIVE, SUM, PRODUCT: the operands
    const struct Expression *next;  // the operand after this one
} Expression;

typedef struct Variable {
    const char *name;
    const Expression *value;
} Variable;

// A part of a text in quotes: letters as they are, or the value of an expression.
typedef struct Piece {
    Span place;
    const char *letters; // or NULL when it is
    const Expression *size;
    const struct Piece *next;
} Piece;

// NAME=value behind a layer.
typedef struct Pair {
    Span place; // of the name
    const char *name;
    Span value_place;
    const char *word;       // the value, a word or a decimal; or NULL
    const Expression *size; // the value, a number; or NULL
    const Piece *pieces;    // of a value in quotes, which may be empty
    bool quoted;
    const struct Pair *next;
} Pair;

typedef enum StatementKind { STATEMENT_LAYER, STATEMENT_REPEAT, STATEMENT_RESIDUAL } StatementKind;

// One layer or block as written.
typedef struct Statement {
    StatementKind kind;
    Span place;       // of the word
    const char *word; // "fc", "conv3", "repeat"
    const char *stem; // the word without the digits it ends in: "conv"
    int64_t kernel;   // those digits: the 3 of conv3; -1: none
    Span size_place;
    const Expression *size; // LAYER: the N of fc-N, NULL: none; REPEAT: how often
    const Pair *pairs;
    const struct Statement *body, *shortcut; // of a block; no shortcut: the identity
    const struct Statement *next;
} Statement;

struct NetProgram {
    Arena arena;
    const char *name; // what errors call it
    const char *text; // (length), as written
    size_t length;
    Variable *variable; // (variables)
    size_t variables, capacity;
    const Expression *input[3]; // (rank)
    int rank;
    Span input_place;
    const Statement *first;
    size_t statements;
};

// An error that begins with a place in the text of a program.
#define program_error(program, error, span, ...)                                                   \
    error_at(error, (program)->name, (program)->text, (program)->length, (span).offset,            \
             (span).width, __VA_ARGS__)

// The value of an expression, given those of the variables. Overflow and division by zero are
// errors.
bool program_evaluate(const NetProgram *program, const Expression *expression,
                      const int64_t *variables, int64_t *value, Error *error);

// The values of all variables, those given and the defaults of the rest, into value
// (program->variables) and, as text, into *all. given may be NULL.
bool program_variables(const NetProgram *program, const Settings *given, int64_t *value,
                       Settings *all, Error *error);

// The index of a variable, case folded, or program->variables when there is none.
size_t program_find(const NetProgram *program, const char *name);

// Adds what would have fitted instead of a wrong word: ", did you mean "fc"?" or, when none is
// near, "; there are fc, relu, tanh". The names as in text_nearest.
void program_suggest(const char *word, const void *names, size_t count, size_t stride, Text *text);

void program_print_expression(const NetProgram *program, const Expression *expression, Text *text);
