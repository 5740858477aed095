#include "cli/table.h"
#include "cli/store.h"
#include <stdio.h>
#include <string.h>

// Columns that may differ between repetitions of one run.
static const char *const IGNORED[] = {"cell", "state", "flops", "seconds", NULL};

static bool read_store(const char *path, Table *table, Error *error) {
    Text csv = {0};
    bool ok = cli_look_at_store(path, error) &&
              sweep_export(path, &(SweepFilter){0}, SWEEP_CSV, &csv, error) &&
              curve_parse_csv(path, csv.data ? csv.data : "", csv.length, table, error);
    text_free(&csv);
    return ok;
}

// How far the sweep came, of the runs that `where` keeps.
static bool count_runs(const char *path, const Settings *where, CurveRuns *runs, Error *error) {
    size_t count[5];
    if (!sweep_count(path, where, count, error)) return false;
    *runs = (CurveRuns){.done = count[CELL_DONE] + count[CELL_DIVERGED],
                        .running = count[CELL_RUNNING],
                        .failed = count[CELL_FAILED]};
    runs->total = runs->done + runs->running + runs->failed + count[CELL_TODO];
    return true;
}

// How many different values a column has, counted up to 100. Newest first: most tables are sorted.
static size_t distinct(const Table *table, size_t column) {
    enum { MOST = 100 };
    const TableCell *seen[MOST];
    size_t count = 0;
    for (size_t i = 0; i < table->rows && count < MOST; i++) {
        const TableCell *cell = &table->row[i]->cell[column];
        size_t j = count;
        while (j > 0 && table_compare(seen[j - 1], cell) != 0) j--;
        if (j == 0) seen[count++] = cell;
    }
    return count;
}

static bool all_numbers(const Table *table, size_t column) {
    for (size_t i = 0; i < table->rows; i++) {
        if (!table->row[i]->cell[column].numeric) return false;
    }
    return true;
}

// The x nobody named: width when it varies, else the numeric setting with most values, else epoch.
static const char *guess_x(const Table *table) {
    const char *best = "epoch";
    size_t most = 1;
    for (size_t c = 0; c < table->columns; c++) {
        const TableColumn *column = &table->column[c];
        bool fact = strcmp(column->name, "parameters") == 0 || strcmp(column->name, "bytes") == 0;
        for (const char *const *name = IGNORED; *name; name++) {
            fact = fact || strcmp(column->name, *name) == 0;
        }
        if (fact || column->role != COLUMN_SETTING || !all_numbers(table, c)) continue;
        size_t count = distinct(table, c);
        if (count > 1 && strcmp(column->name, "width") == 0) return column->name;
        if (count > most) {
            most = count;
            best = column->name;
        }
    }
    return best;
}

static void split_by(CurveSource *source, const char *names) {
    size_t count = 0;
    text_add(&source->by_text, names);
    for (char *name = strtok(source->by_text.data, ","); name && count < 15;
         name = strtok(NULL, ",")) {
        source->by[count++] = name;
    }
}

static bool read_flags(const Arguments *arguments, CurveSource *source, Error *error) {
    CurveOptions *options = &source->options;
    options->ignore = IGNORED;
    options->where = &source->where;
    options->y = cli_flag(arguments, "y");
    if (cli_flag(arguments, "by")) {
        split_by(source, cli_flag(arguments, "by"));
        options->by = source->by;
    }
    if (!cli_flag_int(arguments, "epoch", 1, INT64_MAX, &options->epoch, error)) return false;
    options->x = cli_flag(arguments, "x");
    if (!options->x) options->x = guess_x(&source->table);
    options->first_epoch = strcmp(options->x, "epoch") == 0;
    options->unfinished = strcmp(options->x, "epoch") == 0;
    return true;
}

bool cli_open_curve(const Arguments *arguments, const Command *command, CurveSource *source,
                    Error *error) {
    const char *csv = cli_flag(arguments, "csv");
    *source = (CurveSource){0};
    if (!csv && arguments->words == 0) {
        return error_kind(error, ERROR_USAGE,
                          "benign %s: which store? (or --csv FILE)\nusage: benign %s %s",
                          command->name, command->name, command->form);
    }
    if (!cli_settings(arguments, command, csv ? 0 : 1, &source->where, error)) return false;
    const char *store = csv ? NULL : arguments->word[0];
    bool ok = csv ? curve_read_csv(csv, &source->table, error)
                  : read_store(store, &source->table, error) &&
                        count_runs(store, &source->where, &source->options.runs, error);
    if (ok && source->table.has_index)
        fprintf(stderr, "%s:1:1: the first column has no name: an index, left out\n", csv);
    return ok && read_flags(arguments, source, error);
}

void cli_close_curve(CurveSource *source) {
    table_free(&source->table);
    settings_free(&source->where);
    text_free(&source->by_text);
}
