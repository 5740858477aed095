// An analysis for programs.
#include "ridge/ridge.h"
#include "base/json.h"

// One field of an array of structs: every `stride` bytes a double.
static json_t *column(const void *first, size_t stride, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; first && i < count; i++) {
        json_array_append_new(array,
                              json_number(*(const double *)((const char *)first + i * stride)));
    }
    return array;
}

#define COLUMN(structs, field, count) column(&(structs)->field, sizeof *(structs), count)
#define NUMBERS(values, count)        column(values, sizeof(double), count)

static void set(json_t *json, const char *key, json_t *value) {
    json_object_set_new(json, key, value);
}

static void add_risks(json_t *json, const RidgeRisk *risk, size_t count) {
    set(json, "risk", COLUMN(risk, risk, count));
    set(json, "bias", COLUMN(risk, bias, count));
    set(json, "variance", COLUMN(risk, variance, count));
}

static json_t *check_to_json(const RidgeCheck *check, size_t draws, size_t count) {
    json_t *json = json_object();
    json_t *counted = json_array(); // fewer than draws after an interruption
    for (size_t i = 0; i < count; i++)
        json_array_append_new(counted, json_integer((json_int_t)check[i].draws));
    set(json, "draws", json_integer((json_int_t)draws));
    set(json, "counted_draws", counted);
    set(json, "mean", COLUMN(check, risk.mean, count));
    set(json, "standard_error", COLUMN(check, risk.standard_error, count));
    set(json, "bias", COLUMN(check, bias.mean, count));
    set(json, "bias_standard_error", COLUMN(check, bias.standard_error, count));
    set(json, "variance", COLUMN(check, variance.mean, count));
    set(json, "variance_standard_error", COLUMN(check, variance.standard_error, count));
    set(json, "cross", COLUMN(check, cross.mean, count));
    set(json, "cross_standard_error", COLUMN(check, cross.standard_error, count));
    return json;
}

static json_t *counts(const RidgeCurve *curve) {
    json_t *array = json_array();
    for (size_t i = 0; i < curve->points; i++)
        json_array_append_new(array, json_integer((json_int_t)curve->at[i]));
    return array;
}

// Singular values of X with columns of norm 1, over the largest; null where there is none.
static json_t *rank_to_json(const RidgeRank *found) {
    json_t *json = json_object();
    set(json, "tolerance", json_number(found->tolerance));
    set(json, "least", found->least > 0 ? json_number(found->least) : json_null());
    set(json, "dropped", found->dropped > 0 ? json_number(found->dropped) : json_null());
    set(json, "ambiguous", json_boolean(found->ambiguous));
    return json;
}

static void add_ranks(json_t *json, const RidgeRank *found, size_t count) {
    json_t *rank = json_array(), *least = json_array(), *ambiguous = json_array();
    for (size_t k = 0; k < count; k++) {
        json_array_append_new(rank, json_integer((json_int_t)found[k].rank));
        json_array_append_new(least, json_number(found[k].least));
        json_array_append_new(ambiguous, json_boolean(found[k].ambiguous));
    }
    set(json, "rank", rank);
    set(json, "rank_least", least);
    set(json, "rank_ambiguous", ambiguous);
}

static json_t *curve_to_json(const RidgeCurve *curve, bool samples) {
    json_t *json = json_object(), *least = json_object();
    set(json, "along", json_text(samples ? "samples" : "features"));
    set(json, "square", json_integer((json_int_t)curve->square));
    add_risks(least, curve->least_norm, curve->counts);
    set(json, "least_norm", least);
    add_ranks(json, curve->found, curve->counts);
    set(json, "count", counts(curve));
    set(json, "best", NUMBERS(curve->best, curve->points));
    if (curve->fixed) set(json, "fixed", NUMBERS(curve->fixed, curve->points));
    if (curve->gaussian) set(json, "gaussian", NUMBERS(curve->gaussian, curve->points));
    if (curve->limit) set(json, "limit_best", NUMBERS(curve->limit, curve->points));
    if (curve->fit) {
        set(json, "train_error", COLUMN(curve->fit, train_error, curve->counts));
        set(json, "test_error", COLUMN(curve->fit, test_error, curve->counts));
        set(json, "train_wrong", COLUMN(curve->fit, train_wrong, curve->counts));
        set(json, "test_wrong", COLUMN(curve->fit, test_wrong, curve->counts));
        set(json, "norm", COLUMN(curve->fit, norm, curve->counts));
    }
    return json;
}

// The least value over all mu. JSON has no infinity: mu is null there, and _edge says which end.
static void add_choice(json_t *json, const char *what, const RidgeChoice *choice, double held_out) {
    const char *edge = choice->flat        ? "every mu"
                       : choice->mu == 0   ? "zero"
                       : isinf(choice->mu) ? "infinity"
                                           : "no";
    const char *const key[] = {"_best_mu", "_best", "_held_out", "_edge"};
    json_t *const value[] = {json_number(choice->mu), json_number(choice->value),
                             json_number(held_out), json_text(edge)};
    for (size_t i = 0; i < sizeof key / sizeof *key; i++) {
        Text name = {0};
        text_printf(&name, "%s%s", what, key[i]);
        set(json, name.data, value[i]);
        text_free(&name);
    }
}

static json_t *real_to_json(const RidgeReal *real, size_t count) {
    json_t *json = json_object();
    set(json, "leave_one_out", COLUMN(real->at, leave_one_out, count));
    set(json, "gcv", COLUMN(real->at, gcv, count));
    set(json, "train_error", COLUMN(real->at, train, count));
    set(json, "chosen_mu", json_number(real->chosen_mu));
    set(json, "held_out", json_number(real->held_out));
    set(json, "signal", json_number(real->evidence.law.signal));
    set(json, "noise", json_number(real->evidence.law.noise));
    set(json, "log_likelihood", json_number(real->evidence.log_likelihood));
    set(json, "at_edge", json_boolean(real->evidence.at_edge));
    set(json, "evidence_mu", json_number(real->evidence_mu));
    set(json, "held_out_evidence", json_number(real->held_out_evidence));
    set(json, "lacks_intercept", json_boolean(real->lacks_intercept));
    add_choice(json, "loo", &real->leave_one_out, real->held_out_loo);
    add_choice(json, "gcv", &real->gcv, real->held_out_gcv);
    return json;
}

static void add_spectrum(json_t *json, const RidgeAnalysis *analysis) {
    size_t count = analysis->mu_count;
    const RidgeSpectrum *spectrum = &analysis->spectrum;
    bool known = spectrum->rank != RIDGE_RANK_UNKNOWN;
    set(json, "rank", known ? json_integer((json_int_t)spectrum->rank) : json_null());
    set(json, "rank_decision", known ? rank_to_json(&spectrum->found) : json_null());
    set(json, "condition", json_number(spectrum->condition));
    set(json, "mu", NUMBERS(analysis->mu, count));
    add_risks(json, analysis->risk, count);
    set(json, "risk_error", NUMBERS(analysis->risk_error, count));
    set(json, "degrees_of_freedom", NUMBERS(analysis->degrees, count));
    set(json, "degrees_of_freedom_at_zero", json_number(analysis->degrees_at_zero));
    set(json, "risk_at_zero", json_number(analysis->at_zero.risk));
    set(json, "risk_at_zero_error", json_number(analysis->error_at_zero));
    set(json, "best_risk_error", json_number(analysis->best_error));
    set(json, "risk_at_infinity", json_number(analysis->at_infinity.risk));
}

json_t *ridge_to_json(const RidgeAnalysis *analysis) {
    const RidgeRequest *request = analysis->request;
    json_t *json = json_object();
    set(json, "data", json_text(analysis->name));
    set(json, "n", json_integer((json_int_t)analysis->n));
    set(json, "d", json_integer((json_int_t)analysis->d));
    set(json, "intercept", json_boolean(request->intercept));
    if (request->intercept) // which are in the intercept
        set(json, "constant_columns", json_integer((json_int_t)analysis->constant));
    set(json, "signal", json_number(request->law.signal));
    set(json, "noise", json_number(request->law.noise));
    set(json, "measure", json_text(ridge_measure_names[request->measure]));
    set(json, "route", json_text(ridge_route_names[analysis->route]));
    if (analysis->risk) add_spectrum(json, analysis);
    set(json, "best_mu", json_number(analysis->best_mu));
    set(json, "best_risk", json_number(analysis->best.risk));
    if (analysis->flow) {
        json_t *flow = json_object();
        set(flow, "time", NUMBERS(request->time, request->time_count));
        add_risks(flow, analysis->flow, request->time_count);
        set(json, "flow", flow);
    }
    if (analysis->check)
        set(json, "monte_carlo",
            check_to_json(analysis->check, request->draws, analysis->mu_count));
    if (analysis->curve.counts)
        set(json, "vary", curve_to_json(&analysis->curve, request->vary == RIDGE_SAMPLES));
    if (analysis->real) set(json, "targets", real_to_json(analysis->real, analysis->mu_count));
    return json;
}
