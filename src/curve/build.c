#include "curve/inner.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_CURVE = 1 << 27 }; // values: seeds times points

typedef struct Build {
    const Table *table;
    const CurveOptions *options;
    CurveSet *set;
    size_t x, y;
    ptrdiff_t train, epoch, parameters, samples, classes; // columns, or -1
    ptrdiff_t state; // of runs in a store; -1: no store, or unfinished runs are wanted, too
    size_t *by, bys, *seed, seeds; // columns
    struct Record *record;
    size_t records;
    Error *error;
} Build;

typedef struct Record {
    const Build *build; // for the comparison: qsort hands on nothing
    size_t row, repeat; // repeat: tells equal rows apart where there are no seed columns
    size_t place;       // among the records of a curve
} Record;

static const TableCell *cell(const Build *build, const Record *record, size_t column) {
    return &build->table->row[record->row]->cell[column];
}

static int compare_columns(const Record *a, const Record *b, const size_t *column, size_t count) {
    int order = 0;
    for (size_t i = 0; i < count && order == 0; i++)
        order = table_compare(cell(a->build, a, column[i]), cell(b->build, b, column[i]));
    return order;
}

static int compare_curve(const Record *a, const Record *b) {
    return compare_columns(a, b, a->build->by, a->build->bys);
}

static int compare_point(const Record *a, const Record *b) {
    int order = compare_curve(a, b);
    return order ? order : compare_columns(a, b, &a->build->x, 1);
}

static int compare_seed(const void *a_record, const void *b_record) {
    const Record *a = a_record, *b = b_record;
    int order = compare_columns(a, b, a->build->seed, a->build->seeds);
    return order ? order : (a->repeat > b->repeat) - (a->repeat < b->repeat);
}

static int compare_run(const Record *a, const Record *b) {
    int order = compare_point(a, b);
    return order ? order : compare_seed(a, b);
}

static int compare_epoch(const Record *a, const Record *b) {
    if (a->build->epoch < 0) return 0;
    size_t epoch = (size_t)a->build->epoch;
    return compare_columns(a, b, &epoch, 1);
}

static int compare_records(const void *a_record, const void *b_record) {
    const Record *a = a_record, *b = b_record;
    int order = compare_run(a, b);
    if (order == 0) order = compare_epoch(a, b);
    if (order == 0) order = (a->row > b->row) - (a->row < b->row);
    return order;
}

static bool listed(const char *name, const char *const *list) {
    for (; list && *list; list++) {
        if (strcmp(*list, name) == 0) return true;
    }
    return false;
}

static ptrdiff_t find_any(const Table *table, const char *const *names) {
    for (; *names; names++) {
        ptrdiff_t column = table_find(table, *names);
        if (column >= 0) return column;
    }
    return -1;
}

static bool find_columns(Build *build) {
    const Table *table = build->table;
    const CurveOptions *options = build->options;
    const char *y = options->y ? options->y : "test_error";
    if (!table_need(table, options->x, &build->x, build->error)) return false;
    if (!table_need(table, y, &build->y, build->error)) return false;
    build->by = memory_new(table->columns, sizeof *build->by);
    build->seed = memory_new(table->columns, sizeof *build->seed);
    for (const char *const *by = options->by; by && *by; by++) {
        if (build->bys == table->columns)
            return error_set(build->error, "--by: more columns than the table has");
        if (!table_need(table, *by, &build->by[build->bys++], build->error)) return false;
    }
    for (size_t i = 0; i < table->columns; i++) {
        bool used = i == build->x || listed(table->column[i].name, options->by);
        if (table->column[i].role == COLUMN_SEED && !used) build->seed[build->seeds++] = i;
    }
    build->train = build->y == (size_t)table_find(table, "train_error")
                       ? -1
                       : table_find(table, "train_error");
    build->epoch = table_find(table, "epoch");
    if (build->epoch == (ptrdiff_t)build->x) build->epoch = -1;
    build->parameters = find_any(table, (const char *[]){"parameters", NULL});
    build->samples = find_any(table, CURVE_SAMPLE_COLUMNS);
    build->classes = find_any(table, (const char *[]){"classes", NULL});
    bool apart = table_find(table, "cell") >= 0 && !options->unfinished;
    build->state = apart ? table_find(table, "state") : -1;
    return true;
}

static bool passes(const Build *build, size_t row, const size_t *column, const TableCell *wanted) {
    size_t count = build->options->where ? build->options->where->count : 0;
    for (size_t i = 0; i < count; i++) {
        if (table_compare(&build->table->row[row]->cell[column[i]], &wanted[i]) != 0) return false;
    }
    return true;
}

// The last record of a run that is not done says nothing about where it will end.
static bool is_unfinished(const Build *build, size_t row) {
    static const char *const words[] = {"todo", "running", "failed", NULL};
    return build->state >= 0 && listed(build->table->row[row]->cell[build->state].text, words);
}

static bool no_row(const Build *build, size_t unfinished) {
    const char *name = build->table->name;
    if (unfinished)
        return error_set(build->error, "%s: no run is done yet; --x epoch shows those under way",
                         name);
    return error_set(build->error, "%s: no row %s", name,
                     build->table->rows ? "passes the filter" : "at all");
}

static bool bad_cell(const Build *build, size_t row, size_t column) {
    Text place = {0};
    const char *found = build->table->row[row]->cell[column].text;
    table_cell_place(build->table, row, column, &place);
    error_set(build->error, *found ? "%s: %s is '%.100s', not a number" : "%s: %s is empty",
              place.data, build->table->column[column].name, found);
    text_free(&place);
    return false;
}

static bool check_row(const Build *build, size_t row) {
    const TableCell *cells = build->table->row[row]->cell;
    if (!isfinite(cells[build->x].number)) return bad_cell(build, row, build->x);
    if (build->epoch >= 0 && !isfinite(cells[build->epoch].number))
        return bad_cell(build, row, (size_t)build->epoch);
    if (!cells[build->y].numeric && *cells[build->y].text) return bad_cell(build, row, build->y);
    if (build->train >= 0 && !cells[build->train].numeric && *cells[build->train].text)
        return bad_cell(build, row, (size_t)build->train);
    return true;
}

static bool keep_rows(Build *build, const size_t *column, const TableCell *wanted) {
    const Table *table = build->table;
    int64_t limit = build->options->epoch;
    ptrdiff_t column_epoch = table_find(table, "epoch");
    size_t unfinished = 0;
    build->record = memory_try(table->rows, sizeof(Record), "records of a curve", build->error);
    if (!build->record) return false;
    for (size_t row = 0; row < table->rows; row++) {
        if (!passes(build, row, column, wanted)) continue;
        if (is_unfinished(build, row)) {
            unfinished++;
            continue;
        }
        if (!check_row(build, row)) return false;
        double epoch = column_epoch < 0 ? NAN : table->row[row]->cell[column_epoch].number;
        if (limit > 0 && epoch > (double)limit) continue;
        if (epoch < (double)build->options->first_epoch) continue;
        build->record[build->records++] = (Record){.build = build, .row = row};
    }
    if (build->records == 0) return no_row(build, unfinished);
    return true;
}

static bool filter_rows(Build *build) {
    const Settings *where = build->options->where;
    size_t count = where ? where->count : 0;
    size_t *column = memory_new(count, sizeof *column);
    TableCell *wanted = memory_new(count, sizeof *wanted);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        wanted[i] = (TableCell){.text = where->item[i].value, .number = NAN};
        wanted[i].numeric = text_to_real(wanted[i].text, &wanted[i].number);
        ok = table_need(build->table, where->item[i].name, &column[i], build->error);
        if (!ok && where->item[i].place) error_prefix(build->error, "%s", where->item[i].place);
    }
    ok = ok && keep_rows(build, column, wanted);
    memory_free(column);
    memory_free(wanted);
    return ok;
}

// How many different texts the records have in a column; the first few are put into `values`.
static size_t count_values(const Build *build, size_t column, Text *values, Text *first) {
    enum { MOST = 12 };
    const TableCell *seen[MOST];
    size_t count = 0;
    for (size_t i = 0; i < build->records && count < MOST; i++) {
        const TableCell *value = cell(build, &build->record[i], column);
        size_t j = 0;
        while (j < count && table_compare(seen[j], value) != 0) j++;
        if (j == count) seen[count++] = value;
    }
    for (size_t j = 0; values && j < count; j++)
        text_printf(values, "%s%.100s", j ? ", " : "", seen[j]->text);
    if (values && count == MOST) text_add(values, ", ...");
    if (first && count) text_add(first, seen[0]->text);
    return count;
}

static bool refuse_varying(const Build *build, size_t column) {
    Text values = {0}, first = {0};
    size_t count = count_values(build, column, &values, &first);
    const char *name = build->table->column[column].name;
    error_set(build->error, "%s: column %s takes %zu%s values (%s); choose --by %s or %s=%.100s",
              build->table->name, name, count, count == 12 ? " or more" : "", values.data, name,
              name, first.data);
    text_free(&values);
    text_free(&first);
    return false;
}

static bool is_free_setting(const Build *build, size_t column) {
    const char *name = build->table->column[column].name;
    return build->table->column[column].role == COLUMN_SETTING && column != build->x &&
           column != build->y && !listed(name, build->options->by);
}

// Within one point all settings but the seeds must agree, or the mean would mix experiments.
static bool check_settings(const Build *build) {
    for (size_t column = 0; column < build->table->columns; column++) {
        if (!is_free_setting(build, column)) continue;
        if (listed(build->table->column[column].name, build->options->ignore)) continue;
        for (size_t i = 1; i < build->records; i++) {
            const Record *a = &build->record[i - 1], *b = &build->record[i];
            if (compare_point(a, b) == 0 && compare_columns(a, b, &column, 1) != 0)
                return refuse_varying(build, column);
        }
    }
    return true;
}

// Without seed columns the k-th row of a point (and epoch) belongs to repetition k.
static void number_repeats(Build *build) {
    if (build->seeds) return;
    for (size_t i = 1; i < build->records; i++) {
        const Record *before = &build->record[i - 1];
        bool same = compare_point(before, &build->record[i]) == 0 &&
                    compare_epoch(before, &build->record[i]) == 0;
        build->record[i].repeat = same ? before->repeat + 1 : 0;
    }
    qsort(build->record, build->records, sizeof(Record), compare_records);
}

static bool check_repeated(const Build *build) {
    for (size_t i = 1; i < build->records; i++) {
        const Record *a = &build->record[i - 1], *b = &build->record[i];
        if (compare_run(a, b) != 0 || compare_epoch(a, b) != 0) continue;
        Text here = {0}, there = {0};
        table_place(build->table, b->row, &here);
        table_place(build->table, a->row, &there);
        error_set(build->error, "%s: the same settings and seeds as %s", here.data, there.data);
        text_free(&here);
        text_free(&there);
        return false;
    }
    return true;
}

// Of each run only its last record stays.
static void keep_last(Build *build) {
    size_t kept = 0;
    for (size_t i = 0; i < build->records; i++) {
        bool last =
            i + 1 == build->records || compare_run(&build->record[i], &build->record[i + 1]) != 0;
        if (last) build->record[kept++] = build->record[i];
    }
    build->records = kept;
}

static char *name_seed(const Build *build, const Record *record) {
    Text name = {0};
    for (size_t i = 0; i < build->seeds; i++)
        text_printf(&name, "%s%s=%s", i ? " " : "", build->table->column[build->seed[i]].name,
                    cell(build, record, build->seed[i])->text);
    if (build->seeds == 0) text_printf(&name, "repetition %zu", record->repeat + 1);
    return name.data;
}

// The seeds of a curve in their order; seed_of[i]: the one of record i.
static bool list_seeds(const Build *build, const Record *record, size_t count, Curve *curve,
                       size_t *seed_of) {
    Record *sorted = memory_try(count, sizeof *sorted, "seeds of a curve", build->error);
    if (!sorted) return false;
    size_t capacity = 0;
    for (size_t i = 0; i < count; i++) {
        sorted[i] = record[i];
        sorted[i].place = i;
    }
    qsort(sorted, count, sizeof *sorted, compare_seed);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || compare_seed(&sorted[i - 1], &sorted[i]) != 0) {
            curve->seed = memory_grow(curve->seed, curve->seeds, &capacity, sizeof *curve->seed);
            curve->seed[curve->seeds++] = name_seed(build, &sorted[i]);
        }
        seed_of[sorted[i].place] = curve->seeds - 1;
    }
    memory_free(sorted);
    return true;
}

static double number_at(const Build *build, const Record *record, ptrdiff_t column) {
    return column < 0 ? NAN : cell(build, record, (size_t)column)->number;
}

static void fill_values(const Build *build, const Record *record, size_t count,
                        const size_t *seed_of, Curve *curve) {
    for (size_t i = 0; i < curve->seeds * curve->points; i++) curve->y[i] = curve->train[i] = NAN;
    size_t point = 0;
    for (size_t i = 0; i < count; i++) {
        if (i && compare_point(&record[i - 1], &record[i]) != 0) point++;
        CurvePoint *at = &curve->point[point];
        at->x = cell(build, &record[i], build->x)->number;
        at->parameters = number_at(build, &record[i], build->parameters);
        at->samples = number_at(build, &record[i], build->samples);
        at->classes = number_at(build, &record[i], build->classes);
        double y = number_at(build, &record[i], (ptrdiff_t)build->y);
        double train = number_at(build, &record[i], build->train);
        size_t place = seed_of[i] * curve->points + point;
        curve->y[place] = isfinite(y) ? y : NAN;
        curve->train[place] = isfinite(train) ? train : NAN;
        at->lost += !isfinite(y);
    }
}

static bool make_curve(const Build *build, size_t points, Curve *curve) {
    if (points > LARGEST_CURVE / curve->seeds)
        return error_set(build->error,
                         "%s: %zu values of %s times %zu seeds are too many for one "
                         "curve",
                         build->table->name, points, build->set->x, curve->seeds);
    size_t values = curve->seeds * points;
    curve->points = points;
    curve->point = memory_try(points, sizeof(CurvePoint), "points of a curve", build->error);
    curve->y = memory_try(values, sizeof(double), "values of a curve", build->error);
    curve->train = memory_try(values, sizeof(double), "values of a curve", build->error);
    return curve->point && curve->y && curve->train;
}

static bool fill_curve(const Build *build, const Record *record, size_t count, Curve *curve) {
    size_t points = 1;
    for (size_t i = 1; i < count; i++) points += compare_point(&record[i - 1], &record[i]) != 0;
    for (size_t i = 0; i < build->bys; i++)
        settings_set(&curve->by, build->table->column[build->by[i]].name,
                     cell(build, record, build->by[i])->text, NULL);
    size_t *seed_of = memory_try(count, sizeof *seed_of, "seeds of a curve", build->error);
    bool ok = seed_of && list_seeds(build, record, count, curve, seed_of) &&
              make_curve(build, points, curve);
    if (ok) {
        fill_values(build, record, count, seed_of, curve);
        curve_summarise(curve);
    }
    memory_free(seed_of);
    return ok;
}

static bool fill_set(Build *build) {
    CurveSet *set = build->set;
    size_t curves = 1;
    for (size_t i = 1; i < build->records; i++)
        curves += compare_curve(&build->record[i - 1], &build->record[i]) != 0;
    set->curve = memory_try(curves, sizeof(Curve), "curves", build->error);
    if (!set->curve) return false;
    for (size_t start = 0, end; start < build->records; start = end) {
        for (end = start + 1; end < build->records; end++) {
            if (compare_curve(&build->record[start], &build->record[end]) != 0) break;
        }
        Curve *curve = &set->curve[set->curves++];
        if (!fill_curve(build, build->record + start, end - start, curve)) return false;
    }
    return true;
}

static void describe_set(Build *build) {
    CurveSet *set = build->set;
    const Table *table = build->table;
    set->source = memory_text(table->name);
    set->x = memory_text(table->column[build->x].name);
    set->y = memory_text(table->column[build->y].name);
    set->has_train = build->train >= 0;
    set->whole_runs = table->column[build->x].role == COLUMN_EPOCH;
    set->tolerance = build->options->tolerance;
    set->runs = build->options->runs;
    if (build->options->where) settings_copy(&set->where, build->options->where);
    for (size_t i = 0; i < table->columns; i++) {
        Text value = {0};
        if (is_free_setting(build, i) && count_values(build, i, NULL, &value) == 1)
            settings_set(&set->fixed, table->column[i].name, value.data, NULL);
        text_free(&value);
    }
}

bool curve_build(const Table *table, const CurveOptions *options, CurveSet *set, Error *error) {
    *set = (CurveSet){0};
    Build build = {.table = table, .options = options, .set = set, .error = error};
    bool ok = find_columns(&build) && filter_rows(&build);
    if (ok) {
        qsort(build.record, build.records, sizeof(Record), compare_records);
        ok = check_settings(&build);
    }
    if (ok) {
        number_repeats(&build);
        ok = check_repeated(&build);
    }
    if (ok) {
        keep_last(&build);
        describe_set(&build);
        ok = fill_set(&build);
    }
    memory_free(build.by);
    memory_free(build.seed);
    memory_free(build.record);
    if (!ok) curve_free(set);
    return ok;
}

static void free_curve(Curve *curve) {
    settings_free(&curve->by);
    for (size_t s = 0; s < curve->seeds; s++) memory_free(curve->seed[s]);
    memory_free(curve->seed);
    memory_free(curve->point);
    memory_free(curve->y);
    memory_free(curve->train);
}

void curve_free(CurveSet *set) {
    for (size_t i = 0; i < set->curves; i++) free_curve(&set->curve[i]);
    memory_free(set->curve);
    memory_free(set->source);
    memory_free(set->x);
    memory_free(set->y);
    settings_free(&set->fixed);
    settings_free(&set->where);
    *set = (CurveSet){0};
}
