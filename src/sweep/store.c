// Opening a store: schema, version, journal, where it lies.
#include "sweep/store.h"
#include "sweep/owner.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { APPLICATION = 0x62656e69, BUSY_MILLISECONDS = 20000, OPEN_MILLISECONDS = 3000 };

// Version 1. In `record` a column for each metric follows as tasks bring them; NULL is nan.
static const char *const schema[] = {
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
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
    "CREATE INDEX cell_stem ON cell (stem)",
    "CREATE TABLE setting (cell INTEGER NOT NULL REFERENCES cell, name TEXT NOT NULL,"
    " value TEXT NOT NULL, PRIMARY KEY (cell, name)) WITHOUT ROWID",
    "CREATE TABLE record (cell INTEGER NOT NULL REFERENCES cell, epoch INTEGER NOT NULL,"
    " on_grid INTEGER NOT NULL, PRIMARY KEY (cell, epoch)) WITHOUT ROWID",
    "CREATE TABLE checkpoint (cell INTEGER PRIMARY KEY REFERENCES cell,"
    " epoch INTEGER NOT NULL, content BLOB NOT NULL)",
};

static bool is_network_folder(const char *path) {
    static const uint32_t kinds[] = {
        0x6969,     // NFS
        0x517B,     // SMB
        0xFF534D42, // CIFS
        0xFE534D42, // SMB2
        0x65735546, // FUSE: sshfs and many others
        0x0BD00BD0, // Lustre
        0x47504653, // GPFS
        0x19830326, // BeeGFS
        0x00C36400, // Ceph
        0x5346414F, // AFS
        0x01021997, // 9P
    };
    struct statfs info;
    char *folder = memory_text(path), *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = 0;
    bool known = statfs(slash ? folder : ".", &info) == 0;
    memory_free(folder);
    for (size_t i = 0; known && i < sizeof kinds / sizeof *kinds; i++) {
        if ((uint32_t)info.f_type == kinds[i]) return true;
    }
    return false;
}

// Another process that opens the same new file at this moment makes SQLite say "locked" at once
// rather than wait; then it is tried again.
static bool set_journal(Store *store, Error *error) {
    const char *mode = is_network_folder(store->path)
                           ? "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;"
                             " BEGIN EXCLUSIVE; COMMIT"
                           : "PRAGMA journal_mode = WAL";
    double until = system_seconds() + 1e-3 * OPEN_MILLISECONDS;
    int code;
    while ((code = sqlite3_exec(store->db, mode, NULL, NULL, NULL)) == SQLITE_BUSY &&
           system_seconds() < until)
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    if (code != SQLITE_OK) return query_error(store, error);
    return query_run(store, error, "PRAGMA synchronous = FULL", "");
}

static bool make_schema(Store *store, Error *error) {
    Text mark = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof schema / sizeof *schema; i++) {
        ok = query_run(store, error, schema[i], "");
    }
    text_printf(&mark, "PRAGMA application_id = %d", APPLICATION);
    ok = ok && query_run(store, error, mark.data, "");
    mark.length = 0;
    text_printf(&mark, "PRAGMA user_version = %d", STORE_VERSION);
    ok = ok && query_run(store, error, mark.data, "") &&
         query_run(store, error, "INSERT INTO meta VALUES ('created_by', ?)", "t",
                   "benign " BENIGN_VERSION);
    text_free(&mark);
    return ok;
}

// A database without tables may become a store; any other must be one of this version.
static bool check_schema(Store *store, bool *empty, Error *error) {
    int64_t tables, application, version;
    if (!query_int(store, error, &tables, 0, "SELECT count(*) FROM sqlite_master", "") ||
        !query_int(store, error, &application, 0, "PRAGMA application_id", "") ||
        !query_int(store, error, &version, 0, "PRAGMA user_version", ""))
        return false;
    *empty = tables == 0 && (application == 0 || application == APPLICATION);
    if (*empty) return true;
    if (application != APPLICATION) {
        return error_set(error, "%s: a database of another program, not a store of runs",
                         store->path);
    }
    if (version != STORE_VERSION) {
        return error_set(error, "%s: a store of version %lld; this program reads version %d",
                         store->path, (long long)version, STORE_VERSION);
    }
    return true;
}

static bool prepare_store(Store *store, Error *error) {
    bool empty;
    if (!check_schema(store, &empty, error) || !set_journal(store, error)) return false;
    if (empty) {
        if (!query_begin(store, error)) return false;
        bool ok = check_schema(store, &empty, error) && (!empty || make_schema(store, error));
        if (!query_end(store, ok, error)) return false;
    }
    sqlite3_busy_timeout(store->db, BUSY_MILLISECONDS);
    return true;
}

static Store *new_store(const char *path, const char *name, int flags, Error *error) {
    Store *store = memory_new(1, sizeof *store);
    store->path = memory_text(path);
    store->owner = owner_self();
    pthread_mutex_init(&store->mutex, NULL);
    if (sqlite3_open_v2(name, &store->db, flags, NULL) != SQLITE_OK) {
        query_error(store, error);
        store_close(store);
        return NULL;
    }
    sqlite3_busy_timeout(store->db, OPEN_MILLISECONDS);
    return store;
}

static bool check_path(const char *path, bool must_exist, Error *error) {
    struct stat info;
    if (stat(path, &info) != 0) {
        if (!must_exist && errno == ENOENT && *path) return true;
        return error_set(error, "%s: cannot open: %s", path, strerror(errno));
    }
    if (S_ISREG(info.st_mode)) return true;
    return error_set(error, "%s: not a file", path);
}

Store *store_open(const char *path, Error *error) {
    if (!check_path(path, false, error)) return NULL;
    Store *store = new_store(path, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
    if (!store || prepare_store(store, error)) return store;
    store_close(store);
    return NULL;
}

static Store *check_to_read(Store *store, Error *error) {
    bool empty;
    if (!store) return NULL;
    if (check_schema(store, &empty, error)) {
        if (!empty) return store;
        error_set(error, "%s: an empty database, no store of runs", store->path);
    }
    store_close(store);
    return NULL;
}

// A store in a folder that cannot be written (an archive) is read as what it is: unchanging.
static Store *open_archive(const char *path, Error *error) {
    Text name = {0};
    text_add(&name, "file:");
    for (const char *c = path; *c; c++) {
        if (strchr("%?#", *c))
            text_printf(&name, "%%%02x", (unsigned)*c);
        else
            text_add_bytes(&name, c, 1);
    }
    text_add(&name, "?immutable=1");
    Store *store = new_store(path, name.data, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);
    text_free(&name);
    return check_to_read(store, error);
}

static bool has_log(const char *path) {
    Text log = {0};
    text_printf(&log, "%s-wal", path);
    bool there = file_exists(log.data);
    text_free(&log);
    return there;
}

Store *store_open_to_read(const char *path, Error *error) {
    if (!check_path(path, true, error)) return NULL;
    Store *store = check_to_read(new_store(path, path, SQLITE_OPEN_READONLY, error), error);
    if (store || access(path, R_OK) != 0 || has_log(path)) return store;
    char *folder = memory_text(path), *slash = strrchr(folder, '/');
    if (slash) slash[slash == folder] = 0;
    bool fixed = access(slash ? folder : ".", W_OK) != 0;
    memory_free(folder);
    return fixed ? open_archive(path, error) : NULL;
}

void store_close(Store *store) {
    if (!store) return;
    sqlite3_close(store->db);
    pthread_mutex_destroy(&store->mutex);
    memory_free(store->path);
    memory_free(store->owner);
    memory_free(store);
}
