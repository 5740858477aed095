// The grid: cartesian product, keys, order of running.
#include "sweep/sweep.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CELLS = 1000000, LEVELS = 64 };

// ---- keys ----

static int by_name(const void *a, const void *b) {
    return strcmp((*(const Setting *const *)a)->name, (*(const Setting *const *)b)->name);
}

static void hash_settings(Hash *hash, const Settings *settings, const char *without) {
    const Setting **sorted = memory_new(settings->count, sizeof *sorted);
    for (size_t i = 0; i < settings->count; i++) sorted[i] = &settings->item[i];
    qsort(sorted, settings->count, sizeof *sorted, by_name);
    for (size_t i = 0; i < settings->count; i++) {
        if (without && strcmp(sorted[i]->name, without) == 0) continue;
        hash_string(hash, sorted[i]->name);
        hash_string(hash, sorted[i]->value);
    }
    memory_free(sorted);
}

static void hash_cell(const SweepCell *cell, const Task *task, const char *without, char text[33]) {
    Hash hash = {0};
    hash_string(&hash, task->name);
    hash_string(&hash, task->numerics());
    hash_string(&hash, cell->facts.model ? cell->facts.model : "");
    hash_bytes(&hash, &cell->facts.data, sizeof cell->facts.data);
    hash_settings(&hash, &cell->settings, without);
    hash_print(&hash, text);
}

// ---- coarse to fine ----

// 0 for the ends and the middle of 0 .. count-1, 1 for the middles of the halves, and so on.
static size_t fineness(size_t i, size_t count) {
    size_t low = 0, high = count - 1;
    if (i == low || i == high) return 0;
    for (size_t level = 0;; level++) {
        size_t middle = (low + high) / 2;
        if (i == middle) return level;
        if (i < middle)
            high = middle;
        else
            low = middle;
    }
}

static bool is_seed(const char *name) {
    size_t length = strlen(name);
    return strcmp(name, "seed") == 0 || (length > 5 && strcmp(name + length - 5, "_seed") == 0);
}

static bool is_numeric(const SweepAxis *axis) {
    double number;
    for (size_t i = 0; i < axis->count; i++) {
        if (!text_to_real(axis->value[i].text, &number)) return false;
    }
    return true;
}

static size_t round_of(const Sweep *sweep, const size_t *at) {
    size_t seed = 0, level = 0;
    for (size_t a = 0; a < sweep->axes; a++) {
        const SweepAxis *axis = &sweep->axis[a];
        if (is_seed(axis->name)) {
            seed += at[a];
        } else if (is_numeric(axis)) {
            size_t own = fineness(at[a], axis->count);
            level = own > level ? own : level;
        }
    }
    return seed * LEVELS + level;
}

typedef struct Turn {
    size_t round, index;
    double flops;
} Turn;

static int by_turn(const void *a, const void *b) {
    const Turn *x = a, *y = b;
    if (x->round != y->round) return x->round < y->round ? -1 : 1;
    if (x->flops != y->flops) return x->flops > y->flops ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static bool set_order(SweepGrid *grid, Error *error) {
    Turn *turn = memory_try(grid->cells, sizeof *turn, "the order of a grid", error);
    grid->order = memory_try(grid->cells, sizeof *grid->order, "the order of a grid", error);
    bool ok = turn && grid->order;
    for (size_t i = 0; ok && i < grid->cells; i++) {
        turn[i] = (Turn){grid->cell[i].round, i, grid->cell[i].facts.flops};
    }
    if (ok) qsort(turn, grid->cells, sizeof *turn, by_turn);
    for (size_t i = 0; ok && i < grid->cells; i++) grid->order[i] = turn[i].index;
    memory_free(turn);
    return ok;
}

// ---- merging equal cells ----

static void free_cell(SweepCell *cell) {
    settings_free(&cell->settings);
    memory_free(cell->name);
    memory_free(cell->facts.model);
    memory_free(cell->facts.note);
}

typedef struct Named {
    const char *key;
    size_t index;
} Named;

static int by_key(const void *a, const void *b) {
    const Named *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

// Of equal cells the first stays, in the earliest of their rounds.
static bool merge_equal(SweepGrid *grid, Error *error) {
    Named *named = memory_try(grid->cells, sizeof *named, "the cells of a grid", error);
    if (!named) return false;
    for (size_t i = 0; i < grid->cells; i++) named[i] = (Named){grid->cell[i].key, i};
    qsort(named, grid->cells, sizeof *named, by_key);
    size_t first = 0;
    for (size_t i = 1; i < grid->cells; i++) {
        SweepCell *kept = &grid->cell[named[first].index], *cell = &grid->cell[named[i].index];
        if (strcmp(kept->key, cell->key) != 0) {
            first = i;
            continue;
        }
        if (cell->round < kept->round) kept->round = cell->round;
        free_cell(cell);
        *cell = (SweepCell){0};
    }
    memory_free(named);
    size_t used = 0;
    for (size_t i = 0; i < grid->cells; i++) {
        if (*grid->cell[i].key) grid->cell[used++] = grid->cell[i];
    }
    grid->cells = used;
    return true;
}

// ---- the product ----

// An error "file:LINE:COLUMN: message" of a task gains the line and a caret.
static void show_line(const Sweep *sweep, Error *error) {
    size_t path = strlen(sweep->path), line = 0, column = 0;
    int used = 0;
    if (strncmp(error->text, sweep->path, path) != 0 || strchr(error->text, '\n')) return;
    if (sscanf(error->text + path, ":%zu:%zu: %n", &line, &column, &used) != 2 || !used) return;
    size_t offset = 0;
    for (; offset < sweep->length && line > 1; offset++) line -= sweep->source[offset] == '\n';
    while (offset < sweep->length && column > 1) {
        offset++;
        if (((unsigned char)sweep->source[offset] & 0xC0) != 0x80) column--;
    }
    char *message = memory_text(error->text + path + used);
    error_at(error, sweep->path, sweep->source, sweep->length, offset, 1, "%s", message);
    memory_free(message);
}

const Task *sweep_task(const Sweep *sweep, const Task *const *tasks, Error *error) {
    Text names = {0};
    Error own = {0};
    for (size_t i = 0; tasks[i]; i++) {
        if (strcmp(tasks[i]->name, sweep->task.text) == 0) {
            text_free(&names);
            return tasks[i];
        }
        text_printf(&names, "%s%s", i ? ", " : "", tasks[i]->name);
    }
    error_set(&own, "%s: unknown task \"%s\"; there are: %s", sweep->task.place, sweep->task.text,
              names.data ? names.data : "none");
    text_free(&names);
    show_line(sweep, &own);
    error_set(error, "%s", own.text);
    return NULL;
}

// "width=2 seed=0"
static char *name_of(const Sweep *sweep, const size_t *at) {
    Text text = {0};
    for (size_t a = 0; a < sweep->axes; a++) {
        const SweepAxis *axis = &sweep->axis[a];
        text_printf(&text, "%s%s=%s", a ? " " : "", axis->name, axis->value[at[a]].text);
    }
    return text.data ? text.data : memory_text("");
}

static bool resolve_cell(const Sweep *sweep, const Task *task, const size_t *at, SweepCell *cell,
                         Error *error) {
    Error own = {0};
    Settings given = {0};
    settings_copy(&given, &sweep->fixed);
    for (size_t a = 0; a < sweep->axes; a++) {
        const SweepValue *value = &sweep->axis[a].value[at[a]];
        settings_set(&given, sweep->axis[a].name, value->text, value->place);
    }
    bool ok = task->resolve(&given, &cell->settings, &cell->facts, &own);
    settings_free(&given);
    if (!ok) {
        show_line(sweep, &own);
        return error_kind(error, own.kind, "%s", own.text);
    }
    REQUIRE(task->horizon || !cell->facts.prefix);
    hash_cell(cell, task, NULL, cell->key);
    hash_cell(cell, task, cell->facts.prefix ? task->horizon : NULL, cell->stem);
    cell->round = round_of(sweep, at);
    cell->name = name_of(sweep, at);
    return true;
}

static bool count_combinations(const Sweep *sweep, size_t *count, Error *error) {
    *count = 1;
    for (size_t a = 0; a < sweep->axes; a++) {
        if (__builtin_mul_overflow(*count, sweep->axis[a].count, count) || *count > MOST_CELLS) {
            return error_set(error, "%s: the grid has more than %d cells", sweep->path, MOST_CELLS);
        }
    }
    return true;
}

static bool resolve_all(const Sweep *sweep, const Task *task, SweepGrid *grid, Error *error) {
    size_t *at = memory_new(sweep->axes, sizeof *at);
    bool ok = true;
    for (size_t i = 0; ok && i < grid->combinations; i++) {
        size_t rest = i;
        for (size_t a = sweep->axes; a-- > 0;) {
            at[a] = rest % sweep->axis[a].count;
            rest /= sweep->axis[a].count;
        }
        grid->cells = i + 1; // also of a half-resolved one that is to be freed
        ok = resolve_cell(sweep, task, at, &grid->cell[i], error);
    }
    memory_free(at);
    return ok;
}

bool sweep_grid(const Sweep *sweep, const Task *task, SweepGrid *grid, Error *error) {
    *grid = (SweepGrid){0};
    if (!count_combinations(sweep, &grid->combinations, error)) return false;
    grid->cell = memory_try(grid->combinations, sizeof *grid->cell, "the cells of a grid", error);
    if (grid->cell && resolve_all(sweep, task, grid, error) && merge_equal(grid, error) &&
        set_order(grid, error))
        return true;
    sweep_grid_free(grid);
    return false;
}

void sweep_grid_free(SweepGrid *grid) {
    for (size_t i = 0; i < grid->cells; i++) free_cell(&grid->cell[i]);
    memory_free(grid->cell);
    memory_free(grid->order);
    *grid = (SweepGrid){0};
}
