// An experiment for a program.
#include "guess/inner.h"
#include "base/json.h"
#include <math.h>

static json_t *whole(uint64_t value) {
    return json_integer((json_int_t)value);
}

static void set(json_t *json, const char *key, json_t *value) {
    json_object_set_new(json, key, value);
}

static json_t *numbers(const double *value, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(array, json_number(value[i]));
    return array;
}

static json_t *pair(double low, double high) {
    return numbers((const double[]){low, high}, 2);
}

static json_t *spread_to_json(const GuessSpread *spread) {
    json_t *json = json_object();
    set(json, "count", whole(spread->count));
    set(json, "mean", json_number(spread->mean));
    set(json, "standard_error", json_number(spread->standard_error));
    set(json, "quantiles", numbers(spread->quantile, GUESS_QUANTILES));
    return json;
}

static void add_sampling(const GuessAnalysis *a, json_t *json) {
    const GuessTally *tally = &a->tally;
    set(json, "guesses", whole(tally->guesses));
    set(json, "hits", whole(tally->hits));
    set(json, "interval", pair(a->low, a->high));
    set(json, "interval_law", json_text(a->ended_by_hits ? "negative binomial" : "binomial"));
    set(json, "estimator", json_text(a->estimator));
    set(json, "ended_by_hits", json_boolean(a->ended_by_hits));
    set(json, "p_star_interval", a->complete ? pair(a->star_low, a->star_high) : json_null());
    set(json, "mean_guesses",
        json_number(tally->hits ? (double)tally->guesses / (double)tally->hits : NAN));
    set(json, "first_hit", tally->kept ? whole(tally->t[0] + 1) : json_null());
    set(json, "geometric_p_value", json_number(a->geometric_p_value));
    set(json, "ties", json_number(a->tie_guesses ? (double)a->ties / (double)a->tie_guesses : NAN));
    set(json, "seconds", json_number(a->seconds));
    set(json, "networks_per_second",
        json_number(a->seconds > 0 ? (double)a->drawn / a->seconds : NAN));
}

static void add_exact(const GuessAnalysis *a, json_t *json) {
    const GuessExact *exact = &a->exact;
    json_t *functions = json_object();
    char mask[24];
    for (size_t f = 0; f < exact->functions; f++) {
        snprintf(mask, sizeof mask, "0x%llx", (unsigned long long)exact->function[f].mask);
        set(functions, mask, json_text(exact->function[f].count));
    }
    set(json, "total", json_text(exact->total));
    set(json, "functions", functions);
    set(json, "ties", json_text(exact->ties));
    if (!a->labelled) return;
    set(json, "hits", json_text(exact->hits));
    set(json, "full", json_text(exact->full));
}

static void add_rare(const GuessRare *rare, json_t *json) {
    set(json, "log_probability", json_number(rare->log_probability));
    set(json, "log_spread", json_number(rare->log_spread));
    set(json, "log_interval", pair(rare->log_low, rare->log_high));
    set(json, "interval", pair(exp(rare->log_low), exp(rare->log_high)));
    set(json, "runs", numbers(rare->log_run, rare->runs));
    set(json, "factors", numbers(rare->factor, rare->levels));
    set(json, "particles", whole(rare->particles));
    set(json, "sweeps", json_number(rare->sweeps));
}

static void add_bounds(const GuessAnalysis *a, json_t *json) {
    if (!a->has_bounds) {
        set(json, "bounds", json_object());
        set(json, "no_bounds", json_text(a->no_bounds));
        set(json, "teacher_bound", json_null());
        return;
    }
    BoundReport report = {.world = &a->bound, .count = 1};
    json_t *all = bound_to_json(&report);
    static const char *const KEYS[] = {
        "bounds", "condition", "teacher_bound", "log_teacher_bound", "guesses_bound", "pinned"};
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++)
        json_object_set(json, KEYS[i], json_object_get(all, KEYS[i]));
    json_decref(all);
    set(json, "no_bounds", json_text(a->bound.not_drawn));
    set(json, "no_teacher", json_text(a->bound.no_teacher));
    set(json, "teacher_claimed", json_boolean(a->claimed && a->bound.teacher[0]));
    set(json, "population", a->population ? whole(a->population) : json_null());
}

static json_t *descent_to_json(const GuessDescent *descent) {
    json_t *json = json_object();
    set(json, "runs", whole(descent->runs));
    set(json, "fitted", whole(descent->fitted));
    set(json, "test_error", spread_to_json(&descent->test_error));
    return json;
}

static json_t *repeat_to_json(const GuessAnalysis *a) {
    const GuessRepeat *repeat = &a->repeat;
    json_t *json = json_object(), *above = json_object();
    for (size_t b = 0; a->has_bounds && b < bound_count(); b++) {
        if (repeat->judged[b] == 0) continue;
        json_t *one = json_object();
        BoundValue value = bound_evaluate(bound_table[b], &a->bound, &a->facts);
        set(one, "count", whole(repeat->above[b]));
        set(one, "judged", whole(repeat->judged[b]));
        set(one, "promised", json_number(1 - value.probability));
        set(above, bound_table[b]->name, one);
    }
    set(json, "repeats", whole(repeat->repeats));
    set(json, "fitted", whole(repeat->fitted));
    set(json, "late", whole(repeat->late));
    set(json, "undecided", whole(repeat->undecided));
    set(json, "mean_guesses", json_number(repeat->mean_guesses));
    set(json, "test_error", spread_to_json(&repeat->test_error));
    set(json, "above", above);
    return json;
}

json_t *guess_to_json(const GuessAnalysis *a) {
    json_t *json = json_object();
    set(json, "model", json_text(a->model));
    set(json, "prior", json_text(a->prior));
    set(json, "data", json_text(a->data));
    set(json, "method", json_text(guess_methods[a->options.method]));
    set(json, "zero", json_text(guess_zeros[a->options.zero]));
    set(json, "weights", whole(a->weights));
    set(json, "samples", whole(a->samples));
    set(json, "tests", whole(a->tests));
    set(json, "probability", json_number(a->probability));
    set(json, "p_star", json_number(a->p_star));
    set(json, "test_error", spread_to_json(&a->test_error));
    if (a->options.method == GUESS_SAMPLE) add_sampling(a, json);
    if (a->exact.total) add_exact(a, json);
    if (a->rare.runs) add_rare(&a->rare, json);
    add_bounds(a, json);
    if (a->descent.runs) set(json, "descent", descent_to_json(&a->descent));
    if (a->repeat.repeats) set(json, "repeat", repeat_to_json(a));
    set(json, "interrupted", json_boolean(a->interrupted));
    return json;
}
