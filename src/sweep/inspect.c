// A look at the store itself.
#include "sweep/place.h"
#include "sweep/seal.h"
#include <stdio.h>
#include <string.h>

typedef struct Look {
    Store *store;
    SweepInspection *inspection;
    Error *error;
} Look;

// ---- what there is ----

static const char *keep(const Look *look, const char *text) {
    char *kept = arena_text(&look->inspection->arena, text, strlen(text));
    text_tame(kept, "\n\t");
    return kept;
}

static bool count_states(Look *look) {
    bool row = true;
    sqlite3_stmt *query =
        query_new(look->store, look->error, "SELECT state, count(*) FROM cell GROUP BY state", "");
    bool ok = query != NULL;
    while (ok && (ok = query_row(look->store, query, &row, look->error)) && row) {
        CellState state;
        size_t count = (size_t)sqlite3_column_int64(query, 1);
        look->inspection->runs += count;
        if (sweep_state_of(query_text(query, 0), &state)) look->inspection->state[state] += count;
    }
    sqlite3_finalize(query);
    return ok;
}

static bool read_experiments(Look *look) {
    SweepInspection *inspection = look->inspection;
    bool row = true;
    if (look->store->version < 2) return true;
    sqlite3_stmt *query = query_new(look->store, look->error,
                                    "SELECT name, description FROM experiment ORDER BY name", "");
    bool ok = query != NULL;
    while (ok && (ok = query_row(look->store, query, &row, look->error)) && row) {
        inspection->experiment =
            memory_grow(inspection->experiment, inspection->experiments,
                        &inspection->experiment_capacity, sizeof *inspection->experiment);
        inspection->experiment[inspection->experiments++] =
            (SweepExperiment){keep(look, query_text(query, 0)), keep(look, query_text(query, 1))};
    }
    sqlite3_finalize(query);
    return ok;
}

static bool look_around(Look *look) {
    int64_t bytes;
    if (!count_states(look) || !read_experiments(look) ||
        !query_int(look->store, look->error, &look->inspection->records, 0,
                   "SELECT count(*) FROM record", "") ||
        !query_int(look->store, look->error, &bytes, 0,
                   "SELECT coalesce(sum(length(content)), 0) FROM checkpoint", ""))
        return false;
    look->inspection->checkpoint_bytes = (double)bytes;
    return true;
}

// ---- is it what was written ----

static void add_damage(Look *look, const char *line) {
    SweepInspection *inspection = look->inspection;
    inspection->damage = memory_grow(inspection->damage, inspection->damages,
                                     &inspection->damage_capacity, sizeof *inspection->damage);
    inspection->damage[inspection->damages++] = keep(look, line);
}

// What SQLite cannot read is damage, too, and no reason to look no further.
static void add_error(Look *look, const Error *own) {
    const char *text = own->text, *path = look->store->path;
    if (text_starts(text, path) && text_starts(text + strlen(path), ": ")) text += strlen(path) + 2;
    add_damage(look, text);
}

// "run KEY (width=2 init_seed=0)": by what sets it apart, as far as that can be read.
static void name_run(Look *look, int64_t id, const char *key, Text *name) {
    bool row = true, any = false;
    sqlite3_stmt *query =
        query_new(look->store, NULL,
                  "SELECT name, value FROM setting WHERE cell = ? AND name IN"
                  " (SELECT name FROM setting GROUP BY name HAVING count(DISTINCT value) > 1)",
                  "i", id);
    text_printf(name, "run %s", key);
    while (query && query_row(look->store, query, &row, NULL) && row) {
        text_printf(name, "%s%s=%s", any ? " " : " (", query_text(query, 0), query_text(query, 1));
        any = true;
    }
    if (any) text_add(name, ")");
    sqlite3_finalize(query);
}

static void tell_run(Look *look, int64_t id, const char *key, const char *what) {
    Text line = {0};
    name_run(look, id, key, &line);
    text_add(&line, what);
    add_damage(look, line.data);
    text_free(&line);
}

static bool is_whole(Look *look, sqlite3_stmt *run) {
    bool whole = false;
    Error own = {0};
    if (seal_check_run(look->store, sqlite3_column_int64(run, 0), &whole, &own)) return whole;
    add_error(look, &own);
    return true; // told
}

static bool has_whole_checkpoint(sqlite3_stmt *run) {
    char seal[33];
    if (sqlite3_column_type(run, 2) == SQLITE_NULL) return true;
    seal_of_checkpoint(query_text(run, 1), sqlite3_column_int64(run, 2),
                       sqlite3_column_blob(run, 3), (size_t)sqlite3_column_bytes(run, 3), seal);
    return strcmp(seal, query_text(run, 4)) == 0;
}

static void verify_runs(Look *look) {
    bool row = true, ok;
    Error own = {0};
    sqlite3_stmt *run =
        query_new(look->store, &own,
                  "SELECT id, key, epoch, content, seal.checkpoint FROM cell"
                  " LEFT JOIN checkpoint ON checkpoint.cell = id LEFT JOIN seal ON seal.cell = id",
                  "");
    for (ok = run != NULL; ok && (ok = query_row(look->store, run, &row, &own)) && row;) {
        int64_t id = sqlite3_column_int64(run, 0);
        if (!is_whole(look, run))
            tell_run(look, id, query_text(run, 1), ": its settings or records are damaged");
        if (!has_whole_checkpoint(run))
            tell_run(look, id, query_text(run, 1), ": its state (checkpoint) is damaged");
    }
    if (!ok) add_error(look, &own);
    sqlite3_finalize(run);
}

static void verify_store(Look *look) {
    bool whole = true, row = true, ok;
    Error own = {0};
    if (!seal_check_runs(look->store, &whole, &own)) add_error(look, &own);
    if (!whole) add_damage(look, "it does not hold the runs that were put into it");
    sqlite3_stmt *check =
        query_new(look->store, &own, "SELECT * FROM pragma_integrity_check(20)", "");
    for (ok = check != NULL; ok && (ok = query_row(look->store, check, &row, &own)) && row;) {
        if (strcmp(query_text(check, 0), "ok") == 0) continue;
        Text line = {0};
        text_printf(&line, "SQLite: %s", query_text(check, 0));
        add_damage(look, line.data);
        text_free(&line);
    }
    if (!ok) add_error(look, &own);
    sqlite3_finalize(check);
}

bool sweep_inspect(const char *path, bool verify, SweepInspection *inspection, Error *error) {
    *inspection = (SweepInspection){0};
    Look look = {store_open_to_read(path, error), inspection, error};
    if (!look.store) return false;
    inspection->version = look.store->version;
    Error own = {0};
    bool ok = query_run(look.store, &own, "BEGIN", "");
    look.error = &own;
    ok = ok && look_around(&look);
    if (!ok && verify) add_error(&look, &own);
    if (!ok && !verify) error_set(error, "%s", own.text);
    if (verify && inspection->version >= 2) verify_runs(&look);
    if (verify) verify_store(&look);
    query_run(look.store, NULL, "COMMIT", "");
    store_close(look.store);
    inspection->partial = inspection->version >= 2 && place_lacks_log(path);
    if (ok || verify) return true;
    sweep_inspection_free(inspection);
    return false;
}

void sweep_inspection_free(SweepInspection *inspection) {
    memory_free(inspection->experiment);
    memory_free(inspection->damage);
    arena_free(&inspection->arena);
    *inspection = (SweepInspection){0};
}
