// SQL in one line: prepare, bind, step, with errors that begin with the database's path.
#pragma once

#include "base/base.h"
#include <pthread.h>
#include <sqlite3.h>
#include <sys/types.h>

// Statements that are prepared once and asked again and again.
typedef enum StoreQuery {
    QUERY_CELL,
    QUERY_SETTINGS,
    QUERY_RECORDS,
    QUERY_SEAL,
    QUERIES
} StoreQuery;

typedef struct PlaceMark { // which file it is
    dev_t device;
    ino_t file;
} PlaceMark;

typedef struct Store {
    sqlite3 *db;
    char *path;
    int version;           // of its schema; 0: there is none yet
    bool reading;          // opened for that alone
    PlaceMark file, log;   // what was opened; {0}: not known
    char *owner;           // this process, for leases
    pthread_mutex_t mutex; // one thread at a time talks to the database
    Text words;            // what a person should know, line by line; see store_words
    sqlite3_stmt *query[QUERIES];
    Text bytes; // scratch of the seals
} Store;

// The statement with its parameters bound; types has one letter for each:
//     i int64_t    r double    t const char * (NULL allowed)    b const void *, size_t
// Texts and blobs must live until the statement is finalized. NULL with an error.
sqlite3_stmt *query_new(Store *store, Error *error, const char *sql, const char *types, ...);

// The same statement each time, with its one parameter; whoever is done with it resets it.
sqlite3_stmt *query_again(Store *store, StoreQuery which, const char *sql, int64_t id,
                          Error *error);

// The columns of the present row are of these types (i, r, t, b as above; capitals: or NULL; -:
// whatever), or an error that says which is not.
bool query_types(const Store *store, sqlite3_stmt *statement, const char *types, Error *error);

// Steps to the next row: *row tells whether there is one. On false, error is set.
bool query_row(Store *store, sqlite3_stmt *statement, bool *row, Error *error);

// Prepares, binds, steps to the end, finalizes.
bool query_run(Store *store, Error *error, const char *sql, const char *types, ...);

// The first column of the first row as an integer; fallback when there is no row.
bool query_int(Store *store, Error *error, int64_t *value, int64_t fallback, const char *sql,
               const char *types, ...);

// A column as text, "" for NULL.
const char *query_text(sqlite3_stmt *statement, int column);

// BEGIN IMMEDIATE; and COMMIT where ok, otherwise ROLLBACK. store_end returns whether all is well.
bool query_begin(Store *store, Error *error);
bool query_end(Store *store, bool ok, Error *error);

// What the database says now, in words, behind its path; returns false.
bool query_error(const Store *store, Error *error);
