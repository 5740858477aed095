// What a sweep would do, without doing it.
#include "base/json.h"
#include "cli/store.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

// Adds the names of the settings of `one` that are other ones, or none, in `other`.
static void add_differing(const Settings *one, const Settings *other, Settings *names) {
    for (size_t s = 0; s < one->count; s++) {
        const char *value = settings_get(other, one->item[s].name);
        if (!value || strcmp(value, one->item[s].value) != 0)
            settings_set(names, one->item[s].name, "", NULL);
    }
}

// The names of the settings that differ between cells.
static void find_varying(const SweepGrid *grid, Settings *names) {
    for (size_t c = 1; c < grid->cells; c++) {
        const Settings *first = &grid->cell[0].settings, *own = &grid->cell[c].settings;
        add_differing(first, own, names);
        add_differing(own, first, names);
    }
}

// What tells a cell from the others, as "width=9 seed=1".
static void name_cell(const SweepCell *cell, const Settings *varying, Text *text) {
    for (size_t s = 0; s < varying->count; s++) {
        const char *name = varying->item[s].name, *value = settings_get(&cell->settings, name);
        if (value) text_printf(text, "%s%s=%s", text->length ? " " : "", name, value);
    }
    if (!text->length) text_add(text, "(all settings fixed)");
}

static void duration(Text *text, double seconds) {
    if (isfinite(seconds)) {
        system_duration(text, seconds);
    } else {
        text_add(text, "unknown");
    }
}

static void table_of(const SweepList *list, int jobs, Text *text) {
    Settings varying = {0};
    find_varying(&list->grid, &varying);
    text_printf(text, "%-40s %10s %9s %8s %9s  %s\n", "run", "parameters", "GFLOP", "MB", "state",
                "time left");
    for (size_t i = 0; i < list->grid.cells; i++) {
        const TaskFacts *facts = &list->grid.cell[i].facts;
        const SweepItem *item = &list->item[i];
        Text name = {0}, time = {0};
        name_cell(&list->grid.cell[i], &varying, &name);
        duration(&time,
                 item->state == CELL_DONE || item->state == CELL_DIVERGED ? 0 : item->seconds);
        text_printf(text, "%-40s %10.0f %9.1f %8.1f %9s  %s\n", name.data, facts->parameters,
                    facts->flops * 1e-9, facts->bytes * 1e-6, sweep_states[item->state], time.data);
        text_free(&name);
        text_free(&time);
    }
    settings_free(&varying);
    text_printf(text, "%zu run%s, %.1f GFLOP, of which %.1f to do; at most %.1f MB a run; ",
                list->grid.cells, list->grid.cells == 1 ? "" : "s", list->flops * 1e-9,
                list->flops_left * 1e-9, list->largest_bytes * 1e-6);
    duration(text, list->seconds_left / jobs);
    text_printf(text, " on %d processor%s%s\n", jobs, jobs == 1 ? "" : "s",
                isfinite(list->rate) ? "" : " (by the speed of the largest run just now)");
}

static void json_of(const SweepList *list, int jobs, Text *text) {
    json_t *runs = json_array();
    for (size_t i = 0; i < list->grid.cells; i++) {
        const SweepCell *cell = &list->grid.cell[i];
        json_t *settings = json_object();
        for (size_t s = 0; s < cell->settings.count; s++) {
            const Setting *setting = &cell->settings.item[s];
            json_put(settings, setting->name, json_text(setting->value));
        }
        double seconds = list->item[i].seconds;
        json_array_append_new(
            runs,
            json_pack("{s:o, s:o, s:f, s:f, s:f, s:o, s:o}", "cell", json_text(cell->key), "state",
                      json_text(sweep_states[list->item[i].state]), "parameters",
                      cell->facts.parameters, "flops", cell->facts.flops, "bytes",
                      cell->facts.bytes, "seconds_left",
                      isfinite(seconds) ? json_real(seconds) : json_null(), "settings", settings));
    }
    double left = list->seconds_left / jobs;
    json_t *all =
        json_pack("{s:f, s:f, s:f, s:i, s:o, s:o}", "flops", list->flops, "flops_left",
                  list->flops_left, "largest_bytes", list->largest_bytes, "jobs", jobs,
                  "seconds_left", isfinite(left) ? json_real(left) : json_null(), "runs", runs);
    cli_add_json(text, all);
}

// Where no run has shown the machine's speed yet, the largest one is tried for a moment.
static void expect_time(const Task *task, SweepList *list) {
    if (isfinite(list->rate) || list->grid.cells == 0 || !task->measure_rate) return;
    const SweepCell *largest = &list->grid.cell[0];
    for (size_t i = 1; i < list->grid.cells; i++) {
        if (list->grid.cell[i].facts.flops > largest->facts.flops) largest = &list->grid.cell[i];
    }
    double rate = task->measure_rate(&largest->settings);
    for (size_t i = 0; i < list->grid.cells; i++) {
        list->item[i].seconds =
            (1 - list->item[i].fraction) * list->grid.cell[i].facts.flops / rate;
    }
    list->seconds_left = list->flops_left / rate;
}

bool cli_dry_run(const Sweep *sweep, const Task *task, const char *store, CliCores cores,
                 const Arguments *arguments, Error *error) {
    int jobs = (int)cores.jobs;
    SweepList list;
    if (!sweep_list(sweep, task, store, &list, error)) return false;
    expect_time(task, &list);
    Text text = {0};
    if (cli_flag(arguments, "json")) {
        json_of(&list, jobs, &text);
    } else {
        table_of(&list, jobs, &text);
    }
    bool ok = cli_write(NULL, &text, error);
    text_free(&text);
    sweep_list_free(&list);
    return ok;
}
