#include "base/json.h"
#include "cli/store.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool say_report(const SweepReport *report, const char *store, bool json, Error *error) {
    Text text = {0};
    if (json) {
        json_t *all =
            json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:f}", "store", json_text(store), "runs",
                      (json_int_t)report->cells, "done", (json_int_t)report->done, "failed",
                      (json_int_t)report->failed, "diverged", (json_int_t)report->diverged,
                      "reused", (json_int_t)report->reused, "seconds", report->seconds);
        cli_add_json(&text, all);
    } else {
        text_printf(&text, "%s: %zu of %zu runs done", store, report->done, report->cells);
        if (report->diverged) text_printf(&text, ", %zu diverged", report->diverged);
        if (report->failed) text_printf(&text, ", %zu failed", report->failed);
        if (report->reused) text_printf(&text, ", %zu of them before", report->reused);
        text_add(&text, "; this took ");
        system_duration(&text, report->seconds);
        text_add(&text, "\n");
    }
    bool ok = cli_write(NULL, &text, error);
    text_free(&text);
    if (ok && report->failed) return error_set(error, "%s", report->reason);
    return ok;
}

static bool run_sweep(const Sweep *sweep, const Arguments *arguments, Error *error) {
    CliCores cores = {.threads = 1};
    if (!cli_flag_int(arguments, "threads", 1, 1024, &cores.threads, error)) return false;
    int64_t processors = system_processors();
    cores.jobs = cores.threads < processors ? processors / cores.threads : 1;
    if (!cli_flag_int(arguments, "jobs", 1, 1024, &cores.jobs, error)) return false;
    const Task *task = sweep_task(sweep, cli_tasks, error);
    if (!task) return false;
    void *holding = cli_hold_data(sweep, task);
    Text store = {0};
    if (cli_flag(arguments, "store")) {
        text_add(&store, cli_flag(arguments, "store"));
    } else {
        text_printf(&store, "%s.db", sweep->name);
    }
    SweepReport report = {0};
    bool ok;
    if (cli_flag(arguments, "dry_run")) {
        ok = cli_dry_run(sweep, task, store.data, cores, arguments, error);
    } else {
        ok = cli_run_sweep(sweep, task, store.data, cores, arguments, &report, error) &&
             say_report(&report, store.data, cli_flag(arguments, "json") != NULL, error);
    }
    text_free(&store);
    cli_let_data_go(holding);
    return ok;
}

static bool run(const Arguments *arguments, Error *error);

static const Flag FLAGS[] = {
    {"store", "FILE", "where runs are kept (default: the experiment's name with .db, here)"},
    {"jobs", "N", "runs at a time (default: the processors this process may use)"},
    CLI_THREADS_FLAG,
    CLI_DRY_RUN_FLAG,
    {"json", NULL, "print the outcome as JSON"},
    {0},
};

const Command command_sweep = {
    .name = "sweep",
    .form = "FILE.yaml [NAME=VALUE ...]",
    .summary = "run everything that an experiment file asks for",
    .more = "NAME=VALUE replaces a fixed value or a dimension of the grid: epochs=50,\n"
            "width=[8,16,32], 'width=geomspace(2,300,20)', seeds=5. Runs that the store already\n"
            "holds are not run again; an interrupted sweep goes on where it stopped.\n"
            "task: ridge in the file fits random features instead of training a network.",
    .flags = FLAGS,
    .least_words = 1,
    .most_words = 1000,
    .run = run,
};

static bool run(const Arguments *arguments, Error *error) {
    Settings overrides = {0};
    Sweep *sweep = NULL;
    bool ok = cli_settings(arguments, &command_sweep, 1, &overrides, error) &&
              sweep_read(arguments->word[0], &overrides, &sweep, error) &&
              run_sweep(sweep, arguments, error);
    sweep_free(sweep);
    settings_free(&overrides);
    return ok;
}
