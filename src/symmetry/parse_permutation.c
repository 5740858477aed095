// Permutations as cycles, (1 2 3)(4 5), and as lists of destinations, [1,2,0].
#include "symmetry/notation.h"
#include <ctype.h>
#include <string.h>

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
    if (!notation_number(parser, "a point", &value)) return false;
    size_t end = parser->at, start = end;
    while (start > 0 && isdigit((unsigned char)parser->text[start - 1])) start--;
    if (value < first)
        return notation_fail(parser, start, end - start,
                             "points in cycles count from 1 (--zero-based: from 0)");
    value -= first;
    if (value >= SYMMETRY_POINTS)
        return notation_fail(parser, start, end - start, "a group acts on at most %d points",
                             SYMMETRY_POINTS);
    if (moves->fixed && value >= moves->n)
        return notation_fail(parser, start, end - start, "not a permutation of %zu points",
                             moves->n);
    if (moves->seen[value] == moves->generators)
        return notation_fail(parser, start, end - start, "not a permutation: %zu is there twice",
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
    if (notation_take(parser, ')')) return true;
    size_t point, first, last;
    if (!read_point(parser, moves, !parser->zero_based, &first)) return false;
    last = first;
    while (notation_take(parser, ','), !notation_take(parser, ')')) {
        if (!isdigit((unsigned char)notation_peek(parser)))
            return notation_expected(parser, "a point or \")\"");
        if (!read_point(parser, moves, !parser->zero_based, &point)) return false;
        add_move(moves, last, point);
        last = point;
    }
    add_move(moves, last, first);
    return true;
}

static size_t count_entries(const Parser *parser) { // of a list, after "["
    size_t count = 0;
    for (size_t at = parser->at; notation_byte(parser, at) && notation_byte(parser, at) != ']';
         at++)
        count += isdigit((unsigned char)notation_byte(parser, at)) &&
                 !isdigit((unsigned char)notation_byte(parser, at - 1));
    return count;
}

static bool read_list(Parser *parser, Moves *moves) { // after "["
    size_t start = parser->at - 1, count = count_entries(parser), from = 0, to;
    if (moves->fixed ? count != moves->n : count < moves->n)
        return notation_fail(parser, start, 1,
                             "a list of %zu points, but what stands before has %zu", count,
                             moves->n);
    moves->n = count, moves->fixed = true;
    if (count > SYMMETRY_POINTS)
        return notation_fail(parser, start, 1, "a group acts on at most %d points",
                             SYMMETRY_POINTS);
    for (; !notation_take(parser, ']'); from++) {
        if (from && !notation_take(parser, ',') && !isdigit((unsigned char)notation_peek(parser)))
            return notation_expected(parser, "\",\" or \"]\"");
        if (!read_point(parser, moves, 0, &to)) return false;
        add_move(moves, from, to);
    }
    return true;
}

static bool read_permutation(Parser *parser, Moves *moves) {
    moves->generators++;
    if (notation_take(parser, '[')) return read_list(parser, moves);
    if (notation_peek(parser) != '(')
        return notation_expected(parser, "a permutation, such as (1 2 3) or [1,2,0],");
    while (notation_take(parser, '('))
        if (!read_cycle(parser, moves)) return false;
    return true;
}

static bool build_moves(Parser *parser, size_t start, const Moves *moves, SymmetryGroup *group) {
    Error error = {0};
    if (!group_new(group, moves->n, moves->generators, &error))
        return notation_fail(parser, start, parser->at - start, "%s", error.text);
    for (size_t k = 0; k < group->generators; k++)
        for (size_t i = 0; i < group->n; i++) group->image[k * group->n + i] = (int32_t)i;
    for (size_t i = 0; i < moves->count; i++) {
        const Move *move = &moves->move[i];
        group->image[move->generator * group->n + move->from] = (int32_t)move->to;
    }
    return true;
}

bool notation_permutations(Parser *parser, SymmetryGroup *group) {
    size_t start = parser->at;
    Moves moves = {.seen = memory_new(SYMMETRY_POINTS, sizeof *moves.seen)};
    bool ok;
    do ok = read_permutation(parser, &moves);
    while (ok && (notation_take(parser, ',') || notation_take(parser, ';')));
    ok = ok && build_moves(parser, start, &moves, group);
    memory_free(moves.move);
    memory_free(moves.seen);
    return ok;
}
