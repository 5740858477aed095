#include "sweep/schema.h"
#include <ctype.h>
#include <string.h>

enum { APPLICATION = 0x62656e69 };

typedef struct Made {
    const char *name;
    int since; // the version that brought it
    const char *sql;
    const char *rest; // of sql, behind the columns that follow as tasks bring them; NULL: none do
} Made;

static const Made made[] = {
    {"meta", 1, "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
     NULL},
    {"cell", 1,
     "CREATE TABLE cell ("
     " id INTEGER PRIMARY KEY,"
     " key TEXT NOT NULL UNIQUE," // hash of all that decides the run
     " stem TEXT NOT NULL,"       // the same without the horizon
     " task TEXT NOT NULL, numerics TEXT NOT NULL,"
     " network TEXT NOT NULL," // the canonical model
     " data_hash TEXT NOT NULL,"
     " horizon INTEGER NOT NULL,"
     " parameters REAL NOT NULL, flops REAL NOT NULL, bytes REAL NOT NULL,"
     " examples INTEGER NOT NULL, classes INTEGER NOT NULL,"
     " state TEXT NOT NULL DEFAULT 'todo'"
     "  CHECK (state IN ('todo', 'running', 'done', 'diverged', 'failed')),"
     " reason TEXT," // of a failure
     " fraction REAL NOT NULL DEFAULT 0,"
     " seconds REAL NOT NULL DEFAULT 0," // of one job, over all resumptions
     " worked REAL NOT NULL DEFAULT 0,"  // FLOPs done in these seconds
     " created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),"
     " owner TEXT, lease REAL)", // who runs it, until when (seconds since 1970)
     NULL},
    {"cell_stem", 1, "CREATE INDEX cell_stem ON cell (stem)", NULL},
    {"setting", 1,
     "CREATE TABLE setting (cell INTEGER NOT NULL REFERENCES cell, name TEXT NOT NULL,"
     " value TEXT NOT NULL, PRIMARY KEY (cell, name)) WITHOUT ROWID",
     NULL},
    // Its further columns are metrics, REAL; NULL is nan.
    {"record", 1,
     "CREATE TABLE record (cell INTEGER NOT NULL REFERENCES cell, epoch INTEGER NOT NULL,"
     " on_grid INTEGER NOT NULL",
     ", PRIMARY KEY (cell, epoch)) WITHOUT ROWID"},
    {"checkpoint", 1,
     "CREATE TABLE checkpoint (cell INTEGER PRIMARY KEY REFERENCES cell,"
     " epoch INTEGER NOT NULL, content BLOB NOT NULL)",
     NULL},
    // Checksums (seal.h), the experiments that the runs were made for.
    {"seal", 2,
     "CREATE TABLE seal (cell INTEGER PRIMARY KEY REFERENCES cell, run TEXT NOT NULL,"
     " checkpoint TEXT)",
     NULL},
    {"experiment", 2,
     "CREATE TABLE experiment (name TEXT PRIMARY KEY, description TEXT NOT NULL) WITHOUT ROWID",
     NULL},
    // What ANALYZE, by whoever, leaves behind; it changes no answer.
    {"sqlite_stat1", 0, "CREATE TABLE sqlite_stat1(tbl,idx,stat)", NULL},
    {"sqlite_stat4", 0, "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)", NULL},
};
enum { MADE = sizeof made / sizeof *made };

bool schema_is_name(const char *name, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)name[i]) && name[i] != '_') return false;
    }
    return length > 0;
}

static bool set_number(Store *store, const char *pragma, int value, Error *error) {
    Text sql = {0};
    text_printf(&sql, "PRAGMA %s = %d", pragma, value);
    bool ok = query_run(store, error, sql.data, "");
    text_free(&sql);
    return ok;
}

// All that came after a version; the mark of the newest.
static bool add_after(Store *store, int version, Error *error) {
    Text sql = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < MADE; i++) {
        if (made[i].since <= version) continue;
        text_cut(&sql, 0);
        text_add(&sql, made[i].sql);
        if (made[i].rest) text_add(&sql, made[i].rest);
        ok = query_run(store, error, sql.data, "");
    }
    text_free(&sql);
    store->version = SCHEMA_VERSION;
    return ok && set_number(store, "user_version", SCHEMA_VERSION, error) &&
           query_run(store, error, "INSERT INTO meta VALUES ('store', lower(hex(randomblob(16))))",
                     "");
}

bool schema_make(Store *store, Error *error) {
    return set_number(store, "application_id", APPLICATION, error) && add_after(store, 0, error) &&
           query_run(store, error, "INSERT INTO meta VALUES ('created_by', ?)", "t",
                     "benign " BENIGN_VERSION);
}

bool schema_update(Store *store, Error *error) {
    return add_after(store, store->version, error);
}

// ---- what is there ----

static const char *after(const char *text, const char *start) {
    return text && text_starts(text, start) ? text + strlen(start) : NULL;
}

// The text of a table as ALTER TABLE ADD COLUMN makes it: sql, (, "NAME" REAL) ..., rest.
static bool is_as_made(const Made *one, const char *sql) {
    const char *c = after(sql, one->sql);
    while (c && one->rest && strcmp(c, one->rest) != 0) {
        const char *name = after(c, ", \""), *end = name ? strchr(name, '"') : NULL;
        c = end && schema_is_name(name, (size_t)(end - name)) ? after(end, "\" REAL") : NULL;
    }
    return c && (one->rest || !*c);
}

static const Made *find_made(const char *name) {
    for (size_t i = 0; i < MADE; i++) {
        if (strcmp(made[i].name, name) == 0) return &made[i];
    }
    return NULL;
}

// type, name and sql of one entry of the schema. Indices without a text are SQLite's own.
static bool check_entry(Store *store, sqlite3_stmt *entry, Error *error) {
    const char *type = query_text(entry, 0), *name = query_text(entry, 1);
    if (strcmp(type, "index") == 0 && sqlite3_column_type(entry, 2) == SQLITE_NULL) return true;
    const Made *one = find_made(name);
    if (one && one->since <= store->version && is_as_made(one, query_text(entry, 2))) return true;
    return error_set(error,
                     "%s: a store in which the %s \"%s\" is not as this program makes it; such a "
                     "file is damaged or was changed by hand, and is not read",
                     store->path, type, name);
}

static bool check_entries(Store *store, Error *error) {
    bool row = true;
    int expected = 0, found = 0;
    for (size_t i = 0; i < MADE; i++)
        expected += made[i].since > 0 && made[i].since <= store->version;
    sqlite3_stmt *entry =
        query_new(store, error, "SELECT type, name, sql FROM sqlite_schema ORDER BY rowid", "");
    bool ok = entry != NULL;
    while (ok && (ok = query_row(store, entry, &row, error)) && row) {
        ok = check_entry(store, entry, error);
        const Made *one = ok ? find_made(query_text(entry, 1)) : NULL;
        found += one && one->since > 0;
    }
    sqlite3_finalize(entry);
    if (ok && found != expected)
        ok = error_set(error, "%s: the store is damaged: a table of it is gone", store->path);
    return ok;
}

bool schema_check(Store *store, Error *error) {
    int64_t tables, application, version;
    if (!query_int(store, error, &tables, 0, "SELECT count(*) FROM sqlite_schema", "") ||
        !query_int(store, error, &application, 0, "PRAGMA application_id", "") ||
        !query_int(store, error, &version, 0, "PRAGMA user_version", ""))
        return false;
    store->version = 0;
    if (tables == 0 && (application == 0 || application == APPLICATION)) return true;
    if (application != APPLICATION) {
        return error_set(error, "%s: a database of another program, not a store of runs",
                         store->path);
    }
    if (version < SCHEMA_OLDEST || version > SCHEMA_VERSION) {
        return error_set(error, "%s: a store of version %lld; this program reads versions %d to %d",
                         store->path, (long long)version, SCHEMA_OLDEST, SCHEMA_VERSION);
    }
    store->version = (int)version;
    if (check_entries(store, error)) return true;
    store->version = 0;
    return false;
}
