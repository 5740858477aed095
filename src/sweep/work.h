// A sweep at work. Threads: the caller's own watches (stop, progress, leases), the workers run one
// cell each. `mutex` guards the slots and everything in Work that is not constant; the store has
// its own and is never called while `mutex` is held.
#pragma once

#include "sweep/store.h"
#include <stdatomic.h>

typedef enum Phase { WAITING, MINE, FOREIGN, SETTLED } Phase;

typedef struct Slot { // one for each cell
    Phase phase;
    CellState state;
    double fraction; // done before the run under way
    double again;    // FOREIGN: when to ask again
    double lease;    // the lease seen last, and
    double seen;     // when it was first seen; nan: none was
    char *owner;     // FOREIGN: who holds it
    char *reason;
} Slot;

typedef struct Worker Worker;

typedef struct Work {
    const Task *task;
    const SweepGrid *grid;
    const SweepOptions *options;
    Store *store;
    Found *found; // (cells)
    Slot *slot;   // (cells)
    Worker *worker;
    int workers, alive;
    size_t metrics;
    double begun;
    double known_rate;      // of one job, from the store; nan: none
    double worked, working; // FLOPs done and seconds taken by runs that have ended
    atomic_bool halt;
    bool broken; // the store gave an error, kept here
    Error error;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
} Work;

struct Worker {
    Work *work;
    pthread_t thread;
    TaskRun run;
    size_t cell;
    bool busy;
    double from, since;          // fraction and time at the start of the run
    double saved_from, saved_at; // at the last save
    _Atomic double fraction;
    bool lost, broken;
    Arena values; // of the records not saved yet
    Record *record;
    size_t records, capacity;
};

// Starts a worker's thread: it takes cells until none is left to take, or until work->halt.
bool worker_start(Worker *worker, Work *work);

// Keeps the first error of the store and ends the sweep.
void work_break_off(Work *work, const Error *error);

// Waits for `changed`, at most so long; the mutex is held.
void work_wait(Work *work, double seconds);

// Takes over how a cell ended; the mutex is held.
void slot_settle(Slot *slot, Standing *standing);
