#include "signal/inner.h"
#include <math.h>

enum { ROWS = 14 };

static void add_number(Text *text, int width, const char *format, double value) {
    Text cell = {0};
    if (isnan(value)) {
        text_add(&cell, "-");
    } else {
        text_printf(&cell, format, value);
    }
    text_printf(text, " %*s", width, cell.data);
    text_free(&cell);
}

static void add_row(const SignalReport *report, const SignalLayer *l, Text *text) {
    text_printf(text, "%-8s", report->net->layer[l->number].name);
    add_number(text, 8, "%.5f", l->sigma);
    add_number(text, 9, "%.4g", l->predicted);
    if (report->measured) {
        add_number(text, 9, "%.4g", l->measured);
        add_number(text, 7, "%.2g", l->measured_error);
        add_number(text, 9, "%.4g", l->median);
        add_number(text, 6, "%.3g", l->spread);
        add_number(text, 6, "%.3g", l->spread_predicted);
        add_number(text, 9, "%.3g", l->across);
        add_number(text, 6, "%.4f", l->ratio);
        add_number(text, 8, "%.3f", l->kurtosis);
        add_number(text, 5, "%.3f", l->distance);
    }
    add_number(text, 9, "%.4g", l->gradient_predicted);
    if (report->measured) add_number(text, 9, "%.4g", l->gradient_measured);
    if (report->measured) add_number(text, 9, "%.4g", l->gradient_median);
    text_add(text, "\n");
}

static void add_head(const SignalReport *report, Text *text) {
    text_printf(text, "%-8s %8s %9s", "layer", "sigma", "E u^2");
    if (report->measured)
        text_printf(text, " %9s %7s %9s %6s %6s %9s %6s %8s %5s", "measured", "+-", "median",
                    "spread", "band", "across", "ratio", "kurtosis", "KS");
    text_printf(text, " %9s", "gradient");
    if (report->measured) text_printf(text, " %9s %9s", "measured", "median");
    text_add(text, "\n");
}

// At most ROWS rows, spread evenly, the first and the last among them.
static void add_layers(const SignalReport *report, const SignalScheme *scheme, Text *text) {
    size_t rows = report->layers < ROWS ? report->layers : ROWS;
    for (size_t r = 0; r < rows; r++) {
        size_t i = rows == 1 ? 0 : r * (report->layers - 1) / (rows - 1);
        add_row(report, &scheme->layer[i], text);
    }
    if (rows < report->layers)
        text_printf(text, "%zu of %zu layers with weights are shown; --json has all\n", rows,
                    report->layers);
}

// By which factor a layer's corners are off its middle.
static double thinned(const SignalLayer *l) {
    double factor = l->place_predicted[INIT_CORNER] / l->place_predicted[INIT_MIDDLE];
    return isfinite(factor) && factor > 0 ? fabs(log(factor)) : 0;
}

static void add_place(const SignalLayer *l, InitPlace place, const char *where, Text *text) {
    if (isnan(l->place_predicted[place])) return;
    text_printf(text, "%s %.3g %s", place == INIT_CORNER ? "" : ",", l->place_predicted[place],
                where);
    if (!isnan(l->place[place])) text_printf(text, " (measured %.3g)", l->place[place]);
}

// Of the layer whose borders differ most.
static void add_border(const SignalReport *report, const SignalScheme *scheme, Text *text) {
    const SignalLayer *most = scheme->layer;
    for (size_t i = 1; i < report->layers; i++) {
        if (thinned(&scheme->layer[i]) > thinned(most)) most = &scheme->layer[i];
    }
    if (thinned(most) < 0.01) return;
    text_printf(text, "border: E u^2 of %s is", report->net->layer[most->number].name);
    add_place(most, INIT_CORNER, "in the corners", text);
    add_place(most, INIT_EDGE, "at the edges", text);
    add_place(most, INIT_MIDDLE, "in the middle", text);
    text_add(text, "\n");
}

// ---- verdicts ----

typedef struct Verdict {
    const SignalReport *report;
    const SignalScheme *scheme;
    const SignalJudgement *j;
    bool back; // of the gradient
    Text *text;
} Verdict;

static const char *name_of(const Verdict *v, int64_t layer) {
    return v->report->net->layer[v->scheme->layer[layer].number].name;
}

static const char *first_of(const Verdict *v) {
    return name_of(v, v->back ? (int64_t)v->report->layers - 1 : 0);
}

static const char *end_of(const Verdict *v) {
    return name_of(v, v->back ? 0 : (int64_t)v->report->layers - 1);
}

static void add_rate(const Verdict *v) {
    if (isnan(v->j->rate)) return;
    text_printf(v->text, ", by a factor %.4g a layer from %s %s %s", v->j->rate,
                name_of(v, v->j->from), v->back ? "back to" : "to", name_of(v, v->j->to));
}

static void add_end(const Verdict *v) {
    text_printf(v->text, "; at %s %.3g times that of %s", end_of(v), v->j->end, first_of(v));
}

static void add_range(const Verdict *v) {
    text_printf(v->text, ", from %.3g times that of %s (at %s) to %.3g times (at %s)", v->j->lowest,
                first_of(v), name_of(v, v->j->low), v->j->highest, name_of(v, v->j->high));
    if (isnan(v->j->rate)) return;
    text_printf(v->text, "; it changes by a factor %.4g a layer from %s %s %s", v->j->rate,
                name_of(v, v->j->from), v->back ? "back to" : "to", name_of(v, v->j->to));
}

// From the layer on where it is lost.
static void add_loss(const Verdict *v) {
    if (isnan(v->j->depth)) return;
    int64_t step = (int64_t)v->j->depth - 1, last = (int64_t)v->report->layers - 1;
    const char *why = v->j->alike                         ? "float rounds it away"
                      : v->j->verdict == SIGNAL_EXPLODING ? "float does not hold its square"
                                                          : "0 or below the least of float";
    text_printf(v->text, "; %s from %s on", why, name_of(v, v->back ? last - step : step));
}

static void add_draws(const Verdict *v) {
    const SignalJudgement *j = v->j;
    bool all = j->died == j->looked_at || j->exploded == j->looked_at; // the verdict says it
    if (!v->report->measured || j->alike || all || j->died + j->exploded == 0) return;
    text_printf(v->text, "; %.3g %% end below 1/%d of %s's, %.3g %% above %d times",
                100 * (double)j->died / (double)j->looked_at, SIGNAL_FAR, first_of(v),
                100 * (double)j->exploded / (double)j->looked_at, SIGNAL_FAR);
}

static void add_scatter(const Verdict *v) {
    const SignalLayer *end = &v->scheme->layer[v->back ? 0 : v->report->layers - 1];
    double measured = v->back ? end->gradient_scatter : end->scatter;
    bool own = v->report->measured && !isnan(measured);
    double scatter = own ? measured : v->back ? NAN : end->scatter_predicted;
    text_printf(v->text, ": draws part");
    if (!own && isnan(scatter)) return;
    bool huge = !(exp(scatter) < 1e6);
    text_printf(v->text, ", at %s by %sa factor %.3g either way (%s)", end_of(v),
                huge ? "more than " : "", huge ? 1e6 : exp(scatter),
                own ? "the middle 68 %" : "expected of this width, to first order");
}

// A stable net whose deviations grow is not so at every depth.
static void add_growth(const Verdict *v) {
    double growth = signal_growth(v->report, v->scheme);
    bool about = v->j->verdict == SIGNAL_STABLE || v->j->verdict == SIGNAL_UNSTABLE;
    if (v->back || !about || !(growth > 1.01)) return;
    text_printf(v->text, "; a deviation of E u^2 grows by a factor %.4g a layer", growth);
}

static void add_verdict(const Verdict *v) {
    switch (v->j->verdict) {
    case SIGNAL_UNKNOWN:
        text_add(v->text, ", not predicted in every layer");
        break;
    case SIGNAL_STABLE:
        if (v->j->leaves >= 0)
            text_printf(v->text, ", at %.3g times the level of %s", v->j->end, first_of(v));
        break;
    case SIGNAL_UNEVEN:
        add_range(v);
        break;
    case SIGNAL_UNSTABLE:
        add_scatter(v);
        break;
    default:
        if (v->j->alike) text_add(v->text, " (all inputs become alike)");
        add_rate(v);
        if (v->j->alike) text_add(v->text, " in the part of u^2 that differs");
        if (isnan(v->j->depth)) add_end(v);
        add_loss(v);
    }
    add_draws(v);
    add_growth(v);
}

static bool has_pools(const SignalScheme *scheme, size_t layers) {
    return scheme->layer[0].pooled != scheme->layer[layers - 1].pooled;
}

static void add_judgement(const SignalReport *report, const SignalScheme *scheme, const char *what,
                          const SignalJudgement *judgement, Text *text) {
    Verdict verdict = {report, scheme, judgement, judgement == &scheme->gradient, text};
    bool wide = !report->measured && (verdict.back || isnan(scheme->layer[0].typical));
    text_printf(text, "%s: %s", what, signal_verdicts[judgement->verdict]);
    add_verdict(&verdict);
    if (verdict.back && has_pools(scheme, report->layers))
        text_add(text, "; what average pools take off is not counted");
    if (wide && judgement->verdict != SIGNAL_UNKNOWN) text_add(text, " (wide networks)");
    text_add(text, "\n");
}

void signal_describe(const SignalReport *report, Text *text) {
    const SignalOptions *options = &report->options;
    if (report->measured) {
        text_printf(text, "%lld draws of the weights, %lld examples %s\n",
                    (long long)options->draws, (long long)options->examples,
                    options->data ? options->data->spec : "of N(0, 1)");
        text_add(
            text,
            "verdicts are about the median over draws and examples; E u^2 and gradient are of wide "
            "networks, the band is of this width\n");
    } else {
        text_printf(text, "predicted only: %s\n", report->why_not);
    }
    for (size_t s = 0; s < options->schemes; s++) {
        const SignalScheme *scheme = &report->scheme[s];
        text_printf(text, "\n%s: %s", init_names[scheme->scheme],
                    init_schemes[scheme->scheme].help);
        if (options->law != LAW_SCHEME) text_printf(text, "; law %s", init_laws[options->law]);
        text_add(text, "\n");
        add_head(report, text);
        add_layers(report, scheme, text);
        add_border(report, scheme, text);
        add_judgement(report, scheme, "signal", &scheme->signal, text);
        add_judgement(report, scheme, "gradient", &scheme->gradient, text);
        if (*scheme->advice) text_printf(text, "advice: %s\n", scheme->advice);
    }
}
