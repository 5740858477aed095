// A cell under way: claimed, saved, given back.
#include "sweep/owner.h"
#include "sweep/seal.h"
#include <math.h>
#include <string.h>
#include <time.h>

double store_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// ---- claiming ----

static bool read_standing(Store *store, int64_t id, double stale, Claim *claim, Error *error) {
    bool row = false;
    sqlite3_stmt *query = query_new(store, error,
                                    "SELECT state, fraction, reason, owner, lease FROM cell"
                                    " WHERE id = ?",
                                    "i", id);
    bool ok = query && query_row(store, query, &row, error);
    if (ok && !row) ok = error_set(error, "%s: a cell has gone from the store", store->path);
    if (ok && (ok = query_types(store, query, "trT--", error))) {
        Standing *standing = &claim->standing;
        sweep_state_of(query_text(query, 0), &standing->state);
        standing->fraction = sqlite3_column_double(query, 1);
        if (sqlite3_column_type(query, 2) != SQLITE_NULL)
            standing->reason = memory_text(query_text(query, 2));
        const char *owner = query_text(query, 3);
        claim->lease = sqlite3_column_double(query, 4);
        bool held = claim->lease > store_now() && claim->lease != stale && !owner_is_dead(owner);
        claim->result = standing->state > CELL_RUNNING            ? CLAIM_SETTLED
                        : standing->state == CELL_RUNNING && held ? CLAIM_BUSY
                                                                  : CLAIM_MINE;
        if (claim->result == CLAIM_BUSY) claim->owner = memory_text(owner);
    }
    sqlite3_finalize(query);
    return ok;
}

// The state of a run. *epoch: -1 where none is kept; *whole: it is what was written.
static bool read_checkpoint(Store *store, int64_t id, Claim *claim, int64_t *epoch, bool *whole,
                            Error *error) {
    bool row = false;
    *epoch = -1;
    *whole = true;
    sqlite3_stmt *query = query_new(store, error,
                                    "SELECT epoch, content, key, checkpoint FROM checkpoint AS c"
                                    " JOIN cell ON cell.id = c.cell"
                                    " LEFT JOIN seal ON seal.cell = c.cell WHERE c.cell = ?",
                                    "i", id);
    bool ok = query && query_row(store, query, &row, error);
    if (ok && row && (ok = query_types(store, query, "ibtT", error))) {
        char seal[33];
        *epoch = sqlite3_column_int64(query, 0);
        claim->size = (size_t)sqlite3_column_bytes(query, 1);
        claim->state = memory_try(claim->size, 1, "a checkpoint", error);
        ok = claim->state != NULL;
        if (ok && claim->size) memcpy(claim->state, sqlite3_column_blob(query, 1), claim->size);
        if (ok) seal_of_checkpoint(query_text(query, 2), *epoch, claim->state, claim->size, seal);
        *whole = ok && strcmp(query_text(query, 3), seal) == 0;
    }
    sqlite3_finalize(query);
    if (ok && *whole) return true;
    memory_free(claim->state);
    claim->state = NULL;
    claim->size = 0;
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

static bool keep_checkpoint(Store *store, int64_t id, const char *key, int64_t epoch,
                            const void *content, size_t size, Error *error) {
    char seal[33];
    seal_of_checkpoint(key, epoch, content, size, seal);
    return query_run(store, error, "INSERT OR REPLACE INTO checkpoint VALUES (?, ?, ?)", "iib", id,
                     epoch, content, size) &&
           seal_set_checkpoint(store, id, seal, error);
}

static bool drop_checkpoint(Store *store, int64_t id, Error *error) {
    return query_run(store, error, "DELETE FROM checkpoint WHERE cell = ?", "i", id) &&
           seal_set_checkpoint(store, id, NULL, error);
}

// The records of the donor up to an epoch, those on the common grid.
static bool copy_records(Store *store, int64_t id, int64_t donor, int64_t epoch, Error *error) {
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
    ok = ok && query_run(store, error, sql.data, "iii", id, donor, epoch);
    text_free(&columns);
    text_free(&sql);
    return ok;
}

// The donor's records and its state become the beginning of this cell.
static bool start_from_stem(Store *store, int64_t id, const SweepCell *cell, Claim *claim,
                            Error *error) {
    int64_t donor, epoch;
    bool run = false, state = false;
    if (!find_donor(store, id, cell, &donor, &epoch, error)) return false;
    if (!donor) return true;
    if (!seal_check_run(store, donor, &run, error) ||
        !read_checkpoint(store, donor, claim, &epoch, &state, error))
        return false;
    if (!run || !state) {
        store_say(store, cell,
                  "cannot go on from a shorter run, which is damaged; it begins at the beginning");
        memory_free(claim->state);
        claim->state = NULL;
        claim->size = 0;
        return true;
    }
    claim->standing.fraction = (double)epoch / (double)cell->facts.horizon;
    return copy_records(store, id, donor, epoch, error) &&
           keep_checkpoint(store, id, cell->key, epoch, claim->state, claim->size, error) &&
           query_run(store, error, "UPDATE cell SET fraction = ? WHERE id = ?", "ri",
                     claim->standing.fraction, id);
}

// A state that is not what was written is dropped, with all that led to it.
static bool begin_anew(Store *store, int64_t id, const SweepCell *cell, Claim *claim,
                       Error *error) {
    claim->standing.fraction = 0;
    store_say(store, cell, "has a damaged checkpoint, which is set aside; it begins anew");
    return drop_checkpoint(store, id, error) &&
           query_run(store, error, "UPDATE cell SET fraction = 0 WHERE id = ?", "i", id);
}

// Every change is sealed: what is not as it was left has been damaged since.
static bool check_untouched(Store *store, int64_t id, const char *key, Error *error) {
    bool whole;
    if (!seal_check_run(store, id, &whole, error)) return false;
    return whole || error_set(error,
                              "%s: cell %s has been damaged in the store since the sweep "
                              "began; the same command computes it anew",
                              store->path, key);
}

static bool take(Store *store, int64_t id, const SweepCell *cell, Claim *claim, Error *error) {
    int64_t epoch;
    bool state;
    if (!check_untouched(store, id, cell->key, error) ||
        !read_checkpoint(store, id, claim, &epoch, &state, error) ||
        !query_run(store, error,
                   "UPDATE cell SET state = 'running', owner = ?, lease = ? WHERE id = ?", "tri",
                   store->owner, store_now() + LEASE_SECONDS, id))
        return false;
    if (!state) {
        epoch = -1;
        if (!begin_anew(store, id, cell, claim, error)) return false;
    }
    return query_run(store, error, "DELETE FROM record WHERE cell = ? AND epoch > ?", "ii", id,
                     epoch) &&
           (claim->state || start_from_stem(store, id, cell, claim, error)) &&
           seal_set_run(store, id, error);
}

bool store_claim(Store *store, int64_t id, const SweepCell *cell, double stale, Claim *claim,
                 Error *error) {
    *claim = (Claim){0};
    pthread_mutex_lock(&store->mutex);
    bool ok = query_begin(store, error);
    if (ok) {
        ok = read_standing(store, id, stale, claim, error);
        if (ok && claim->result == CLAIM_MINE) ok = take(store, id, cell, claim, error);
        ok = query_end(store, ok, error);
    }
    pthread_mutex_unlock(&store->mutex);
    return ok;
}

void claim_free(Claim *claim) {
    memory_free(claim->standing.reason);
    memory_free(claim->owner);
    memory_free(claim->state);
    *claim = (Claim){0};
}

// ---- saving ----

static bool is_ours(Store *store, int64_t id, bool *ours, Error *error) {
    int64_t found;
    bool ok = query_int(store, error, &found, 0,
                        "SELECT id FROM cell WHERE id = ? AND state = 'running' AND owner = ?",
                        "it", id, store->owner);
    *ours = ok && found;
    return ok;
}

static bool save_cell(Store *store, const Save *save, Error *error) {
    bool running = save->state == CELL_RUNNING;
    return query_run(store, error,
                     "UPDATE cell SET state = ?, reason = ?, fraction = ?,"
                     " seconds = seconds + ?, worked = worked + ?, lease = ?, owner = ?"
                     " WHERE id = ?",
                     "ttrrrrti", sweep_states[save->state], save->reason, save->fraction,
                     save->seconds, save->worked, running ? store_now() + LEASE_SECONDS : 0.0,
                     running ? store->owner : NULL, save->id);
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
    if (save->checkpoint && !keep_checkpoint(store, save->id, save->key, save->epoch,
                                             save->checkpoint, save->size, error))
        return false;
    return !save->drop_checkpoint || drop_checkpoint(store, save->id, error);
}

bool store_save(Store *store, const Save *save, bool *lost, Error *error) {
    *lost = false;
    pthread_mutex_lock(&store->mutex);
    bool ok = query_begin(store, error);
    if (ok) {
        bool ours;
        ok = is_ours(store, save->id, &ours, error);
        *lost = ok && !ours;
        ok = ok &&
             (*lost || (check_untouched(store, save->id, save->key, error) &&
                        save_cell(store, save, error) && save_records(store, save, error) &&
                        save_state(store, save, error) && seal_set_run(store, save->id, error)));
        ok = query_end(store, ok, error);
    }
    pthread_mutex_unlock(&store->mutex);
    return ok;
}

bool store_renew(Store *store, Error *error) {
    pthread_mutex_lock(&store->mutex);
    bool ok =
        query_run(store, error, "UPDATE cell SET lease = ? WHERE state = 'running' AND owner = ?",
                  "rt", store_now() + LEASE_SECONDS, store->owner);
    pthread_mutex_unlock(&store->mutex);
    return ok;
}

static bool release(Store *store, Error *error) {
    int64_t id = 0;
    for (;;) {
        if (!query_int(store, error, &id, 0,
                       "SELECT id FROM cell WHERE state = 'running' AND owner = ? LIMIT 1", "t",
                       store->owner))
            return false;
        if (id == 0) return true;
        if (!query_run(store, error,
                       "UPDATE cell SET state = 'todo', owner = NULL, lease = 0 WHERE id = ?", "i",
                       id) ||
            !seal_set_run(store, id, error))
            return false;
    }
}

void store_release(Store *store) {
    pthread_mutex_lock(&store->mutex);
    if (query_begin(store, NULL)) query_end(store, release(store, NULL), NULL);
    pthread_mutex_unlock(&store->mutex);
}
