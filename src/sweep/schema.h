// What a store looks like inside: its tables, how an older one is brought up to date, and what a
// file must not hold to be taken for one.
#pragma once

#include "sweep/query.h"

enum { SCHEMA_OLDEST = 1, SCHEMA_VERSION = 2 };

// Tables, marks and first entries, in a database that has none; within the caller's transaction.
bool schema_make(Store *store, Error *error);

// Fills store->version; 0: no tables yet, so it may become a store. Every table and index must be
// one that this program makes, to the letter: a file with a view, a trigger or a computed column
// could answer with other numbers than those it holds.
bool schema_check(Store *store, Error *error);

// Adds what the store's version did not have; within the caller's transaction.
bool schema_update(Store *store, Error *error);

// Letters, digits and _: may stand between quotes as the name of a column.
bool schema_is_name(const char *name, size_t length);
