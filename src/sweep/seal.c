#include "sweep/seal.h"
#include <stdio.h>
#include <string.h>

// ---- a run ----

static void add_bytes(Text *bytes, const void *data, size_t size) {
    text_add_bytes(bytes, (const char *)&size, sizeof size);
    text_add_bytes(bytes, data, size);
}

// NULL adds nothing: the columns that another task brings do not change the seals that are there.
static void add_column(Text *bytes, sqlite3_stmt *row, int column) {
    const char *name = sqlite3_column_name(row, column);
    int type = sqlite3_column_type(row, column);
    int64_t whole = sqlite3_column_int64(row, column);
    double real = sqlite3_column_double(row, column);
    if (type == SQLITE_NULL) return;
    text_add_bytes(bytes, name, strlen(name) + 1);
    text_add_bytes(bytes, (const char *)&type, sizeof type);
    if (type == SQLITE_INTEGER) {
        text_add_bytes(bytes, (const char *)&whole, sizeof whole);
    } else if (type == SQLITE_FLOAT) {
        text_add_bytes(bytes, (const char *)&real, sizeof real);
    } else {
        const void *data = sqlite3_column_blob(row, column); // the bytes of a text, too
        add_bytes(bytes, data ? data : "", (size_t)sqlite3_column_bytes(row, column));
    }
}

// Who runs a cell, and until when, is of no lasting interest.
static bool is_sealed(sqlite3_stmt *row, int column) {
    const char *name = sqlite3_column_name(row, column);
    return strcmp(name, "owner") != 0 && strcmp(name, "lease") != 0;
}

static bool hash_rows(Store *store, StoreQuery which, int64_t id, Hash *hash, Error *error) {
    static const char *const sql[] = {
        [QUERY_CELL] = "SELECT * FROM cell WHERE id = ?",
        [QUERY_SETTINGS] = "SELECT name, value FROM setting WHERE cell = ? ORDER BY name",
        [QUERY_RECORDS] = "SELECT * FROM record WHERE cell = ? ORDER BY epoch",
    };
    bool row = true;
    sqlite3_stmt *query = query_again(store, which, sql[which], id, error);
    bool ok = query != NULL;
    while (ok && (ok = query_row(store, query, &row, error)) && row) {
        text_cut(&store->bytes, 0);
        for (int c = 0; c < sqlite3_column_count(query); c++) {
            if (is_sealed(query, c)) add_column(&store->bytes, query, c);
        }
        hash_bytes(hash, store->bytes.data ? store->bytes.data : "", store->bytes.length);
    }
    sqlite3_reset(query);
    hash_bytes(hash, &which, sizeof which); // where one table ends and the next begins
    return ok;
}

static bool seal_of_run(Store *store, int64_t id, char seal[33], Error *error) {
    Hash hash = {0};
    bool ok = hash_rows(store, QUERY_CELL, id, &hash, error) &&
              hash_rows(store, QUERY_SETTINGS, id, &hash, error) &&
              hash_rows(store, QUERY_RECORDS, id, &hash, error);
    hash_print(&hash, seal);
    return ok;
}

bool seal_check_run(Store *store, int64_t id, bool *whole, Error *error) {
    char seal[33];
    bool row = false;
    *whole = true;
    if (store->version < 2) return true;
    if (!seal_of_run(store, id, seal, error)) return false;
    sqlite3_stmt *query =
        query_again(store, QUERY_SEAL, "SELECT run FROM seal WHERE cell = ?", id, error);
    bool ok = query && query_row(store, query, &row, error);
    *whole = ok && row && strcmp(query_text(query, 0), seal) == 0;
    sqlite3_reset(query);
    return ok;
}

bool seal_set_run(Store *store, int64_t id, Error *error) {
    char seal[33];
    return seal_of_run(store, id, seal, error) &&
           query_run(store, error,
                     "INSERT INTO seal (cell, run) VALUES (?1, ?2)"
                     " ON CONFLICT (cell) DO UPDATE SET run = ?2",
                     "it", id, seal);
}

// ---- a checkpoint ----

void seal_of_checkpoint(const char *key, int64_t epoch, const void *content, size_t size,
                        char seal[33]) {
    Hash hash = {0};
    hash_string(&hash, key);
    hash_bytes(&hash, &epoch, sizeof epoch);
    hash_bytes(&hash, size ? content : "", size);
    hash_print(&hash, seal);
}

bool seal_set_checkpoint(Store *store, int64_t id, const char *seal, Error *error) {
    return query_run(store, error, "UPDATE seal SET checkpoint = ? WHERE cell = ?", "ti", seal, id);
}

// ---- which runs there are ----

// "COUNT HASH", whatever the order of the rows; by the table, not by an index that may be damaged.
static bool print_runs(Store *store, char text[64], Error *error) {
    Hash sum = {0};
    size_t count = 0;
    bool row = true;
    sqlite3_stmt *query = query_new(store, error, "SELECT key FROM cell NOT INDEXED", "");
    bool ok = query != NULL;
    for (; ok && (ok = query_row(store, query, &row, error)) && row; count++) {
        Hash own = {0};
        hash_string(&own, query_text(query, 0));
        sum.low += own.low;
        sum.high += own.high;
    }
    sqlite3_finalize(query);
    char digits[33];
    hash_print(&sum, digits);
    snprintf(text, 64, "%zu %s", count, digits);
    return ok;
}

bool seal_check_runs(Store *store, bool *whole, Error *error) {
    char runs[64];
    bool row = false;
    *whole = true;
    if (store->version < 2) return true;
    if (!print_runs(store, runs, error)) return false;
    sqlite3_stmt *query = query_new(store, error, "SELECT value FROM meta WHERE name = 'runs'", "");
    bool ok = query && query_row(store, query, &row, error);
    *whole =
        ok && strcmp(row ? query_text(query, 0) : "0 00000000000000000000000000000000", runs) == 0;
    sqlite3_finalize(query);
    return ok;
}

bool seal_set_runs(Store *store, Error *error) {
    char runs[64];
    return print_runs(store, runs, error) &&
           query_run(store, error, "INSERT OR REPLACE INTO meta VALUES ('runs', ?)", "t", runs);
}

// ---- everything ----

bool seal_all(Store *store, Error *error) {
    bool row = true;
    sqlite3_stmt *query =
        query_new(store, error,
                  "SELECT id, key, epoch, content FROM cell LEFT JOIN checkpoint ON cell = id", "");
    bool ok = query != NULL;
    while (ok && (ok = query_row(store, query, &row, error)) && row) {
        int64_t id = sqlite3_column_int64(query, 0);
        char seal[33];
        bool kept = sqlite3_column_type(query, 3) != SQLITE_NULL;
        if (kept)
            seal_of_checkpoint(query_text(query, 1), sqlite3_column_int64(query, 2),
                               sqlite3_column_blob(query, 3),
                               (size_t)sqlite3_column_bytes(query, 3), seal);
        ok = seal_set_run(store, id, error) &&
             (!kept || seal_set_checkpoint(store, id, seal, error));
    }
    sqlite3_finalize(query);
    return ok && seal_set_runs(store, error);
}
