#include "cli/store.h"
#include <math.h>
#include <stdio.h>

static void show_progress(void *user, const SweepProgress *p) {
    (void)user;
    Text line = {0};
    text_printf(&line, "%zu of %zu runs", p->done + p->failed + p->diverged, p->cells);
    if (p->diverged) text_printf(&line, ", %zu diverged", p->diverged);
    if (p->failed) text_printf(&line, ", %zu failed", p->failed);
    text_printf(&line, ", %.0f %%", 100 * p->fraction);
    if (isfinite(p->rate_flops)) text_printf(&line, ", %.0f GFLOP/s", p->rate_flops * 1e-9);
    if (isfinite(p->eta_seconds)) {
        text_add(&line, ", ");
        system_duration(&line, p->eta_seconds);
        text_add(&line, " to go");
    }
    cli_progress(line.data);
    text_free(&line);
}

static bool interrupted(void *user) {
    (void)user;
    return system_interrupted();
}

bool cli_run_sweep(const Sweep *sweep, const Task *task, const char *store, int jobs,
                   const Arguments *arguments, SweepReport *report, Error *error) {
    system_catch_interrupts();
    SweepOptions options = {.jobs = jobs,
                            .command = arguments->line.data,
                            .progress = show_progress,
                            .stop = interrupted};
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
