// Where a store lies: whether it still does, and what to do where it does not, or where nothing may
// be written beside it.
#pragma once

#include "sweep/query.h"

bool place_has(const char *path, const char *ending); // is there a file PATH ENDING of any bytes?

// Was the file written with a log that is not beside it? A sweep that ends leaves none (programs
// before version 2 of the schema did), so this is a copy that was made, of the file alone, while a
// sweep was writing. Not while this process has the file open: to close it takes SQLite's locks.
bool place_lacks_log(const char *path);

// Remembers which files are open: the store and its log.
void place_note(Store *store);

// Opens a copy of the store and its log, in a folder of its own that is gone when this returns:
// what is open stays. Nothing in it is written back.
typedef Store *PlaceOpen(const char *path, const char *name, int flags, Error *error);
Store *place_open_copy(const char *path, PlaceOpen *open, Error *error);
