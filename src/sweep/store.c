// Opening a store: schema, version, journal, where it lies.
#include "sweep/store.h"
#include "sweep/owner.h"
#include "sweep/place.h"
#include "sweep/schema.h"
#include "sweep/seal.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { BUSY_MILLISECONDS = 20000, OPEN_MILLISECONDS = 8000 };

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
    char *folder = file_folder(path);
    bool known = statfs(folder, &info) == 0;
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

// A store of an older version is brought up to date, and that is said once.
static bool prepare_tables(Store *store, Error *error) {
    if (store->version == SCHEMA_VERSION) return true;
    if (!query_begin(store, error)) return false;
    bool ok = schema_check(store, error); // another process may have been faster
    int version = store->version;
    if (ok && version == 0) ok = schema_make(store, error);
    if (ok && version > 0 && version < SCHEMA_VERSION) {
        ok = schema_update(store, error) && seal_all(store, error);
        text_printf(&store->words,
                    "%s: a store of an earlier version, without checksums; from now on it has "
                    "them, over what it holds now\n",
                    store->path);
    }
    return query_end(store, ok, error);
}

static bool prepare_store(Store *store, Error *error) {
    if (!schema_check(store, error) || !set_journal(store, error) || !prepare_tables(store, error))
        return false;
    sqlite3_busy_timeout(store->db, BUSY_MILLISECONDS);
    int64_t tables; // to look once is to open the log
    if (!query_int(store, error, &tables, 0, "SELECT count(*) FROM sqlite_schema", ""))
        return false;
    place_note(store);
    return true;
}

// A store may come from anywhere: nothing in it is run, and no page is believed unseen.
static bool harden(Store *store, Error *error) {
    static const struct {
        int option, value;
    } set[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
               {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
               {SQLITE_DBCONFIG_DQS_DML, 0},        {SQLITE_DBCONFIG_DQS_DDL, 0}};
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        sqlite3_db_config(store->db, set[i].option, set[i].value, NULL);
    }
    return query_run(store, error, "PRAGMA cell_size_check = ON", "");
}

static Store *new_store(const char *path, const char *name, int flags, Error *error) {
    Store *store = memory_new(1, sizeof *store);
    store->path = memory_text(path);
    store->owner = owner_self();
    store->reading = flags & SQLITE_OPEN_READONLY;
    pthread_mutex_init(&store->mutex, NULL);
    if (sqlite3_open_v2(name, &store->db, flags, NULL) != SQLITE_OK) {
        query_error(store, error);
        store_close(store);
        return NULL;
    }
    sqlite3_busy_timeout(store->db, OPEN_MILLISECONDS);
    if (harden(store, error)) return store;
    store_close(store);
    return NULL;
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

// ---- reading alone ----

static Store *check_to_read(Store *store, Error *error) {
    if (!store) return NULL;
    bool ok = schema_check(store, error);
    if (ok && store->version) return store;
    char *path = memory_text(store->path);
    store_close(store); // first: whoever closes a file that SQLite has open takes its locks away
    if (ok && place_lacks_log(path))
        error_set(error,
                  "%s: a database without tables: a copy, made without its log while a sweep was "
                  "writing. Its rows are in %s-wal beside the original: copy both, or let "
                  "SQLite copy: sqlite3 ORIGINAL \".backup COPY\"",
                  path, path);
    else if (ok)
        error_set(error, "%s: an empty database, no store of runs", path);
    memory_free(path);
    return NULL;
}

// A file that nobody writes is read as what it is, without the files that SQLite makes beside it.
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

// Where the folder cannot be written or the disk is full, SQLite cannot make what it needs beside a
// file with a log. Then the file is read alone, where all is in it, or else a copy of both.
Store *store_open_to_read(const char *path, Error *error) {
    Error own = {0};
    if (!check_path(path, true, error)) return NULL;
    Store *store = new_store(path, path, SQLITE_OPEN_READONLY, &own);
    int code = store && !sqlite3_exec(store->db, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL)
                   ? SQLITE_OK
               : store ? sqlite3_errcode(store->db) & 0xFF
                       : SQLITE_CANTOPEN;
    bool blocked = code == SQLITE_CANTOPEN || code == SQLITE_READONLY || code == SQLITE_IOERR ||
                   code == SQLITE_FULL;
    if (!blocked || access(path, R_OK) != 0) {
        if (store) return check_to_read(store, error);
        return error_set(error, "%s", own.text), NULL;
    }
    store_close(store);
    if (!place_has(path, "-wal") && !place_has(path, "-journal")) return open_archive(path, error);
    return check_to_read(place_open_copy(path, new_store, error), error);
}

// ---- closing ----

// The last one out puts everything into one file. Where another process has the store open, or the
// disk is full, the log stays, and holds what the file does not.
static void put_away(Store *store) {
    for (int i = 0; i < 10; i++) {
        int code = sqlite3_exec(store->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
        if (code != SQLITE_BUSY && code != SQLITE_LOCKED) break;
        nanosleep(&(struct timespec){0, 20000000}, NULL);
    }
}

void store_close(Store *store) {
    if (!store) return;
    for (int i = 0; i < QUERIES; i++) sqlite3_finalize(store->query[i]);
    if (store->db && !store->reading && store->version && store_is_in_place(store)) put_away(store);
    sqlite3_close(store->db);
    pthread_mutex_destroy(&store->mutex);
    text_free(&store->words);
    text_free(&store->bytes);
    memory_free(store->path);
    memory_free(store->owner);
    memory_free(store);
}
