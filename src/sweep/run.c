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

// An owner is "HOST BOOT/PIDS PID START COUNT" (owner.h).
static void add_holder(const Slot *slot, SweepProgress *progress) {
    char host[64] = "", process[24] = "";
    if (progress->elsewhere++ || !slot->owner || isnan(slot->seen)) return;
    bool known = sscanf(slot->owner, "%63s %*s %23s", host, process) == 2;
    snprintf(progress->holder, sizeof progress->holder, known ? "process %s on %s" : "%s%s",
             known ? process : "another process", known ? host : "");
    double longest = LEASE_SECONDS - (system_seconds() - slot->seen);
    progress->holder_seconds = fmax(0, fmin(slot->lease - store_now(), longest));
}

static void add_slot(const Slot *slot, SweepProgress *progress) {
    progress->cells++;
    progress->running += slot->phase == MINE;
    if (slot->phase == FOREIGN) add_holder(slot, progress);
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
    double total = 0, left = 0, own_left = 0, longest = 0;
    size_t open = 0, own_open = 0;
    for (size_t i = 0; i < work->grid->cells; i++) {
        double flops = work->grid->cell[i].facts.flops;
        add_slot(&work->slot[i], &progress);
        total += flops;
        if (work->slot[i].phase == SETTLED) continue;
        double rest = flops * (1 - fraction_of(work, i));
        left += rest;
        open++;
        if (work->slot[i].phase == FOREIGN) continue;
        own_left += rest;
        longest = fmax(longest, rest);
        own_open++;
    }
    double rate = own_open ? rate_of_job(work) : NAN, jobs = fmin(work->workers, (double)own_open);
    progress.fraction = !open ? 1 : total > 0 ? fmin(1 - left / total, 0.999) : 0;
    progress.rate_flops = rate * jobs;
    progress.eta_seconds = !open ? 0 : fmax(own_left / (rate * jobs), longest / rate);
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

// A store that is not where it was ends the sweep: what is computed from here on would be lost.
static void keep_leases(Work *work) {
    Error error = {0};
    if (!store_is_in_place(work->store)) work->halt = true;
    if (!store_renew(work->store, &error)) work_break_off(work, &error);
}

static void pass_words(const Work *work) {
    Text words = {0};
    store_words(work->store, &words);
    const char *line = words.data, *end;
    for (; line && (end = strchr(line, '\n')); line = end + 1) {
        Text one = {0};
        text_add_bytes(&one, line, (size_t)(end - line) + 1);
        if (work->options->say) work->options->say(work->options->user, one.data);
        text_free(&one);
    }
    text_free(&words);
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
            pass_words(work);
            show_progress(work);
            shown = now;
        }
        if (now - renewed >= RENEW_SECONDS) {
            keep_leases(work);
            renewed = now;
        }
    }
    pass_words(work);
    show_progress(work);
}

// ---- from start to end ----

static bool add_cells(Work *work, SweepReport *report, Error *error) {
    bool ok = store_add(work->store, work->task, work->grid, work->found, error);
    for (size_t i = 0; i < work->grid->cells; i++) {
        Standing *standing = &work->found[i].standing;
        work->slot[i].fraction = standing->fraction;
        work->slot[i].seen = NAN;
        if (ok && standing->state > CELL_RUNNING) {
            slot_settle(&work->slot[i], standing);
            report->reused++;
        }
        memory_free(standing->reason);
        standing->reason = NULL;
    }
    return ok;
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
static void tell_failure(const SweepCell *cell, const char *reason, SweepReport *report) {
    snprintf(report->reason, sizeof report->reason, "%s%s%s", cell->name, *cell->name ? ": " : "",
             reason ? reason : "failed");
}

static void fill_report(const Work *work, SweepReport *report) {
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
            tell_failure(&work->grid->cell[i], slot->reason, report);
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

static bool prepare(const Sweep *sweep, Work *work, SweepReport *report, Error *error) {
    const char *command = work->options->command;
    size_t cells = work->grid->cells;
    work->found = memory_try(cells, sizeof *work->found, "the cells of a sweep", error);
    work->slot = memory_try(cells, sizeof *work->slot, "the cells of a sweep", error);
    return work->found && work->slot && add_cells(work, report, error) &&
           (!command || store_note(work->store, "command", command, error)) &&
           (!sweep->named ||
            store_note_experiment(work->store, sweep->name, sweep->description, error)) &&
           store_rate(work->store, work->task->name, &work->known_rate, error) &&
           start_workers(work, error);
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
    for (size_t i = 0; work->slot && i < work->grid->cells; i++) {
        memory_free(work->slot[i].reason);
        memory_free(work->slot[i].owner);
    }
    memory_free(work->slot);
    memory_free(work->found);
    memory_free(work->worker);
    pthread_cond_destroy(&work->changed);
    pthread_mutex_destroy(&work->mutex);
}

static bool misses(Store *store, const Work *work, const Found *found, Error *error) {
    for (size_t i = 0; i < work->grid->cells; i++) {
        const Slot *slot = &work->slot[i];
        bool whole = found[i].id && !found[i].damaged; // a failed one may be under way again
        bool as_left = slot->state == CELL_FAILED || slot->state == found[i].standing.state;
        if (slot->phase != SETTLED || (whole && as_left)) continue;
        return error_set(
            error,
            "%s: does not hold what was computed: run %s is missing or damaged in it. "
            "Was the file written over? The same command computes anew what is missing",
            store->path, work->grid->cell[i].name);
    }
    return true;
}

// Is what was settled in the file of that name, for whoever opens it next?
static bool read_back(const Work *work, const char *path, Error *error) {
    Store *store = store_open_to_read(path, error);
    Found *found = memory_try(work->grid->cells, sizeof *found, "the cells of a sweep", error);
    bool ok = store && found && store_find(store, work->grid, found, error) &&
              misses(store, work, found, error);
    for (size_t i = 0; found && i < work->grid->cells; i++) memory_free(found[i].standing.reason);
    memory_free(found);
    store_close(store);
    return ok;
}

// Takes the store.
static bool run_grid(const Sweep *sweep, Work *work, SweepReport *report, Error *error) {
    init_work(work);
    bool ok = prepare(sweep, work, report, error);
    if (ok) {
        watch(work);
        stop_workers(work);
        fill_report(work, report);
        ok = conclude(work, report, error);
    }
    pass_words(work);
    char *path = memory_text(work->store->path);
    if (!store_is_in_place(work->store)) ok = store_rescue(work->store, error);
    store_close(work->store);
    if (ok && report->reused < report->cells) ok = read_back(work, path, error);
    memory_free(path);
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
    sweep_grid_free(&grid);
    return ok;
}
