// The grammar of expressions and sizes.
#include "net/parser.h"
#include <string.h>

static Expression *new_expression(Parser *parser, ExpressionKind kind, Span place) {
    Expression *expression = arena_new(&parser->program->arena, 1, sizeof *expression);
    expression->kind = kind;
    expression->place = place;
    return expression;
}

static Expression *parse_sum(Parser *parser);

static Expression *parse_number(Parser *parser) {
    Span place = scan_digits(&parser->scan);
    int64_t number = 0;
    for (size_t i = 0; i < place.width; i++) {
        int digit = parser->program->text[place.offset + i] - '0';
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, digit, &number)) {
            program_error(parser->program, parser->error, place, "the number is larger than %lld",
                          (long long)INT64_MAX);
            return NULL;
        }
    }
    Expression *expression = new_expression(parser, EXPRESSION_NUMBER, place);
    expression->number = number;
    return expression;
}

static bool unknown_variable(Parser *parser, const char *name, Span place) {
    const NetProgram *program = parser->program;
    Text text = {0};
    if (program->variables) {
        program_suggest(name, &program->variable[0].name, program->variables, sizeof(Variable),
                        &text);
    } else {
        text_add(&text, "; no \"let\" comes before it");
    }
    program_error(program, parser->error, place, "unknown variable \"%s\"%s", name, text.data);
    text_free(&text);
    return false;
}

static Expression *parse_variable(Parser *parser) {
    Span place;
    const char *name = parser_word(parser, "a variable", &place);
    if (!name) return NULL;
    size_t variable = program_find(parser->program, name);
    if (variable == parser->program->variables) {
        unknown_variable(parser, name, place);
        return NULL;
    }
    Expression *expression = new_expression(parser, EXPRESSION_VARIABLE, place);
    expression->variable = variable;
    return expression;
}

static Expression *parse_factor(Parser *parser);

// "-" factor | "(" sum ")": where expressions nest, and the only place where parsing recurs.
static Expression *parse_nested(Parser *parser) {
    Span place = {parser->scan.at, 1};
    if (parser->depth == NET_DEPTH) {
        program_error(parser->program, parser->error, place, "expressions nest at most %d deep",
                      NET_DEPTH);
        return NULL;
    }
    parser->depth++;
    Expression *inner;
    if (scan_take(&parser->scan, '-')) {
        inner = parse_factor(parser);
        if (!inner) return NULL;
        place.width = parser->scan.at - place.offset;
        Expression *negative = new_expression(parser, EXPRESSION_NEGATIVE, place);
        negative->first = inner;
        inner = negative;
    } else {
        scan_take(&parser->scan, '(');
        inner = parse_sum(parser);
        if (!inner) return NULL;
        scan_blank(&parser->scan);
        if (!scan_take(&parser->scan, ')')) {
            parser_expected(parser, "\")\" or an operator");
            return NULL;
        }
    }
    parser->depth--;
    return inner;
}

// factor = NUMBER | NAME | "-" factor | "(" sum ")"
static Expression *parse_factor(Parser *parser) {
    scan_blank(&parser->scan);
    char next = scan_peek(&parser->scan);
    if (next >= '0' && next <= '9') return parse_number(parser);
    if (next == '-' || next == '(') return parse_nested(parser);
    Scanner ahead = parser->scan;
    if (scan_word(&ahead).width) return parse_variable(parser);
    parser_expected(parser, "a number, a variable or \"(\"");
    return NULL;
}

// operand { operator operand }; an operand alone stays itself.
static Expression *parse_chain(Parser *parser, ExpressionKind kind, const char *operators,
                               Expression *(*parse_operand)(Parser *)) {
    scan_blank(&parser->scan);
    size_t start = parser->scan.at;
    Expression *first = parse_operand(parser), *last = first, *chain = NULL;
    while (last) {
        Span place = {start, parser->scan.at - start};
        if (chain) chain->place = place;
        Scanner ahead = parser->scan;
        scan_blank(&ahead);
        char sign = scan_peek(&ahead);
        if (!sign || !strchr(operators, sign)) return chain ? chain : first;
        parser->scan = ahead;
        parser->scan.at++;
        if (!chain) {
            chain = new_expression(parser, kind, place);
            chain->first = first;
        }
        Expression *operand = parse_operand(parser);
        if (operand) operand->sign = sign;
        last->next = operand;
        last = operand;
    }
    return NULL;
}

static Expression *parse_product(Parser *parser) {
    return parse_chain(parser, EXPRESSION_PRODUCT, "*/%", parse_factor);
}

static Expression *parse_sum(Parser *parser) {
    return parse_chain(parser, EXPRESSION_SUM, "+-", parse_product);
}

const Expression *parse_expression(Parser *parser) {
    return parse_sum(parser);
}

static bool at_digit(const Parser *parser) {
    char next = scan_peek(&parser->scan);
    return next >= '0' && next <= '9';
}

// size = NUMBER | "{" sum "}"
const Expression *parse_size(Parser *parser, const char *what) {
    if (at_digit(parser)) return parse_number(parser);
    if (!scan_take(&parser->scan, '{')) {
        parser_expected(parser, what);
        return NULL;
    }
    const Expression *size = parse_sum(parser);
    if (!size) return NULL;
    scan_blank(&parser->scan);
    if (scan_take(&parser->scan, '}')) return size;
    parser_expected(parser, "\"}\" or an operator");
    return NULL;
}
