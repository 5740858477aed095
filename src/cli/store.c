#include "cli/store.h"
#include "guess/guess.h"
#include "ridge/ridge.h"
#include "train/train.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

const Task *const cli_tasks[] = {&train_task, &ridge_task, &guess_task, NULL};

// ", 2 held by process 17 on node3 (for 42 s at most, unless it renews that)"
static void add_elsewhere(Text *line, const SweepProgress *p) {
    if (!p->elsewhere) return;
    text_printf(line, ", %zu held by %s", p->elsewhere, *p->holder ? p->holder : "other processes");
    if (*p->holder) {
        text_add(line, " (for ");
        system_duration(line, p->holder_seconds);
        text_add(line, " more, unless it renews that)");
    }
}

static void show_progress(void *user, const SweepProgress *p) {
    (void)user;
    if (p->done + p->failed + p->diverged == p->cells) return;
    Text line = {0};
    text_printf(&line, "%zu of %zu runs done", p->done, p->cells);
    if (p->diverged) text_printf(&line, ", %zu diverged", p->diverged);
    if (p->failed) text_printf(&line, ", %zu failed", p->failed);
    text_printf(&line, ", %.0f %%", floor(100 * p->fraction));
    if (isfinite(p->rate_flops)) text_printf(&line, ", %.3g GFLOP/s", p->rate_flops * 1e-9);
    add_elsewhere(&line, p);
    if (isfinite(p->eta_seconds)) {
        text_add(&line, ", ");
        system_duration(&line, p->eta_seconds);
        text_add(&line, " to go");
    }
    cli_progress(line.data);
    text_free(&line);
}

static void say(void *user, const char *line) {
    (void)user;
    cli_say(line);
}

static bool interrupted(void *user) {
    (void)user;
    return system_interrupted();
}

// Data sets are closed when nobody uses them: held here, they are read once for the whole sweep.
typedef struct Held {
    const DataSet *set[16];
    size_t count;
} Held;

static void hold(Held *held, const Task *task, const char *spec) {
    if (held->count == sizeof held->set / sizeof *held->set) return;
    // Whoever needs it reports the error.
    const DataSet *set = (task->doubles ? data_open_double : data_open)(spec, NULL);
    if (set) held->set[held->count++] = set;
}

static const char *default_data(const Task *task) {
    size_t count = 0;
    while (task->options[count].name) count++;
    return option_find(task->options, count, "data")->fallback;
}

void *cli_hold_data(const Sweep *sweep, const Task *task) {
    Held *held = memory_new(1, sizeof *held);
    const char *fixed = settings_get(&sweep->fixed, "data");
    hold(held, task, fixed ? fixed : default_data(task));
    for (size_t a = 0; a < sweep->axes; a++) {
        const SweepAxis *axis = &sweep->axis[a];
        bool is_data = strcmp(axis->name, "data") == 0;
        for (size_t i = 0; is_data && i < axis->count; i++) hold(held, task, axis->value[i].text);
    }
    return held;
}

void cli_let_data_go(void *holding) {
    Held *held = holding;
    for (size_t i = 0; i < held->count; i++) data_close(held->set[i]);
    memory_free(held);
}

bool cli_run_sweep(const Sweep *sweep, const Task *task, const char *store, CliCores cores,
                   const Arguments *arguments, SweepReport *report, Error *error) {
    system_catch_interrupts();
    system_outlive_readers();
    SweepOptions options = {.jobs = (int)cores.jobs,
                            .threads = (int)cores.threads,
                            .command = arguments->line.data,
                            .progress = show_progress,
                            .stop = interrupted,
                            .say = say};
    bool ok = sweep_run(sweep, task, store, &options, report, error);
    cli_progress_end();
    if (!ok && error->kind == ERROR_INTERRUPTED) {
        return error_kind(
            error, ERROR_INTERRUPTED,
            "%s: interrupted with %zu of %zu runs done; nothing is lost, to go on type\n"
            "    %s",
            store, report->done + report->diverged, report->cells, arguments->line.data);
    }
    return ok;
}
