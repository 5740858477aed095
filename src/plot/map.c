#include "plot/inner.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

// The heat map and its two companions.
typedef struct Map {
    CurveSet along_epoch; // a curve over epochs for each x
    CurveSet along_x;     // a curve over x for each epoch
    CurveSet final;       // the last record of every run over x
    double *x, *epoch;    // the columns' and rows' places
    size_t columns, rows;
    Axis x_axis, epoch_axis, value; // value: of the right and lower panels
    double scale;                   // 100: per cent
    double low, high;               // of the colours
    bool contour, ridge;            // there is one
    bool clipped;                   // some cells lie above high
    Box map, below, beside, colours;
    int slice[3]; // columns shown beside; -1: none
    Script script;
} Map;

static const char *const SLICE_COLOURS[3] = {"#009E73", "#CC79A7", "#000000"};

static double curve_key(const Curve *curve) {
    double key = NAN;
    text_to_real(curve->by.item[0].value, &key);
    return key;
}

static bool build_sets(const Table *table, const CurveOptions *given, Map *map, Error *error) {
    const char *const by_x[] = {given->x, NULL}, *const by_epoch[] = {"epoch", NULL};
    if (given->by && given->by[0])
        return error_kind(error, ERROR_USAGE, "a heat map shows one curve: choose a value of %s",
                          given->by[0]);
    if (strcmp(given->x, "epoch") == 0)
        return error_kind(error, ERROR_USAGE, "a heat map has epoch along y: choose another x");
    CurveOptions options = *given;
    options.first_epoch = 1;
    if (!curve_build(table, &options, &map->final, error)) return false;
    options.x = "epoch";
    options.by = by_x;
    if (!curve_build(table, &options, &map->along_epoch, error)) return false;
    options.x = given->x;
    options.by = by_epoch;
    if (!curve_build(table, &options, &map->along_x, error)) return false;
    curve_judge(&map->final);
    curve_locate(&map->along_epoch);
    curve_judge(&map->along_x);
    return true;
}

static bool read_axes(Map *map, Error *error) {
    map->columns = map->along_epoch.curves;
    map->rows = map->along_x.curves;
    if (map->columns < 2 || map->rows < 2)
        return error_set(error,
                         "%s: a heat map wants at least 2 values of %s and 2 epochs, not %zu "
                         "and %zu",
                         map->final.source, map->final.x, map->columns, map->rows);
    map->x = memory_new(map->columns, sizeof(double));
    map->epoch = memory_new(map->rows, sizeof(double));
    for (size_t i = 0; i < map->columns; i++) map->x[i] = curve_key(&map->along_epoch.curve[i]);
    for (size_t i = 0; i < map->rows; i++) map->epoch[i] = curve_key(&map->along_x.curve[i]);
    map->x_axis = plot_choose_axis(map->x, map->columns);
    map->epoch_axis = plot_choose_axis(map->epoch, map->rows);
    return true;
}

// The edge between places i - 1 and i; beyond the ends, as far out as the next edge is in.
static double edge(const double *place, size_t count, size_t i, bool log_axis) {
    size_t a = i == 0 ? 0 : i == count ? count - 2 : i - 1, b = a + 1;
    double from = log_axis ? log(place[a]) : place[a], to = log_axis ? log(place[b]) : place[b];
    double at = i == 0       ? 1.5 * from - 0.5 * to
                : i == count ? 1.5 * to - 0.5 * from
                             : 0.5 * (from + to);
    return log_axis ? exp(at) : at;
}

static double x_edge(const Map *map, size_t i) {
    return edge(map->x, map->columns, i, map->x_axis.log);
}

static double epoch_edge(const Map *map, size_t i) {
    return edge(map->epoch, map->rows, i, map->epoch_axis.log);
}

static int compare_reals(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

// All cells' means in rising order.
static double *sort_means(const Map *map, size_t *count) {
    double *mean = memory_new(map->columns * map->rows, sizeof *mean);
    *count = 0;
    for (size_t c = 0; c < map->columns; c++) {
        const Curve *curve = &map->along_epoch.curve[c];
        for (size_t i = 0; i < curve->points; i++) {
            if (curve->point[i].y.n) mean[(*count)++] = curve->point[i].y.mean;
        }
    }
    qsort(mean, *count, sizeof *mean, compare_reals);
    return mean;
}

// The first epochs are far worse than anything that matters: the colours end where 9 of 10 cells
// do, or at the end of training's largest value.
static void choose_ranges(Map *map) {
    size_t count;
    double *mean = sort_means(map, &count);
    double low = count ? mean[0] : 0, high = count ? mean[count - 1] : 1;
    double ninth = count ? mean[(count - 1) * 9 / 10] : 1;
    memory_free(mean);
    map->scale = plot_is_error(map->final.y) && low >= 0 && high <= 1 ? 100 : 1;
    map->value = plot_round_axis(map->scale * low, map->scale * high);
    const CurvePlace *peak = &map->final.curve[0].test.peak;
    if (peak->index != CURVE_NONE) ninth = fmax(ninth, peak->value);
    map->low = map->scale * low;
    map->high = map->scale * (ninth > low ? ninth : low + 1);
    map->clipped = ninth < high;
    map->x_axis.low = x_edge(map, 0);
    map->x_axis.high = x_edge(map, map->columns);
    map->epoch_axis.low = epoch_edge(map, 0);
    map->epoch_axis.high = epoch_edge(map, map->rows);
}

// Small, critical (or middle), large.
static void choose_slices(Map *map) {
    const CurveVerdict *verdict = &map->final.curve[0].test;
    int last = (int)map->columns - 1, middle = last / 2, small = last / 4;
    if (verdict->peak.index != CURVE_NONE) {
        middle = (int)verdict->peak.index;
        small = (int)verdict->first_minimum.index;
    }
    if (middle == last) middle = last / 2;
    if (small >= middle) small = 0;
    map->slice[0] = small;
    map->slice[1] = small < middle ? middle : -1;
    map->slice[2] = last > middle && last > small ? last : -1;
}

static void lay_out(Map *map, const PlotOptions *options) {
    double width = map->script.width, height = map->script.height, em = map->script.em;
    double left = 5.2 * em, beside = (width < 5 ? 0.31 : 0.24) * width, below = 0.2 * height;
    double right = width - 1.2 * em, top = height - (options->title ? 2 : 0) * em;
    map->below = (Box){left, 4.4 * em, right - beside - 1.4 * em, 4.4 * em + below};
    map->map = (Box){left, map->below.top + 1.2 * em, map->below.right, top - 5.2 * em};
    map->beside = (Box){right - beside, map->map.bottom, right, map->map.top};
    map->colours = (Box){left, top - 2 * em, map->below.right, top - 1.2 * em};
}

// Cells as boxes: x, y, their edges, value. They overlap a little to the upper right, or viewers
// show hairlines between them.
static int add_cells(Map *map) {
    Text *data = &map->script.data;
    double wider = map->x_axis.log ? pow(map->x_axis.high / map->x_axis.low, 1e-3) : 1;
    double higher = map->epoch_axis.log ? pow(map->epoch_axis.high / map->epoch_axis.low, 1e-3) : 1;
    text_add(data, "# x, epoch, edges in x, edges in epoch, value\n");
    for (size_t c = 0; c < map->columns; c++) {
        const Curve *curve = &map->along_epoch.curve[c];
        size_t row = 0;
        for (size_t i = 0; i < curve->points; i++) {
            while (map->epoch[row] != curve->point[i].x) row++;
            if (curve->point[i].y.n == 0) continue;
            text_printf(data, "%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\t%.10g\n", map->x[c],
                        map->epoch[row], x_edge(map, c),
                        fmin(map->x_axis.high, wider * x_edge(map, c + 1)), epoch_edge(map, row),
                        fmin(map->epoch_axis.high, higher * epoch_edge(map, row + 1)),
                        map->scale * curve->point[i].y.mean);
        }
    }
    return plot_end_block(&map->script);
}

// The lower edge of the region where the train error is 0, as the stairs that the cells form.
static int add_contour(Map *map) {
    Text *data = &map->script.data;
    double before = map->epoch_axis.high;
    text_add(data, "# contour of train error 0\n");
    for (size_t c = 0; c < map->columns; c++) {
        const Curve *curve = &map->along_epoch.curve[c];
        double level = map->epoch_axis.high;
        if (curve->threshold.from != CURVE_NONE) {
            size_t row = 0;
            while (map->epoch[row] != curve->point[curve->threshold.from].x) row++;
            level = epoch_edge(map, row);
        }
        bool inside = level < map->epoch_axis.high;
        if (inside || before < map->epoch_axis.high) {
            text_printf(data, "%.10g\t%.10g\n%.10g\t%.10g\n", x_edge(map, c), before,
                        x_edge(map, c), level);
            if (inside) text_printf(data, "%.10g\t%.10g\n", x_edge(map, c + 1), level);
        }
        if (!inside) text_add(data, "\n");
        map->contour = map->contour || inside;
        before = level;
    }
    text_add(data, map->contour ? "" : "?\t?\n");
    return plot_end_block(&map->script);
}

static int add_ridge(Map *map) {
    text_add(&map->script.data, "# ridge: x of the peak at each epoch\n");
    for (size_t r = 0; r < map->rows; r++) {
        if (map->along_x.curve[r].test.peak.index == CURVE_NONE) continue; // not shown
        text_printf(&map->script.data, "%.10g\t%.10g\n", map->along_x.curve[r].test.peak.x,
                    map->epoch[r]);
        map->ridge = true;
    }
    text_add(&map->script.data, map->ridge ? "" : "?\t?\n");
    return plot_end_block(&map->script);
}

// x or epoch, then mean, least and greatest of y, then the mean train error.
static int add_curve(Map *map, const Curve *curve) {
    text_add(&map->script.data, "# mean, least, greatest, mean train error\n");
    for (size_t i = 0; i < curve->points; i++) {
        const CurvePoint *point = &curve->point[i];
        const double numbers[] = {point->y.mean, point->y.min, point->y.max, point->train.mean};
        text_printf(&map->script.data, "%.10g", point->x);
        for (int k = 0; k < 4; k++) {
            if (isnan(numbers[k]))
                text_add(&map->script.data, "\t?");
            else
                text_printf(&map->script.data, "\t%.10g", map->scale * numbers[k]);
        }
        text_add(&map->script.data, "\n");
    }
    return plot_end_block(&map->script);
}

static void add_name(Map *map, char axis, const char *name, bool percent) {
    Text words = {0};
    plot_add_axis_name(&words, name, percent);
    plot_set_label(&map->script, axis, words.data);
    text_free(&words);
}

static void put_words(Map *map, const char *words, double x, double y, const char *colour) {
    Script *script = &map->script;
    text_add(&script->script, "set label ");
    plot_add_quoted(&script->script, words);
    text_printf(&script->script, " at screen %.5f, screen %.5f left front textcolor '%s'\n",
                x / script->width, y / script->height, colour);
}

// D. A. Green's cubehelix (2011, equation 2) without its black and white ends: lightness rises
// evenly from 0.08 to 0.94 while the hue turns from blue over green to rose.
static void add_palette(Text *script) {
    enum { STOPS = 24 };
    text_add(script, "set palette defined (");
    for (int i = 0; i < STOPS; i++) {
        double light = 0.08 + 0.86 * i / (STOPS - 1);
        double angle = 6.283185307179586 * (0.6 / 3 + 1 - 0.9 * light);
        double depth = 1.1 * light * (1 - light) / 2;
        double rgb[3] = {light + depth * (-0.14861 * cos(angle) + 1.78277 * sin(angle)),
                         light + depth * (-0.29227 * cos(angle) - 0.90649 * sin(angle)),
                         light + depth * 1.97294 * cos(angle)};
        text_printf(script, "%s%d '#", i ? ", " : "", i);
        for (int k = 0; k < 3; k++)
            text_printf(script, "%02X", (unsigned)lround(255 * fmin(1, fmax(0, rgb[k]))));
        text_add(script, "'");
    }
    text_add(script, ")\n");
}

static void draw_colours(Map *map) {
    Script *script = &map->script;
    const Box *box = &map->colours;
    add_palette(&script->script);
    text_printf(&script->script,
                "set cbrange [%.10g:%.10g]\n"
                "set colorbox horizontal user origin screen %.5f, screen %.5f size screen %.5f, "
                "screen %.5f noborder\n"
                "set cbtics out scale 0.4 offset 0,0.5\n",
                map->low, map->high, box->left / script->width, box->bottom / script->height,
                (box->right - box->left) / script->width,
                (box->top - box->bottom) / script->height);
    Text name = {0};
    plot_add_axis_name(&name, map->final.y, map->scale == 100);
    put_words(map, name.data, map->beside.left, 0.5 * (box->bottom + box->top), PLOT_INK);
    text_free(&name);
}

static void draw_map(Map *map) {
    Script *script = &map->script;
    int cells = add_cells(map), stairs = add_contour(map), peaks = add_ridge(map);
    plot_set_panel(script, &map->map);
    plot_set_axis(script, 'x', &map->x_axis, false);
    plot_set_axis(script, 'y', &map->epoch_axis, true);
    plot_set_label(script, 'x', "");
    add_name(map, 'y', "epoch", false);
    draw_colours(map);
    text_add(&script->script,
             "unset grid\nset object 1 rectangle from graph 0, graph 0 to graph 1, graph 1 behind "
             "fillcolor '#EEEEEE' fillstyle solid noborder\n");
    for (int k = 0; k < 3; k++) {
        if (map->slice[k] < 0) continue;
        text_printf(&script->script,
                    "set label '' at first %.10g, graph 1.02 front point pointtype 11 "
                    "pointsize 0.9 linecolor '%s'\n",
                    map->x[map->slice[k]], SLICE_COLOURS[k]);
    }
    text_printf(&script->script,
                "plot DATA index %d using 1:2:3:4:5:6:7 with boxxyerror fillstyle solid noborder "
                "fillcolor palette notitle",
                cells);
    if (map->contour)
        text_printf(&script->script,
                    ", DATA index %d with lines linewidth 3 linecolor '#000000' notitle, "
                    "DATA index %d with lines linewidth 1.4 linecolor '#FFFFFF' notitle",
                    stairs, stairs);
    if (map->ridge)
        text_printf(&script->script,
                    ", DATA index %d with linespoints linewidth 1.2 pointtype 7 pointsize 0.45 "
                    "linecolor '" PLOT_TEST "' notitle",
                    peaks);
    text_add(&script->script, "\nunset object\nunset label\nunset colorbox\n"
                              "set grid xtics ytics back linetype 1 linecolor '#E6E6E6' "
                              "linewidth 0.6\n");
}

static Axis final_axis(const Map *map, bool train) {
    const Curve *curve = &map->final.curve[0];
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < curve->points; i++) {
        const CurvePoint *point = &curve->point[i];
        if (point->y.n) {
            low = fmin(low, point->y.min);
            high = fmax(high, point->y.max);
        }
        if (train && point->train.n) {
            low = fmin(low, point->train.min);
            high = fmax(high, point->train.max);
        }
    }
    return low <= high ? plot_round_axis(map->scale * low, map->scale * high) : (Axis){0, 1, false};
}

static void label_below(Map *map, const Axis *value, bool train) {
    const Curve *curve = &map->final.curve[0];
    Labels labels = {.panel = map->below, .x = &map->x_axis, .y = value, .script = &map->script};
    for (size_t i = 1; i < curve->points; i++) {
        const CurvePoint *a = &curve->point[i - 1], *b = &curve->point[i];
        if (a->y.n && b->y.n)
            labels_avoid_band(&labels, a->x, map->scale * a->y.min, map->scale * a->y.max, b->x,
                              map->scale * b->y.min, map->scale * b->y.max);
        if (train && a->train.n && b->train.n)
            labels_avoid_line(&labels, a->x, map->scale * a->train.mean, b->x,
                              map->scale * b->train.mean);
    }
    Text name = {0};
    plot_add_axis_name(&name, map->final.y, false);
    const CurvePoint *end = &curve->point[curve->points - 1];
    const CurvePoint *start = &curve->point[curve->points / 3];
    if (end->y.n) labels_put(&labels, end->x, map->scale * end->y.mean, name.data, NULL, PLOT_TEST);
    if (train && start->train.n)
        labels_put(&labels, start->x, map->scale * start->train.mean, "train error", NULL,
                   PLOT_TRAIN);
    text_free(&name);
    labels_free(&labels);
}

static void draw_below(Map *map) {
    Script *script = &map->script;
    bool train = map->final.has_train && plot_is_error(map->final.y);
    int final = add_curve(map, &map->final.curve[0]);
    Axis value = final_axis(map, train);
    plot_set_panel(script, &map->below);
    plot_set_axis(script, 'x', &map->x_axis, true);
    plot_set_axis(script, 'y', &value, true);
    add_name(map, 'x', map->final.x, false);
    plot_set_label(script, 'y', map->scale == 100 ? "final (%)" : "final");
    label_below(map, &value, train);
    text_printf(&script->script,
                "plot DATA index %d using 1:3:4 with filledcurves fillcolor '" PLOT_TEST "' "
                "fillstyle transparent solid 0.15 notitle, DATA index %d using 1:2 with lines "
                "linewidth 1.8 linecolor '" PLOT_TEST "' notitle",
                final, final);
    if (train)
        text_printf(&script->script,
                    ", DATA index %d using 1:5 with lines linewidth 1.8 linecolor '" PLOT_TRAIN
                    "' notitle",
                    final);
    text_add(&script->script, "\nunset label\n");
}

// Under the right panel: what its lines and those of the map are.
static void explain_lines(Map *map) {
    double x = map->beside.left, y = map->beside.bottom - 3.2 * map->script.em;
    double line = 1.25 * map->script.em;
    for (int k = 0; k < 3; k++) {
        if (map->slice[k] < 0) continue;
        Text name = {0};
        text_printf(&name, "%s %.6g", map->final.x, map->x[map->slice[k]]);
        put_words(map, name.data, x, y, SLICE_COLOURS[k]);
        text_free(&name);
        y -= line;
    }
    const char *white = "white: train error 0";
    if (plot_text_width(&map->script, white) > map->script.width - x) white = "white: train 0";
    if (map->contour) put_words(map, white, x, y -= 0.5 * line, PLOT_INK);
    if (map->ridge)
        put_words(map, "dots: peak", x, y - (map->contour ? line : 0.5 * line), PLOT_TEST);
}

static void draw_beside(Map *map) {
    Script *script = &map->script;
    const char *comma = "";
    Text curves = {0};
    for (int k = 0; k < 3; k++) {
        if (map->slice[k] < 0) continue;
        int block = add_curve(map, &map->along_epoch.curve[map->slice[k]]);
        text_printf(&curves,
                    "%s DATA index %d using 2:1 with lines linewidth 1.8 linecolor '%s' notitle",
                    comma, block, SLICE_COLOURS[k]);
        comma = ",";
    }
    plot_set_panel(script, &map->beside);
    plot_set_axis(script, 'x', &map->value, true);
    plot_set_axis(script, 'y', &map->epoch_axis, false);
    plot_set_label(script, 'x', ""); // the colours' name stands above
    plot_set_label(script, 'y', "");
    explain_lines(map);
    text_printf(&script->script, "plot%s\nunset label\n", curves.data);
    text_free(&curves);
}

static bool draw(Map *map, const PlotOptions *options, Error *error) {
    if (options->title)
        put_words(map, options->title, map->map.left, map->script.height - map->script.em,
                  PLOT_INK);
    draw_map(map);
    draw_below(map);
    draw_beside(map);
    Text note = {0};
    plot_describe(&map->final, options, &note);
    bool ok = plot_draw(&map->script, options->path, note.data, error);
    text_free(&note);
    return ok;
}

bool plot_map(const Table *table, const CurveOptions *curves, const PlotOptions *options,
              Error *error) {
    Map map = {0};
    PlotFormat format;
    if (!plot_find_format(options->path, &format, error)) return false;
    bool ok = build_sets(table, curves, &map, error) && read_axes(&map, error);
    if (ok) {
        double width = options->width > 0 ? options->width : 6.5;
        plot_start_script(&map.script, format, width, 0.86 * width + (width < 5 ? 0.4 : 0));
        choose_ranges(&map);
        choose_slices(&map);
        lay_out(&map, options);
        ok = draw(&map, options, error);
    }
    plot_free_script(&map.script);
    curve_free(&map.along_epoch);
    curve_free(&map.along_x);
    curve_free(&map.final);
    memory_free(map.x);
    memory_free(map.epoch);
    return ok;
}
