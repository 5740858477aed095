// The store of runs. Every function takes the mutex for itself.
#pragma once

#include "sweep/query.h"
#include "sweep/sweep.h"

enum { STORE_VERSION = 1, LEASE_SECONDS = 60 };

// Opens, and makes where it does not exist, the store; or opens it for reading only.
Store *store_open(const char *path, Error *error);
Store *store_open_to_read(const char *path, Error *error);
void store_close(Store *store);

// Makes a row for each cell that the store does not hold, and the columns of the task's metrics;
// gives failed cells another try. id is (cells).
bool store_add(Store *store, const Task *task, const SweepGrid *grid, int64_t *id, Error *error);

bool store_note(Store *store, const char *name, const char *value, Error *error); // into meta

// How a cell stands.
typedef struct Standing {
    CellState state;
    double fraction;
    char *reason; // or NULL; owned
} Standing;
bool store_look(Store *store, const char *key, Standing *standing, Error *error);

// The part of a cell, 0 to 1, that a shorter run of its stem has done for it already.
bool store_head_start(Store *store, const SweepCell *cell, double *fraction, Error *error);

// FLOP/s of one job, over all runs of the task so far; nan: none.
bool store_rate(Store *store, const char *task, double *rate, Error *error);

// ---- a cell under way ----

typedef enum ClaimResult {
    CLAIM_MINE,
    CLAIM_BUSY,    // another living process runs it
    CLAIM_SETTLED, // done, diverged or failed: see standing
} ClaimResult;

typedef struct Claim {
    ClaimResult result;
    Standing standing;
    void *state; // of the checkpoint to go on from, or NULL; owned
    size_t size;
} Claim;

// Takes the lease of a cell if it is to be had, cuts its records back to its checkpoint, and, where
// it has none, starts it from the furthest run of its stem with another horizon.
bool store_claim(Store *store, int64_t id, const SweepCell *cell, Claim *claim, Error *error);
void claim_free(Claim *claim);

typedef struct Record {
    int64_t epoch;
    bool on_grid;
    const double *value; // (metrics)
} Record;

// What one transaction writes.
typedef struct Save {
    int64_t id;
    CellState state;        // CELL_RUNNING: renew the lease; any other: give it back
    double fraction;        // done of the whole run
    double seconds, worked; // FLOPs; both since the last save
    const char *reason;
    const char *const *metrics; // ends in NULL
    const Record *record;       // (records)
    size_t records;
    const void *checkpoint; // NULL: none
    size_t size;
    int64_t epoch;        // of the checkpoint
    bool drop_checkpoint; // it is of no more use
} Save;

// *lost: the lease has gone to another process, nothing was written.
bool store_save(Store *store, const Save *save, bool *lost, Error *error);

// Renews all leases of this store's owner; gives all back, as far as that can still be done.
bool store_renew(Store *store, Error *error);
void store_release(Store *store);
