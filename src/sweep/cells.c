// Which cells the store holds, and how they stand.
#include "sweep/store.h"
#include "sweep/schema.h"
#include "sweep/seal.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const sweep_states[] = {"todo", "running", "done", "diverged", "failed", NULL};

bool sweep_state_of(const char *name, CellState *state) {
    for (int i = 0; sweep_states[i]; i++) {
        *state = (CellState)i;
        if (strcmp(sweep_states[i], name) == 0) return true;
    }
    return false;
}

// ---- looking ----

typedef struct Entry { // a row of `cell`
    char key[33];
    Found found;
} Entry;

typedef struct Index { // by key
    Entry *entry;
    size_t count, capacity;
} Index;

static void free_index(Index *index) {
    for (size_t i = 0; i < index->count; i++) memory_free(index->entry[i].found.standing.reason);
    memory_free(index->entry);
}

static int by_key(const void *a, const void *b) {
    return strcmp(((const Entry *)a)->key, ((const Entry *)b)->key);
}

static bool add_entry(Store *store, sqlite3_stmt *row, Index *index, Error *error) {
    if (!query_types(store, row, "ittrT", error)) return false;
    index->entry = memory_grow(index->entry, index->count, &index->capacity, sizeof *index->entry);
    Entry *entry = &index->entry[index->count++];
    *entry = (Entry){.found.id = sqlite3_column_int64(row, 0)};
    snprintf(entry->key, sizeof entry->key, "%s", query_text(row, 1));
    Standing *standing = &entry->found.standing;
    standing->fraction = sqlite3_column_double(row, 3);
    if (sqlite3_column_type(row, 4) != SQLITE_NULL)
        standing->reason = memory_text(query_text(row, 4));
    entry->found.damaged = !sweep_state_of(query_text(row, 2), &standing->state);
    return true;
}

// By the table, not by an index that may be damaged.
static bool read_index(Store *store, Index *index, Error *error) {
    bool row = true;
    sqlite3_stmt *query = query_new(
        store, error, "SELECT id, key, state, fraction, reason FROM cell NOT INDEXED", "");
    bool ok = query != NULL;
    while (ok && (ok = query_row(store, query, &row, error)) && row) {
        ok = add_entry(store, query, index, error);
    }
    sqlite3_finalize(query);
    if (ok && index->count) qsort(index->entry, index->count, sizeof *index->entry, by_key);
    for (size_t i = 1; ok && i < index->count; i++) {
        if (by_key(&index->entry[i - 1], &index->entry[i]) == 0)
            ok = error_set(error, "%s: the store is damaged: it holds run %s twice", store->path,
                           index->entry[i].key);
    }
    return ok;
}

static bool find_all(Store *store, const SweepGrid *grid, Found *found, Error *error) {
    Index index = {0};
    bool ok = read_index(store, &index, error);
    for (size_t i = 0; ok && i < grid->cells; i++) {
        found[i] = (Found){0};
        Entry wanted, *entry;
        memcpy(wanted.key, grid->cell[i].key, sizeof wanted.key);
        entry =
            index.count ? bsearch(&wanted, index.entry, index.count, sizeof wanted, by_key) : NULL;
        if (!entry) continue;
        found[i] = entry->found;
        entry->found.standing.reason = NULL;
        bool whole;
        ok = seal_check_run(store, found[i].id, &whole, error);
        found[i].damaged |= ok && !whole;
    }
    free_index(&index);
    return ok;
}

bool store_find(Store *store, const SweepGrid *grid, Found *found, Error *error) {
    pthread_mutex_lock(&store->mutex);
    bool ok = query_run(store, error, "BEGIN", "") && find_all(store, grid, found, error);
    query_run(store, NULL, "COMMIT", "");
    pthread_mutex_unlock(&store->mutex);
    return ok;
}

// ---- queueing ----

static bool add_metrics(Store *store, const Task *task, Error *error) {
    for (size_t i = 0; task->metrics[i]; i++) {
        int64_t there;
        REQUIRE(schema_is_name(task->metrics[i], strlen(task->metrics[i])));
        if (!query_int(store, error, &there, 0,
                       "SELECT count(*) FROM pragma_table_info('record') WHERE name = ?", "t",
                       task->metrics[i]))
            return false;
        Text sql = {0};
        text_printf(&sql, "ALTER TABLE record ADD COLUMN \"%s\" REAL", task->metrics[i]);
        bool ok = there || query_run(store, error, sql.data, "");
        text_free(&sql);
        if (!ok) return false;
    }
    return true;
}

// id 0: a new one.
static bool insert_cell(Store *store, const Task *task, const SweepCell *cell, int64_t *id,
                        Error *error) {
    const TaskFacts *facts = &cell->facts;
    char data[33];
    hash_print(&facts->data, data);
    if (!query_run(store, error,
                   "INSERT INTO cell (id, key, stem, task, numerics, network, data_hash, horizon,"
                   " parameters, flops, bytes, examples, classes)"
                   " VALUES (nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   "ittttttirrrii", *id, cell->key, cell->stem, task->name, task->numerics(),
                   facts->model ? facts->model : "", data, facts->horizon, facts->parameters,
                   facts->flops, facts->bytes, facts->examples, facts->classes))
        return false;
    *id = sqlite3_last_insert_rowid(store->db);
    for (size_t i = 0; i < cell->settings.count; i++) {
        const Setting *setting = &cell->settings.item[i];
        if (!query_run(store, error, "INSERT INTO setting VALUES (?, ?, ?)", "itt", *id,
                       setting->name, setting->value))
            return false;
    }
    return seal_set_run(store, *id, error);
}

// Forgets all that is known of a damaged cell.
static bool drop_cell(Store *store, const SweepCell *cell, Found *found, Error *error) {
    static const char *const sql[] = {
        "DELETE FROM setting WHERE cell = ?", "DELETE FROM record WHERE cell = ?",
        "DELETE FROM checkpoint WHERE cell = ?", "DELETE FROM seal WHERE cell = ?",
        "DELETE FROM cell WHERE id = ?"};
    for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
        if (!query_run(store, error, sql[i], "i", found->id)) return false;
    }
    memory_free(found->standing.reason);
    found->standing = (Standing){0};
    store_say(store, cell, "was damaged in the store; it begins anew");
    return true;
}

static bool add_cell(Store *store, const Task *task, const SweepCell *cell, Found *found,
                     bool *added, Error *error) {
    if (found->damaged && !drop_cell(store, cell, found, error)) return false;
    if (found->damaged || !found->id) {
        *added = true;
        return insert_cell(store, task, cell, &found->id, error);
    }
    if (found->standing.state != CELL_FAILED) return true;
    memory_free(found->standing.reason);
    found->standing = (Standing){.fraction = found->standing.fraction};
    return query_run(store, error, "UPDATE cell SET state = 'todo', reason = NULL WHERE id = ?",
                     "i", found->id) &&
           seal_set_run(store, found->id, error);
}

// Runs of other experiments that are gone cannot be brought back here; but that is said.
static bool check_runs(Store *store, bool *broken, Error *error) {
    bool whole;
    if (!seal_check_runs(store, &whole, error)) return false;
    *broken = !whole;
    if (!whole)
        text_printf(&store->words,
                    "%s: the store is damaged: it does not hold the runs that were put into it; "
                    "those of this experiment that are gone are computed anew\n",
                    store->path);
    return true;
}

bool store_add(Store *store, const Task *task, const SweepGrid *grid, Found *found, Error *error) {
    pthread_mutex_lock(&store->mutex);
    bool added, ok = query_begin(store, error); // added: the seal over all runs is to be renewed
    if (ok) {
        ok = check_runs(store, &added, error) && add_metrics(store, task, error) &&
             find_all(store, grid, found, error);
        for (size_t i = 0; ok && i < grid->cells; i++) {
            ok = add_cell(store, task, &grid->cell[i], &found[i], &added, error);
        }
        ok = query_end(store, ok && (!added || seal_set_runs(store, error)), error);
    }
    pthread_mutex_unlock(&store->mutex);
    return ok;
}

// ---- about the whole store ----

bool store_note(Store *store, const char *name, const char *value, Error *error) {
    pthread_mutex_lock(&store->mutex);
    bool ok =
        query_run(store, error, "INSERT OR REPLACE INTO meta VALUES (?, ?)", "tt", name, value);
    pthread_mutex_unlock(&store->mutex);
    return ok;
}

bool store_note_experiment(Store *store, const char *name, const char *description, Error *error) {
    pthread_mutex_lock(&store->mutex);
    bool ok = query_run(store, error, "INSERT OR REPLACE INTO experiment VALUES (?, ?)", "tt", name,
                        description);
    pthread_mutex_unlock(&store->mutex);
    return ok;
}

void store_say(Store *store, const SweepCell *cell, const char *what) {
    bool named = *cell->name;
    text_printf(&store->words, "%s: run %s%s%s%s %s\n", store->path, cell->name,
                named ? " (cell " : "", cell->key, named ? ")" : "", what);
}

void store_words(Store *store, Text *words) {
    pthread_mutex_lock(&store->mutex);
    if (store->words.length) text_add(words, store->words.data);
    text_cut(&store->words, 0);
    pthread_mutex_unlock(&store->mutex);
}

bool store_rate(Store *store, const char *task, double *rate, Error *error) {
    pthread_mutex_lock(&store->mutex);
    bool row = false;
    sqlite3_stmt *query = query_new(store, error,
                                    "SELECT sum(worked) / sum(seconds) FROM cell"
                                    " WHERE task = ? AND worked > 0",
                                    "t", task);
    bool ok = query && query_row(store, query, &row, error);
    *rate = NAN;
    if (ok && row && sqlite3_column_type(query, 0) == SQLITE_FLOAT)
        *rate = sqlite3_column_double(query, 0);
    sqlite3_finalize(query);
    pthread_mutex_unlock(&store->mutex);
    return ok;
}
