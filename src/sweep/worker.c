// A worker: claims a cell, runs it, saves what the task hands over.
#include "sweep/work.h"
#include <math.h>
#include <string.h>
#include <time.h>

#define CHECKPOINT_SECONDS 15.0
#define RETRY_SECONDS      0.25 // for cells of other processes

// ---- what a task may call ----

static bool run_record(TaskRun *run, int64_t epoch, bool on_grid, const double *values,
                       Error *error) {
    (void)error;
    Worker *worker = run->sweep;
    size_t metrics = worker->work->metrics;
    double *copy = arena_new(&worker->values, metrics, sizeof *copy);
    memcpy(copy, values, metrics * sizeof *copy);
    worker->record =
        memory_grow(worker->record, worker->records, &worker->capacity, sizeof *worker->record);
    worker->record[worker->records++] = (Record){epoch, on_grid, copy};
    return true;
}

static void forget_records(Worker *worker) {
    worker->records = 0;
    arena_free(&worker->values);
}

void work_break_off(Work *work, const Error *error) {
    pthread_mutex_lock(&work->mutex);
    if (!work->broken) work->error = *error;
    work->broken = true;
    work->halt = true;
    pthread_cond_broadcast(&work->changed);
    pthread_mutex_unlock(&work->mutex);
}

// Writes `save` with everything recorded since the last one. False: the store failed (and the
// sweep is over), or the lease was lost (and this run is).
static bool save_run(Worker *worker, Save *save, Error *error) {
    Work *work = worker->work;
    const SweepCell *cell = &work->grid->cell[worker->cell];
    double now = system_seconds(), fraction = worker->fraction;
    save->id = work->found[worker->cell].id;
    save->key = cell->key;
    save->metrics = work->task->metrics;
    save->record = worker->record;
    save->records = worker->records;
    save->fraction = save->state == CELL_DONE || save->state == CELL_DIVERGED ? 1 : fraction;
    save->seconds = now - worker->saved_at;
    save->worked = fmax(0, fraction - worker->saved_from) * cell->facts.flops;
    Error own = {0};
    if (!store_save(work->store, save, &worker->lost, &own)) {
        worker->broken = true;
        work_break_off(work, &own);
        return error_set(error, "%s", own.text);
    }
    if (worker->lost)
        return error_set(error, "%s: another process has taken the run over", work->store->path);
    worker->saved_at = now;
    worker->saved_from = fraction;
    forget_records(worker);
    return true;
}

static bool run_checkpoint(TaskRun *run, int64_t epoch, const void *state, size_t size,
                           Error *error) {
    Save save = {.state = CELL_RUNNING, .epoch = epoch, .checkpoint = state, .size = size};
    return save_run(run->sweep, &save, error);
}

static bool run_checkpoint_due(TaskRun *run) {
    const Worker *worker = run->sweep;
    double wanted = worker->work->options->checkpoint_seconds;
    return system_seconds() - worker->saved_at >= (wanted > 0 ? wanted : CHECKPOINT_SECONDS);
}

static bool run_stop(TaskRun *run) {
    const Worker *worker = run->sweep;
    return worker->work->halt || worker->lost;
}

static void run_progress(TaskRun *run, double done) {
    Worker *worker = run->sweep;
    worker->fraction = done < 0 ? 0 : done > 1 ? 1 : done;
}

// ---- a worker ----

// FLOPs that the runs under way have still to do.
static double flops_under_way(const Work *work) {
    double flops = 0;
    for (int i = 0; i < work->workers; i++) {
        const Worker *worker = &work->worker[i];
        if (worker->busy)
            flops += (1 - worker->fraction) * work->grid->cell[worker->cell].facts.flops;
    }
    return flops;
}

// The longest cell that waits, when it is more than one job's share of all that is left: begun any
// later, it would run alone at the end. Otherwise cells.
static size_t pick_overdue(const Work *work) {
    double left = flops_under_way(work), most = 0;
    size_t longest = work->grid->cells;
    for (size_t cell = 0; cell < work->grid->cells; cell++) {
        if (work->slot[cell].phase != WAITING) continue;
        double flops = (1 - work->slot[cell].fraction) * work->grid->cell[cell].facts.flops;
        left += flops;
        if (flops <= most) continue;
        most = flops;
        longest = cell;
    }
    return work->workers > 1 && most * work->workers >= left ? longest : work->grid->cells;
}

// The next cell in order that may be had, or cells when there is none now; *wait: there may be one
// later.
static size_t pick(Work *work, bool *wait) {
    double now = system_seconds();
    *wait = false;
    size_t overdue = pick_overdue(work);
    if (overdue < work->grid->cells) return overdue;
    for (size_t i = 0; i < work->grid->cells; i++) {
        size_t cell = work->grid->order[i];
        const Slot *slot = &work->slot[cell];
        if (slot->phase == WAITING || (slot->phase == FOREIGN && slot->again <= now)) return cell;
        if (slot->phase == FOREIGN) *wait = true;
    }
    return work->grid->cells;
}

void work_wait(Work *work, double seconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(seconds * 1e9);
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&work->changed, &work->mutex, &until);
}

void slot_settle(Slot *slot, Standing *standing) {
    slot->phase = SETTLED;
    slot->state = standing->state;
    memory_free(slot->reason);
    slot->reason = standing->reason;
    standing->reason = NULL;
}

// Another process holds the cell. A lease that is not renewed is worth LEASE_SECONDS from when it
// was first seen, whatever it says.
static void see_lease(Slot *slot, Claim *claim) {
    double now = system_seconds();
    slot->phase = FOREIGN;
    slot->again = now + RETRY_SECONDS;
    if (slot->lease != claim->lease || isnan(slot->seen)) slot->seen = now;
    slot->lease = claim->lease;
    memory_free(slot->owner);
    slot->owner = claim->owner;
    claim->owner = NULL;
}

static double stale_lease(Work *work, size_t cell) {
    pthread_mutex_lock(&work->mutex);
    const Slot *slot = &work->slot[cell];
    double stale = system_seconds() - slot->seen >= LEASE_SECONDS ? slot->lease : NAN;
    pthread_mutex_unlock(&work->mutex);
    return stale;
}

// Asks the store for the cell; true when it is now ours to run.
static bool claim_cell(Worker *worker, size_t cell, Claim *claim) {
    Work *work = worker->work;
    Error error = {0};
    if (!store_claim(work->store, work->found[cell].id, &work->grid->cell[cell],
                     stale_lease(work, cell), claim, &error)) {
        work_break_off(work, &error);
        return false;
    }
    pthread_mutex_lock(&work->mutex);
    Slot *slot = &work->slot[cell];
    slot->fraction = claim->standing.fraction;
    if (claim->result == CLAIM_SETTLED) slot_settle(slot, &claim->standing);
    if (claim->result == CLAIM_BUSY) see_lease(slot, claim);
    if (claim->result == CLAIM_MINE) {
        worker->cell = cell;
        worker->busy = true;
        worker->lost = worker->broken = false;
        worker->fraction = worker->from = worker->saved_from = claim->standing.fraction;
        worker->since = worker->saved_at = system_seconds();
    }
    pthread_mutex_unlock(&work->mutex);
    return claim->result == CLAIM_MINE;
}

static bool next_cell(Worker *worker, Claim *claim) {
    Work *work = worker->work;
    for (bool wait = true; wait && !work->halt;) {
        pthread_mutex_lock(&work->mutex);
        size_t cell = pick(work, &wait);
        bool found = cell < work->grid->cells;
        if (found)
            work->slot[cell].phase = MINE;
        else if (wait)
            work_wait(work, RETRY_SECONDS);
        pthread_mutex_unlock(&work->mutex);
        if (found) {
            if (claim_cell(worker, cell, claim)) return true;
            claim_free(claim);
            wait = true;
        }
    }
    return false;
}

static void end_run(Worker *worker, CellState state, const char *reason) {
    Work *work = worker->work;
    pthread_mutex_lock(&work->mutex);
    Slot *slot = &work->slot[worker->cell];
    double fraction = worker->fraction;
    work->worked += fmax(0, fraction - worker->from) * work->grid->cell[worker->cell].facts.flops;
    work->working += system_seconds() - worker->since;
    slot->fraction = fraction;
    if (worker->lost) {
        slot->phase = FOREIGN;
        slot->seen = NAN;
    } else if (state == CELL_TODO) {
        slot->phase = WAITING;
        work->halt = true; // a run that was not asked to stop wants the sweep to
    } else {
        Standing standing = {state, 1, reason ? memory_text(reason) : NULL};
        slot_settle(slot, &standing);
    }
    worker->busy = false;
    pthread_cond_broadcast(&work->changed);
    pthread_mutex_unlock(&work->mutex);
}

static void run_cell(Worker *worker, const Claim *claim) {
    static const CellState states[] = {
        [RUN_DONE] = CELL_DONE, [RUN_DIVERGED] = CELL_DIVERGED, [RUN_INTERRUPTED] = CELL_TODO};
    const Work *work = worker->work;
    const SweepCell *cell = &work->grid->cell[worker->cell];
    Error error = {0}, ignored;
    RunOutcome outcome = RUN_DONE;
    worker->run.state = claim->state;
    worker->run.state_size = claim->size;
    bool ok = work->task->run(&cell->settings, &worker->run, &outcome, &error);
    CellState state = ok                                ? states[outcome]
                      : error.kind == ERROR_INTERRUPTED ? CELL_TODO
                                                        : CELL_FAILED;
    const char *reason = state == CELL_FAILED ? error.text : NULL;
    if (state == CELL_TODO) forget_records(worker);
    Save save = {.state = state, .reason = reason};
    save.drop_checkpoint = state == CELL_DIVERGED; // a finished run keeps its weights
    if (!worker->lost && !worker->broken) save_run(worker, &save, &ignored);
    forget_records(worker);
    end_run(worker, worker->broken ? CELL_TODO : state, reason);
}

static void *work_on(void *argument) {
    Worker *worker = argument;
    Work *work = worker->work;
    Claim claim = {0};
    while (next_cell(worker, &claim)) {
        run_cell(worker, &claim);
        claim_free(&claim);
    }
    pthread_mutex_lock(&work->mutex);
    work->alive--;
    pthread_cond_broadcast(&work->changed);
    pthread_mutex_unlock(&work->mutex);
    return NULL;
}

bool worker_start(Worker *worker, Work *work) {
    worker->work = work;
    worker->run = (TaskRun){.sweep = worker,
                            .store = work->store->path,
                            .threads = work->options->threads > 0 ? work->options->threads : 1,
                            .record = run_record,
                            .checkpoint = run_checkpoint,
                            .checkpoint_due = run_checkpoint_due,
                            .stop = run_stop,
                            .progress = run_progress};
    return pthread_create(&worker->thread, NULL, work_on, worker) == 0;
}
