// Reports for programs.
#include "activation/inner.h"
#include "base/json.h"

static void set(json_t *json, const char *key, json_t *value) {
    json_object_set_new(json, key, value);
}

// Upper bounds, absolute; null where a number is not known, infinite or does not exist.
static json_t *moment_errors(const ActivationMoments *moments) {
    json_t *json = json_object();
    set(json, "mean", json_number(moments->off.mean));
    set(json, "second_moment", json_number(moments->off.second_moment));
    set(json, "gain", json_number(moments->off.gain));
    set(json, "slope_second_moment", json_number(moments->off.slope_second_moment));
    set(json, "chi1", json_number(moments->off.chi1));
    set(json, "kurtosis", json_number(moments->off.kurtosis));
    set(json, "moment_ratio", json_number(moments->off.moment_ratio));
    return json;
}

static json_t *field_errors(const ActivationField *field) {
    json_t *json = json_object();
    set(json, "sw2", json_number(field->off.sw2));
    set(json, "q", json_number(field->off.q));
    set(json, "q_slope", json_number(field->off.q_slope));
    set(json, "xi_q", json_number(field->off.xi_q));
    set(json, "chi1", json_number(field->off.chi1));
    set(json, "c", json_number(field->off.c));
    set(json, "c_slope", json_number(field->off.c_slope));
    set(json, "xi_c", json_number(field->off.xi_c));
    return json;
}

json_t *report_moments_json(const ActivationReport *report) {
    const ActivationMoments *moments = &report->moments;
    json_t *json = json_object();
    set(json, "activation", json_text(report->activation->name));
    set(json, "formula", json_text(report->activation->text));
    set(json, "mean", json_number(moments->mean));
    set(json, "second_moment", json_number(moments->second_moment));
    set(json, "error", json_number(moments->error));
    set(json, "gain", json_number(moments->gain));
    set(json, "torch_gain", json_number(report->activation->torch_gain));
    set(json, "slope_second_moment", json_number(moments->slope_second_moment));
    set(json, "chi1", json_number(moments->chi1));
    set(json, "kurtosis", json_number(moments->kurtosis));
    set(json, "moment_ratio", json_number(moments->moment_ratio));
    set(json, "errors", moment_errors(moments));
    return json;
}

static json_t *field_json(const ActivationField *field) {
    static const char *const PHASES[] = {[PHASE_ORDERED] = "ordered",
                                         [PHASE_EDGE] = "edge",
                                         [PHASE_CHAOTIC] = "chaotic",
                                         [PHASE_UNKNOWN] = "unknown"};
    json_t *json = json_object();
    set(json, "sw2", json_number(field->sw2));
    set(json, "sb2", json_number(field->sb2));
    set(json, "q", json_number(field->q));
    set(json, "any_q", json_boolean(field->any_q));
    set(json, "q_slope", json_number(field->q_slope));
    set(json, "xi_q", json_number(field->xi_q));
    set(json, "chi1", json_number(field->chi1));
    set(json, "c", json_number(field->c));
    set(json, "c_slope", json_number(field->c_slope));
    set(json, "xi_c", json_number(field->xi_c));
    set(json, "phase", json_text(PHASES[field->phase]));
    set(json, "errors", field_errors(field));
    return json;
}

static json_t *edge_json(const ActivationEdge *edge) {
    json_t *array = json_array();
    for (size_t i = 0; i < edge->points; i++) {
        json_t *json = json_object();
        const ActivationEdgePoint *point = &edge->point[i];
        set(json, "q", json_number(point->q));
        set(json, "any_q", json_boolean(point->any_q));
        set(json, "sw2", json_number(point->sw2));
        set(json, "q_slope", json_number(point->q_slope));
        json_t *errors = json_object();
        set(errors, "q", json_number(point->off.q));
        set(errors, "sw2", json_number(point->off.sw2));
        set(errors, "q_slope", json_number(point->off.q_slope));
        set(json, "errors", errors);
        json_array_append_new(array, json);
    }
    return array;
}

static json_t *points_json(const char *x_name, const double *x, const char *y_name,
                           const ActivationNumber *y, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *json = json_object();
        set(json, x_name, json_number(x[i]));
        set(json, y_name, json_number(y[i].value));
        set(json, "error", json_number(y[i].error));
        json_array_append_new(array, json);
    }
    return array;
}

static json_t *kinks_json(const Activation *activation) {
    json_t *array = json_array();
    for (size_t i = 0; i < activation->kinks; i++)
        json_array_append_new(array, json_number(activation->kink[i]));
    return array;
}

json_t *activation_to_json(const ActivationReport *report) {
    json_t *json = report_moments_json(report);
    set(json, "kinks", kinks_json(report->activation));
    set(json, "jumps", json_boolean(report->activation->jumps));
    set(json, "exact", json_boolean(!report->given));
    set(json, "field", field_json(&report->field));
    set(json, "edge", edge_json(&report->edge));
    set(json, "edge_from", json_number(report->edge.shortest));
    set(json, "edge_to", json_number(report->edge.longest));
    set(json, "correlation",
        points_json("rho", report->rho, "value", report->correlation, ACTIVATION_GRID));
    set(json, "length", points_json("q", report->length, "next", report->next, ACTIVATION_LENGTHS));
    return json;
}
