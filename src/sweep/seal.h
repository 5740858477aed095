// Checksums (XXH3, 128 bits), so that a store with flipped bits is never read as other numbers.
//
// A run has two seals, in the table `seal`. `run` is over its row in `cell` (all but who holds it),
// its settings and its records; `checkpoint` over its key, the epoch and the bytes. Whoever changes
// one of these checks the old seal before and sets the new one in the same transaction. What runs a
// store should hold is sealed in meta, as `runs`. Stores of version 1 have no seals: theirs count
// as whole, until the store is brought up to date.
#pragma once

#include "sweep/store.h"

// *whole: the run is what was written.
bool seal_check_run(Store *store, int64_t id, bool *whole, Error *error);
bool seal_set_run(Store *store, int64_t id, Error *error);

// The seal of a checkpoint, which the caller keeps beside it.
void seal_of_checkpoint(const char *key, int64_t epoch, const void *content, size_t size,
                        char seal[33]);
bool seal_set_checkpoint(Store *store, int64_t id, const char *seal, Error *error); // NULL: none

// *whole: the store holds all the runs, and only those, that were put into it.
bool seal_check_runs(Store *store, bool *whole, Error *error);
bool seal_set_runs(Store *store, Error *error);

// Seals everything as it stands.
bool seal_all(Store *store, Error *error);
