#include "plot/inner.h"
#include <math.h>
#include <string.h>

// One panel: a set, its axes, its scale and its data blocks.
typedef struct Panel {
    const CurveSet *set;
    Box box;
    Axis x, y;
    double scale;      // 100 for errors that are fractions: shown as per cent
    bool rich;         // one curve: with train error, threshold and peak
    const char *title; // or NULL
    bool first;        // the uppermost
} Panel;

static double greatest(const Curve *curve, bool with_train) {
    double high = -INFINITY;
    for (size_t i = 0; i < curve->points; i++) {
        if (curve->point[i].y.n) high = fmax(high, curve->point[i].y.max);
        if (with_train && curve->point[i].train.n) high = fmax(high, curve->point[i].train.max);
    }
    return high;
}

static double least(const Curve *curve, bool with_train) {
    double low = INFINITY;
    for (size_t i = 0; i < curve->points; i++) {
        if (curve->point[i].y.n) low = fmin(low, curve->point[i].y.min);
        if (with_train && curve->point[i].train.n) low = fmin(low, curve->point[i].train.min);
    }
    return low;
}

static bool shows_train(const Panel *panel) {
    return panel->rich && panel->set->has_train && plot_is_error(panel->set->y);
}

static Axis all_x(const CurveSet *set) {
    const Curve *longest = &set->curve[0];
    for (size_t c = 1; c < set->curves; c++) {
        if (set->curve[c].points > longest->points) longest = &set->curve[c];
    }
    double *x = memory_new(longest->points, sizeof *x), low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < longest->points; i++) x[i] = longest->point[i].x;
    Axis axis = plot_choose_axis(x, longest->points);
    for (size_t c = 0; c < set->curves; c++) {
        low = fmin(low, set->curve[c].point[0].x);
        high = fmax(high, set->curve[c].point[set->curve[c].points - 1].x);
    }
    if (!axis.log || low > 0) {
        axis.low = fmin(axis.low, low);
        axis.high = fmax(axis.high, high);
    }
    memory_free(x);
    return axis;
}

static void start_panel(Panel *panel) {
    const CurveSet *set = panel->set;
    double low = INFINITY, high = -INFINITY;
    panel->rich = set->curves == 1;
    panel->scale = 1;
    for (size_t c = 0; c < set->curves; c++) {
        low = fmin(low, least(&set->curve[c], shows_train(panel)));
        high = fmax(high, greatest(&set->curve[c], shows_train(panel)));
    }
    if (!(low <= high)) low = high = 0; // nothing finite
    if (plot_is_error(set->y) && low >= 0 && high <= 1) panel->scale = 100;
    panel->x = all_x(set);
    low *= panel->scale, high *= panel->scale;
    bool decades = low > 0 && high / low >= 300; // else a sharp peak hides all the rest
    panel->y = decades ? plot_log_axis(low, high) : plot_round_axis(low, high);
}

static int add_means(Script *script, const Panel *panel, const Curve *curve) {
    text_printf(&script->data, "# mean, least and greatest over seeds: y, then train error\n");
    for (size_t i = 0; i < curve->points; i++) {
        const CurvePoint *point = &curve->point[i];
        const double numbers[] = {point->y.mean,     point->y.min,     point->y.max,
                                  point->train.mean, point->train.min, point->train.max};
        text_printf(&script->data, "%.10g", point->x);
        for (int k = 0; k < 6; k++) {
            if (isnan(numbers[k]))
                text_add(&script->data, "\t?");
            else
                text_printf(&script->data, "\t%.10g", panel->scale * numbers[k]);
        }
        text_add(&script->data, "\n");
    }
    return plot_end_block(script);
}

static int add_seeds(Script *script, const Panel *panel, const Curve *curve, const double *values) {
    text_add(&script->data, "# single seeds\n");
    for (size_t s = 0; s < curve->seeds; s++) {
        for (size_t i = 0; i < curve->points; i++) {
            double value = values[s * curve->points + i];
            if (isnan(value)) continue;
            text_printf(&script->data, "%.10g\t%.10g\n", curve->point[i].x, panel->scale * value);
        }
    }
    if (curve->seeds == 0 || curve->points == 0) text_add(&script->data, "?\t?\n");
    return plot_end_block(script);
}

static bool has_values(const Curve *curve, bool train) {
    for (size_t i = 0; i < curve->points; i++) {
        if (train ? curve->point[i].train.n : curve->point[i].y.n) return true;
    }
    return false;
}

// Band, seeds and mean of one quantity. column: of its mean in the block `means`.
static void plot_quantity(Script *script, int means, int seeds, int column, const char *colour,
                          const char **comma) {
    text_printf(&script->script,
                "%s DATA index %d using 1:%d:%d with filledcurves fillcolor '%s' "
                "fillstyle transparent solid 0.15 notitle",
                *comma, means, column + 1, column + 2, colour);
    text_printf(&script->script,
                ", DATA index %d using 1:2 with points pointtype 7 pointsize 0.22 "
                "linecolor '#80%s' notitle",
                seeds, colour + 1);
    text_printf(&script->script,
                ", DATA index %d using 1:%d with lines linewidth 1.8 linecolor '%s' notitle", means,
                column, colour);
    *comma = ",";
}

// Dashed, from the axis up to the curve, so that the room above stays free for the peak's label.
static void mark_threshold(Script *script, const Panel *panel, Labels *labels) {
    const Curve *curve = &panel->set->curve[0];
    if (curve->threshold.from == CURVE_NONE || !panel->set->has_train) return;
    const CurvePoint *point = &curve->point[curve->threshold.from];
    double top = point->y.n ? panel->scale * point->y.mean : panel->y.high;
    text_printf(&script->script,
                "set arrow from first %.10g, graph 0 to first %.10g, first %.10g nohead back "
                "dashtype (6,4) linewidth 1 linecolor '#777777'\n",
                point->x, point->x, top);
    labels_avoid_line(labels, point->x, panel->y.low, point->x, top);
}

static void label_threshold(const Panel *panel, Labels *labels) {
    const Curve *curve = &panel->set->curve[0];
    if (curve->threshold.from == CURVE_NONE || !panel->set->has_train || !panel->first) return;
    const CurvePoint *point = &curve->point[curve->threshold.from];
    Text words = {0};
    text_printf(&words, "from %s %.6g", panel->set->x, point->x);
    double y = plot_value(&panel->y, 0.3);
    labels_put(labels, point->x, y, "train error 0", words.data, "#555555");
    text_free(&words);
}

static void mark_peak(Script *script, const Panel *panel, Labels *labels) {
    const CurveVerdict *verdict = &panel->set->curve[0].test;
    if (verdict->peak.index == CURVE_NONE) return;
    double y = panel->scale * verdict->peak.value;
    double low = isnan(verdict->peak_low) ? verdict->peak.x : verdict->peak_low;
    double high = isnan(verdict->peak_high) ? verdict->peak.x : verdict->peak_high;
    double at = plot_fraction(&panel->y, y), bar = 0.012;
    double foot = plot_value(&panel->y, at - bar), head = plot_value(&panel->y, at + bar);
    const double ends[3][4] = {{low, y, high, y}, {low, foot, low, head}, {high, foot, high, head}};
    for (int i = 0; i < 3 && low < high; i++)
        text_printf(&script->script,
                    "set arrow from first %.10g, first %.10g to first %.10g, first %.10g nohead "
                    "front linewidth 1.4 linecolor '#000000'\n",
                    ends[i][0], ends[i][1], ends[i][2], ends[i][3]);
    text_printf(&script->script,
                "set label '' at first %.10g, first %.10g front point pointtype 7 pointsize 0.7 "
                "linecolor '#000000'\n",
                verdict->peak.x, y);
    labels_avoid_line(labels, low, y, high, y);
}

static void label_peak(const Panel *panel, Labels *labels) {
    const CurveVerdict *verdict = &panel->set->curve[0].test;
    if (verdict->peak.index == CURVE_NONE) return;
    Text words = {0}, interval = {0};
    text_printf(&words, "peak %.3g%s at %s %.6g", panel->scale * verdict->peak.value,
                panel->scale == 100 ? " %" : "", panel->set->x, verdict->peak.x);
    if (!isnan(verdict->peak_low))
        text_printf(&interval, "95 %% interval %.6g to %.6g", verdict->peak_low,
                    verdict->peak_high);
    double at = plot_fraction(&panel->y, panel->scale * verdict->peak.value);
    double above = plot_value(&panel->y, at + 0.06);
    labels_put(labels, verdict->peak.x, above, words.data, interval.data, "#000000");
    text_free(&words);
    text_free(&interval);
}

static void avoid_curve(const Panel *panel, const Curve *curve, bool train, Labels *labels) {
    for (size_t i = 1; i < curve->points; i++) {
        const CurveSummary *a = train ? &curve->point[i - 1].train : &curve->point[i - 1].y;
        const CurveSummary *b = train ? &curve->point[i].train : &curve->point[i].y;
        if (a->n == 0 || b->n == 0) continue;
        labels_avoid_band(labels, curve->point[i - 1].x, panel->scale * a->min,
                          panel->scale * a->max, curve->point[i].x, panel->scale * b->min,
                          panel->scale * b->max);
    }
}

// A curve's own name beside it, in its colour, instead of a key.
static void label_curve(const Panel *panel, const Curve *curve, bool train, const char *name,
                        const char *colour, double place, Labels *labels) {
    size_t at = (size_t)(place * (double)(curve->points - 1));
    while (at < curve->points && (train ? curve->point[at].train.n : curve->point[at].y.n) == 0)
        at++;
    if (at == curve->points) return;
    double y = train ? curve->point[at].train.mean : curve->point[at].y.mean;
    labels_put(labels, curve->point[at].x, panel->scale * y, name, NULL, colour);
}

static void plot_rich(Script *script, const Panel *panel, Labels *labels) {
    const Curve *curve = &panel->set->curve[0];
    bool train = shows_train(panel) && has_values(curve, true);
    int means = add_means(script, panel, curve);
    int seeds = add_seeds(script, panel, curve, curve->y);
    int train_seeds = train ? add_seeds(script, panel, curve, curve->train) : -1;
    avoid_curve(panel, curve, false, labels);
    if (train) avoid_curve(panel, curve, true, labels);
    mark_threshold(script, panel, labels);
    mark_peak(script, panel, labels);
    label_peak(panel, labels);
    Text name = {0};
    plot_add_axis_name(&name, panel->set->y, false);
    label_curve(panel, curve, false, name.data, PLOT_TEST, 0.88, labels);
    if (train) label_curve(panel, curve, true, "train error", PLOT_TRAIN, 0.2, labels);
    label_threshold(panel, labels);
    text_add(&script->script, "plot");
    const char *comma = "";
    if (train) plot_quantity(script, means, train_seeds, 5, PLOT_TRAIN, &comma);
    plot_quantity(script, means, seeds, 2, PLOT_TEST, &comma);
    text_add(&script->script, "\n");
    text_free(&name);
}

static void name_curve(const Curve *curve, Text *name) {
    for (size_t k = 0; k < curve->by.count; k++)
        text_printf(name, "%s%s %s", k ? ", " : "", curve->by.item[k].name,
                    curve->by.item[k].value);
}

// The c-th of the `count` curves that are drawn: all, or evenly spread from the first to the last.
static const Curve *chosen(const CurveSet *set, size_t c, size_t count) {
    return &set->curve[count > 1 ? c * (set->curves - 1) / (count - 1) : 0];
}

static void plot_several(Script *script, const Panel *panel) {
    enum { MOST = 8 };
    const CurveSet *set = panel->set;
    int means[MOST], seeds[MOST];
    size_t count = set->curves < MOST ? set->curves : MOST;
    for (size_t c = 0; c < count; c++) {
        const Curve *curve = chosen(set, c, count);
        means[c] = add_means(script, panel, curve);
        seeds[c] = add_seeds(script, panel, curve, curve->y);
    }
    text_printf(&script->script,
                "set key at screen %.5f, screen %.5f left top Left reverse noautotitle samplen 2\n",
                (panel->box.right + script->em) / script->width, panel->box.top / script->height);
    text_add(&script->script, "plot");
    const char *comma = "";
    for (size_t c = 0; c < count; c++)
        plot_quantity(script, means[c], seeds[c], 2, PLOT_COLOURS[c], &comma);
    for (size_t c = 0; c < count; c++) {
        Text name = {0};
        name_curve(chosen(set, c, count), &name);
        text_printf(&script->script, ", NaN with lines linewidth 1.8 linecolor '%s' title ",
                    PLOT_COLOURS[c]);
        plot_add_quoted(&script->script, name.data ? name.data : "");
        text_free(&name);
    }
    text_add(&script->script, "\nunset key\n");
}

static void set_title(Script *script, const Panel *panel) {
    if (!panel->title) return;
    text_add(&script->script, "set label 1000 ");
    plot_add_quoted(&script->script, panel->title);
    text_printf(&script->script,
                " at screen %.5f, screen %.5f left front textcolor '" PLOT_INK "'\n",
                panel->box.left / script->width, 1 - script->em / script->height);
}

static void draw_panel(Script *script, const Panel *panel, bool bottom) {
    Text name = {0};
    plot_set_panel(script, &panel->box);
    plot_set_axis(script, 'x', &panel->x, bottom);
    plot_set_axis(script, 'y', &panel->y, true);
    plot_add_axis_name(&name, panel->set->x, false);
    plot_set_label(script, 'x', bottom ? name.data : "");
    text_free(&name);
    bool error = shows_train(panel);
    plot_add_axis_name(&name, error ? "error" : panel->set->y, panel->scale == 100);
    plot_set_label(script, 'y', name.data);
    text_free(&name);
    Labels labels = {.panel = panel->box, .x = &panel->x, .y = &panel->y, .script = script};
    text_add(&script->script, "unset label\nunset arrow\n");
    set_title(script, panel);
    if (panel->rich)
        plot_rich(script, panel, &labels);
    else
        plot_several(script, panel);
    labels_free(&labels);
}

static double key_width(const Script *script, const CurveSet *set) {
    double widest = 0;
    for (size_t c = 0; set->curves > 1 && c < set->curves; c++) {
        Text name = {0};
        name_curve(&set->curve[c], &name);
        if (name.data) widest = fmax(widest, plot_text_width(script, name.data));
        text_free(&name);
    }
    return widest > 0 ? fmin(widest + 4 * script->em, 0.4 * script->width) : 0;
}

// The room for the y axis, in em: labels of decades are longer, as 1e-05.
static double axis_width(const CurveSet *const *panel, size_t panels) {
    double width = 5.2;
    for (size_t i = 0; i < panels; i++) {
        Panel one = {.set = panel[i]};
        start_panel(&one);
        if (one.y.log) width = 6.4;
    }
    return width;
}

bool plot_curves(const CurveSet *const *panel, size_t panels, const PlotOptions *options,
                 Error *error) {
    enum { MOST_PANELS = 8 };
    REQUIRE(panels >= 1 && panels <= MOST_PANELS);
    PlotFormat format;
    if (!plot_find_format(options->path, &format, error)) return false;
    double width = options->width > 0 ? options->width : 6.5;
    double each = panels > 1 ? 0.42 * width : 0.56 * width;
    Script script;
    plot_start_script(&script, format, width, each * (double)panels + 0.12 * width);
    double em = script.em, bottom = 4.4 * em, top = script.height - (options->title ? 3 : 1) * em;
    double gap = 1.4 * em, height = (top - bottom - gap * (double)(panels - 1)) / (double)panels;
    for (size_t i = 0; i < panels; i++) {
        Panel one = {.set = panel[i], .title = i == 0 ? options->title : NULL, .first = i == 0};
        start_panel(&one);
        one.box.left = axis_width(panel, panels) * em;
        one.box.right = width - 1.2 * em - key_width(&script, panel[i]);
        one.box.bottom = bottom + (double)(panels - 1 - i) * (height + gap);
        one.box.top = one.box.bottom + height;
        draw_panel(&script, &one, i + 1 == panels);
    }
    Text note = {0};
    plot_describe(panel[0], options, &note);
    bool ok = plot_draw(&script, options->path, note.data, error);
    text_free(&note);
    plot_free_script(&script);
    return ok;
}
