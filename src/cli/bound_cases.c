#include "cli/bound.h"
#include "sweep/sweep.h"
#include <math.h>
#include <string.h>

enum { FIELDS = 16, MOST_CASES = 100000 };

// The values of one field. Widths are rows of BOUND_MOST_LAYERS, and numbers are rows of one.
typedef struct Axis {
    const BoundField *field;
    size_t count;
    double *value; // (count) or (count, BOUND_MOST_LAYERS); 0 ends a row of widths
} Axis;

static bool refuse(const Axis *axis, const char *text, Error *error) {
    const BoundField *field = axis->field;
    if (field->kind == BOUND_REAL)
        return error_set(error, "--%s: %s; it takes a number above %g and below %g", field->name,
                         text, field->least, field->most);
    return error_set(error, "--%s: %s; it takes whole numbers from %.15g to %.15g", field->name,
                     text, field->least, field->most);
}

static bool refuse_number(const Axis *axis, double value, Error *error) {
    Text text = {0};
    text_add_real(&text, value);
    refuse(axis, text.data, error);
    text_free(&text);
    return false;
}

static bool fits(const BoundField *field, double value) {
    if (field->kind == BOUND_REAL) return value > field->least && value < field->most;
    return value >= field->least && value <= field->most && value == floor(value);
}

// ---- one list ----

// The whole parts of a generated list, repetitions left out; the rounding up forgives the last bits
// of a number that is whole.
static void keep_whole(Axis *axis) {
    size_t kept = 0;
    for (size_t i = 0; i < axis->count; i++) {
        double value = floor(axis->value[i] * (1 + 1e-9));
        if (kept == 0 || value != axis->value[kept - 1]) axis->value[kept++] = value;
    }
    axis->count = kept;
}

static bool read_numbers(Axis *axis, const char *text, Error *error) {
    Text place = {0};
    option_flag(axis->field->name, &place);
    bool ok = sweep_numbers(place.data, text, &axis->value, &axis->count, error);
    text_free(&place);
    if (!ok) return false;
    if (axis->field->kind != BOUND_REAL && strchr(text, '(')) keep_whole(axis);
    for (size_t i = 0; i < axis->count; i++) {
        if (!fits(axis->field, axis->value[i])) return refuse_number(axis, axis->value[i], error);
    }
    return true;
}

// "16x8" into a row. text is cut at every x.
static bool read_row(const Axis *axis, char *text, double *row, Error *error) {
    size_t layers = 0;
    for (char *next = text; next; layers++) {
        char *end = strchr(next, 'x');
        if (end) *end = 0;
        if (layers == BOUND_MOST_LAYERS)
            return error_set(error, "--%s: more than %d layers", axis->field->name,
                             BOUND_MOST_LAYERS);
        if (!text_to_real(next, &row[layers]) || !fits(axis->field, row[layers])) {
            Text found = {0};
            text_printf(&found, "\"%s\"", next);
            refuse(axis, found.data, error);
            text_free(&found);
            return false;
        }
        next = end ? end + 1 : NULL;
    }
    return true;
}

static bool make_rows(Axis *axis, size_t count, Error *error) {
    axis->count = count;
    axis->value = memory_try(count, BOUND_MOST_LAYERS * sizeof(double), "widths", error);
    return axis->value != NULL;
}

static bool read_rows(Axis *axis, const char *text, Error *error) {
    size_t count = 1;
    for (const char *c = text; *c; c++) count += *c == ',';
    if (!make_rows(axis, count, error)) return false;
    char *copy = memory_text(text), *next = copy;
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        char *end = next + strcspn(next, ",");
        *end = 0;
        ok = read_row(axis, next, axis->value + i * BOUND_MOST_LAYERS, error);
        next = end + 1;
    }
    memory_free(copy);
    return ok;
}

// A generated list of widths, geomspace(2,300,20), is of single hidden layers.
static bool read_widths(Axis *axis, const char *text, Error *error) {
    if (!strchr(text, '(')) return read_rows(axis, text, error);
    Axis plain = *axis;
    bool ok = read_numbers(&plain, text, error) && make_rows(axis, plain.count, error);
    for (size_t i = 0; ok && i < plain.count; i++)
        axis->value[i * BOUND_MOST_LAYERS] = plain.value[i];
    memory_free(plain.value);
    return ok;
}

static bool read_axis(const Arguments *arguments, Axis *axis, Error *error) {
    const BoundField *field = axis->field;
    const char *text = cli_flag(arguments, field->name);
    if (!text) text = field->fallback;
    if (!text)
        return error_kind(error, ERROR_USAGE, "--%s: is missing\nusage: benign bound %s",
                          field->name, "--levels Q --inputs D0 --hidden D1 --samples N [...]");
    if (!*text && !cli_flag(arguments, field->name)) {
        axis->count = 1; // not given: 0 says so
        axis->value = memory_new(BOUND_MOST_LAYERS, sizeof *axis->value);
        return true;
    }
    return (field->kind == BOUND_WIDTHS ? read_widths : read_numbers)(axis, text, error);
}

// One number is q. A list holds the levels themselves, all different.
static bool read_levels(Axis *axis, bool *no_zero, Error *error) {
    if (axis->count == 1)
        return fits(axis->field, axis->value[0]) ? true
                                                 : refuse_number(axis, axis->value[0], error);
    *no_zero = true;
    for (size_t i = 0; i < axis->count; i++) {
        if (!isfinite(axis->value[i])) return refuse_number(axis, axis->value[i], error);
        if (axis->value[i] == 0) *no_zero = false;
        for (size_t j = 0; j < i; j++) {
            if (axis->value[i] == axis->value[j])
                return error_set(error, "--levels: %.10g stands there twice", axis->value[i]);
        }
    }
    axis->value[0] = (double)axis->count;
    axis->count = 1;
    return true;
}

static bool read_level_axis(const Arguments *arguments, Axis *axis, bool *no_zero, Error *error) {
    BoundField any = *axis->field;
    const char *text = cli_flag(arguments, "levels");
    if (text && strchr(text, ','))
        any.kind = BOUND_REAL, any.least = -INFINITY, any.most = INFINITY;
    Axis list = {.field = &any};
    bool ok = read_axis(arguments, &list, error);
    list.field = axis->field;
    ok = ok && read_levels(&list, no_zero, error);
    *axis = list;
    return ok;
}

// ---- all combinations ----

static void set_value(const Axis *axis, size_t i, BoundCase *world) {
    char *place = (char *)world + axis->field->offset;
    if (axis->field->kind == BOUND_REAL) {
        *(double *)place = axis->value[i];
    } else if (axis->field->kind == BOUND_WHOLE) {
        *(uint64_t *)place = (uint64_t)axis->value[i];
    } else {
        for (size_t l = 0; l < BOUND_MOST_LAYERS; l++)
            ((uint64_t *)place)[l] = (uint64_t)axis->value[i * BOUND_MOST_LAYERS + l];
    }
}

static size_t depth(const uint64_t *width) {
    size_t layers = 0;
    while (layers < BOUND_MOST_LAYERS && width[layers]) layers++;
    return layers;
}

static bool finish_case(BoundCase *world, Error *error) {
    world->layers = depth(world->hidden);
    if (world->teacher[0] && depth(world->teacher) != world->layers)
        return error_set(error, "--teacher: %zu hidden layers, but the student has %zu",
                         depth(world->teacher), world->layers);
    return bound_check(world, error);
}

static bool fill_cases(const Axis *axis, size_t axes, const BoundCase *common, BoundCase *world,
                       size_t count, Error *error) {
    for (size_t i = 0; i < count; i++) {
        size_t rest = i;
        world[i] = *common;
        for (size_t a = axes; a-- > 0; rest /= axis[a].count)
            set_value(&axis[a], rest % axis[a].count, &world[i]);
        if (!finish_case(&world[i], error)) return false;
    }
    return true;
}

static bool combine(const Axis *axis, size_t axes, const BoundCase *common, BoundReport *report,
                    Error *error) {
    size_t count = 1;
    for (size_t a = 0; a < axes; a++) {
        if (axis[a].count > MOST_CASES / count)
            return error_set(error, "--%s: more than %d combinations", axis[a].field->name,
                             MOST_CASES);
        count *= axis[a].count;
    }
    BoundCase *world = memory_try(count, sizeof *world, "cases", error);
    report->world = world;
    report->count = count;
    return world && fill_cases(axis, axes, common, world, count, error);
}

static bool read_axes(const Arguments *arguments, Axis *axis, size_t *axes, bool *no_zero,
                      Error *error) {
    for (const BoundField *field = bound_fields; field->name; field++) {
        Axis *next = &axis[(*axes)++];
        next->field = field;
        bool levels = strcmp(field->name, "levels") == 0;
        if (!(levels ? read_level_axis(arguments, next, no_zero, error)
                     : read_axis(arguments, next, error)))
            return false;
    }
    return true;
}

bool cli_read_bounds(const Arguments *arguments, BoundReport *report, Error *error) {
    Axis axis[FIELDS] = {0};
    size_t axes = 0;
    BoundCase common = {.bias = cli_flag(arguments, "bias") != NULL};
    *report = (BoundReport){0};
    if (!cli_flag(arguments, "hits") != !cli_flag(arguments, "trials"))
        return error_kind(error, ERROR_USAGE, "--hits and --trials go together: H of G guesses");
    bool ok = read_axes(arguments, axis, &axes, &common.no_zero, error) &&
              cli_flag_real(arguments, "error", 1e-12, 1, &report->error, error) &&
              combine(axis, axes, &common, report, error);
    for (size_t a = 0; a < axes; a++) memory_free(axis[a].value);
    return ok;
}
