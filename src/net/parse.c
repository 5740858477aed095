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

// Keys of the language to come.
static const char *const reserved_keys[] = {"name", "from", NULL};

static bool is_one_of(const char *word, const char *const *list) {
    while (*list && strcmp(word, *list) != 0) list++;
    return *list != NULL;
}

static bool parse_separator(Parser *parser) {
    return scan_separated(&parser->scan) || parser_expected(parser, "a blank");
}

// Behind a layer the end of its block may stand, too.
static bool parse_layer_end(Parser *parser) {
    return scan_peek(&parser->scan) == '}' || parse_separator(parser);
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

// Letters up to the next "{", quote or end of the line.
static const char *parse_letters(Parser *parser, Span *place) {
    Scanner *scan = &parser->scan;
    place->offset = scan->at;
    for (unsigned char c; c = (unsigned char)scan_peek(scan), c >= ' ' && c != 0x7F;) {
        if (c == '"' || c == '{') break;
        scan->at++;
    }
    place->width = scan->at - place->offset;
    return arena_text(&parser->program->arena, scan->text + place->offset, place->width);
}

// What follows a quote: { letter | "{" expression "}" } and the other quote, on one line.
static bool parse_quoted(Parser *parser, Pair *pair) {
    const Piece **list = &pair->pieces;
    pair->quoted = true;
    while (!scan_take(&parser->scan, '"')) {
        Piece *piece = arena_new(&parser->program->arena, 1, sizeof *piece);
        size_t start = parser->scan.at;
        if (scan_peek(&parser->scan) == '{') {
            piece->size = parse_size(parser, "{expression}");
            if (!piece->size) return false;
            piece->place = (Span){start, parser->scan.at - start};
        } else {
            piece->letters = parse_letters(parser, &piece->place);
            if (!piece->place.width) return parser_expected(parser, "the other \"");
        }
        *list = piece;
        list = &piece->next;
    }
    return true;
}

// size | DECIMAL | WORD | TEXT
static bool parse_value(Parser *parser, Pair *pair) {
    scan_blank(&parser->scan);
    size_t start = parser->scan.at;
    Scanner ahead = parser->scan;
    Span decimal = scan_decimal(&ahead);
    if (scan_take(&parser->scan, '"')) {
        if (!parse_quoted(parser, pair)) return false;
    } else if (decimal.width) {
        pair->word = parser_text(parser, decimal);
        parser->scan = ahead;
    } else if (scan_word(&ahead).width) {
        pair->word = parser_word(parser, "a word", &pair->value_place);
    } else {
        pair->size = parse_size(parser, "a word, a number, {expression} or a text in quotes");
    }
    pair->value_place = (Span){start, parser->scan.at - start};
    return (pair->word || pair->size || pair->quoted) && parse_layer_end(parser);
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

// Words that are no layers, each with its reason.
static bool check_word(Parser *parser, const char *word, Span place) {
    const NetProgram *program = parser->program;
    if (strcmp(word, "shortcut") == 0) {
        return program_error(program, parser->error, place,
                             "\"shortcut\" stands only behind residual { ... }");
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
    if (stem == length) {
        statement->kernel = -1;
    } else if (!text_to_int(statement->word + stem, &statement->kernel)) {
        statement->kernel = INT64_MAX; // larger than any that a kind takes
    }
}

// What follows the word of a layer: [ "-" size ] { NAME "=" value }
static bool parse_layer(Parser *parser, Statement *layer) {
    if (!check_word(parser, layer->word, layer->place)) return false;
    split_kernel(parser, layer);
    if (scan_take(&parser->scan, '-')) {
        size_t start = parser->scan.at;
        layer->size = parse_size(parser, "a size right after \"-\" (a number or {expression})");
        if (!layer->size) return false;
        layer->size_place = (Span){start, parser->scan.at - start};
    }
    return parse_layer_end(parser) && parse_pairs(parser, &layer->pairs);
}

static bool parse_block(Parser *parser, const Statement *owner, bool may_be_empty,
                        const Statement **body);

// Does "{" come next, and behind it the word of a layer instead of an expression?
static bool at_body(const Parser *parser) {
    Scanner ahead = parser->scan;
    if (!scan_take(&ahead, '{')) return false;
    scan_blank(&ahead);
    Span word = scan_word(&ahead);
    char name[NET_WORD + 1] = {0};
    if (word.width == 0 || word.width > NET_WORD) return false;
    memcpy(name, ahead.text + word.offset, word.width);
    return program_find(parser->program, name) == parser->program->variables;
}

// What follows "repeat": size block
static bool parse_repeat(Parser *parser, Statement *repeat) {
    static const char WHAT[] = "how often after \"repeat\" (a number or {expression})";
    scan_blank(&parser->scan);
    if (at_body(parser)) return parser_expected(parser, WHAT);
    size_t start = parser->scan.at;
    repeat->size = parse_size(parser, WHAT);
    repeat->size_place = (Span){start, parser->scan.at - start};
    return repeat->size && parse_block(parser, repeat, false, &repeat->body);
}

// What follows "residual": block [ "shortcut" block ]
static bool parse_residual(Parser *parser, Statement *residual) {
    if (!parse_block(parser, residual, false, &residual->body)) return false;
    return !take_keyword(parser, "shortcut") ||
           parse_block(parser, residual, true, &residual->shortcut);
}

// layer | "repeat" size block | "residual" block [ "shortcut" block ]
static Statement *parse_part(Parser *parser) {
    if (at_key(parser)) {
        parser_expected(parser, "a layer in front of its options");
        return NULL;
    }
    NetProgram *program = parser->program;
    Statement *part = arena_new(&program->arena, 1, sizeof *part);
    part->word = parser_word(parser, "a layer", &part->place);
    if (!part->word) return NULL;
    if (program->statements == NET_LAYERS) {
        program_error(program, parser->error, part->place,
                      "a network has at most %d layers and blocks", NET_LAYERS);
        return NULL;
    }
    program->statements++;
    bool (*parse)(Parser *, Statement *) = parse_layer;
    if (strcmp(part->word, "repeat") == 0) {
        part->kind = STATEMENT_REPEAT;
        parse = parse_repeat;
    } else if (strcmp(part->word, "residual") == 0) {
        part->kind = STATEMENT_RESIDUAL;
        parse = parse_residual;
    }
    return parse(parser, part) ? part : NULL;
}

// { part }, up to "}" or the end of the text.
static bool parse_parts(Parser *parser, const Statement **list) {
    for (scan_blank(&parser->scan); parser->scan.at < parser->scan.length;
         scan_blank(&parser->scan)) {
        if (scan_peek(&parser->scan) == '}') break;
        Statement *part = parse_part(parser);
        if (!part) return false;
        *list = part;
        list = &part->next;
    }
    return true;
}

// "{" { part } "}"
static bool parse_block(Parser *parser, const Statement *owner, bool may_be_empty,
                        const Statement **body) {
    const NetProgram *program = parser->program;
    scan_blank(&parser->scan);
    if (!scan_take(&parser->scan, '{')) return parser_expected(parser, "\"{\"");
    if (parser->blocks == NET_DEPTH) {
        return program_error(program, parser->error, owner->place, "blocks nest at most %d deep",
                             NET_DEPTH);
    }
    parser->blocks++;
    if (!parse_parts(parser, body)) return false;
    if (!*body && !may_be_empty && scan_peek(&parser->scan) == '}')
        return parser_expected(parser, "a layer");
    if (!scan_take(&parser->scan, '}')) {
        return program_error(program, parser->error, owner->place,
                             "the block of this \"%s\" is not closed: \"}\" is missing",
                             owner->word);
    }
    parser->blocks--;
    return true;
}

// { let } input part { part }
static bool parse_network(Parser *parser) {
    while (take_keyword(parser, "let")) {
        if (!parse_let(parser)) return false;
    }
    if (!take_keyword(parser, "input"))
        return parser_expected(parser, "an input, such as input 40");
    if (!parse_input(parser) || !parse_parts(parser, &parser->program->first)) return false;
    Span here = {parser->scan.at, 1};
    if (scan_peek(&parser->scan) == '}')
        return program_error(parser->program, parser->error, here, "this \"}\" closes no block");
    return parser->program->first || parser_expected(parser, "a layer");
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
    Parser parser = {program, {program->text, length, 0}, 0, 0, error};
    if (parse_network(&parser)) return program;
    net_program_free(program);
    return NULL;
}
