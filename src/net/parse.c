// From text to program: one rule of the grammar is one function.
#include "net/parser.h"
#include <string.h>

bool parser_expected(Parser *parser, const char *what) {
    char found[SCAN_SHOWN];
    Span here = scan_here(&parser->scan, found);
    return program_error(parser->program, parser->error, here, "expected %s, found %s", what,
                         found);
}

char *parser_text(Parser *parser, Span span) {
    char *word =
        arena_text(&parser->program->arena, parser->program->text + span.offset, span.width);
    for (char *c = word; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
    }
    return word;
}

char *parser_word(Parser *parser, const char *what, Span *span) {
    Parser before = *parser;
    *span = scan_word(&parser->scan);
    if (span->width && span->width <= NET_WORD) return parser_text(parser, *span);
    if (!span->width) {
        parser_expected(&before, what);
    } else {
        program_error(parser->program, parser->error, *span, "a word has at most %d letters",
                      NET_WORD);
    }
    return NULL;
}

// Words and keys of the language to come. "residual { ... } shortcut { ... }", "repeat 3 { ... }".
static const char *const reserved_words[] = {"repeat", "residual", "shortcut", NULL};
static const char *const reserved_keys[] = {"name", "from", NULL};

static bool is_one_of(const char *word, const char *const *list) {
    while (*list && strcmp(word, *list) != 0) list++;
    return *list != NULL;
}

static bool parse_separator(Parser *parser) {
    return scan_separated(&parser->scan) || parser_expected(parser, "a blank");
}

// "let" NAME "=" sum
static bool parse_let(Parser *parser) {
    NetProgram *program = parser->program;
    scan_blank(&parser->scan);
    Span place;
    const char *name = parser_word(parser, "the name of a variable", &place);
    if (!name) return false;
    if (program_find(program, name) != program->variables)
        return program_error(program, parser->error, place, "\"%s\" is declared twice", name);
    if (program->variables == NET_VARIABLES) {
        return program_error(program, parser->error, place, "a network has at most %d variables",
                             NET_VARIABLES);
    }
    scan_blank(&parser->scan);
    if (!scan_take(&parser->scan, '=')) return parser_expected(parser, "\"=\"");
    const Expression *value = parse_expression(parser);
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
        if (program->rank == 3) return parser_expected(parser, "at most three sizes");
        const Expression *size = parse_size(parser, "a size (a number or {expression})");
        if (!size) return false;
        program->input[program->rank++] = size;
    } while (scan_take(&parser->scan, 'x') || scan_take(&parser->scan, 'X'));
    program->input_place = (Span){start, parser->scan.at - start};
    return scan_separated(&parser->scan) || parser_expected(parser, "\"x\" or a blank");
}

// Does NAME "=" come next, and not the word of a layer?
static bool at_key(const Parser *parser) {
    Scanner ahead = parser->scan;
    scan_blank(&ahead);
    bool word = scan_word(&ahead).width > 0;
    scan_blank(&ahead);
    return word && scan_take(&ahead, '=');
}

// NAME "="
static bool parse_key(Parser *parser, Pair *pair) {
    scan_blank(&parser->scan);
    pair->name = parser_word(parser, "a key", &pair->place);
    if (!pair->name) return false;
    scan_blank(&parser->scan);
    scan_take(&parser->scan, '=');
    if (!is_one_of(pair->name, reserved_keys)) return true;
    return program_error(parser->program, parser->error, pair->place,
                         "\"%s=\" is reserved for the names of parts, which are yet to come",
                         pair->name);
}

// size | WORD
static bool parse_value(Parser *parser, Pair *pair) {
    scan_blank(&parser->scan);
    size_t start = parser->scan.at;
    Scanner ahead = parser->scan;
    if (scan_word(&ahead).width) {
        pair->word = parser_word(parser, "a word", &pair->value_place);
    } else {
        pair->size = parse_size(parser, "a word, a number or {expression}");
        pair->value_place = (Span){start, parser->scan.at - start};
    }
    return (pair->word || pair->size) && parse_separator(parser);
}

// { NAME "=" value }
static bool parse_pairs(Parser *parser, const Pair **list) {
    while (at_key(parser)) {
        Pair *pair = arena_new(&parser->program->arena, 1, sizeof *pair);
        if (!parse_key(parser, pair) || !parse_value(parser, pair)) return false;
        *list = pair;
        list = &pair->next;
    }
    return true;
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
    if (strcmp(word, "x") == 0) {
        return program_error(program, parser->error, place,
                             "a shape is written without blanks, such as 224x224x3");
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
    if (at_key(parser)) {
        parser_expected(parser, "a layer in front of its options");
        return NULL;
    }
    Statement *statement = arena_new(&parser->program->arena, 1, sizeof *statement);
    statement->word = parser_word(parser, "a layer", &statement->place);
    if (!statement->word || !check_word(parser, statement->word, statement->place)) return NULL;
    split_kernel(parser, statement);
    if (scan_take(&parser->scan, '-')) {
        size_t start = parser->scan.at;
        statement->size = parse_size(parser, "a size right after \"-\" (a number or {expression})");
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
    if (strcmp(parser_text(parser, span), keyword) != 0) return false;
    parser->scan = ahead;
    return true;
}

// { let } input layer { layer }
static bool parse_network(Parser *parser) {
    while (take_keyword(parser, "let")) {
        if (!parse_let(parser)) return false;
    }
    if (!take_keyword(parser, "input"))
        return parser_expected(parser, "an input, such as input 40");
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
