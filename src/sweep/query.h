// SQL in one line: prepare, bind, step, with errors that begin with the database's path.
#pragma once

#include "base/base.h"
#include <pthread.h>
#include <sqlite3.h>

typedef struct Store {
    sqlite3 *db;
    char *path;
    char *owner;           // this process, for leases
    pthread_mutex_t mutex; // one thread at a time talks to the database
} Store;

// The statement with its parameters bound; types has one letter for each:
//     i int64_t    r double    t const char * (NULL allowed)    b const void *, size_t
// Texts and blobs must live until the statement is finalized. NULL with an error.
sqlite3_stmt *query_new(Store *store, Error *error, const char *sql, const char *types, ...);

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
