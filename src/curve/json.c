#include "curve/curve.h"
#include "base/json.h"
#include <stdlib.h>

static json_t *number(double value) {
    if (!isfinite(value)) return json_null();
    bool whole = value == floor(value) && fabs(value) < 1e15;
    return whole ? json_integer((json_int_t)value) : json_real(value);
}

static json_t *words(const Settings *settings) {
    json_t *object = json_object();
    for (size_t i = 0; i < settings->count; i++)
        json_put(object, settings->item[i].name, json_text(settings->item[i].value));
    return object;
}

static void set_summary(json_t *object, const CurveSummary *summary) {
    json_object_set_new(object, "n", json_integer((json_int_t)summary->n));
    json_object_set_new(object, "mean", number(summary->mean));
    json_object_set_new(object, "sd", number(summary->sd));
    json_object_set_new(object, "se", number(summary->se));
    json_object_set_new(object, "min", number(summary->min));
    json_object_set_new(object, "max", number(summary->max));
}

static json_t *point_json(const CurveSet *set, const Curve *curve, size_t index) {
    const CurvePoint *point = &curve->point[index];
    json_t *object = json_object(), *values = json_array(), *train = json_null();
    json_object_set_new(object, "x", number(point->x));
    set_summary(object, &point->y);
    json_object_set_new(object, "lost", json_integer((json_int_t)point->lost));
    for (size_t s = 0; s < curve->seeds; s++)
        json_array_append_new(values, number(curve->y[s * curve->points + index]));
    json_object_set_new(object, "values", values);
    json_object_set_new(object, "parameters", number(point->parameters));
    json_object_set_new(object, "samples", number(point->samples));
    if (set->has_train) set_summary(train = json_object(), &point->train);
    json_object_set_new(object, "train", train);
    return object;
}

static json_t *place_json(const CurvePlace *place) {
    if (place->index == CURVE_NONE) return json_null();
    return json_pack("{s:o, s:o}", "x", number(place->x), "value", number(place->value));
}

static json_t *threshold_json(const Curve *curve) {
    const CurveThreshold *threshold = &curve->threshold;
    if (threshold->first == CURVE_NONE) return json_null();
    const CurvePoint *point = threshold->from == CURVE_NONE ? NULL : &curve->point[threshold->from];
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "x", number(point ? point->x : NAN), "first_x",
        number(curve->point[threshold->first].x), "below", number(threshold->below), "seeds_low",
        number(threshold->low), "seeds_high", number(threshold->high), "parameters",
        number(point ? point->parameters : NAN), "samples", number(point ? point->samples : NAN),
        "samples_times_classes", number(point ? point->samples * point->classes : NAN));
}

static json_t *complexity_json(const Curve *curve) {
    const CurveComplexity *complexity = &curve->complexity;
    if (complexity->index == CURVE_NONE) return json_null();
    return json_pack("{s:o, s:o, s:o, s:b}", "eps", number(CURVE_EMC_EPSILON), "x",
                     number(curve->point[complexity->index].x), "n", number(complexity->n), "edge",
                     complexity->edge);
}

static json_t *bump_json(const CurveVerdict *verdict) {
    json_t *bump = place_json(&verdict->largest);
    if (json_is_object(bump)) json_object_set_new(bump, "height", number(verdict->height));
    return bump;
}

static json_t *runs_json(const CurveRuns *runs) {
    if (runs->total == 0) return json_null();
    return json_pack("{s:I, s:I, s:I, s:I}", "total", (json_int_t)runs->total, "done",
                     (json_int_t)runs->done, "running", (json_int_t)runs->running, "failed",
                     (json_int_t)runs->failed);
}

static void set_verdict(json_t *object, const CurveSet *set, const Curve *curve) {
    const CurveVerdict *test = &curve->test;
    json_object_set_new(object, "first_minimum", place_json(&test->first_minimum));
    json_object_set_new(object, "peak", place_json(&test->peak));
    json_object_set_new(object, "after_peak", place_json(&test->after_peak));
    json_object_set_new(object, "last", place_json(&test->last));
    json_object_set_new(object, "largest_bump", bump_json(test));
    json_object_set_new(object, "smallest_detectable_bump", number(curve->detection.smallest));
    json_object_set_new(object, "seeds_needed", number(curve->detection.seeds));
    json_object_set_new(object, "peak_interval",
                        json_pack("[o, o]", number(test->peak_low), number(test->peak_high)));
    json_object_set_new(object, "p_first_descent", number(test->p_first_descent));
    json_object_set_new(object, "p_rise", number(test->p_rise));
    json_object_set_new(object, "p_second_descent", number(test->p_second_descent));
    json_object_set_new(object, "p_valley", number(test->p_valley));
    json_object_set_new(object, "p_final_ascent", number(test->p_final_ascent));
    json_t *train =
        set->has_train ? json_text(curve_shape_name(curve->on_train.shape)) : json_null();
    json_object_set_new(
        object, "verdict",
        json_pack("{s:o, s:o}", "test", json_text(curve_shape_name(test->shape)), "train", train));
}

static json_t *curve_object(const CurveSet *set, const Curve *curve) {
    json_t *object = json_object(), *seeds = json_array(), *points = json_array();
    for (size_t s = 0; s < curve->seeds; s++)
        json_array_append_new(seeds, json_text(curve->seed[s]));
    for (size_t i = 0; i < curve->points; i++)
        json_array_append_new(points, point_json(set, curve, i));
    json_object_set_new(object, "by", words(&curve->by));
    json_object_set_new(object, "seeds", seeds);
    json_object_set_new(object, "points", points);
    json_object_set_new(object, "threshold", threshold_json(curve));
    json_object_set_new(object, "emc", complexity_json(curve));
    set_verdict(object, set, curve);
    return object;
}

void curve_json(const CurveSet *set, Text *text) {
    json_t *root = json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:f, s:i, s:f, s:o, s:o}", "version",
        json_text(BENIGN_VERSION), "command", json_text(set->command), "source",
        json_text(set->source), "x", json_text(set->x), "y", json_text(set->y), "where",
        words(&set->where), "fixed", words(&set->fixed), "level", CURVE_LEVEL, "replicates",
        CURVE_REPLICATES, "power", CURVE_POWER, "effect",
        set->effect > 0 ? number(set->effect) : json_null(), "runs", runs_json(&set->runs));
    json_t *curves = json_array();
    for (size_t i = 0; i < set->curves; i++)
        json_array_append_new(curves, curve_object(set, &set->curve[i]));
    json_object_set_new(root, "curves", curves);
    json_add(text, root, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
    text_add(text, "\n");
}
