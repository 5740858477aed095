#include "curve/curve.h"
#include <math.h>
#include <string.h>

static void add_number(Text *text, double value, int digits) {
    if (isnan(value))
        text_add(text, "-");
    else
        text_printf(text, "%.*g", digits, value);
}

void curve_p_words(double p, Text *text) {
    if (p < 0.001)
        text_add(text, "p < 0.001");
    else
        text_printf(text, "p = %.2g", p);
}

static void add_claim(Text *text, const char *claim, double p) {
    text_printf(text, "%s (", claim);
    curve_p_words(p, text);
    text_add(text, ")");
}

// What a shape claims. Of what is not shown it says no more than that.
static void add_shape(const CurveSet *set, const Curve *curve, Text *text) {
    const CurveVerdict *verdict = &curve->test;
    text_printf(text, "%s along %s: ", set->y, set->x);
    switch (verdict->shape) {
    case CURVE_TOO_FEW_SEEDS:
        text_printf(text, "too few seeds for a verdict (3 points with %d runs are needed).",
                    CURVE_SEEDS_LEAST);
        return;
    case CURVE_FLAT:
        add_claim(text, "no rise is shown", verdict->p_rise);
        add_claim(text, ", no fall", verdict->p_first_descent);
        add_claim(text, " and no second descent", verdict->p_second_descent);
        break;
    case CURVE_FALLING:
        add_claim(text, "a fall is shown", verdict->p_first_descent);
        add_claim(text, ", no rise is shown", verdict->p_rise);
        add_claim(text, ", no second descent", verdict->p_second_descent);
        break;
    case CURVE_RISING:
        add_claim(text, "a rise is shown", verdict->p_rise);
        add_claim(text, ", no fall is shown", verdict->p_first_descent);
        add_claim(text, ", no second descent", verdict->p_second_descent);
        break;
    case CURVE_CLASSICAL_U:
        add_claim(text, "classical U: a fall and then a rise are shown", verdict->p_valley);
        add_claim(text, ", no second descent", verdict->p_second_descent);
        break;
    default:
        add_claim(text, curve_shape_name(verdict->shape), verdict->p_second_descent);
    }
    text_add(text, ".");
}

static void add_course(const CurveSet *set, const CurveVerdict *verdict, Text *text) {
    const CurvePlace *low = &verdict->first_minimum, *after = &verdict->after_peak;
    if (low->index == CURVE_NONE) return;
    text_printf(text, " The mean over seeds reaches %.3g at %s %.6g", low->value, set->x, low->x);
    if (verdict->peak.index != CURVE_NONE)
        text_printf(text, ", peaks at %.3g and comes down to %.3g at %s %.6g", verdict->peak.value,
                    after->value, set->x, after->x);
    text_printf(text, "; its last value is %.3g.", verdict->last.value);
}

static void add_critical_point(const CurveSet *set, const Curve *curve, Text *text) {
    const CurveVerdict *verdict = &curve->test;
    if (verdict->peak.index != CURVE_NONE) {
        text_printf(text, " The critical point is at %s %.6g", set->x, verdict->peak.x);
        if (!isnan(verdict->peak_low))
            text_printf(text, " (95 %% interval %.6g to %.6g)", verdict->peak_low,
                        verdict->peak_high);
        text_add(text, ".");
        return;
    }
    text_add(text, " No critical point is shown");
    if (verdict->largest.index != CURVE_NONE)
        text_printf(text, "; the largest bump of the mean curve is %.2g high, at %s %.6g",
                    verdict->height, set->x, verdict->largest.x);
    text_add(text, ".");
}

static size_t most_runs(const Curve *curve) {
    size_t most = 0;
    for (size_t i = 0; i < curve->points; i++)
        if (curve->point[i].y.n > most) most = curve->point[i].y.n;
    return most;
}

// What these seeds could have shown; only after curve_detect.
static void add_detection(const CurveSet *set, const Curve *curve, Text *text) {
    const CurveDetection *detection = &curve->detection;
    if (most_runs(curve) < 2)
        text_printf(text,
                    " One run a point cannot show anything: how much runs differ is not known. "
                    "%d seeds are the least.",
                    CURVE_SEEDS_LEAST);
    if (!isnan(detection->smallest))
        text_printf(text,
                    " The smallest bump that these seeds would find in %.0f %% of cases is about "
                    "%.2g high.",
                    100 * CURVE_POWER, detection->smallest);
    if (!isnan(detection->seeds))
        text_printf(text, " For one of %.6g about %.*g seeds are needed.", set->effect,
                    detection->seeds < 1e6 ? 6 : 2, detection->seeds);
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
        text_add(text, " Without a column train_error the interpolation threshold is unknown.");
    } else if (threshold->from == CURVE_NONE) {
        text_printf(text, " The mean train error does not stay at %.3g.", set->tolerance);
    } else {
        const CurvePoint *point = &curve->point[threshold->from];
        text_printf(text, " The mean train error is %.3g from %s %.6g on", set->tolerance, set->x,
                    point->x);
        if (!isnan(threshold->below)) text_printf(text, " (not yet at %.6g", threshold->below);
        if (threshold->low < threshold->high)
            text_printf(text, "%ssingle seeds from %.6g to %.6g",
                        isnan(threshold->below) ? " (" : "; ", threshold->low, threshold->high);
        if (!isnan(threshold->below) || threshold->low < threshold->high) text_add(text, ")");
        add_counts(point, text);
        text_add(text, ".");
    }
}

void curve_verdict_words(const CurveSet *set, const Curve *curve, Text *text) {
    add_shape(set, curve, text);
    add_course(set, &curve->test, text);
    add_critical_point(set, curve, text);
    add_detection(set, curve, text);
    add_threshold(set, curve, text);
}

void curve_runs_words(const CurveRuns *runs, Text *text) {
    if (runs->done >= runs->total) return;
    text_printf(text, "The sweep is not finished: %zu of %zu runs done", runs->done, runs->total);
    if (runs->running) text_printf(text, ", %zu under way", runs->running);
    if (runs->failed) text_printf(text, ", %zu failed", runs->failed);
    text_add(text, ". More runs may change what is said here.\n");
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

static void describe(const CurveSet *set, const Curve *curve, Text *text) {
    for (size_t k = 0; k < curve->by.count; k++)
        text_printf(text, "%s%s=%s", k ? " " : "", curve->by.item[k].name, curve->by.item[k].value);
    if (curve->by.count) text_add(text, "\n");
    add_points(set, curve, text);
    curve_verdict_words(set, curve, text);
    text_add(text, "\n");
}

void curve_describe(const CurveSet *set, Text *text) {
    Text words = {0};
    curve_runs_words(&set->runs, &words);
    for (size_t i = 0; i < set->curves; i++) {
        if (i || set->runs.done < set->runs.total) text_add(&words, "\n");
        describe(set, &set->curve[i], &words);
    }
    if (words.data) text_tame(words.data, "\n"); // names come from anybody's files
    text_add(text, words.data ? words.data : "");
    text_free(&words);
}
