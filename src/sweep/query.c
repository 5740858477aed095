#include "sweep/query.h"
#include <ctype.h>
#include <errno.h>
#include <string.h>

// The system's reason is not always left to be found.
static const char *explain_system(sqlite3 *db) {
    static const char FULL[] =
        "writing fails: is the disk, or a limit on the size of files, exhausted?";
    int reason = sqlite3_system_errno(db);
    if (reason) return reason == EFBIG ? FULL : strerror(reason);
    switch (sqlite3_extended_errcode(db)) {
    case SQLITE_IOERR_WRITE:
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_TRUNCATE:
    case SQLITE_IOERR_SHMSIZE:
        return FULL;
    default:
        return "cannot open or read the store here";
    }
}

static const char *explain(sqlite3 *db) {
    switch (db ? sqlite3_errcode(db) & 0xFF : SQLITE_NOMEM) {
    case SQLITE_NOMEM:
        return "out of memory";
    case SQLITE_NOTADB:
        return "not a store of runs (no SQLite database)";
    case SQLITE_CORRUPT:
    case SQLITE_CONSTRAINT: // a row that cannot be there, or one that must be and is not
        return "the store is damaged";
    case SQLITE_FULL:
        return "no space is left on the disk";
    case SQLITE_READONLY:
        return sqlite3_extended_errcode(db) == SQLITE_READONLY_DBMOVED
                   ? "is no longer the file that was opened"
                   : "the store cannot be written: it is read-only";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "the store is locked by another program";
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        return explain_system(db);
    default:
        return sqlite3_errmsg(db);
    }
}

bool query_error(const Store *store, Error *error) {
    return error_set(error, "%s: %s", store->path, explain(store->db));
}

static bool bind(sqlite3_stmt *statement, int column, char type, va_list *list) {
    switch (type) {
    case 'i':
        return sqlite3_bind_int64(statement, column, va_arg(*list, int64_t)) == SQLITE_OK;
    case 'r':
        return sqlite3_bind_double(statement, column, va_arg(*list, double)) == SQLITE_OK;
    case 't':
        return sqlite3_bind_text(statement, column, va_arg(*list, const char *), -1,
                                 SQLITE_STATIC) == SQLITE_OK;
    default: {
        REQUIRE(type == 'b');
        const void *bytes = va_arg(*list, const void *);
        size_t size = va_arg(*list, size_t);
        return sqlite3_bind_blob64(statement, column, size ? bytes : "", size, SQLITE_STATIC) ==
               SQLITE_OK;
    }
    }
}

static sqlite3_stmt *prepare(Store *store, Error *error, const char *sql, const char *types,
                             va_list *list) {
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK;
    for (int i = 0; ok && types[i]; i++) ok = bind(statement, i + 1, types[i], list);
    if (ok) return statement;
    query_error(store, error);
    sqlite3_finalize(statement);
    return NULL;
}

sqlite3_stmt *query_new(Store *store, Error *error, const char *sql, const char *types, ...) {
    va_list list;
    va_start(list, types);
    sqlite3_stmt *statement = prepare(store, error, sql, types, &list);
    va_end(list);
    return statement;
}

sqlite3_stmt *query_again(Store *store, StoreQuery which, const char *sql, int64_t id,
                          Error *error) {
    sqlite3_stmt **kept = &store->query[which];
    if (!*kept && sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, kept, NULL) !=
                      SQLITE_OK) {
        query_error(store, error);
        return NULL;
    }
    sqlite3_reset(*kept);
    sqlite3_bind_int64(*kept, 1, id);
    return *kept;
}

static bool is_type(char wanted, int found) {
    switch (wanted) {
    case 'i':
        return found == SQLITE_INTEGER;
    case 'r':
        return found == SQLITE_FLOAT || found == SQLITE_INTEGER;
    case 't':
        return found == SQLITE_TEXT;
    default:
        return found == SQLITE_BLOB;
    }
}

bool query_types(const Store *store, sqlite3_stmt *statement, const char *types, Error *error) {
    static const char *const names[] = {[SQLITE_INTEGER] = "a whole number",
                                        [SQLITE_FLOAT] = "a number",
                                        [SQLITE_TEXT] = "a text",
                                        [SQLITE_BLOB] = "bytes",
                                        [SQLITE_NULL] = "nothing"};
    for (int c = 0; types[c]; c++) {
        char wanted = (char)tolower((unsigned char)types[c]);
        int found = sqlite3_column_type(statement, c);
        if (types[c] == '-' || (types[c] != wanted && found == SQLITE_NULL) ||
            is_type(wanted, found))
            continue;
        return error_set(error, "%s: the store is damaged: %s in the column \"%s\"", store->path,
                         names[found], sqlite3_column_name(statement, c));
    }
    return true;
}

bool query_row(Store *store, sqlite3_stmt *statement, bool *row, Error *error) {
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE ? true : query_error(store, error);
}

static bool finish(Store *store, sqlite3_stmt *statement, int64_t *value, Error *error) {
    bool row = false, ok = statement && query_row(store, statement, &row, error);
    if (ok && row && value) *value = sqlite3_column_int64(statement, 0);
    while (ok && row && !value) ok = query_row(store, statement, &row, error);
    sqlite3_finalize(statement);
    return ok;
}

bool query_run(Store *store, Error *error, const char *sql, const char *types, ...) {
    va_list list;
    va_start(list, types);
    sqlite3_stmt *statement = prepare(store, error, sql, types, &list);
    va_end(list);
    return finish(store, statement, NULL, error);
}

bool query_int(Store *store, Error *error, int64_t *value, int64_t fallback, const char *sql,
               const char *types, ...) {
    va_list list;
    va_start(list, types);
    sqlite3_stmt *statement = prepare(store, error, sql, types, &list);
    va_end(list);
    *value = fallback;
    return finish(store, statement, value, error);
}

const char *query_text(sqlite3_stmt *statement, int column) {
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text ? (const char *)text : "";
}

bool query_begin(Store *store, Error *error) {
    return query_run(store, error, "BEGIN IMMEDIATE", "");
}

bool query_end(Store *store, bool ok, Error *error) {
    if (ok && query_run(store, error, "COMMIT", "")) return true;
    if (!sqlite3_get_autocommit(store->db)) query_run(store, NULL, "ROLLBACK", "");
    return false;
}
