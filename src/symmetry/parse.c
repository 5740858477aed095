// The notation of groups, by recursive descent:
//     layer  = group [ "to" group ]                 paired in order; a trivial one pairs with any
//     group  = atom { "x" atom [ "on grid" ] | "wr" atom [ "on product" ] | "on" action }
//     atom   = "(" group ")" | NAME | permutation { "," permutation }
#include "symmetry/inner.h"
#include <ctype.h>
#include <string.h>

enum { DEPTH = 100, WORD = 32 };

typedef struct Parser {
    const char *text;
    size_t length, at;
    int depth;
    bool zero_based, closed; // closed: no file may be read
    SymmetryFault *fault;
} Parser;

__attribute__((format(printf, 4, 5))) static bool fail(Parser *parser, size_t offset, size_t width,
                                                       const char *format, ...) {
    Text message = {0};
    va_list list;
    va_start(list, format);
    text_vprintf(&message, format, list);
    va_end(list);
    parser->fault->offset = offset;
    parser->fault->width = width ? width : 1;
    error_set(&parser->fault->reason, "%s", message.data);
    text_free(&message);
    return false;
}

// ---- words ----

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

static size_t word_length(Parser *parser) { // of letters, digits, _ and - inside
    peek(parser);
    size_t end = parser->at;
    while (isalnum((unsigned char)byte_at(parser, end)) || byte_at(parser, end) == '_' ||
           (byte_at(parser, end) == '-' && end > parser->at))
        end++;
    return end - parser->at;
}

static bool next_is(Parser *parser, const char *word) {
    size_t length = word_length(parser);
    return length == strlen(word) && memcmp(parser->text + parser->at, word, length) == 0;
}

static bool take_word(Parser *parser, const char *word) {
    if (!next_is(parser, word)) return false;
    parser->at += strlen(word);
    return true;
}

static bool expected(Parser *parser, const char *what) {
    unsigned char found = (unsigned char)peek(parser);
    size_t length = word_length(parser);
    if (parser->at >= parser->length)
        return fail(parser, parser->at, 1, "the group ends where %s is expected", what);
    if (length)
        return fail(parser, parser->at, length, "found \"%.*s\" where %s is expected",
                    (int)(length < WORD ? length : WORD), parser->text + parser->at, what);
    if (found > 32 && found < 127)
        return fail(parser, parser->at, 1, "found \"%c\" where %s is expected", found, what);
    return fail(parser, parser->at, 1, "found byte 0x%02X where %s is expected", found, what);
}

static bool read_number(Parser *parser, const char *what, size_t *value) {
    enum { LARGE = 1000000000 };
    if (!isdigit((unsigned char)peek(parser))) return expected(parser, what);
    size_t start = parser->at;
    *value = 0;
    for (; isdigit((unsigned char)byte_at(parser, parser->at)); parser->at++)
        if (*value < LARGE) *value = 10 * *value + (size_t)(parser->text[parser->at] - '0');
    return *value < LARGE || fail(parser, start, parser->at - start, "the number is too large");
}

// ---- permutations ----

typedef struct Move {
    size_t generator, from, to;
} Move;

// Permutations of as many points as the lists have, or as the cycles name.
typedef struct Moves {
    Move *move;
    size_t count, capacity;
    size_t generators;
    size_t n;       // points so far
    bool fixed;     // by a list
    uint32_t *seen; // (SYMMETRY_POINTS) the last generator, from 1, that sends something there
} Moves;

static bool read_point(Parser *parser, Moves *moves, size_t first, size_t *point) {
    size_t value;
    if (!read_number(parser, "a point", &value)) return false;
    size_t end = parser->at, start = end;
    while (start > 0 && isdigit((unsigned char)parser->text[start - 1])) start--;
    if (value < first)
        return fail(parser, start, end - start,
                    "points in cycles count from 1 (--zero-based: from 0)");
    value -= first;
    if (value >= SYMMETRY_POINTS)
        return fail(parser, start, end - start, "a group acts on at most %d points",
                    SYMMETRY_POINTS);
    if (moves->fixed && value >= moves->n)
        return fail(parser, start, end - start, "not a permutation of %zu points", moves->n);
    if (moves->seen[value] == moves->generators)
        return fail(parser, start, end - start, "not a permutation: %zu is there twice",
                    value + first);
    moves->seen[value] = (uint32_t)moves->generators;
    if (value >= moves->n) moves->n = value + 1;
    *point = value;
    return true;
}

static void add_move(Moves *moves, size_t from, size_t to) {
    moves->move = memory_grow(moves->move, moves->count, &moves->capacity, sizeof *moves->move);
    moves->move[moves->count++] = (Move){moves->generators - 1, from, to};
}

static bool read_cycle(Parser *parser, Moves *moves) { // after "("
    if (take(parser, ')')) return true;
    size_t point, first, last;
    if (!read_point(parser, moves, !parser->zero_based, &first)) return false;
    last = first;
    while (take(parser, ','), !take(parser, ')')) {
        if (!isdigit((unsigned char)peek(parser))) return expected(parser, "a point or \")\"");
        if (!read_point(parser, moves, !parser->zero_based, &point)) return false;
        add_move(moves, last, point);
        last = point;
    }
    add_move(moves, last, first);
    return true;
}

static size_t count_entries(const Parser *parser) { // of a list, after "["
    size_t count = 0;
    for (size_t at = parser->at; byte_at(parser, at) && byte_at(parser, at) != ']'; at++)
        count += isdigit((unsigned char)byte_at(parser, at)) &&
                 !isdigit((unsigned char)byte_at(parser, at - 1));
    return count;
}

static bool read_list(Parser *parser, Moves *moves) { // after "["
    size_t start = parser->at - 1, count = count_entries(parser), from = 0, to;
    if (moves->fixed ? count != moves->n : count < moves->n)
        return fail(parser, start, 1, "a list of %zu points, but what stands before has %zu", count,
                    moves->n);
    moves->n = count, moves->fixed = true;
    if (count > SYMMETRY_POINTS)
        return fail(parser, start, 1, "a group acts on at most %d points", SYMMETRY_POINTS);
    for (; !take(parser, ']'); from++) {
        if (from && !take(parser, ',') && !isdigit((unsigned char)peek(parser)))
            return expected(parser, "\",\" or \"]\"");
        if (!read_point(parser, moves, 0, &to)) return false;
        add_move(moves, from, to);
    }
    return true;
}

static bool read_permutation(Parser *parser, Moves *moves) {
    moves->generators++;
    if (take(parser, '[')) return read_list(parser, moves);
    if (peek(parser) != '(') return expected(parser, "a permutation, such as (1 2 3) or [1,2,0],");
    while (take(parser, '('))
        if (!read_cycle(parser, moves)) return false;
    return true;
}

static bool build_moves(Parser *parser, size_t start, const Moves *moves, SymmetryGroup *group) {
    Error error = {0};
    if (!group_new(group, moves->n, moves->generators, &error))
        return fail(parser, start, parser->at - start, "%s", error.text);
    for (size_t k = 0; k < group->generators; k++)
        for (size_t i = 0; i < group->n; i++) group->image[k * group->n + i] = (int32_t)i;
    for (size_t i = 0; i < moves->count; i++) {
        const Move *move = &moves->move[i];
        group->image[move->generator * group->n + move->from] = (int32_t)move->to;
    }
    return true;
}

static bool parse_permutations(Parser *parser, SymmetryGroup *group) {
    size_t start = parser->at;
    Moves moves = {.seen = memory_new(SYMMETRY_POINTS, sizeof *moves.seen)};
    bool ok;
    do ok = read_permutation(parser, &moves);
    while (ok && (take(parser, ',') || take(parser, ';')));
    ok = ok && build_moves(parser, start, &moves, group);
    memory_free(moves.move);
    memory_free(moves.seen);
    return ok;
}

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
    fail(parser, offset, length, "unknown group \"%s\"%s%s%s There are %s", word,
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
    size_t start = (peek(parser), parser->at);
    if (!read_number(parser, "a size, such as 4x4,", rows)) return false;
    if (byte_at(parser, parser->at) != 'x')
        return expected(parser, "\"x\" and the number of columns");
    parser->at++;
    if (!read_number(parser, "the number of columns", cols)) return false;
    if (named->square && *rows != *cols)
        return fail(parser, start, parser->at - start, "%s takes as many rows as columns",
                    named->name);
    return true;
}

static bool read_argument(Parser *parser, size_t *value) { // "(" number ")"
    if (!take(parser, '(')) return expected(parser, "\"(\" and a number");
    if (!read_number(parser, "a number", value)) return false;
    return take(parser, ')') || expected(parser, "\")\"");
}

static bool parse_graph(Parser *parser, SymmetryGroup *group) { // after "aut"
    size_t start = parser->at - 3;
    if (parser->closed)
        return fail(parser, start, 3,
                    "aut(FILE) is of the command line: a network's text says all about it");
    if (!take(parser, '(')) return expected(parser, "\"(\" and a file");
    size_t from = (peek(parser), parser->at), to = from;
    while (to < parser->length && parser->text[to] != ')') to++;
    if (to == parser->length || to == from) {
        parser->at = to;
        return expected(parser, "a file and \")\"");
    }
    Error error = {0};
    char *path = memory_new(to - from + 1, 1);
    memcpy(path, parser->text + from, to - from);
    parser->at = to + 1;
    bool ok = group_of_graph(path, group, &error);
    memory_free(path);
    return ok || fail(parser, start, parser->at - start, "%s", error.text);
}

static bool parse_name(Parser *parser, SymmetryGroup *group) {
    if (take_word(parser, "aut")) return parse_graph(parser, group);
    size_t start = parser->at, length = word_length(parser), rows = 1, cols = 1;
    const NamedGroup *named = find_name(parser->text + start, length);
    if (!named) return unknown_name(parser, start, length);
    size_t name = strlen(named->name);
    parser->at += name;
    bool ok = true;
    if (named->takes == NAME_GRID)
        ok = read_grid(parser, named, &rows, &cols);
    else if (named->takes == NAME_NUMBER)
        ok = length > name ? read_number(parser, "a number", &rows) : read_argument(parser, &rows);
    if (!ok) return false;
    Error error = {0};
    if (rows < named->least)
        return fail(parser, start, parser->at - start, "%s begins at n = %zu", named->form,
                    named->least);
    return named->make(rows, cols, group, &error) ||
           fail(parser, start, parser->at - start, "%s", error.text);
}

// ---- groups ----

static bool parse_group(Parser *parser, SymmetryGroup *group);

static bool parse_atom(Parser *parser, SymmetryGroup *group) {
    char next = peek(parser);
    if (next == '[') return parse_permutations(parser, group);
    if (isalpha((unsigned char)next)) return parse_name(parser, group);
    if (next != '(') return expected(parser, "a group, such as S5 or (1 2 3),");
    size_t start = parser->at++;
    next = peek(parser);
    if (isdigit((unsigned char)next) || next == ')') {
        parser->at = start;
        return parse_permutations(parser, group);
    }
    if (parser->depth == DEPTH) return fail(parser, start, 1, "groups nest at most %d deep", DEPTH);
    parser->depth++;
    if (!parse_group(parser, group)) return false;
    parser->depth--;
    return take(parser, ')') || (group_free(group), expected(parser, "\")\" or \"on\""));
}

typedef bool Combine(const SymmetryGroup *a, const SymmetryGroup *b, SymmetryGroup *to,
                     Error *error);

// "on WORD", if that comes next.
static bool take_on(Parser *parser, const char *word) {
    size_t start = parser->at;
    if (take_word(parser, "on") && take_word(parser, word)) return true;
    parser->at = start;
    return false;
}

// group becomes made, if ok; otherwise the message gets its place.
static bool replace(Parser *parser, size_t start, bool ok, SymmetryGroup *group,
                    SymmetryGroup *made, const Error *error) {
    group_free(group);
    *group = *made;
    return ok || fail(parser, start, parser->at - start, "%s", error->text);
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
    if (take_word(parser, "pairs")) {
        ok = group_on_tuples(group, 2, &made, &error);
    } else if (take_word(parser, "distinct-pairs")) {
        ok = group_on_distinct(group, &made, &error);
    } else if (take_word(parser, "subsets")) {
        if (!read_argument(parser, &k)) return false;
        ok = group_on_subsets(group, k, &made, &error);
    } else if (take_word(parser, "tuples")) {
        if (!read_argument(parser, &k)) return false;
        ok = group_on_tuples(group, k, &made, &error);
    } else if (next_is(parser, "grid")) {
        return expected(parser, "an action (\"on grid\" comes right after A x B)");
    } else if (next_is(parser, "product")) {
        return expected(parser, "an action (\"on product\" comes right after A wr B)");
    } else {
        return expected(parser, "pairs, distinct-pairs, subsets(k) or tuples(k)");
    }
    return replace(parser, start, ok, group, &made, &error);
}

static bool parse_group(Parser *parser, SymmetryGroup *group) {
    size_t start = (peek(parser), parser->at);
    bool ok = parse_atom(parser, group);
    while (ok) {
        if (take_word(parser, "x"))
            ok = parse_operand(parser, start, false, group);
        else if (take_word(parser, "wr"))
            ok = parse_operand(parser, start, true, group);
        else if (take_word(parser, "on"))
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
        return fail(parser, start, parser->at - start,
                    "unpaired generators: %zu on the inputs, %zu on the outputs", in->generators,
                    out->generators);
    bool ok = is_trivial(out) ? stretch(out, in->generators, &error)
                              : stretch(in, out->generators, &error);
    return ok || fail(parser, start, parser->at - start, "%s", error.text);
}

static bool parse_layer(Parser *parser, Symmetry *symmetry) {
    size_t start = (peek(parser), parser->at);
    if (!parse_group(parser, &symmetry->in)) return false;
    symmetry->rectangular = take_word(parser, "to");
    if (symmetry->rectangular && !parse_group(parser, &symmetry->out)) return false;
    if (!symmetry->rectangular) symmetry->out = symmetry->in;
    if (peek(parser), parser->at < parser->length)
        return expected(parser, "x, wr, on, to or the end");
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
