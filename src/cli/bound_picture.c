#include "cli/bound.h"
#include <math.h>
#include <stdlib.h>

// One list has several values: it is the x axis.
static const BoundField *find_axis(const BoundReport *report) {
    const BoundField *found = NULL;
    for (const BoundField *field = bound_fields; field->name; field++) {
        if (!bound_varies(report, field)) continue;
        if (found) return NULL;
        found = field;
    }
    return found;
}

bool cli_check_bound_picture(const BoundReport *report, Error *error) {
    if (find_axis(report)) return true;
    return error_set(error, "--plot: along what? Exactly one of the numbers must be a list with "
                            "several values");
}

// Deep networks have no one width: their weights are counted instead.
static bool by_weights(const BoundReport *report, const BoundField *axis) {
    if (axis->kind != BOUND_WIDTHS) return false;
    for (size_t i = 0; i < report->count; i++) {
        if (report->world[i].layers > 1) return true;
    }
    return false;
}

static double place(const BoundReport *report, const BoundField *axis, const BoundCase *world) {
    const char *value = (const char *)world + axis->offset;
    if (by_weights(report, axis)) return bound_facts(world).weights;
    return axis->kind == BOUND_REAL ? *(const double *)value : (double)*(const uint64_t *)value;
}

typedef struct Point {
    double x;
    const BoundCase *world;
} Point;

static int compare(const void *a, const void *b) {
    double left = ((const Point *)a)->x, right = ((const Point *)b)->x;
    return (left > right) - (left < right);
}

static Point *sort_points(const BoundReport *report, const BoundField *axis) {
    Point *point = memory_new(report->count, sizeof *point);
    for (size_t i = 0; i < report->count; i++) {
        const BoundCase *world = &report->world[i];
        point[i] = (Point){place(report, axis, world), world};
    }
    qsort(point, report->count, sizeof *point, compare);
    return point;
}

// Does the bound hold anywhere? column: x, then a row of values for each bound.
static bool fill(const Bound *bound, const Point *point, size_t count, double *y) {
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        BoundFacts facts = bound_facts(point[i].world);
        BoundValue value = bound_evaluate(bound, point[i].world, &facts);
        y[i] = value.value;
        any = any || value.holds;
    }
    return any;
}

bool cli_draw_bounds(const BoundReport *report, const PlotOptions *options, Error *error) {
    const BoundField *axis = find_axis(report);
    size_t count = report->count;
    Point *point = sort_points(report, axis);
    double *column = memory_new((bound_count() + 1) * count, sizeof *column), *y = column + count;
    PlotLine line[16];
    PlotLines picture = {.line = line,
                         .y_name = "bound on the error (1 and more: vacuous)",
                         .log_y = true,
                         .top = 1,
                         .mark = NAN,
                         .source = "benign bound"};
    picture.x_name = by_weights(report, axis) ? "weights k" : axis->title;
    for (size_t i = 0; i < count; i++) column[i] = point[i].x;
    for (const Bound *const *bound = bound_table; *bound; bound++, y += count) {
        if (!fill(*bound, point, count, y)) continue;
        line[picture.lines++] = (PlotLine){.name = (*bound)->name,
                                           .count = count,
                                           .x = column,
                                           .y = y,
                                           .dashed = (*bound)->average};
    }
    bool ok = plot_lines(&picture, options, error); // all_weights holds everywhere
    memory_free(column);
    memory_free(point);
    return ok;
}
