// From text to program: one rule of the grammar is one function.
#include "net/program.h"
#include <string.h>

typedef struct Parser {
    NetProgram *program;
    Scanner scan;
    int depth; // of parentheses and signs
    Error *error;
} Parser;

// Words and keys of the language to come. "residual { ... } shortcut { ... }", "repeat 3 { ... }".
static const char *const reserved_words[] = {"repeat", "residual", "shortcut", NULL};
static const char *const reserved_keys[] = {"name", "from", NULL};

static bool expected(Parser *parser, const char *what) {
    char found[SCAN_SHOWN];
    Span here = scan_here(&parser->scan, found);
    return program_error(parser->program, parser->error, here, "expected %s, found %s", what,
                         found);
}

static bool is_one_of(const char *word, const char *const *list) {
    while (*list && strcmp(word, *list) != 0) list++;
    return *list != NULL;
}

// A copy in lower case.
static char *word_text(Parser *parser, Span span) {
    char *word =
        arena_text(&parser->program->arena, parser->program->text + span.offset, span.width);
    for (char *c = word; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
    }
    return word;
}

// A word here, or NULL with an error that says what was expected.
static char *take_word(Parser *parser, const char *what, Span *span) {
    Parser before = *parser;
    *span = scan_word(&parser->scan);
    if (span->width && span->width <= NET_WORD) return word_text(parser, *span);
    if (!span->width) {
        expected(&before, what);
    } else {
        program_error(parser->program, parser->error, *span, "a word has at most %d letters",
                      NET_WORD);
    }
    return NULL;
}

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
    const char *name = take_word(parser, "a variable", &place);
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
            expected(parser, "\")\" or an operator");
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
    expected(parser, "a number, a variable or \"(\"");
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

static bool at_digit(const Parser *parser) {
    char next = scan_peek(&parser->scan);
    return next >= '0' && next <= '9';
}

// size = NUMBER | "{" sum "}"
static const Expression *parse_size(Parser *parser, const char *what) {
    if (at_digit(parser)) return parse_number(parser);
    if (!scan_take(&parser->scan, '{')) {
        expected(parser, what);
        return NULL;
    }
    const Expression *size = parse_sum(parser);
    if (!size) return NULL;
    scan_blank(&parser->scan);
    if (scan_take(&parser->scan, '}')) return size;
    expected(parser, "\"}\" or an operator");
    return NULL;
}

static bool parse_separator(Parser *parser) {
    return scan_separated(&parser->scan) || expected(parser, "a blank");
}

// "let" NAME "=" sum
static bool parse_let(Parser *parser) {
    NetProgram *program = parser->program;
    scan_blank(&parser->scan);
    Span place;
    const char *name = take_word(parser, "the name of a variable", &place);
    if (!name) return false;
    if (program_find(program, name) != program->variables)
        return program_error(program, parser->error, place, "\"%s\" is declared twice", name);
    if (program->variables == NET_VARIABLES) {
        return program_error(program, parser->error, place, "a network has at most %d variables",
                             NET_VARIABLES);
    }
    scan_blank(&parser->scan);
    if (!scan_take(&parser->scan, '=')) return expected(parser, "\"=\"");
    const Expression *value = parse_sum(parser);
    if (!value || !parse_separator(parser)) return false;
    program->variable = memory_grow(program->variable, program->variables, &program->capacity,
                                    sizeof *program->variable);
    program->variable[program->variables++] = (Variable){name, value};
    return true;
}

// "input" size { "x" size }, at most three sizes
static bool parse_input(Parser *parser) {
    NetProgram *program = parser->program;
    scan_blank(&parser->scan);
    size_t start = parser->scan.at;
    do {
        if (program->rank == 3) return expected(parser, "at most three sizes");
        const Expression *size = parse_size(parser, "a size, a number or {expression},");
        if (!size) return false;
        program->input[program->rank++] = size;
    } while (scan_take(&parser->scan, 'x') || scan_take(&parser->scan, 'X'));
    program->input_place = (Span){start, parser->scan.at - start};
    return parse_separator(parser);
}

// Takes NAME "=" if that is what comes; the name is NULL if it is not.
static bool parse_key(Parser *parser, Pair *pair) {
    Parser before = *parser;
    scan_blank(&parser->scan);
    Span place = scan_word(&parser->scan);
    scan_blank(&parser->scan);
    if (!place.width || !scan_take(&parser->scan, '=')) {
        parser->scan = before.scan;
        return true;
    }
    pair->place = place;
    parser->scan.at = place.offset;
    pair->name = take_word(parser, "a key", &place);
    if (!pair->name) return false;
    scan_blank(&parser->scan);
    scan_take(&parser->scan, '=');
    if (is_one_of(pair->name, reserved_keys)) {
        return program_error(parser->program, parser->error, place,
                             "\"%s=\" is reserved for the names of parts, which are yet to come",
                             pair->name);
    }
    return true;
}

// size | WORD
static bool parse_value(Parser *parser, Pair *pair) {
    scan_blank(&parser->scan);
    size_t start = parser->scan.at;
    Scanner ahead = parser->scan;
    if (scan_word(&ahead).width) {
        pair->word = take_word(parser, "a word", &pair->value_place);
    } else {
        pair->size = parse_size(parser, "a word, a number or {expression}");
        pair->value_place = (Span){start, parser->scan.at - start};
    }
    return (pair->word || pair->size) && parse_separator(parser);
}

// { NAME "=" value }
static bool parse_pairs(Parser *parser, const Pair **list) {
    for (;;) {
        Pair pair = {0};
        if (!parse_key(parser, &pair)) return false;
        if (!pair.name) return true;
        if (!parse_value(parser, &pair)) return false;
        Pair *kept = arena_new(&parser->program->arena, 1, sizeof *kept);
        *kept = pair;
        *list = kept;
        list = &kept->next;
    }
}

// Words that are no layers, each with its reason.
static bool check_word(Parser *parser, const char *word, Span place) {
    const NetProgram *program = parser->program;
    if (is_one_of(word, reserved_words)) {
        return program_error(program, parser->error, place,
                             "\"%s\" is reserved for blocks, which are yet to come", word);
    }
    if (strcmp(word, "let") == 0)
        return program_error(program, parser->error, place, "\"let\" belongs before the input");
    if (strcmp(word, "input") == 0) {
        return program_error(program, parser->error, place,
                             "a second input: the word is reserved for networks to come");
    }
    return true;
}

static void split_kernel(Parser *parser, Statement *statement) {
    size_t length = strlen(statement->word), stem = length;
    while (statement->word[stem - 1] >= '0' && statement->word[stem - 1] <= '9') stem--;
    statement->stem = arena_text(&parser->program->arena, statement->word, stem);
    if (stem == length || !text_to_int(statement->word + stem, &statement->kernel))
        statement->kernel = -1;
}

// WORD [ "-" size ] { NAME "=" value }
static Statement *parse_layer(Parser *parser) {
    Statement *statement = arena_new(&parser->program->arena, 1, sizeof *statement);
    statement->word = take_word(parser, "a layer", &statement->place);
    if (!statement->word || !check_word(parser, statement->word, statement->place)) return NULL;
    split_kernel(parser, statement);
    if (scan_take(&parser->scan, '-')) {
        size_t start = parser->scan.at;
        statement->size = parse_size(parser, "a size right after \"-\", a number or {expression},");
        if (!statement->size) return NULL;
        statement->size_place = (Span){start, parser->scan.at - start};
    }
    if (!parse_separator(parser) || !parse_pairs(parser, &statement->pairs)) return NULL;
    return statement;
}

// layer { layer }
static bool parse_layers(Parser *parser) {
    NetProgram *program = parser->program;
    const Statement **list = &program->first;
    do {
        Statement *statement = parse_layer(parser);
        if (!statement) return false;
        if (program->layers == NET_LAYERS) {
            return program_error(program, parser->error, statement->place,
                                 "a network has at most %d layers", NET_LAYERS);
        }
        program->layers++;
        *list = statement;
        list = &statement->next;
        scan_blank(&parser->scan);
    } while (parser->scan.at < parser->scan.length);
    return true;
}

// Takes one given word if it comes next.
static bool take_keyword(Parser *parser, const char *keyword) {
    scan_blank(&parser->scan);
    Scanner ahead = parser->scan;
    Span span = scan_word(&ahead);
    if (span.width != strlen(keyword)) return false;
    if (strcmp(word_text(parser, span), keyword) != 0) return false;
    parser->scan = ahead;
    return true;
}

// { let } input layer { layer }
static bool parse_network(Parser *parser) {
    while (take_keyword(parser, "let")) {
        if (!parse_let(parser)) return false;
    }
    if (!take_keyword(parser, "input")) return expected(parser, "the input, such as \"input 40\",");
    if (!parse_input(parser)) return false;
    scan_blank(&parser->scan);
    return parse_layers(parser);
}

NetProgram *net_parse(const char *name, const char *text, size_t length, Error *error) {
    if (length > NET_TEXT) {
        error_set(error, "%s: %zu bytes; the text of a network has at most %d", name, length,
                  NET_TEXT);
        return NULL;
    }
    NetProgram *program = memory_new(1, sizeof *program);
    program->name = arena_text(&program->arena, name, strlen(name));
    program->text = arena_text(&program->arena, text, length);
    program->length = length;
    Parser parser = {program, {program->text, length, 0}, 0, error};
    if (parse_network(&parser)) return program;
    net_program_free(program);
    return NULL;
}

void net_program_free(NetProgram *program) {
    if (!program) return;
    memory_free(program->variable);
    arena_free(&program->arena);
    memory_free(program);
}
