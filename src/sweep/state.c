#include "sweep/store.h"
#include <string.h>

bool sweep_state(const char *path, const char *key, char **state, size_t *size, Error *error) {
    Store *store = store_open_to_read(path, error);
    if (!store) return false;
    sqlite3_stmt *query = query_new(store, error,
                                    "SELECT content FROM checkpoint JOIN cell ON cell.id = cell"
                                    " WHERE key = ?1",
                                    "t", key);
    bool row = false, ok = query && query_row(store, query, &row, error);
    if (ok && !row) ok = error_set(error, "%s: no state is kept of run %s", path, key);
    if (ok) {
        *size = (size_t)sqlite3_column_bytes(query, 0);
        *state = memory_try(*size, 1, "state of a run", error);
        ok = *state != NULL;
        if (ok && *size) memcpy(*state, sqlite3_column_blob(query, 0), *size);
    }
    sqlite3_finalize(query);
    store_close(store);
    return ok;
}
