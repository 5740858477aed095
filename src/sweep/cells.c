// Cells in the store: queued, claimed, saved.
#include "sweep/store.h"
#include "sweep/owner.h"
#include <ctype.h>
#include <math.h>
#include <string.h>
#include <time.h>

const char *const sweep_states[] = {"todo", "running", "done", "diverged", "failed", NULL};

static CellState state_of(const char *name) {
    for (int i = 0; sweep_states[i]; i++) {
        if (strcmp(sweep_states[i], name) == 0) return (CellState)i;
    }
    return CELL_TODO;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// ---- queueing ----

static bool is_identifier(const char *name) {
    for (const char *c = name; *c; c++) {
        if (!isalnum((unsigned char)*c) && *c != '_') return false;
    }
    return *name != 0;
}

static bool add_metrics(Store *store, const Task *task, Error *error) {
    for (size_t i = 0; task->metrics[i]; i++) {
        int64_t there;
        REQUIRE(is_identifier(task->metrics[i]));
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

static bool insert_cell(Store *store, const Task *task, const SweepCell *cell, Error *error) {
    const TaskFacts *facts = &cell->facts;
    char data[33];
    hash_print(&facts->data, data);
    return query_run(store, error,
                     "INSERT INTO cell (key, stem, task, numerics, network, data_hash, horizon,"
                     " parameters, flops, bytes, examples, classes)"
                     " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                     "ttttttirrrii", cell->key, cell->stem, task->name, task->numerics(),
                     facts->model ? facts->model : "", data, facts->horizon, facts->parameters,
                     facts->flops, facts->bytes, facts->examples, facts->classes);
}

static bool add_cell(Store *store, const Task *task, const SweepCell *cell, int64_t *id,
                     Error *error) {
    if (!query_int(store, error, id, 0, "SELECT id FROM cell WHERE key = ?", "t", cell->key))
        return false;
    if (*id) {
        return query_run(store, error,
                         "UPDATE cell SET state = 'todo', reason = NULL"
                         " WHERE id = ? AND state = 'failed'",
                         "i", *id);
    }
    if (!insert_cell(store, task, cell, error)) return false;
    *id = sqlite3_last_insert_rowid(store->db);
    for (size_t i = 0; i < cell->settings.count; i++) {
        const Setting *setting = &cell->settings.item[i];
        if (!query_run(store, error, "INSERT INTO setting VALUES (?, ?, ?)", "itt", *id,
                       setting->name, setting->value))
            return false;
    }
    return true;
}

bool store_add(Store *store, const Task *task, const SweepGrid *grid, int64_t *id, Error *error) {
    pthread_mutex_lock(&store->mutex);
    bool ok = query_begin(store, error);
    if (ok) {
        ok = add_metrics(store, task, error);
        for (size_t i = 0; ok && i < grid->cells; i++) {
            ok = add_cell(store, task, &grid->cell[i], &id[i], error);
        }
        ok = query_end(store, ok, error);
    }
    pthread_mutex_unlock(&store->mutex);
    return ok;
}

bool store_note(Store *store, const char *name, const char *value, Error *error) {
    pthread_mutex_lock(&store->mutex);
    bool ok =
        query_run(store, error, "INSERT OR REPLACE INTO meta VALUES (?, ?)", "tt", name, value);
    pthread_mutex_unlock(&store->mutex);
    return ok;
}

// ---- looking ----

bool store_look(Store *store, const char *key, Standing *standing, Error *error) {
    *standing = (Standing){0};
    pthread_mutex_lock(&store->mutex);
    bool row = false;
    sqlite3_stmt *query =
        query_new(store, error, "SELECT state, fraction, reason FROM cell WHERE key = ?", "t", key);
    bool ok = query && query_row(store, query, &row, error);
    if (ok && row) {
        standing->state = state_of(query_text(query, 0));
        standing->fraction = sqlite3_column_double(query, 1);
        if (sqlite3_column_type(query, 2) != SQLITE_NULL)
            standing->reason = memory_text(query_text(query, 2));
    }
    sqlite3_finalize(query);
    pthread_mutex_unlock(&store->mutex);
    return ok;
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

// ---- claiming ----

static bool read_standing(Store *store, int64_t id, Claim *claim, Error *error) {
    bool row = false;
    sqlite3_stmt *query = query_new(store, error,
                                    "SELECT state, fraction, reason, owner, lease FROM cell"
                                    " WHERE id = ?",
                                    "i", id);
    bool ok = query && query_row(store, query, &row, error);
    if (ok && !row) ok = error_set(error, "%s: a cell has gone from the store", store->path);
    if (ok) {
        claim->standing.state = state_of(query_text(query, 0));
        claim->standing.fraction = sqlite3_column_double(query, 1);
        if (sqlite3_column_type(query, 2) != SQLITE_NULL)
            claim->standing.reason = memory_text(query_text(query, 2));
        const char *owner = query_text(query, 3);
        bool held = sqlite3_column_double(query, 4) > now() && !owner_is_dead(owner);
        claim->result = claim->standing.state > CELL_RUNNING            ? CLAIM_SETTLED
                        : claim->standing.state == CELL_RUNNING && held ? CLAIM_BUSY
                                                                        : CLAIM_MINE;
    }
    sqlite3_finalize(query);
    return ok;
}

// The furthest run of the stem, not beyond this horizon, that a cell may begin with: *donor is 0
// when there is none. A diverged run is none: this one would diverge at the same place, but from an
// earlier state.
static bool find_donor(Store *store, int64_t id, const SweepCell *cell, int64_t *donor,
                       int64_t *epoch, Error *error) {
    *epoch = 0;
    return query_int(store, error, donor, 0,
                     "SELECT id FROM cell JOIN checkpoint ON cell = id"
                     " WHERE stem = ? AND id != ? AND cell.state IN ('done', 'todo', 'running')"
                     " AND epoch < ? ORDER BY epoch DESC, id LIMIT 1",
                     "tii", cell->stem, id, cell->facts.horizon) &&
           query_int(store, error, epoch, 0, "SELECT epoch FROM checkpoint WHERE cell = ?", "i",
                     *donor);
}

bool store_head_start(Store *store, const SweepCell *cell, double *fraction, Error *error) {
    int64_t donor, epoch;
    pthread_mutex_lock(&store->mutex);
    bool ok = find_donor(store, 0, cell, &donor, &epoch, error);
    pthread_mutex_unlock(&store->mutex);
    *fraction = cell->facts.horizon ? (double)epoch / (double)cell->facts.horizon : 0;
    return ok;
}

// The donor's records on the common grid and its state become the beginning of this cell.
static bool start_from_stem(Store *store, int64_t id, const SweepCell *cell, double *fraction,
                            Error *error) {
    int64_t donor, epoch;
    if (!find_donor(store, id, cell, &donor, &epoch, error)) return false;
    if (!donor) return true;
    Text columns = {0}, sql = {0};
    bool row, ok;
    sqlite3_stmt *query = query_new(
        store, error, "SELECT name FROM pragma_table_info('record') WHERE name != 'cell'", "");
    for (ok = query != NULL; ok && (ok = query_row(store, query, &row, error)) && row;) {
        text_printf(&columns, ", \"%s\"", query_text(query, 0));
    }
    sqlite3_finalize(query);
    text_printf(&sql,
                "INSERT INTO record (cell%s) SELECT ?%s FROM record"
                " WHERE cell = ? AND on_grid AND epoch <= ?",
                columns.data, columns.data);
    *fraction = (double)epoch / (double)cell->facts.horizon;
    ok = ok && query_run(store, error, sql.data, "iii", id, donor, epoch) &&
         query_run(store, error,
                   "INSERT INTO checkpoint SELECT ?, epoch, content FROM checkpoint WHERE cell = ?",
                   "ii", id, donor) &&
         query_run(store, error, "UPDATE cell SET fraction = ? WHERE id = ?", "ri", *fraction, id);
    text_free(&columns);
    text_free(&sql);
    return ok;
}

static bool read_checkpoint(Store *store, int64_t id, Claim *claim, Error *error) {
    bool row = false;
    sqlite3_stmt *query =
        query_new(store, error, "SELECT content FROM checkpoint WHERE cell = ?", "i", id);
    bool ok = query && query_row(store, query, &row, error);
    if (ok && row) {
        claim->size = (size_t)sqlite3_column_bytes(query, 0);
        claim->state = memory_try(claim->size, 1, "a checkpoint", error);
        ok = claim->state != NULL;
        if (ok && claim->size) memcpy(claim->state, sqlite3_column_blob(query, 0), claim->size);
    }
    sqlite3_finalize(query);
    return ok;
}

static bool take(Store *store, int64_t id, const SweepCell *cell, Claim *claim, Error *error) {
    int64_t checkpoints;
    return query_run(store, error,
                     "UPDATE cell SET state = 'running', owner = ?, lease = ? WHERE id = ?", "tri",
                     store->owner, now() + LEASE_SECONDS, id) &&
           query_run(store, error,
                     "DELETE FROM record WHERE cell = ?1 AND epoch >"
                     " coalesce((SELECT epoch FROM checkpoint WHERE cell = ?1), -1)",
                     "i", id) &&
           query_int(store, error, &checkpoints, 0,
                     "SELECT count(*) FROM checkpoint WHERE cell = ?", "i", id) &&
           (checkpoints || start_from_stem(store, id, cell, &claim->standing.fraction, error)) &&
           read_checkpoint(store, id, claim, error);
}

bool store_claim(Store *store, int64_t id, const SweepCell *cell, Claim *claim, Error *error) {
    *claim = (Claim){0};
    pthread_mutex_lock(&store->mutex);
    bool ok = query_begin(store, error);
    if (ok) {
        ok = read_standing(store, id, claim, error);
        if (ok && claim->result == CLAIM_MINE) ok = take(store, id, cell, claim, error);
        ok = query_end(store, ok, error);
    }
    pthread_mutex_unlock(&store->mutex);
    return ok;
}

void claim_free(Claim *claim) {
    memory_free(claim->standing.reason);
    memory_free(claim->state);
    *claim = (Claim){0};
}

// ---- saving ----

static bool save_cell(Store *store, const Save *save, bool *lost, Error *error) {
    bool running = save->state == CELL_RUNNING;
    bool ok = query_run(store, error,
                        "UPDATE cell SET state = ?, reason = ?, fraction = ?,"
                        " seconds = seconds + ?, worked = worked + ?, lease = ?, owner = ?"
                        " WHERE id = ? AND state = 'running' AND owner = ?",
                        "ttrrrrtit", sweep_states[save->state], save->reason, save->fraction,
                        save->seconds, save->worked, running ? now() + LEASE_SECONDS : 0.0,
                        running ? store->owner : NULL, save->id, store->owner);
    *lost = ok && sqlite3_changes(store->db) == 0;
    return ok;
}

static bool save_records(Store *store, const Save *save, Error *error) {
    if (save->records == 0) return true;
    Text names = {0}, marks = {0}, sql = {0};
    int metrics = 0;
    for (; save->metrics[metrics]; metrics++) {
        text_printf(&names, ", \"%s\"", save->metrics[metrics]);
        text_add(&marks, ", ?");
    }
    text_printf(&sql, "INSERT OR REPLACE INTO record (cell, epoch, on_grid%s) VALUES (?, ?, ?%s)",
                names.data ? names.data : "", marks.data ? marks.data : "");
    sqlite3_stmt *query = query_new(store, error, sql.data, "");
    bool row, ok = query != NULL;
    for (size_t i = 0; ok && i < save->records; i++) {
        const Record *record = &save->record[i];
        sqlite3_bind_int64(query, 1, save->id);
        sqlite3_bind_int64(query, 2, record->epoch);
        sqlite3_bind_int(query, 3, record->on_grid);
        for (int m = 0; m < metrics; m++) sqlite3_bind_double(query, m + 4, record->value[m]);
        ok = query_row(store, query, &row, error);
        sqlite3_reset(query);
    }
    sqlite3_finalize(query);
    text_free(&names);
    text_free(&marks);
    text_free(&sql);
    return ok;
}

static bool save_state(Store *store, const Save *save, Error *error) {
    if (save->checkpoint &&
        !query_run(store, error, "INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?)", "iib",
                   save->id, save->epoch, save->checkpoint, save->size))
        return false;
    return !save->drop_checkpoint ||
           query_run(store, error, "DELETE FROM checkpoint WHERE cell = ?", "i", save->id);
}

bool store_save(Store *store, const Save *save, bool *lost, Error *error) {
    *lost = false;
    pthread_mutex_lock(&store->mutex);
    bool ok = query_begin(store, error);
    if (ok) {
        ok = save_cell(store, save, lost, error) &&
             (*lost || (save_records(store, save, error) && save_state(store, save, error)));
        ok = query_end(store, ok, error);
    }
    pthread_mutex_unlock(&store->mutex);
    return ok;
}

bool store_renew(Store *store, Error *error) {
    pthread_mutex_lock(&store->mutex);
    bool ok =
        query_run(store, error, "UPDATE cell SET lease = ? WHERE state = 'running' AND owner = ?",
                  "rt", now() + LEASE_SECONDS, store->owner);
    pthread_mutex_unlock(&store->mutex);
    return ok;
}

void store_release(Store *store) {
    pthread_mutex_lock(&store->mutex);
    query_run(store, NULL,
              "UPDATE cell SET state = 'todo', owner = NULL, lease = 0"
              " WHERE state = 'running' AND owner = ?",
              "t", store->owner);
    pthread_mutex_unlock(&store->mutex);
}
