// The scheduler: prepares, watches over the workers, concludes.
#include "sweep/work.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define RENEW_SECONDS 5.0
#define SHOW_SECONDS  0.2
#define WATCH_SECONDS 0.05

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
    if (!store_renew(work->store, &error)) work_break_off(work, &error);
}

static bool wait_a_moment(Work *work) {
    pthread_mutex_lock(&work->mutex);
    if (work->alive) work_wait(work, WATCH_SECONDS);
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
            slot_settle(&work->slot[i], &standing);
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
        if (!worker_start(&work->worker[w], work)) break;
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

// Cells of a grid share most of their notes: each is said where it is new.
static void say_notes(const SweepGrid *grid, const SweepOptions *options) {
    const char *said = NULL;
    for (size_t i = 0; options->say && i < grid->cells; i++) {
        const char *note = grid->cell[i].facts.note;
        if (!note || (said && strcmp(said, note) == 0)) continue;
        options->say(options->user, note);
        said = note;
    }
}

bool sweep_run(const Sweep *sweep, const Task *task, const char *path, const SweepOptions *options,
               SweepReport *report, Error *error) {
    *report = (SweepReport){0};
    double begun = system_seconds();
    SweepGrid grid;
    if (!sweep_grid(sweep, task, &grid, error)) return false;
    say_notes(&grid, options);
    Store *store = store_open(path, error);
    Work work = {.task = task, .grid = &grid, .options = options, .store = store, .begun = begun};
    bool ok = store && run_grid(sweep, &work, report, error);
    store_close(store);
    sweep_grid_free(&grid);
    return ok;
}
