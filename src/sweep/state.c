#include "sweep/seal.h"
#include <string.h>

bool sweep_state(const char *path, const char *key, char **state, size_t *size, Error *error) {
    Store *store = store_open_to_read(path, error);
    if (!store) return false;
    sqlite3_stmt *query =
        query_new(store, error,
                  store->version < 2 ? "SELECT content, epoch, NULL FROM checkpoint"
                                       " JOIN cell ON cell.id = cell WHERE key = ?1"
                                     : "SELECT content, epoch, seal.checkpoint FROM checkpoint"
                                       " JOIN cell ON cell.id = checkpoint.cell"
                                       " LEFT JOIN seal ON cell.id = seal.cell WHERE key = ?1",
                  "t", key);
    bool row = false, ok = query && query_row(store, query, &row, error);
    if (ok && !row) ok = error_set(error, "%s: no state is kept of run %s", path, key);
    ok = ok && query_types(store, query, "biT", error);
    if (ok) {
        char seal[33];
        *size = (size_t)sqlite3_column_bytes(query, 0);
        seal_of_checkpoint(key, sqlite3_column_int64(query, 1), sqlite3_column_blob(query, 0),
                           *size, seal);
        if (store->version >= 2 && strcmp(query_text(query, 2), seal) != 0)
            ok = error_set(error, "%s: the state of run %s is damaged", path, key);
    }
    if (ok) {
        *state = memory_try(*size, 1, "state of a run", error);
        ok = *state != NULL;
        if (ok && *size) memcpy(*state, sqlite3_column_blob(query, 0), *size);
    }
    sqlite3_finalize(query);
    store_close(store);
    return ok;
}
