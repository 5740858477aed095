// The store of runs. Every function takes the mutex for itself.
#pragma once

#include "sweep/query.h"
#include "sweep/sweep.h"

#define LEASE_SECONDS 60.0

// Opens, and makes where it does not exist, the store; or opens it for reading only. Closing leaves
// one file, without log, where no other process has it open.
Store *store_open(const char *path, Error *error);
Store *store_open_to_read(const char *path, Error *error);
void store_close(Store *store);

// Is the file at the path, with its log, still the one that is open? Once it is not, store_rescue
// brings what was computed to where it can be had; its error says where that is. Returns false.
bool store_is_in_place(Store *store);
bool store_rescue(Store *store, Error *error);

// Something that a person should know of a cell; the mutex is held.
void store_say(Store *store, const SweepCell *cell, const char *what);

// Takes what a person should know out of the store: lines such as "x.db: a run was damaged ...".
void store_words(Store *store, Text *words);

bool store_note(Store *store, const char *name, const char *value, Error *error); // into meta
bool store_note_experiment(Store *store, const char *name, const char *description, Error *error);

// How a cell stands.
typedef struct Standing {
    CellState state;
    double fraction;
    char *reason; // or NULL; owned
} Standing;

typedef struct Found {
    int64_t id; // 0: the store does not hold the cell
    Standing standing;
    bool damaged; // its seal is broken: as good as not held
} Found;

bool sweep_state_of(const char *name, CellState *state); // false: there is no such state

// Looks for each cell of the grid; found is (cells).
bool store_find(Store *store, const SweepGrid *grid, Found *found, Error *error);

// Makes a row for each cell that the store does not hold or that is damaged, and the columns of the
// task's metrics; gives failed cells another try. found is (cells), filled by it.
bool store_add(Store *store, const Task *task, const SweepGrid *grid, Found *found, Error *error);

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
    char *owner;  // of the lease, where the result is CLAIM_BUSY; owned
    double lease; // until when, in seconds since 1970 by the owner's clock
    void *state;  // of the checkpoint to go on from, or NULL; owned
    size_t size;
} Claim;

// Takes the lease of a cell if it is to be had, cuts its records back to its checkpoint, and, where
// it has none, starts it from the furthest run of its stem with another horizon. A lease is to be
// had when its owner is known to be dead, when it has expired, and when it is `stale`: the caller
// has seen this very lease, not renewed, for LEASE_SECONDS (nan: it has not). So nobody waits
// longer than that, however far ahead the owner's clock ran. A checkpoint that is not what was
// written is dropped, with its records, and the cell begins anew.
bool store_claim(Store *store, int64_t id, const SweepCell *cell, double stale, Claim *claim,
                 Error *error);
void claim_free(Claim *claim);

typedef struct Record {
    int64_t epoch;
    bool on_grid;
    const double *value; // (metrics)
} Record;

// What one transaction writes.
typedef struct Save {
    int64_t id;
    const char *key;
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

// By the clock of this machine.
double store_now(void);

// Renews all leases of this store's owner; gives all back, as far as that can still be done.
bool store_renew(Store *store, Error *error);
void store_release(Store *store);
