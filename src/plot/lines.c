#include "plot/inner.h"
#include <math.h>

enum { MOST = 8 };

typedef struct Range {
    double low, high;
} Range;

static void widen(Range *range, double value) {
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

static double capped(const PlotLines *picture, double y) {
    return picture->top > 0 && y > picture->top ? picture->top : y;
}

// Can this number be drawn?
static bool visible(const PlotLines *picture, double y) {
    return isfinite(y) && (!picture->log_y || y > 0);
}

static bool in_band(const PlotLines *picture, const PlotLine *line, size_t i) {
    return line->low && visible(picture, line->low[i]) && visible(picture, line->high[i]);
}

static Range range_y(const PlotLines *picture) {
    Range range = {INFINITY, -INFINITY};
    for (const PlotLine *line = picture->line; line < picture->line + picture->lines; line++) {
        for (size_t i = 0; i < line->count; i++) {
            double bar = line->spread && isfinite(line->spread[i]) ? line->spread[i] : 0;
            if (in_band(picture, line, i)) {
                widen(&range, capped(picture, line->low[i]));
                widen(&range, capped(picture, line->high[i]));
            }
            if (!visible(picture, line->y[i])) continue;
            widen(&range, capped(picture, line->y[i] + bar));
            if (visible(picture, line->y[i] - bar))
                widen(&range, capped(picture, line->y[i] - bar));
        }
    }
    return range.low <= range.high ? range : (Range){picture->log_y ? 1 : 0, 1};
}

static Axis axis_x(const PlotLines *picture) {
    const PlotLine *longest = picture->line;
    Range range = {INFINITY, -INFINITY};
    for (const PlotLine *line = picture->line; line < picture->line + picture->lines; line++) {
        if (line->count > longest->count) longest = line;
        if (line->count) widen(&range, line->x[0]);
        if (line->count) widen(&range, line->x[line->count - 1]);
    }
    if (!longest->count) return (Axis){0, 1, false};
    Axis axis = plot_choose_axis(longest->x, longest->count);
    if (axis.log && range.low <= 0) axis.log = false;
    axis.low = fmin(axis.low, range.low);
    axis.high = fmax(axis.high, range.high);
    return axis;
}

static Axis axis_y(const PlotLines *picture) {
    Range range = range_y(picture);
    if (!picture->log_y) {
        Axis axis = plot_round_axis(range.low, range.high);
        if (picture->top > 0 && axis.high > picture->top) axis.high = picture->top;
        return axis;
    }
    return plot_log_axis(range.low, range.high);
}

static void add_spread(Script *script, double spread) {
    if (isfinite(spread)) {
        text_printf(&script->data, "\t%.10g", spread);
    } else {
        text_add(&script->data, "\t?");
    }
}

// A run of numbers that cannot be drawn becomes an empty line: gnuplot lifts its pen there.
static int add_block(Script *script, const PlotLines *picture, const PlotLine *line) {
    bool any = false;
    text_printf(&script->data, "# ");
    plot_add_clean(&script->data, line->name);
    text_printf(&script->data, ": x, y%s\n", line->spread ? ", half of the error bar" : "");
    for (size_t i = 0; i < line->count; i++) {
        bool shown = visible(picture, line->y[i]);
        if (shown) text_printf(&script->data, "%.10g\t%.10g", line->x[i], line->y[i]);
        if (shown && line->spread) add_spread(script, line->spread[i]);
        if (shown) text_add(&script->data, "\n");
        bool before = i > 0 && visible(picture, line->y[i - 1]);
        if (!shown && before && !line->spread) text_add(&script->data, "\n");
        any = any || shown;
    }
    if (!any) text_add(&script->data, "?\t?\t?\n");
    return plot_end_block(script);
}

static int add_band(Script *script, const PlotLines *picture, const PlotLine *line) {
    bool any = false;
    text_add(&script->data, "# band of ");
    plot_add_clean(&script->data, line->name);
    text_add(&script->data, ": x, from, to\n");
    for (size_t i = 0; i < line->count; i++) {
        if (!in_band(picture, line, i)) continue;
        text_printf(&script->data, "%.10g\t%.10g\t%.10g\n", line->x[i], line->low[i],
                    capped(picture, line->high[i]));
        any = true;
    }
    if (!any) text_add(&script->data, "?\t?\t?\n");
    return plot_end_block(script);
}

static void plot_band(Script *script, const PlotLine *line, int block, const char *colour) {
    text_printf(&script->script,
                "DATA index %d using 1:2:3 with filledcurves fillcolor '%s' fillstyle transparent "
                "solid 0.15 %s",
                block, colour, line->band_name ? "title " : "notitle");
    if (line->band_name) plot_add_quoted(&script->script, line->band_name);
    text_add(&script->script, ", ");
}

// A line of one number is a point.
static void plot_line(Script *script, const PlotLine *line, int block, const char *colour) {
    if (line->spread) {
        text_printf(&script->script,
                    "DATA index %d using 1:2:3 with %s pointtype 7 pointsize 0.4 "
                    "linewidth 1 linecolor '%s' title ",
                    block, line->joined ? "yerrorlines" : "yerrorbars", colour);
    } else if (line->count == 1) {
        text_printf(&script->script,
                    "DATA index %d using 1:2 with points pointtype 7 pointsize 0.8 "
                    "linecolor '%s' title ",
                    block, colour);
    } else {
        text_printf(&script->script,
                    "DATA index %d using 1:2 with lines linewidth 1.8 %slinecolor '%s' title ",
                    block, line->dashed ? "dashtype (6,4) " : "", colour);
    }
    plot_add_quoted(&script->script, line->name);
}

// The name stands above the panel, where no line passes.
static void add_mark(Script *script, const PlotLines *picture, const Axis *x) {
    if (!isfinite(picture->mark) || picture->mark < x->low || picture->mark > x->high) return;
    text_printf(&script->script,
                "set arrow from first %.10g, graph 0 to first %.10g, graph 1 nohead back "
                "dashtype (2,3) linewidth 1 linecolor '#777777'\n",
                picture->mark, picture->mark);
    if (!picture->mark_name) return;
    text_add(&script->script, "set label ");
    plot_add_quoted(&script->script, picture->mark_name);
    text_printf(&script->script,
                " at first %.10g, graph 1 center offset 0,0.6 front textcolor '#555555'\n",
                picture->mark);
}

// The key stands right of the panel, so that it never lies on a line.
static double key_width(const Script *script, const PlotLines *picture) {
    double widest = 0;
    for (size_t i = 0; i < picture->lines; i++)
        widest = fmax(widest, plot_text_width(script, picture->line[i].name));
    for (size_t i = 0; i < picture->lines; i++) {
        const char *band = picture->line[i].band_name;
        if (band) widest = fmax(widest, plot_text_width(script, band));
    }
    return fmin(widest + 4 * script->em, 0.4 * script->width);
}

static void set_box(Script *script, const PlotLines *picture, bool titled, Box *box) {
    double em = script->em;
    bool marked = picture->mark_name && isfinite(picture->mark);
    *box = (Box){.left = 7.4 * em,
                 .bottom = 4.4 * em,
                 .right = script->width - 1.2 * em - key_width(script, picture),
                 .top = script->height - ((titled ? 3 : 1) + (marked ? 0.8 : 0)) * em};
    plot_set_panel(script, box);
    text_printf(&script->script,
                "set key at screen %.5f, screen %.5f left top Left reverse samplen 2\n",
                (box->right + em) / script->width, box->top / script->height);
}

static void add_title(Script *script, const char *title, const Box *box) {
    if (!title) return;
    text_add(&script->script, "set label 1000 ");
    plot_add_quoted(&script->script, title);
    text_printf(&script->script,
                " at screen %.5f, screen %.5f left front textcolor '" PLOT_INK "'\n",
                box->left / script->width, 1 - script->em / script->height);
}

static void compose(Script *script, const PlotLines *picture, const char *title) {
    Box box;
    int block[MOST], band[MOST];
    size_t colour = 0;
    for (size_t i = 0; i < picture->lines; i++) {
        const PlotLine *line = &picture->line[i];
        block[i] = add_block(script, picture, line);
        band[i] = line->low ? add_band(script, picture, line) : -1;
    }
    Axis x = axis_x(picture), y = axis_y(picture);
    set_box(script, picture, title != NULL, &box);
    plot_set_axis(script, 'x', &x, true);
    plot_set_axis(script, 'y', &y, true);
    plot_set_label(script, 'x', picture->x_name);
    plot_set_label(script, 'y', picture->y_name);
    add_title(script, title, &box);
    add_mark(script, picture, &x);
    text_add(&script->script, "plot ");
    for (size_t i = 0; i < picture->lines; i++) {
        if (i) text_add(&script->script, ", ");
        if (i && !picture->line[i].paired) colour++;
        if (band[i] >= 0) plot_band(script, &picture->line[i], band[i], PLOT_COLOURS[colour]);
        plot_line(script, &picture->line[i], block[i], PLOT_COLOURS[colour]);
    }
    text_add(&script->script, "\n");
}

bool plot_lines(const PlotLines *picture, const PlotOptions *options, Error *error) {
    REQUIRE(picture->lines >= 1 && picture->lines <= MOST);
    PlotFormat format;
    if (!plot_find_format(options->path, &format, error)) return false;
    double width = options->width > 0 ? options->width : 6.5;
    Script script;
    plot_start_script(&script, format, width, 0.62 * width);
    compose(&script, picture, options->title);
    Text note = {0};
    text_printf(&note, "benign %s\n", BENIGN_VERSION);
    if (options->command) text_printf(&note, "command: %s\n", options->command);
    text_printf(&note, "source: %s\nx: %s\ny: %s\n", picture->source, picture->x_name,
                picture->y_name);
    bool ok = plot_draw(&script, options->path, note.data, error);
    text_free(&note);
    plot_free_script(&script);
    return ok;
}
