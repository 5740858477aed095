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
        add_number(text, 6, "%.3g", l->spread);
        add_number(text, 6, "%.3g", l->spread_predicted);
        add_number(text, 9, "%.3g", l->across);
        add_number(text, 6, "%.4f", l->ratio);
        add_number(text, 8, "%.3f", l->kurtosis);
        add_number(text, 5, "%.3f", l->distance);
    }
    add_number(text, 9, "%.4g", l->gradient_predicted);
    if (report->measured) add_number(text, 9, "%.4g", l->gradient_measured);
    text_add(text, "\n");
}

static void add_head(const SignalReport *report, Text *text) {
    text_printf(text, "%-8s %8s %9s", "layer", "sigma", "E u^2");
    if (report->measured)
        text_printf(text, " %9s %7s %6s %6s %9s %6s %8s %5s", "measured", "+-", "spread", "band",
                    "across", "ratio", "kurtosis", "KS");
    text_printf(text, " %9s", "gradient");
    if (report->measured) text_printf(text, " %9s", "measured");
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

static void add_judgement(const SignalReport *report, const SignalScheme *scheme, const char *what,
                          const SignalJudgement *judgement, Text *text) {
    if (judgement->verdict == SIGNAL_UNKNOWN) {
        text_printf(text, "%s: unknown, not predicted in every layer\n", what);
        return;
    }
    text_printf(text, "%s: %s%s", what, signal_verdicts[judgement->verdict],
                judgement->alike ? " (all inputs become alike)" : "");
    if (judgement->verdict != SIGNAL_STABLE) {
        if (report->layers > 1) text_printf(text, ", by a factor %.4g a layer", judgement->rate);
        text_printf(text, "; leaves the band at %s",
                    report->net->layer[scheme->layer[judgement->leaves].number].name);
        if (!isnan(judgement->depth))
            text_printf(text, "; lost after %.0f layers", judgement->depth);
    } else if (judgement->leaves >= 0) {
        text_add(text, ", at another level than at first");
    }
    text_add(text, "\n");
}

void signal_describe(const SignalReport *report, Text *text) {
    const SignalOptions *options = &report->options;
    if (report->measured) {
        text_printf(text, "%lld draws of the weights, %lld examples %s\n",
                    (long long)options->draws, (long long)options->examples,
                    options->data ? options->data->spec : "of N(0, 1)");
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
