// The grammar of formulas, by recursive descent.
#include "activation/formula.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct Parser {
    const char *name, *text;
    size_t length, at;
    const FormulaConstant *constant;
    size_t constants;
    int depth;     // of nesting, which the recursion follows
    size_t height; // of the stack when the nodes so far are evaluated
    Formula *formula;
    Error *error;
} Parser;

static bool fail(Parser *parser, size_t offset, size_t width, const char *message) {
    return error_at(parser->error, parser->name, parser->text, parser->length, offset, width, "%s",
                    message);
}

static bool too_deep(Parser *parser, size_t offset) {
    char message[80];
    snprintf(message, sizeof message, "expressions nest at most %d deep", FORMULA_DEPTH);
    return fail(parser, offset, 1, message);
}

// ---- bytes ----

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char byte_at(const Parser *parser, size_t at) {
    return at < parser->length ? parser->text[at] : 0;
}

static char peek(Parser *parser) { // the next byte that is no blank, 0 at the end
    while (byte_at(parser, parser->at) && strchr(" \t\r\n\v\f", parser->text[parser->at]))
        parser->at++;
    return byte_at(parser, parser->at);
}

static bool take(Parser *parser, char wanted) {
    if (peek(parser) != wanted) return false;
    parser->at++;
    return true;
}

static bool expected(Parser *parser, const char *what) {
    unsigned char found = (unsigned char)peek(parser);
    char message[200];
    if (parser->at >= parser->length) {
        snprintf(message, sizeof message, "the formula ends where %s is expected", what);
    } else if (found > 32 && found < 127) {
        snprintf(message, sizeof message, "found \"%c\" where %s is expected", found, what);
    } else {
        snprintf(message, sizeof message, "found byte 0x%02X where %s is expected", found, what);
    }
    return fail(parser, parser->at, 1, message);
}

// ---- nodes ----

static bool add_leaf(Parser *parser, bool is_x, double number, size_t offset) {
    Formula *formula = parser->formula;
    REQUIRE(formula->nodes < FORMULA_LENGTH); // no node without a byte of its own
    if (parser->height == FORMULA_DEPTH) return too_deep(parser, offset);
    parser->height++;
    formula->node[formula->nodes++] =
        (FormulaNode){.is_x = is_x, .number = is_x ? 0 : number, .size = 1};
    return true;
}

static bool is_function(const FormulaNode *node, const char *name) {
    return node->function && strcmp(node->function->name, name) == 0;
}

static bool is_one(const FormulaNode *node) {
    return !node->function && !node->is_x && node->number == 1;
}

// log(1 + E), log(E + 1): to log1p of what is left.
static const FormulaFunction *stable_log(Formula *formula) {
    FormulaNode *sum = &formula->node[formula->nodes - 1];
    if (!is_function(sum, "+")) return NULL;
    FormulaNode *right = sum - 1, *left = right - right->size;
    if (is_one(right)) {
        formula->nodes -= 2;
    } else if (is_one(left)) {
        memmove(left, left + 1, right->size * sizeof *left);
        formula->nodes -= 2;
    } else {
        return NULL;
    }
    return formula_function("log1p");
}

// log(E) and log1p(E) where E, the last node, asks for better; exp(E) - 1.
static const FormulaFunction *stabilise(Formula *formula, const FormulaFunction *function) {
    FormulaNode *last = &formula->node[formula->nodes - 1];
    if (strcmp(function->name, "log") == 0) {
        const FormulaFunction *better = stable_log(formula);
        if (better) function = better;
        last = &formula->node[formula->nodes - 1];
    }
    if (strcmp(function->name, "log1p") == 0 && is_function(last, "exp")) {
        formula->nodes--;
        return formula_function("softplus");
    }
    if (strcmp(function->name, "-") == 0 && is_one(last) && is_function(last - 1, "exp")) {
        formula->nodes -= 2;
        return formula_function("expm1");
    }
    return function;
}

static void add_function(Parser *parser, const char *name) {
    Formula *formula = parser->formula;
    const FormulaFunction *written = formula_function(name);
    const FormulaFunction *function = stabilise(formula, written);
    if (written->arguments == 2) parser->height--;
    size_t size = 1 + formula->node[formula->nodes - 1].size;
    if (function->arguments == 2) size += formula->node[formula->nodes - size].size;
    formula->node[formula->nodes++] = (FormulaNode){.function = function, .size = size};
}

// ---- the grammar ----

static bool parse_sum(Parser *parser);

static size_t skip_digits(const Parser *parser, size_t at) {
    while (is_digit(byte_at(parser, at))) at++;
    return at;
}

// digits [ "." digits ] [ "e" [ "+" | "-" ] digits ], or "." digits
static bool parse_number(Parser *parser) {
    size_t start = parser->at, end = skip_digits(parser, start);
    if (byte_at(parser, end) == '.') end = skip_digits(parser, end + 1);
    char letter = byte_at(parser, end);
    if (letter == 'e' || letter == 'E') {
        char sign = byte_at(parser, end + 1);
        size_t digits = end + 1 + (sign == '+' || sign == '-');
        if (is_digit(byte_at(parser, digits))) end = skip_digits(parser, digits);
    }
    char copy[64];
    double number;
    if (end - start >= sizeof copy)
        return fail(parser, start, end - start, "the number is too long");
    snprintf(copy, sizeof copy, "%.*s", (int)(end - start), parser->text + start);
    if (!text_to_real(copy, &number) || !isfinite(number))
        return fail(parser, start, end - start, "this is no number, or one that is too large");
    parser->at = end;
    return add_leaf(parser, false, number, start);
}

static size_t name_length(const Parser *parser) {
    size_t end = parser->at;
    while (is_letter(byte_at(parser, end)) || is_digit(byte_at(parser, end))) end++;
    return end - parser->at;
}

static bool unknown_name(Parser *parser, const char *name, size_t offset) {
    const char *names[100] = {"x", "pi", "e"};
    size_t count = 3;
    for (const FormulaFunction *f = formula_functions; f->name; f++) {
        if (f->help) names[count++] = f->name;
    }
    const char *nearest = text_nearest(name, names, count, sizeof *names);
    Text message = {0};
    text_printf(&message, "unknown name \"%s\"", name);
    if (nearest) text_printf(&message, ", did you mean \"%s\"?", nearest);
    text_add(&message, nearest ? " There are" : "; there are");
    for (size_t i = 0; i < count; i++) text_printf(&message, "%s %s", i ? "," : "", names[i]);
    fail(parser, offset, strlen(name), message.data);
    text_free(&message);
    return false;
}

static bool parse_call(Parser *parser, const FormulaFunction *function, size_t offset) {
    char what[64];
    snprintf(what, sizeof what, "\"(\" after %s", function->name);
    if (!take(parser, '(')) return expected(parser, what);
    if (parser->depth == FORMULA_DEPTH) return too_deep(parser, offset);
    parser->depth++;
    for (int i = 0; i < function->arguments; i++) {
        if (i && !take(parser, ',')) return expected(parser, "\",\" or an operator");
        if (!parse_sum(parser)) return false;
    }
    parser->depth--;
    if (!take(parser, ')')) return expected(parser, "\")\" or an operator");
    add_function(parser, function->name);
    return true;
}

static bool parse_name(Parser *parser) {
    char name[32];
    size_t offset = parser->at, length = name_length(parser);
    if (length >= sizeof name) return fail(parser, offset, length, "the name is too long");
    snprintf(name, sizeof name, "%.*s", (int)length, parser->text + offset);
    parser->at += length;
    if (text_equal_fold(name, "x")) return add_leaf(parser, true, 0, offset);
    if (text_equal_fold(name, "pi")) return add_leaf(parser, false, acos(-1), offset);
    if (text_equal_fold(name, "e")) return add_leaf(parser, false, exp(1), offset);
    for (size_t i = 0; i < parser->constants; i++) {
        if (text_equal_fold(name, parser->constant[i].name))
            return add_leaf(parser, false, parser->constant[i].value, offset);
    }
    const FormulaFunction *function = formula_function(name);
    if (!function || !function->help) return unknown_name(parser, name, offset);
    return parse_call(parser, function, offset);
}

static bool parse_nested(Parser *parser) { // after "("
    if (parser->depth == FORMULA_DEPTH) return too_deep(parser, parser->at - 1);
    parser->depth++;
    if (!parse_sum(parser)) return false;
    parser->depth--;
    return take(parser, ')') || expected(parser, "\")\" or an operator");
}

static bool parse_atom(Parser *parser) {
    char next = peek(parser);
    if (is_digit(next) || next == '.') return parse_number(parser);
    if (is_letter(next)) return parse_name(parser);
    if (take(parser, '(')) return parse_nested(parser);
    return expected(parser, "a number, a name or \"(\"");
}

static bool parse_factor(Parser *parser);

static bool parse_power(Parser *parser) {
    if (!parse_atom(parser)) return false;
    if (!take(parser, '^')) return true;
    if (parser->depth == FORMULA_DEPTH) return too_deep(parser, parser->at - 1);
    parser->depth++;
    if (!parse_factor(parser)) return false;
    parser->depth--;
    add_function(parser, "^");
    return true;
}

static bool parse_factor(Parser *parser) {
    if (!take(parser, '-')) return parse_power(parser);
    if (parser->depth == FORMULA_DEPTH) return too_deep(parser, parser->at - 1);
    parser->depth++;
    if (!parse_factor(parser)) return false;
    parser->depth--;
    add_function(parser, "negative");
    return true;
}

static bool parse_chain(Parser *parser, const char *operators, bool (*operand)(Parser *)) {
    if (!operand(parser)) return false;
    for (;;) {
        char sign[2] = {peek(parser), 0};
        if (!sign[0] || !strchr(operators, sign[0])) return true;
        parser->at++;
        if (!operand(parser)) return false;
        add_function(parser, sign);
    }
}

static bool parse_product(Parser *parser) {
    return parse_chain(parser, "*/", parse_factor);
}

static bool parse_sum(Parser *parser) {
    return parse_chain(parser, "+-", parse_product);
}

bool formula_parse(const char *name, const char *text, size_t length,
                   const FormulaConstant *constant, size_t constants, Formula *formula,
                   Error *error) {
    Parser parser = {.name = name,
                     .text = text,
                     .length = length,
                     .constant = constant,
                     .constants = constants,
                     .formula = formula,
                     .error = error};
    formula->nodes = 0;
    if (length > FORMULA_LENGTH) {
        char message[80];
        snprintf(message, sizeof message, "the formula is longer than %d bytes", FORMULA_LENGTH);
        return fail(&parser, FORMULA_LENGTH, 1, message);
    }
    if (!parse_sum(&parser)) return false;
    peek(&parser);
    return parser.at == length || expected(&parser, "an operator or the end");
}
