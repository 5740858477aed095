// The notation of groups, by recursive descent:
//     layer  = group [ "to" group ]                 paired in order; a trivial one pairs with any
//     group  = atom { "x" atom [ "on grid" ] | "wr" atom [ "on product" ] | "on" action }
//     atom   = "(" group ")" | NAME | permutation { "," permutation }
#include "symmetry/notation.h"
#include <ctype.h>
#include <string.h>

// ---- names ----

static bool unknown_name(Parser *parser, size_t offset, size_t length) {
    const char *names[40];
    size_t count = 0;
    char word[WORD];
    Text all = {0};
    snprintf(word, sizeof word, "%.*s", (int)length, parser->text + offset);
    for (const NamedGroup *named = named_groups; named->name; named++) {
        names[count++] = named->name;
        text_printf(&all, "%s%s", count > 1 ? ", " : "", named->form);
    }
    const char *nearest = length > 2 ? text_nearest(word, names, count, sizeof *names) : NULL;
    notation_fail(parser, offset, length, "unknown group \"%s\"%s%s%s There are %s", word,
                  nearest ? ", did you mean \"" : ".", nearest ? nearest : "", nearest ? "\"?" : "",
                  all.data);
    text_free(&all);
    return false;
}

// The name that a word of so many bytes is, or begins with when digits follow.
static const NamedGroup *find_name(const char *word, size_t length) {
    for (const NamedGroup *named = named_groups; named->name; named++) {
        size_t name = strlen(named->name), digits = name;
        if (length < name || memcmp(word, named->name, name) != 0) continue;
        if (length == name) return named;
        while (digits < length && isdigit((unsigned char)word[digits])) digits++;
        if (named->takes == NAME_NUMBER && digits == length) return named;
    }
    return NULL;
}

static bool read_grid(Parser *parser, const NamedGroup *named, size_t *rows, size_t *cols) {
    size_t start = (notation_peek(parser), parser->at);
    if (!notation_number(parser, "a size, such as 4x4,", rows)) return false;
    if (notation_byte(parser, parser->at) != 'x')
        return notation_expected(parser, "\"x\" and the number of columns");
    parser->at++;
    if (!notation_number(parser, "the number of columns", cols)) return false;
    if (named->square && *rows != *cols)
        return notation_fail(parser, start, parser->at - start, "%s takes as many rows as columns",
                             named->name);
    return true;
}

static bool read_argument(Parser *parser, size_t *value) { // "(" number ")"
    if (!notation_take(parser, '(')) return notation_expected(parser, "\"(\" and a number");
    if (!notation_number(parser, "a number", value)) return false;
    return notation_take(parser, ')') || notation_expected(parser, "\")\"");
}

static bool parse_graph(Parser *parser, SymmetryGroup *group) { // after "aut"
    size_t start = parser->at - 3;
    if (parser->closed)
        return notation_fail(
            parser, start, 3,
            "aut(FILE) is of the command line: a network's text says all about it");
    if (!notation_take(parser, '(')) return notation_expected(parser, "\"(\" and a file");
    size_t from = (notation_peek(parser), parser->at), to = from;
    while (to < parser->length && parser->text[to] != ')') to++;
    if (to == parser->length || to == from) {
        parser->at = to;
        return notation_expected(parser, "a file and \")\"");
    }
    Error error = {0};
    char *path = memory_new(to - from + 1, 1);
    memcpy(path, parser->text + from, to - from);
    parser->at = to + 1;
    bool ok = group_of_graph(path, group, &error);
    memory_free(path);
    return ok || notation_fail(parser, start, parser->at - start, "%s", error.text);
}

static bool parse_name(Parser *parser, SymmetryGroup *group) {
    if (notation_take_word(parser, "aut")) return parse_graph(parser, group);
    size_t start = parser->at, length = notation_word(parser), rows = 1, cols = 1;
    const NamedGroup *named = find_name(parser->text + start, length);
    if (!named) return unknown_name(parser, start, length);
    size_t name = strlen(named->name);
    parser->at += name;
    bool ok = true;
    if (named->takes == NAME_GRID)
        ok = read_grid(parser, named, &rows, &cols);
    else if (named->takes == NAME_NUMBER)
        ok = length > name ? notation_number(parser, "a number", &rows)
                           : read_argument(parser, &rows);
    if (!ok) return false;
    Error error = {0};
    if (rows < named->least)
        return notation_fail(parser, start, parser->at - start, "%s begins at n = %zu", named->form,
                             named->least);
    return named->make(rows, cols, group, &error) ||
           notation_fail(parser, start, parser->at - start, "%s", error.text);
}

// ---- groups ----

static bool parse_group(Parser *parser, SymmetryGroup *group);

static bool parse_atom(Parser *parser, SymmetryGroup *group) {
    char next = notation_peek(parser);
    if (next == '[') return notation_permutations(parser, group);
    if (isalpha((unsigned char)next)) return parse_name(parser, group);
    if (next != '(') return notation_expected(parser, "a group, such as S5 or (1 2 3),");
    size_t start = parser->at++;
    next = notation_peek(parser);
    if (isdigit((unsigned char)next) || next == ')') {
        parser->at = start;
        return notation_permutations(parser, group);
    }
    if (parser->depth == DEPTH)
        return notation_fail(parser, start, 1, "groups nest at most %d deep", DEPTH);
    parser->depth++;
    if (!parse_group(parser, group)) return false;
    parser->depth--;
    return notation_take(parser, ')') ||
           (group_free(group), notation_expected(parser, "\")\" or \"on\""));
}

typedef bool Combine(const SymmetryGroup *a, const SymmetryGroup *b, SymmetryGroup *to,
                     Error *error);

// "on WORD", if that comes next.
static bool take_on(Parser *parser, const char *word) {
    size_t start = parser->at;
    if (notation_take_word(parser, "on") && notation_take_word(parser, word)) return true;
    parser->at = start;
    return false;
}

// group becomes made, if ok; otherwise the message gets its place.
static bool replace(Parser *parser, size_t start, bool ok, SymmetryGroup *group,
                    SymmetryGroup *made, const Error *error) {
    group_free(group);
    *group = *made;
    return ok || notation_fail(parser, start, parser->at - start, "%s", error->text);
}

static bool parse_operand(Parser *parser, size_t start, bool wreath, SymmetryGroup *group) {
    SymmetryGroup other = {0}, made = {0};
    Error error = {0};
    if (!parse_atom(parser, &other)) {
        group_free(&other);
        return false;
    }
    Combine *plain = wreath ? group_wreath : group_sum, *on = wreath ? group_words : group_grid;
    Combine *combine = take_on(parser, wreath ? "product" : "grid") ? on : plain;
    bool ok = combine(group, &other, &made, &error);
    group_free(&other);
    return replace(parser, start, ok, group, &made, &error);
}

static bool parse_action(Parser *parser, size_t start, SymmetryGroup *group) { // after "on"
    SymmetryGroup made = {0};
    Error error = {0};
    size_t k = 2;
    bool ok;
    if (notation_take_word(parser, "pairs")) {
        ok = group_on_tuples(group, 2, &made, &error);
    } else if (notation_take_word(parser, "distinct-pairs")) {
        ok = group_on_distinct(group, &made, &error);
    } else if (notation_take_word(parser, "subsets")) {
        if (!read_argument(parser, &k)) return false;
        ok = group_on_subsets(group, k, &made, &error);
    } else if (notation_take_word(parser, "tuples")) {
        if (!read_argument(parser, &k)) return false;
        ok = group_on_tuples(group, k, &made, &error);
    } else if (notation_next_is(parser, "grid")) {
        return notation_expected(parser, "an action (\"on grid\" comes right after A x B)");
    } else if (notation_next_is(parser, "product")) {
        return notation_expected(parser, "an action (\"on product\" comes right after A wr B)");
    } else {
        return notation_expected(parser, "pairs, distinct-pairs, subsets(k) or tuples(k)");
    }
    return replace(parser, start, ok, group, &made, &error);
}

static bool parse_group(Parser *parser, SymmetryGroup *group) {
    size_t start = (notation_peek(parser), parser->at);
    bool ok = parse_atom(parser, group);
    while (ok) {
        if (notation_take_word(parser, "x"))
            ok = parse_operand(parser, start, false, group);
        else if (notation_take_word(parser, "wr"))
            ok = parse_operand(parser, start, true, group);
        else if (notation_take_word(parser, "on"))
            ok = parse_action(parser, start, group);
        else
            return true;
    }
    group_free(group);
    return false;
}

static bool is_trivial(const SymmetryGroup *group) {
    for (size_t at = 0; at < group->n * group->generators; at++)
        if (group->image[at] != (int32_t)(at % group->n)) return false;
    return true;
}

// A group that moves nothing has as many generators as are asked for: all the identity.
static bool stretch(SymmetryGroup *group, size_t generators, Error *error) {
    SymmetryGroup made;
    if (!group_new(&made, group->n, generators, error)) return false;
    for (size_t at = 0; at < made.n * generators; at++) made.image[at] = (int32_t)(at % made.n);
    made.log_most = 0;
    group_free(group);
    *group = made;
    return true;
}

static bool pair(Parser *parser, size_t start, Symmetry *symmetry) {
    SymmetryGroup *in = &symmetry->in, *out = &symmetry->out;
    Error error = {0};
    if (in->generators == out->generators) return true;
    if (!is_trivial(out) && !is_trivial(in))
        return notation_fail(parser, start, parser->at - start,
                             "unpaired generators: %zu on the inputs, %zu on the outputs",
                             in->generators, out->generators);
    bool ok = is_trivial(out) ? stretch(out, in->generators, &error)
                              : stretch(in, out->generators, &error);
    return ok || notation_fail(parser, start, parser->at - start, "%s", error.text);
}

static bool parse_layer(Parser *parser, Symmetry *symmetry) {
    size_t start = (notation_peek(parser), parser->at);
    if (!parse_group(parser, &symmetry->in)) return false;
    symmetry->rectangular = notation_take_word(parser, "to");
    if (symmetry->rectangular && !parse_group(parser, &symmetry->out)) return false;
    if (!symmetry->rectangular) symmetry->out = symmetry->in;
    if (notation_peek(parser), parser->at < parser->length)
        return notation_expected(parser, "x, wr, on, to or the end");
    return pair(parser, start, symmetry);
}

static Symmetry *parse(Parser *parser) {
    Symmetry *symmetry = memory_new(1, sizeof *symmetry);
    symmetry->text = memory_new(parser->length + 1, 1);
    if (parser->length) memcpy(symmetry->text, parser->text, parser->length);
    if (parse_layer(parser, symmetry)) return symmetry;
    symmetry_free(symmetry);
    return NULL;
}

Symmetry *symmetry_read(const char *text, size_t length, bool zero_based, Error *error) {
    if (length > SYMMETRY_TEXT) {
        error_set(error, "group: longer than %d bytes", SYMMETRY_TEXT);
        return NULL;
    }
    SymmetryFault fault = {0};
    Parser parser = {.text = text, .length = length, .zero_based = zero_based, .fault = &fault};
    Symmetry *symmetry = parse(&parser);
    if (!symmetry)
        error_at(error, "group", text, length, fault.offset, fault.width, "%s", fault.reason.text);
    return symmetry;
}

Symmetry *symmetry_read_part(const char *text, SymmetryFault *fault) {
    size_t length = strlen(text);
    *fault = (SymmetryFault){.width = length ? length : 1};
    if (length > SYMMETRY_TEXT) {
        error_set(&fault->reason, "a group's text has at most %d bytes", SYMMETRY_TEXT);
        return NULL;
    }
    Parser parser = {.text = text, .length = length, .closed = true, .fault = fault};
    return parse(&parser);
}

void symmetry_free(Symmetry *symmetry) {
    if (!symmetry) return;
    if (symmetry->out.image != symmetry->in.image) group_free(&symmetry->out);
    group_free(&symmetry->in);
    memory_free(symmetry->text);
    memory_free(symmetry);
}

// ---- printing ----

void symmetry_add_cycles(Text *text, const SymmetryGroup *group, size_t k, bool zero_based,
                         size_t most) {
    const int32_t *image = group->image + k * group->n;
    uint8_t *seen = memory_new(group->n, 1);
    size_t start = text->length;
    bool moved = false;
    for (size_t i = 0; i < group->n; i++) {
        if (seen[i] || image[i] == (int32_t)i) continue;
        for (size_t j = i; !seen[j]; j = (size_t)image[j]) {
            text_printf(text, "%s%zu", j == i ? "(" : " ", j + !zero_based);
            seen[j] = 1;
            if (text->length - start > most) break;
        }
        moved = true;
        if (text->length - start > most) {
            text_add(text, " ...");
            break;
        }
        text_add(text, ")");
    }
    if (!moved) text_add(text, "()");
    memory_free(seen);
}

void symmetry_help(Text *text) {
    text_add(text, "A group of permutations is written by its generators or by a name:\n\n"
                   "    (1 2 3)(4 5), (1 4)    cycles, counted from 1 (--zero-based: from 0); one "
                   "generator,\n"
                   "                           then another; (7) names a point that stays\n"
                   "    [1,2,0]                where points 0, 1, 2 go, counted from 0\n");
    for (const NamedGroup *named = named_groups; named->name; named++)
        text_printf(text, "    %-22s %s\n", named->form, named->help);
    text_add(
        text,
        "\nGroups are combined, from left to right, ( ) as usual:\n\n"
        "    A x B                  the direct product on the points of A and then of B\n"
        "    A x B on grid          on pairs (a, b)\n"
        "    A wr B                 the wreath product: a copy of A in each of the blocks that B "
        "permutes\n"
        "    A wr B on product      on words: A moves letters, B places (S2 wr S4: a hypercube)\n"
        "    A on pairs             on ordered pairs (a, b); on distinct-pairs: a != b\n"
        "    A on subsets(k)        on sets of k points; on tuples(k): on lists of k points\n"
        "    A to B                 a layer with A on its inputs and B on its outputs, "
        "generators\n"
        "                           paired in order: S5 on pairs to S5; a trivial one fits any:\n"
        "                           S5 to trivial(3) ties three invariant outputs\n");
    text_printf(text, "\nA group acts on at most %d points and has at most %d generators.\n",
                SYMMETRY_POINTS, SYMMETRY_GENERATORS);
}
