// The group that a pattern obeys.
//
// A bound first: whoever fixes points b_1 .. b_k and obeys the pattern takes each other point to
// one with the same labels beside them, so that the group's order is at most the product of the
// sizes of the cells from which the b_i were taken, once the cells hold one point each. The group
// that made the pattern obeys it: where its order is the bound, it is all there is.
#include "symmetry/inner.h"
#include <string.h>

// ---- the bound ----

static const size_t NOBODY = SIZE_MAX;

typedef struct Key {            // what tells points apart
    uint32_t cell, there, back; // 1 + labels beside the point that was taken; 0: none
    bool taken;
} Key;

typedef struct Cells {
    const SymmetryPattern *pattern;
    bool rectangular; // points are rows, then columns; else each is a row and a column
    size_t points, count;
    uint32_t *cell, *size; // (points)
    Key *key;              // (slots) open addressing
    uint32_t *number;      // (slots) 1 + a cell
    size_t slots;
} Cells;

static Key key_of(const Cells *cells, size_t taken, size_t point) {
    const SymmetryPattern *pattern = cells->pattern;
    size_t rows = pattern->rows;
    Key key = {.cell = cells->cell[point], .taken = point == taken};
    if (taken == NOBODY) return key;
    if (!cells->rectangular) {
        key.there = 1 + symmetry_label(pattern, taken, point);
        key.back = 1 + symmetry_label(pattern, point, taken);
    } else if (taken < rows && point >= rows) {
        key.there = 1 + symmetry_label(pattern, taken, point - rows);
    } else if (taken >= rows && point < rows) {
        key.back = 1 + symmetry_label(pattern, point, taken - rows);
    }
    return key;
}

static size_t slot_of(const Cells *cells, const Key *key) {
    uint64_t hash = key->cell;
    hash = (hash ^ key->there) * 0x9e3779b97f4a7c15u;
    hash = (hash ^ hash >> 29 ^ key->back) * 0xbf58476d1ce4e5b9u;
    size_t slot = (size_t)(hash ^ hash >> 32 ^ key->taken) & (cells->slots - 1);
    for (; cells->number[slot]; slot = (slot + 1) & (cells->slots - 1)) {
        const Key *other = &cells->key[slot];
        if (other->cell == key->cell && other->there == key->there && other->back == key->back &&
            other->taken == key->taken)
            break;
    }
    return slot;
}

// Cells become those of points with equal keys.
static void split(Cells *cells, size_t taken) {
    memset(cells->number, 0, cells->slots * sizeof *cells->number);
    memset(cells->size, 0, cells->points * sizeof *cells->size);
    cells->count = 0;
    for (size_t i = 0; i < cells->points; i++) {
        Key key = key_of(cells, taken, i);
        size_t slot = slot_of(cells, &key);
        if (!cells->number[slot]) {
            cells->key[slot] = key;
            cells->number[slot] = (uint32_t)++cells->count;
        }
        cells->cell[i] = cells->number[slot] - 1;
        cells->size[cells->cell[i]]++;
    }
}

// By what a point has on the diagonal; rows and columns apart by their own labels in order.
static void begin(Cells *cells) {
    const SymmetryPattern *pattern = cells->pattern;
    for (size_t i = 0; i < cells->points; i++) {
        uint32_t cell = 0;
        if (!cells->rectangular)
            cell = symmetry_label(pattern, i, i);
        else if (i >= pattern->rows)
            cell = 1;
        cells->cell[i] = cell;
    }
}

// The first point of the smallest cell with more than one, or points.
static size_t choose(const Cells *cells) {
    size_t best = cells->points;
    for (size_t i = 0; i < cells->points; i++) {
        uint32_t size = cells->size[cells->cell[i]];
        if (size < 2) continue;
        if (best == cells->points || size < cells->size[cells->cell[best]]) best = i;
    }
    return best;
}

static bool make_cells(Cells *cells, Error *error) {
    static const char WHAT[] = "cells of points";
    cells->slots = 4;
    while (cells->slots < 2 * cells->points) cells->slots *= 2;
    cells->cell = memory_try(cells->points, sizeof *cells->cell, WHAT, error);
    cells->size = memory_try(cells->points, sizeof *cells->size, WHAT, error);
    cells->key = memory_try(cells->slots, sizeof *cells->key, WHAT, error);
    cells->number = memory_try(cells->slots, sizeof *cells->number, WHAT, error);
    return cells->cell && cells->size && cells->key && cells->number;
}

static void free_cells(Cells *cells) {
    memory_free(cells->cell);
    memory_free(cells->size);
    memory_free(cells->key);
    memory_free(cells->number);
}

// Sizes of the cells from which points were taken, until each is alone.
static size_t take_points(Cells *cells, uint64_t *factor) {
    size_t count = 0, point;
    begin(cells);
    split(cells, NOBODY);
    while ((point = choose(cells)) < cells->points) {
        factor[count++] = cells->size[cells->cell[point]];
        split(cells, point);
    }
    return count;
}

bool closure_bound(const SymmetryPattern *pattern, bool rectangular, char **bound, Error *error) {
    Cells cells = {.pattern = pattern, .rectangular = rectangular};
    cells.points = pattern->rows + (rectangular ? pattern->cols : 0);
    uint64_t *factor = memory_try(cells.points, sizeof *factor, "cells of points", error);
    *bound = NULL;
    if (factor && make_cells(&cells, error))
        *bound = order_product(factor, take_points(&cells, factor), 1, error);
    free_cells(&cells);
    memory_free(factor);
    return *bound != NULL;
}

// ---- the group ----

bool symmetry_closure(const SymmetryPattern *pattern, bool rectangular, const char *least,
                      int seconds, char **order, Error *error) {
    if (!closure_bound(pattern, rectangular, order, error)) return false;
    if (least && strcmp(*order, least) == 0) return true;
    memory_free(*order);
    *order = NULL;
    Automorphisms found;
    bool ok = automorphisms_of(pattern, rectangular, seconds, &found, error);
    if (ok && found.found)
        ok = (*order = order_product(found.index, found.indices, 1, error)) != NULL;
    automorphisms_free(&found);
    return ok;
}
