// Reports for programs.
#include "activation/inner.h"
#include <math.h>

static json_t *number(double value) { // JSON has neither nan nor inf
    return isfinite(value) ? json_real(value) : json_null();
}

static void set(json_t *json, const char *key, json_t *value) {
    json_object_set_new(json, key, value);
}

static json_t *text_json(const char *text) { // what a person typed may hold any byte
    json_t *json = json_string(text);
    return json ? json : json_null();
}

json_t *report_moments_json(const ActivationReport *report) {
    const ActivationMoments *moments = &report->moments;
    json_t *json = json_object();
    set(json, "activation", text_json(report->activation->name));
    set(json, "formula", text_json(report->activation->text));
    set(json, "mean", number(moments->mean));
    set(json, "second_moment", number(moments->second_moment));
    set(json, "error", number(moments->error));
    set(json, "gain", number(moments->gain));
    set(json, "torch_gain", number(report->activation->torch_gain));
    set(json, "slope_second_moment", number(moments->slope_second_moment));
    set(json, "chi1", number(moments->chi1));
    set(json, "kurtosis", number(moments->kurtosis));
    set(json, "moment_ratio", number(moments->moment_ratio));
    return json;
}

static json_t *field_json(const ActivationField *field) {
    static const char *const PHASES[] = {
        [PHASE_ORDERED] = "ordered", [PHASE_EDGE] = "edge", [PHASE_CHAOTIC] = "chaotic"};
    json_t *json = json_object();
    set(json, "sw2", number(field->sw2));
    set(json, "sb2", number(field->sb2));
    set(json, "q", number(field->q));
    set(json, "any_q", json_boolean(field->any_q));
    set(json, "q_slope", number(field->q_slope));
    set(json, "xi_q", number(field->xi_q));
    set(json, "chi1", number(field->chi1));
    set(json, "c", number(field->c));
    set(json, "c_slope", number(field->c_slope));
    set(json, "xi_c", number(field->xi_c));
    set(json, "phase", json_string(PHASES[field->phase]));
    return json;
}

static json_t *edge_json(const ActivationEdge *edge) {
    json_t *array = json_array();
    for (size_t i = 0; i < edge->points; i++) {
        json_t *json = json_object();
        set(json, "q", number(edge->point[i].q));
        set(json, "any_q", json_boolean(edge->point[i].any_q));
        set(json, "sw2", number(edge->point[i].sw2));
        set(json, "q_slope", number(edge->point[i].q_slope));
        json_array_append_new(array, json);
    }
    return array;
}

static json_t *points_json(const char *x_name, const double *x, const char *y_name, const double *y,
                           size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *json = json_object();
        set(json, x_name, number(x[i]));
        set(json, y_name, number(y[i]));
        json_array_append_new(array, json);
    }
    return array;
}

static json_t *kinks_json(const Activation *activation) {
    json_t *array = json_array();
    for (size_t i = 0; i < activation->kinks; i++)
        json_array_append_new(array, number(activation->kink[i]));
    return array;
}

json_t *activation_to_json(const ActivationReport *report) {
    json_t *json = report_moments_json(report);
    set(json, "kinks", kinks_json(report->activation));
    set(json, "jumps", json_boolean(report->activation->jumps));
    set(json, "exact", json_boolean(!report->given));
    set(json, "field", field_json(&report->field));
    set(json, "edge", edge_json(&report->edge));
    set(json, "correlation",
        points_json("rho", report->rho, "value", report->correlation, ACTIVATION_GRID));
    set(json, "length", points_json("q", report->length, "next", report->next, ACTIVATION_LENGTHS));
    return json;
}
