// The scheduler. Threads: the caller's own watches (stop, progress, leases), the workers run one
// cell each. `mutex` guards the slots and everything in Work that is not constant; the store has
// its own and is never called while `mutex` is held.
#include "sweep/store.h"
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define CHECKPOINT_SECONDS 15.0
#define RENEW_SECONDS      5.0
#define SHOW_SECONDS       0.2
#define WATCH_SECONDS      0.05
#define RETRY_SECONDS      0.25 // for cells of other processes

typedef enum Phase { WAITING, MINE, FOREIGN, SETTLED } Phase;

typedef struct Slot { // one for each cell
    Phase phase;
    CellState state;
    double fraction; // done before the run under way
    double again;    // FOREIGN: when to ask again
    char *reason;
} Slot;

typedef struct Worker Worker;

typedef struct Work {
    const Task *task;
    const SweepGrid *grid;
    const SweepOptions *options;
    Store *store;
    int64_t *id; // (cells)
    Slot *slot;  // (cells)
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

static void break_off(Work *work, const Error *error) {
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
    save->id = work->id[worker->cell];
    save->metrics = work->task->metrics;
    save->record = worker->record;
    save->records = worker->records;
    save->fraction = save->state == CELL_DONE || save->state == CELL_DIVERGED ? 1 : fraction;
    save->seconds = now - worker->saved_at;
    save->worked = fmax(0, fraction - worker->saved_from) * cell->facts.flops;
    Error own = {0};
    if (!store_save(work->store, save, &worker->lost, &own)) {
        worker->broken = true;
        break_off(work, &own);
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

// The next cell in order that may be had, or cells when there is none now; *wait: there may be one
// later.
static size_t pick(Work *work, bool *wait) {
    double now = system_seconds();
    *wait = false;
    for (size_t i = 0; i < work->grid->cells; i++) {
        size_t cell = work->grid->order[i];
        const Slot *slot = &work->slot[cell];
        if (slot->phase == WAITING || (slot->phase == FOREIGN && slot->again <= now)) return cell;
        if (slot->phase == FOREIGN) *wait = true;
    }
    return work->grid->cells;
}

static void wait_change(Work *work, double seconds) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(seconds * 1e9);
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&work->changed, &work->mutex, &until);
}

static void settle(Slot *slot, Standing *standing) {
    slot->phase = SETTLED;
    slot->state = standing->state;
    memory_free(slot->reason);
    slot->reason = standing->reason;
    standing->reason = NULL;
}

// Asks the store for the cell; true when it is now ours to run.
static bool claim_cell(Worker *worker, size_t cell, Claim *claim) {
    Work *work = worker->work;
    Error error = {0};
    if (!store_claim(work->store, work->id[cell], &work->grid->cell[cell], claim, &error)) {
        break_off(work, &error);
        return false;
    }
    pthread_mutex_lock(&work->mutex);
    Slot *slot = &work->slot[cell];
    slot->fraction = claim->standing.fraction;
    if (claim->result == CLAIM_SETTLED) settle(slot, &claim->standing);
    if (claim->result == CLAIM_BUSY) {
        slot->phase = FOREIGN;
        slot->again = system_seconds() + RETRY_SECONDS;
    }
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
            wait_change(work, RETRY_SECONDS);
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
    } else if (state == CELL_TODO) {
        slot->phase = WAITING;
        work->halt = true; // a run that was not asked to stop wants the sweep to
    } else {
        Standing standing = {state, 1, reason ? memory_text(reason) : NULL};
        settle(slot, &standing);
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
    save.drop_checkpoint = state == CELL_DIVERGED || (state == CELL_DONE && !cell->facts.prefix);
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

// ---- the watch ----

// FLOP/s of one job: of this call once it has worked for a second, before that from the store.
static double rate_of_job(const Work *work) {
    double worked = work->worked, working = work->working, now = system_seconds();
    for (int w = 0; w < work->workers; w++) {
        const Worker *worker = &work->worker[w];
        if (!worker->busy) continue;
        double fraction = worker->fraction;
        worked += fmax(0, fraction - worker->from) * work->grid->cell[worker->cell].facts.flops;
        working += now - worker->since;
    }
    bool measured = worked > 0 && (working > 1 || isnan(work->known_rate));
    return measured ? worked / working : work->known_rate;
}

static void add_slot(const Slot *slot, SweepProgress *progress) {
    progress->cells++;
    progress->running += slot->phase == MINE || slot->phase == FOREIGN;
    if (slot->phase != SETTLED) return;
    progress->done += slot->state == CELL_DONE;
    progress->diverged += slot->state == CELL_DIVERGED;
    progress->failed += slot->state == CELL_FAILED;
}

static double fraction_of(const Work *work, size_t cell) {
    for (int w = 0; w < work->workers; w++) {
        if (work->worker[w].busy && work->worker[w].cell == cell) return work->worker[w].fraction;
    }
    return work->slot[cell].fraction;
}

static SweepProgress measure(const Work *work) {
    SweepProgress progress = {.seconds = system_seconds() - work->begun};
    double total = 0, left = 0, longest = 0;
    size_t open = 0;
    for (size_t i = 0; i < work->grid->cells; i++) {
        double flops = work->grid->cell[i].facts.flops;
        add_slot(&work->slot[i], &progress);
        total += flops;
        if (work->slot[i].phase == SETTLED) continue;
        double own = flops * (1 - fraction_of(work, i));
        left += own;
        longest = fmax(longest, own);
        open++;
    }
    double rate = rate_of_job(work), jobs = fmin(work->workers, (double)open);
    progress.fraction = total > 0 ? 1 - left / total : open == 0;
    progress.rate_flops = rate * jobs;
    progress.eta_seconds = open ? fmax(left / (rate * jobs), longest / rate) : 0;
    if (isnan(rate) && open) progress.eta_seconds = NAN;
    return progress;
}

static void show_progress(Work *work) {
    if (!work->options->progress) return;
    pthread_mutex_lock(&work->mutex);
    SweepProgress progress = measure(work);
    pthread_mutex_unlock(&work->mutex);
    work->options->progress(work->options->user, &progress);
}

static void keep_leases(Work *work) {
    Error error = {0};
    if (!store_renew(work->store, &error)) break_off(work, &error);
}

static bool wait_a_moment(Work *work) {
    pthread_mutex_lock(&work->mutex);
    if (work->alive) wait_change(work, WATCH_SECONDS);
    bool alive = work->alive > 0;
    pthread_mutex_unlock(&work->mutex);
    return alive;
}

static void watch(Work *work) {
    const SweepOptions *options = work->options;
    double shown = 0, renewed = system_seconds();
    while (wait_a_moment(work)) {
        double now = system_seconds();
        if (options->stop && options->stop(options->user)) work->halt = true;
        if (now - shown >= SHOW_SECONDS) {
            show_progress(work);
            shown = now;
        }
        if (now - renewed >= RENEW_SECONDS) {
            keep_leases(work);
            renewed = now;
        }
    }
    show_progress(work);
}

// ---- from start to end ----

static bool look_at_cells(Work *work, SweepReport *report, Error *error) {
    for (size_t i = 0; i < work->grid->cells; i++) {
        Standing standing;
        if (!store_look(work->store, work->grid->cell[i].key, &standing, error)) return false;
        work->slot[i].fraction = standing.fraction;
        if (standing.state > CELL_RUNNING) {
            settle(&work->slot[i], &standing);
            report->reused++;
        }
        memory_free(standing.reason);
    }
    return true;
}

static bool start_workers(Work *work, Error *error) {
    size_t open = 0;
    for (size_t i = 0; i < work->grid->cells; i++) open += work->slot[i].phase != SETTLED;
    int jobs = work->options->jobs > 0 ? work->options->jobs : system_processors();
    if ((size_t)jobs > open) jobs = (int)open;
    work->worker = memory_new((size_t)jobs, sizeof *work->worker);
    pthread_mutex_lock(&work->mutex);
    for (int w = 0; w < jobs; w++) {
        Worker *worker = &work->worker[w];
        worker->work = work;
        worker->run = (TaskRun){.sweep = worker,
                                .record = run_record,
                                .checkpoint = run_checkpoint,
                                .checkpoint_due = run_checkpoint_due,
                                .stop = run_stop,
                                .progress = run_progress};
        if (pthread_create(&worker->thread, NULL, work_on, worker) != 0) break;
        work->workers = ++work->alive;
    }
    pthread_mutex_unlock(&work->mutex);
    return work->workers || !open ? true : error_set(error, "no thread can be started");
}

static void stop_workers(Work *work) {
    for (int w = 0; w < work->workers; w++) {
        pthread_join(work->worker[w].thread, NULL);
        memory_free(work->worker[w].record);
    }
    store_release(work->store);
}

// "width=2 seed=0: the reason"
static void tell_failure(const Sweep *sweep, const SweepCell *cell, const char *reason,
                         SweepReport *report) {
    Text text = {0};
    for (size_t a = 0; a < sweep->axes; a++) {
        const char *value = settings_get(&cell->settings, sweep->axis[a].name);
        if (value)
            text_printf(&text, "%s%s=%s", text.length ? " " : "", sweep->axis[a].name, value);
    }
    text_printf(&text, "%s%s", text.length ? ": " : "", reason ? reason : "failed");
    snprintf(report->reason, sizeof report->reason, "%s", text.data);
    text_free(&text);
}

static void fill_report(const Sweep *sweep, const Work *work, SweepReport *report) {
    SweepProgress progress = measure(work);
    report->cells = progress.cells;
    report->done = progress.done;
    report->failed = progress.failed;
    report->diverged = progress.diverged;
    report->interrupted = progress.done + progress.failed + progress.diverged < progress.cells;
    report->seconds = progress.seconds;
    for (size_t i = 0; i < work->grid->cells && !*report->reason; i++) {
        const Slot *slot = &work->slot[i];
        if (slot->phase == SETTLED && slot->state == CELL_FAILED)
            tell_failure(sweep, &work->grid->cell[i], slot->reason, report);
    }
}

static bool conclude(const Work *work, const SweepReport *report, Error *error) {
    if (work->broken) return error_kind(error, work->error.kind, "%s", work->error.text);
    if (!report->interrupted) return true;
    return error_kind(error, ERROR_INTERRUPTED,
                      "%s: stopped with %zu of %zu cells settled; the same command goes on",
                      work->store->path, report->done + report->failed + report->diverged,
                      report->cells);
}

static bool prepare(Work *work, SweepReport *report, Error *error) {
    const char *command = work->options->command;
    size_t cells = work->grid->cells;
    work->id = memory_try(cells, sizeof *work->id, "the cells of a sweep", error);
    work->slot = memory_try(cells, sizeof *work->slot, "the cells of a sweep", error);
    return work->id && work->slot &&
           store_add(work->store, work->task, work->grid, work->id, error) &&
           (!command || store_note(work->store, "command", command, error)) &&
           store_rate(work->store, work->task->name, &work->known_rate, error) &&
           look_at_cells(work, report, error) && start_workers(work, error);
}

static void init_work(Work *work) {
    pthread_condattr_t attribute;
    pthread_condattr_init(&attribute);
    pthread_condattr_setclock(&attribute, CLOCK_MONOTONIC);
    pthread_cond_init(&work->changed, &attribute);
    pthread_condattr_destroy(&attribute);
    pthread_mutex_init(&work->mutex, NULL);
    while (work->task->metrics[work->metrics]) work->metrics++;
}

static void free_work(Work *work) {
    for (size_t i = 0; work->slot && i < work->grid->cells; i++) memory_free(work->slot[i].reason);
    memory_free(work->slot);
    memory_free(work->id);
    memory_free(work->worker);
    pthread_cond_destroy(&work->changed);
    pthread_mutex_destroy(&work->mutex);
}

static bool run_grid(const Sweep *sweep, Work *work, SweepReport *report, Error *error) {
    init_work(work);
    bool ok = prepare(work, report, error);
    if (ok) {
        watch(work);
        stop_workers(work);
        fill_report(sweep, work, report);
        ok = conclude(work, report, error);
    }
    free_work(work);
    return ok;
}

bool sweep_run(const Sweep *sweep, const Task *task, const char *path, const SweepOptions *options,
               SweepReport *report, Error *error) {
    *report = (SweepReport){0};
    double begun = system_seconds();
    SweepGrid grid;
    if (!sweep_grid(sweep, task, &grid, error)) return false;
    Store *store = store_open(path, error);
    Work work = {.task = task, .grid = &grid, .options = options, .store = store, .begun = begun};
    bool ok = store && run_grid(sweep, &work, report, error);
    store_close(store);
    sweep_grid_free(&grid);
    return ok;
}
