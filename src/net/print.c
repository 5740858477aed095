// From program back to text.
#include "net/program.h"

static void print_operand(const NetProgram *program, const Expression *chain,
                          const Expression *operand, Text *text) {
    // A sum inside a product, or a chain inside one of its own rank, was written in parentheses.
    bool brackets = operand->kind == EXPRESSION_SUM ||
                    (operand->kind == EXPRESSION_PRODUCT && chain->kind != EXPRESSION_SUM);
    if (brackets) text_add(text, "(");
    program_print_expression(program, operand, text);
    if (brackets) text_add(text, ")");
}

void program_print_expression(const NetProgram *program, const Expression *expression, Text *text) {
    switch (expression->kind) {
    case EXPRESSION_NUMBER:
        text_printf(text, "%lld", (long long)expression->number);
        break;
    case EXPRESSION_VARIABLE:
        text_add(text, program->variable[expression->variable].name);
        break;
    case EXPRESSION_NEGATIVE:
        text_add(text, "-");
        print_operand(program, expression, expression->first, text);
        break;
    case EXPRESSION_SUM:
    case EXPRESSION_PRODUCT:
        print_operand(program, expression, expression->first, text);
        for (const Expression *next = expression->first->next; next; next = next->next) {
            text_add_bytes(text, &next->sign, 1);
            print_operand(program, expression, next, text);
        }
        break;
    }
}

static void print_size(const NetProgram *program, const Expression *size, Text *text) {
    bool braces = size->kind != EXPRESSION_NUMBER;
    if (braces) text_add(text, "{");
    program_print_expression(program, size, text);
    if (braces) text_add(text, "}");
}

static void print_quoted(const NetProgram *program, const Pair *pair, Text *text) {
    text_add(text, "\"");
    for (const Piece *piece = pair->pieces; piece; piece = piece->next) {
        if (piece->letters) {
            text_add(text, piece->letters);
        } else {
            text_add(text, "{");
            program_print_expression(program, piece->size, text);
            text_add(text, "}");
        }
    }
    text_add(text, "\"");
}

static void print_layer(const NetProgram *program, const Statement *layer, Text *text) {
    text_add(text, layer->word);
    if (layer->size) {
        text_add(text, "-");
        print_size(program, layer->size, text);
    }
    for (const Pair *pair = layer->pairs; pair; pair = pair->next) {
        text_printf(text, " %s=", pair->name);
        if (pair->quoted) {
            print_quoted(program, pair, text);
        } else if (pair->word) {
            text_add(text, pair->word);
        } else {
            print_size(program, pair->size, text);
        }
    }
}

static void print_line(Text *text, int depth) {
    enum { DEEPEST = 8 }; // levels that are shown
    text_printf(text, "\n%*s", 4 * (depth < DEEPEST ? depth : DEEPEST), "");
}

static void print_parts(const NetProgram *program, const Statement *first, int depth, Text *text);

static void print_block(const NetProgram *program, const Statement *body, int depth, Text *text) {
    text_add(text, " {");
    if (body) {
        print_parts(program, body, depth + 1, text);
        print_line(text, depth);
    }
    text_add(text, "}");
}

static void print_part(const NetProgram *program, const Statement *part, int depth, Text *text) {
    if (part->kind == STATEMENT_LAYER) {
        print_layer(program, part, text);
        return;
    }
    text_add(text, part->word);
    if (part->kind == STATEMENT_REPEAT) {
        text_add(text, " ");
        print_size(program, part->size, text);
    }
    print_block(program, part->body, depth, text);
    if (part->shortcut) {
        text_add(text, " shortcut");
        print_block(program, part->shortcut, depth, text);
    }
}

// A layer with a size begins a line, as in the VGG paper's table; so does a block, and what follows
// it.
static void print_parts(const NetProgram *program, const Statement *first, int depth, Text *text) {
    bool begin = true;
    for (const Statement *part = first; part; part = part->next) {
        bool block = part->kind != STATEMENT_LAYER;
        if (begin || block || part->size) {
            print_line(text, depth);
        } else {
            text_add(text, " ");
        }
        print_part(program, part, depth, text);
        begin = block;
    }
}

void net_print(const NetProgram *program, Text *text) {
    for (size_t i = 0; i < program->variables; i++) {
        text_printf(text, "let %s = ", program->variable[i].name);
        net_print_default(program, i, text);
        text_add(text, "\n");
    }
    text_add(text, "input ");
    for (int i = 0; i < program->rank; i++) {
        if (i) text_add(text, "x");
        print_size(program, program->input[i], text);
    }
    print_parts(program, program->first, 0, text);
    text_add(text, "\n");
}

void net_print_line(const NetProgram *program, Text *text) {
    size_t from = text->length;
    net_print(program, text);
    for (char *c = text->data + from; *c; c++) *c = *c == '\n' ? ' ' : *c;
    while (text->length > from && text->data[text->length - 1] == ' ')
        text->data[--text->length] = 0;
}

void net_print_default(const NetProgram *program, size_t i, Text *text) {
    REQUIRE(i < program->variables);
    program_print_expression(program, program->variable[i].value, text);
}
