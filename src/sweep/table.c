// The store as one table: gathered cell by cell, sorted, then spread into columns.
#include "sweep/seal.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// What is said of a cell besides the task's own settings.
static const char *const about[] = {"task", "numerics", "network", "data_hash"};
static const char *const facts[] = {"parameters", "flops", "examples", "classes"};
enum { ABOUT = sizeof about / sizeof *about, FACTS = sizeof facts / sizeof *facts };

typedef struct Field { // a setting's column while the table is made
    const char *name;
    bool varies;
} Field;

typedef struct Run { // a cell
    int64_t id;
    const char *key, *state;
    double fact[FACTS], seconds;
    const char **value; // (fields) "" where the run has no such setting
    const Field *field; // shared, for sorting
    size_t fields;
    size_t first, count; // rows
} Run;

typedef struct Gather {
    Store *store;
    const SweepFilter *filter;
    SweepTable *table;
    Field *field;
    size_t fields, field_capacity;
    Run *run;
    size_t runs, run_capacity;
    Field *metric;
    size_t metrics, metric_capacity;
    double *value;  // (rows, metrics)
    int64_t *epoch; // (rows)
    size_t rows, row_capacity;
    Text types; // of a record's columns
    Error *error;
} Gather;

// ---- columns ----

static size_t find_field(const Gather *gather, const char *name) {
    size_t i = 0;
    while (i < gather->fields && strcmp(gather->field[i].name, name) != 0) i++;
    return i;
}

static const char *keep(Gather *gather, const char *text) {
    return arena_text(&gather->table->arena, text, strlen(text));
}

static void add_field(Gather *gather, const char *name) {
    if (find_field(gather, name) < gather->fields) return;
    gather->field =
        memory_grow(gather->field, gather->fields, &gather->field_capacity, sizeof *gather->field);
    gather->field[gather->fields++] = (Field){keep(gather, name), false};
}

static bool read_names(Gather *gather) {
    for (size_t i = 0; i < ABOUT; i++) add_field(gather, about[i]);
    bool row = true;
    sqlite3_stmt *query =
        query_new(gather->store, gather->error, "SELECT DISTINCT name FROM setting", "");
    bool ok = query != NULL;
    while (ok && (ok = query_row(gather->store, query, &row, gather->error)) && row) {
        ok = query_types(gather->store, query, "t", gather->error);
        if (ok) add_field(gather, query_text(query, 0));
    }
    sqlite3_finalize(query);
    if (!ok) return false;
    query = query_new(gather->store, gather->error,
                      "SELECT name FROM pragma_table_info('record')"
                      " WHERE name NOT IN ('cell', 'epoch', 'on_grid') ORDER BY name",
                      "");
    ok = query != NULL;
    while (ok && (ok = query_row(gather->store, query, &row, gather->error)) && row) {
        gather->metric = memory_grow(gather->metric, gather->metrics, &gather->metric_capacity,
                                     sizeof *gather->metric);
        gather->metric[gather->metrics++] = (Field){keep(gather, query_text(query, 0)), false};
    }
    sqlite3_finalize(query);
    return ok;
}

// ---- runs ----

static bool equal_values(const char *a, const char *b) {
    double x, y;
    return strcmp(a, b) == 0 || (text_to_real(a, &x) && text_to_real(b, &y) && x == y);
}

static bool same_name(const char *a, const char *b) {
    while (*a && (*a == *b || (*a == '_' && *b == '-') || (*a == '-' && *b == '_'))) a++, b++;
    return !*a && !*b;
}

static const char *value_of(const Run *run, const char *name) {
    if (same_name("state", name)) return run->state;
    if (same_name("cell", name)) return run->key;
    for (size_t i = 0; i < run->fields; i++) {
        if (same_name(run->field[i].name, name)) return run->value[i];
    }
    return NULL;
}

static bool is_wanted(const Gather *gather, const Run *run) {
    const Settings *where = gather->filter ? gather->filter->where : NULL;
    for (size_t i = 0; where && i < where->count; i++) {
        const char *value = value_of(run, where->item[i].name); // NULL: not a setting of this run
        if (!value || !equal_values(value, where->item[i].value)) return false;
    }
    return true;
}

static bool check_filter(const Gather *gather) {
    const Settings *where = gather->filter ? gather->filter->where : NULL;
    Run probe = {.state = "", .key = "", .field = gather->field, .fields = gather->fields};
    const char *empty = "";
    const char **values = memory_new(gather->fields, sizeof *values);
    for (size_t i = 0; i < gather->fields; i++) values[i] = empty;
    probe.value = values;
    bool ok = true;
    for (size_t i = 0; ok && where && i < where->count; i++) {
        const Setting *item = &where->item[i];
        if (value_of(&probe, item->name)) continue;
        const char *nearest =
            text_nearest(item->name, gather->field, gather->fields, sizeof *gather->field);
        ok = error_set(gather->error, "%s: no run has a setting \"%s\"%s%s%s",
                       item->place ? item->place : gather->store->path, item->name,
                       nearest ? ", did you mean \"" : "", nearest ? nearest : "",
                       nearest ? "\"?" : "");
    }
    memory_free(values);
    return ok;
}

static bool read_settings(Gather *gather, Run *run) {
    bool row = true;
    sqlite3_stmt *query = query_new(gather->store, gather->error,
                                    "SELECT name, value FROM setting WHERE cell = ?", "i", run->id);
    bool ok = query != NULL;
    while (ok && (ok = query_row(gather->store, query, &row, gather->error)) && row) {
        ok = query_types(gather->store, query, "tt", gather->error);
        size_t at = find_field(gather, keep(gather, query_text(query, 0)));
        if (at < gather->fields) run->value[at] = keep(gather, query_text(query, 1));
    }
    sqlite3_finalize(query);
    return ok;
}

static bool is_picked_by_cell(const Gather *gather) {
    const Settings *where = gather->filter ? gather->filter->where : NULL;
    return where && settings_find(where, "cell");
}

// A damaged run is not left out, since nobody knows whether the filter would have kept it; but
// where one run is asked for, the others do not matter.
static bool check_run(Gather *gather, const Run *run) {
    bool whole;
    if (is_picked_by_cell(gather) && !is_wanted(gather, run)) return true;
    if (!seal_check_run(gather->store, run->id, &whole, gather->error)) return false;
    return whole || error_set(gather->error,
                              "%s: run %s is damaged in the store: its settings or its records are "
                              "not what was written. benign sweep with its experiment computes it "
                              "anew; benign store --verify %s lists all that is damaged",
                              gather->store->path, run->key, gather->store->path);
}

static bool read_run(Gather *gather, sqlite3_stmt *query) {
    CellState state;
    if (!query_types(gather->store, query, "ittrrrrrtttt", gather->error)) return false;
    if (!sweep_state_of(query_text(query, 2), &state))
        return error_set(gather->error, "%s: the store is damaged: a run has the state \"%s\"",
                         gather->store->path, query_text(query, 2));
    Run run = {.id = sqlite3_column_int64(query, 0),
               .key = keep(gather, query_text(query, 1)),
               .state = keep(gather, query_text(query, 2)),
               .seconds = sqlite3_column_double(query, 3),
               .field = gather->field,
               .fields = gather->fields};
    for (int i = 0; i < FACTS; i++) run.fact[i] = sqlite3_column_double(query, 4 + i);
    run.value = arena_new(&gather->table->arena, gather->fields, sizeof *run.value);
    for (size_t i = 0; i < gather->fields; i++) run.value[i] = "";
    if (!read_settings(gather, &run)) return false;
    for (int i = 0; i < ABOUT; i++) {
        run.value[find_field(gather, about[i])] = keep(gather, query_text(query, 4 + FACTS + i));
    }
    if (!check_run(gather, &run)) return false;
    if (!is_wanted(gather, &run)) return true;
    gather->run = memory_grow(gather->run, gather->runs, &gather->run_capacity, sizeof run);
    gather->run[gather->runs++] = run;
    return true;
}

static bool read_runs(Gather *gather) {
    bool row = true;
    sqlite3_stmt *query = query_new(gather->store, gather->error,
                                    "SELECT id, key, state, seconds,"
                                    " parameters, flops, examples, classes,"
                                    " task, numerics, network, data_hash FROM cell",
                                    "");
    bool ok = query != NULL;
    while (ok && (ok = query_row(gather->store, query, &row, gather->error)) && row) {
        ok = read_run(gather, query);
    }
    sqlite3_finalize(query);
    return ok;
}

// ---- rows ----

static bool add_row(Gather *gather, sqlite3_stmt *query) {
    if (!query_types(gather->store, query, gather->types.data, gather->error)) return false;
    if (gather->rows == gather->row_capacity) {
        size_t capacity = gather->rows ? 2 * gather->rows : 256, width = gather->metrics + 1;
        double *value =
            memory_try(capacity, width * sizeof *value, "the records of a store", gather->error);
        int64_t *epoch =
            value ? memory_try(capacity, sizeof *epoch, "the records of a store", gather->error)
                  : NULL;
        if (!epoch) {
            memory_free(value);
            return false;
        }
        if (gather->rows) {
            memcpy(value, gather->value, gather->rows * width * sizeof *value);
            memcpy(epoch, gather->epoch, gather->rows * sizeof *epoch);
        }
        memory_free(gather->value);
        memory_free(gather->epoch);
        gather->value = value;
        gather->epoch = epoch;
        gather->row_capacity = capacity;
    }
    double *value = gather->value + gather->rows * (gather->metrics + 1);
    for (size_t m = 0; m < gather->metrics; m++) {
        bool measured = sqlite3_column_type(query, (int)m + 1) != SQLITE_NULL;
        value[m] = measured ? sqlite3_column_double(query, (int)m + 1) : NAN;
        gather->metric[m].varies |= measured;
    }
    gather->epoch[gather->rows++] = sqlite3_column_int64(query, 0);
    return true;
}

static bool read_rows(Gather *gather, Run *run) {
    Text sql = {0};
    text_add(&sql, "SELECT epoch");
    for (size_t m = 0; m < gather->metrics; m++)
        text_printf(&sql, ", \"%s\"", gather->metric[m].name);
    text_add(&sql, " FROM record WHERE cell = ? ORDER BY epoch");
    bool row = true;
    sqlite3_stmt *query = query_new(gather->store, gather->error, sql.data, "i", run->id);
    bool ok = query != NULL;
    run->first = gather->rows;
    while (ok && (ok = query_row(gather->store, query, &row, gather->error)) && row) {
        ok = add_row(gather, query);
    }
    run->count = gather->rows - run->first;
    sqlite3_finalize(query);
    text_free(&sql);
    return ok;
}

static bool check_whole(Gather *gather) {
    bool whole;
    if (!seal_check_runs(gather->store, &whole, gather->error)) return false;
    return whole || error_set(gather->error,
                              "%s: the store is damaged: it does not hold the runs that were put "
                              "into it; benign sweep with its experiment computes them anew",
                              gather->store->path);
}

// All within one transaction, so that a running sweep does not show half of itself.
static bool read_store(Gather *gather) {
    Store *store = gather->store;
    if (!query_run(store, gather->error, "BEGIN", "")) return false;
    bool ok =
        check_whole(gather) && read_names(gather) && check_filter(gather) && read_runs(gather);
    text_add(&gather->types, "i");
    for (size_t m = 0; m < gather->metrics; m++) text_add(&gather->types, "R");
    for (size_t i = 0; ok && i < gather->runs; i++) ok = read_rows(gather, &gather->run[i]);
    query_run(store, NULL, "COMMIT", "");
    return ok;
}

// ---- order ----

// The columns in order: fields that vary, fields that do not; names first to last within.
static int by_column(const void *a, const void *b) {
    const Field *x = a, *y = b;
    if (x->varies != y->varies) return x->varies ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int compare_values(const char *a, const char *b) {
    double x, y;
    bool a_real = text_to_real(a, &x), b_real = text_to_real(b, &y);
    if (a_real && b_real && x != y) return x < y ? -1 : 1;
    if (a_real != b_real) return a_real ? -1 : 1;
    return strcmp(a, b);
}

static int by_settings(const void *a, const void *b) {
    const Run *x = a, *y = b;
    for (size_t i = 0; i < x->fields; i++) {
        int order = compare_values(x->value[i], y->value[i]);
        if (order) return order;
    }
    return strcmp(x->key, y->key);
}

// Settings that no run of this table has are left out.
static void sort_fields(Gather *gather) {
    size_t fields = gather->fields, kept = 0;
    Field *sorted = memory_new(fields, sizeof *sorted);
    for (size_t i = 0; i < fields; i++) {
        bool used = false, varies = false;
        for (size_t r = 0; r < gather->runs; r++) {
            used |= *gather->run[r].value[i] != 0;
            varies |= strcmp(gather->run[r].value[i], gather->run[0].value[i]) != 0;
        }
        if (used) sorted[kept++] = (Field){gather->field[i].name, varies};
    }
    qsort(sorted, kept, sizeof *sorted, by_column);
    for (size_t r = 0; r < gather->runs; r++) {
        Run *run = &gather->run[r];
        const char **value = arena_new(&gather->table->arena, kept, sizeof *value);
        for (size_t i = 0; i < kept; i++) value[i] = run->value[find_field(gather, sorted[i].name)];
        run->value = value;
        run->field = sorted;
        run->fields = kept;
    }
    memory_free(gather->field);
    gather->field = sorted;
    gather->fields = kept;
    if (gather->runs) qsort(gather->run, gather->runs, sizeof *gather->run, by_settings);
}

// ---- the table ----

static SweepColumn *add_column(Gather *gather, const char *name, SweepColumnKind kind, bool text) {
    SweepTable *table = gather->table;
    SweepColumn *column = &table->column[table->columns];
    *column = (SweepColumn){.name = name, .kind = kind};
    column->real = memory_try(gather->rows, sizeof *column->real, "a table", gather->error);
    if (text)
        column->text = memory_try(gather->rows, sizeof *column->text, "a table", gather->error);
    table->columns++; // also when half made: sweep_table_free frees it
    return column->real && (!text || column->text) ? column : NULL;
}

typedef const char *(*TextOf)(const Run *run, size_t i);
typedef double (*RealOf)(const Run *run, size_t i);

static bool fill_texts(Gather *gather, SweepColumn *column, TextOf text_of, size_t i) {
    for (size_t r = 0, row = 0; column && r < gather->runs; r++) {
        const char *text = text_of(&gather->run[r], i);
        double real;
        if (!text_to_real(text, &real)) real = NAN;
        for (size_t k = 0; k < gather->run[r].count; k++, row++) {
            column->text[row] = text;
            column->real[row] = real;
        }
    }
    return column != NULL;
}

static bool fill_reals(Gather *gather, SweepColumn *column, RealOf real_of, size_t i) {
    for (size_t r = 0, row = 0; column && r < gather->runs; r++) {
        for (size_t k = 0; k < gather->run[r].count; k++, row++) {
            column->real[row] = real_of(&gather->run[r], i);
        }
    }
    return column != NULL;
}

static const char *setting_of(const Run *run, size_t i) {
    return run->value[i];
}

static const char *state_of(const Run *run, size_t i) {
    (void)i;
    return run->state;
}

static const char *key_of(const Run *run, size_t i) {
    (void)i;
    return run->key;
}

static double fact_of(const Run *run, size_t i) {
    return run->fact[i];
}

static double seconds_of(const Run *run, size_t i) {
    (void)i;
    return run->seconds;
}

static bool fill_epoch(Gather *gather) {
    SweepColumn *column = add_column(gather, "epoch", SWEEP_FACT, false);
    for (size_t r = 0, row = 0; column && r < gather->runs; r++) {
        const int64_t *epoch = gather->epoch + gather->run[r].first;
        for (size_t k = 0; k < gather->run[r].count; k++) column->real[row++] = (double)epoch[k];
    }
    return column != NULL;
}

static bool fill_metric(Gather *gather, size_t m) {
    SweepColumn *column = add_column(gather, gather->metric[m].name, SWEEP_METRIC, false);
    size_t width = gather->metrics + 1;
    for (size_t r = 0, row = 0; column && r < gather->runs; r++) {
        const double *value = gather->value + gather->run[r].first * width + m;
        for (size_t k = 0; k < gather->run[r].count; k++) column->real[row++] = value[k * width];
    }
    return column != NULL;
}

static bool make_table(Gather *gather) {
    SweepTable *table = gather->table;
    table->rows = gather->rows;
    table->column = memory_new(gather->fields + FACTS + gather->metrics + 4, sizeof *table->column);
    bool ok = true;
    for (size_t i = 0; ok && i < gather->fields; i++) {
        SweepColumn *column = add_column(gather, gather->field[i].name, SWEEP_SETTING, true);
        if (column) column->varies = gather->field[i].varies;
        ok = fill_texts(gather, column, setting_of, i);
    }
    for (size_t i = 0; ok && i < FACTS; i++) {
        ok = fill_reals(gather, add_column(gather, facts[i], SWEEP_FACT, false), fact_of, i);
    }
    ok = ok && fill_texts(gather, add_column(gather, "cell", SWEEP_FACT, true), key_of, 0) &&
         fill_texts(gather, add_column(gather, "state", SWEEP_FACT, true), state_of, 0);
    if (ok && gather->filter && gather->filter->timings)
        ok = fill_reals(gather, add_column(gather, "seconds", SWEEP_FACT, false), seconds_of, 0);
    ok = ok && fill_epoch(gather);
    for (size_t m = 0; ok && m < gather->metrics; m++) {
        if (gather->metric[m].varies) ok = fill_metric(gather, m); // measured somewhere
    }
    return ok;
}

bool sweep_table(const char *path, const SweepFilter *filter, SweepTable *table, Error *error) {
    *table = (SweepTable){0};
    Gather gather = {.filter = filter, .table = table, .error = error};
    gather.store = store_open_to_read(path, error);
    bool ok = gather.store && read_store(&gather);
    if (ok) {
        sort_fields(&gather);
        ok = make_table(&gather);
    }
    store_close(gather.store);
    text_free(&gather.types);
    memory_free(gather.field);
    memory_free(gather.run);
    memory_free(gather.metric);
    memory_free(gather.value);
    memory_free(gather.epoch);
    if (!ok) sweep_table_free(table);
    return ok;
}

bool sweep_count(const char *path, const Settings *where, size_t count[5], Error *error) {
    SweepTable table = {0}; // owns the texts
    SweepFilter filter = {.where = where};
    Gather gather = {.filter = &filter, .table = &table, .error = error};
    for (int i = 0; i < 5; i++) count[i] = 0;
    gather.store = store_open_to_read(path, error);
    bool ok = gather.store && read_names(&gather) && read_runs(&gather);
    for (size_t r = 0; ok && r < gather.runs; r++) {
        for (int i = 0; sweep_states[i]; i++)
            count[i] += strcmp(sweep_states[i], gather.run[r].state) == 0;
    }
    store_close(gather.store);
    memory_free(gather.field);
    memory_free(gather.run);
    memory_free(gather.metric);
    arena_free(&table.arena);
    return ok;
}

void sweep_table_free(SweepTable *table) {
    for (size_t i = 0; i < table->columns; i++) {
        memory_free(table->column[i].text);
        memory_free(table->column[i].real);
    }
    memory_free(table->column);
    arena_free(&table->arena);
    *table = (SweepTable){0};
}

const SweepColumn *sweep_table_find(const SweepTable *table, const char *name) {
    for (size_t i = 0; i < table->columns; i++) {
        if (same_name(table->column[i].name, name)) return &table->column[i];
    }
    return NULL;
}
