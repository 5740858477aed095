#include "curve/curve.h"
#include <math.h>
#include <string.h>

static void add_number(Text *text, double value, int digits) {
    if (isnan(value))
        text_add(text, "-");
    else
        text_printf(text, "%.*g", digits, value);
}

// "p = 0.0123", "p < 0.001"
static void add_p(Text *text, double p) {
    if (p < 0.001)
        text_add(text, "p < 0.001");
    else
        text_printf(text, "p = %.2g", p);
}

static void add_falls_and_rises(const CurveSet *set, const CurveVerdict *verdict, Text *text) {
    const CurvePlace *low = &verdict->first_minimum, *after = &verdict->after_peak;
    text_printf(text, " it reaches %.3g at %s %.6g", low->value, set->x, low->x);
    if (verdict->peak.index != CURVE_NONE)
        text_printf(text, ", peaks at %.3g and comes down to %.3g at %s %.6g", verdict->peak.value,
                    after->value, set->x, after->x);
    text_printf(text, "; the last value is %.3g.", verdict->last.value);
}

static void add_shape(const CurveSet *set, const Curve *curve, Text *text) {
    const CurveVerdict *verdict = &curve->test;
    text_printf(text, "%s along %s: %s", set->y, set->x, curve_shape_name(verdict->shape));
    if (verdict->shape == CURVE_TOO_FEW_SEEDS) {
        text_printf(text, " for a verdict (%d runs a point are needed);", CURVE_SEEDS_LEAST);
    } else {
        text_add(text, " (second descent: ");
        add_p(text, verdict->p_second_descent);
        text_add(text, ");");
    }
    add_falls_and_rises(set, verdict, text);
}

static void add_critical_point(const CurveSet *set, const Curve *curve, Text *text) {
    const CurveVerdict *verdict = &curve->test;
    if (verdict->peak.index == CURVE_NONE) {
        text_printf(text, "There is no critical point: nowhere does %s stop rising and fall again.",
                    set->y);
        return;
    }
    text_printf(text, "The critical point is at %s %.6g", set->x, verdict->peak.x);
    if (!isnan(verdict->peak_low))
        text_printf(text, " (95 %% interval %.6g to %.6g)", verdict->peak_low, verdict->peak_high);
    text_add(text, ".");
}

static void add_counts(const CurvePoint *point, Text *text) {
    if (!isnan(point->parameters)) text_printf(text, ": %.6g parameters", point->parameters);
    if (isnan(point->parameters) || isnan(point->samples)) return;
    text_printf(text, " beside %.6g samples", point->samples);
    if (!isnan(point->classes))
        text_printf(text, " (%.6g with their classes)", point->samples * point->classes);
}

static void add_threshold(const CurveSet *set, const Curve *curve, Text *text) {
    const CurveThreshold *threshold = &curve->threshold;
    if (!set->has_train && strcmp(set->y, "train_error") != 0) {
        text_add(text, "Without a column train_error the interpolation threshold is unknown.");
    } else if (threshold->from == CURVE_NONE) {
        text_printf(text, "The train error does not stay at %.3g.", set->tolerance);
    } else {
        const CurvePoint *point = &curve->point[threshold->from];
        text_printf(text, "The train error is %.3g from %s %.6g on", set->tolerance, set->x,
                    point->x);
        if (!isnan(threshold->below)) text_printf(text, " (not yet at %.6g)", threshold->below);
        add_counts(point, text);
        text_add(text, ".");
    }
}

void curve_verdict_words(const CurveSet *set, const Curve *curve, Text *text) {
    add_shape(set, curve, text);
    text_add(text, " ");
    add_critical_point(set, curve, text);
    text_add(text, " ");
    add_threshold(set, curve, text);
}

// Columns as wide as their widest cell need no second pass: numbers here have few digits.
static void add_cell(Text *line, double value, int digits) {
    Text cell = {0};
    add_number(&cell, value, digits);
    text_printf(line, "  %10s", cell.data);
    text_free(&cell);
}

static const char *mark(const Curve *curve, size_t index) {
    if (index == curve->test.peak.index) return "  peak";
    if (index == curve->threshold.from) return "  threshold";
    return "";
}

static void add_points(const CurveSet *set, const Curve *curve, Text *text) {
    text_printf(text, "  %10s  %10s  %10s  %10s  %10s  %4s", set->x, set->y, "se", "min", "max",
                "n");
    text_add(text, set->has_train ? "  train_error\n" : "\n");
    for (size_t i = 0; i < curve->points; i++) {
        const CurvePoint *point = &curve->point[i];
        add_cell(text, point->x, 6);
        add_cell(text, point->y.mean, 4);
        add_cell(text, point->y.se, 2);
        add_cell(text, point->y.min, 4);
        add_cell(text, point->y.max, 4);
        text_printf(text, "  %4zu", point->y.n);
        if (set->has_train) add_cell(text, point->train.mean, 4);
        if (point->lost) text_printf(text, "  %zu lost", point->lost);
        text_printf(text, "%s\n", mark(curve, i));
    }
}

void curve_describe(const CurveSet *set, Text *text) {
    for (size_t i = 0; i < set->curves; i++) {
        const Curve *curve = &set->curve[i];
        if (i) text_add(text, "\n");
        for (size_t k = 0; k < curve->by.count; k++)
            text_printf(text, "%s%s=%s", k ? " " : "", curve->by.item[k].name,
                        curve->by.item[k].value);
        if (curve->by.count) text_add(text, "\n");
        add_points(set, curve, text);
        curve_verdict_words(set, curve, text);
        text_add(text, "\n");
    }
}
