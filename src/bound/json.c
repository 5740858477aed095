// Cases for programs.
#include "bound/bounds.h"
#include "base/json.h"
#include <math.h>

static json_t *whole(double value) {
    return isfinite(value) ? json_integer((json_int_t)value) : json_null();
}

static void set(json_t *json, const char *key, json_t *value) {
    json_object_set_new(json, key, value);
}

static json_t *widths(const uint64_t *width, size_t layers) {
    json_t *array = json_array();
    for (size_t l = 0; l < layers && width[0]; l++)
        json_array_append_new(array, json_integer((json_int_t)width[l]));
    return array;
}

static json_t *given(uint64_t value, bool is_given) {
    return is_given ? json_integer((json_int_t)value) : json_null();
}

static json_t *probability(double log) { // null where it underflows, and where there is none
    return log > -690 ? json_number(exp(log)) : json_null();
}

static json_t *bound_json(const Bound *bound, const BoundCase *world, const BoundFacts *facts,
                          double error) {
    BoundValue value = bound_evaluate(bound, world, facts);
    json_t *json = json_object();
    double width = NAN;
    set(json, "value", json_number(value.value));
    set(json, "vacuous", json_boolean(value.vacuous));
    set(json, "holds", json_boolean(value.holds));
    set(json, "reason", json_text(value.reason));
    set(json, "probability", json_number(value.probability));
    set(json, "of", json_text(bound->of));
    set(json, "average", json_boolean(bound->average));
    set(json, "samples_needed", whole(error > 0 ? bound_samples(bound, world, error) : NAN));
    if (bound->has_width && bound_width(bound, world, &width, NULL))
        set(json, "largest_width", whole(width));
    return json;
}

static json_t *bounds_json(const BoundCase *world, const BoundFacts *facts, double error) {
    json_t *json = json_object();
    for (const Bound *const *bound = bound_table; *bound; bound++)
        set(json, (*bound)->name, bound_json(*bound, world, facts, error));
    return json;
}

static json_t *condition_json(const BoundCase *world, const BoundFacts *facts) {
    BoundCondition condition = bound_condition(world, facts);
    json_t *json = json_object();
    set(json, "left", json_number(condition.left));
    set(json, "right", json_number(condition.right));
    set(json, "sheet_smaller",
        isnan(condition.left) ? json_null() : json_boolean(condition.smaller));
    return json;
}

static void add_given(json_t *json, const BoundCase *world) {
    set(json, "levels", json_integer((json_int_t)world->levels));
    set(json, "inputs", json_integer((json_int_t)world->inputs));
    set(json, "hidden", widths(world->hidden, world->layers));
    set(json, "teacher", widths(world->teacher, world->layers));
    set(json, "bias", json_boolean(world->bias));
    set(json, "samples", json_integer((json_int_t)world->samples));
    set(json, "delta", json_number(world->delta));
    set(json, "eta", json_number(world->eta));
    set(json, "guesses", given(world->guesses, world->guesses > 0));
    set(json, "hits", given(world->hits, world->trials > 0));
    set(json, "trials", given(world->trials, world->trials > 0));
    set(json, "share", world->trials > 0 ? json_number(world->share) : json_null());
}

static json_t *case_to_json(const BoundCase *world, double error) {
    BoundFacts facts = bound_facts(world);
    json_t *json = json_object();
    add_given(json, world);
    set(json, "weights", whole(facts.weights));
    set(json, "log_weight_probability", json_number(facts.log_weights));
    set(json, "pinned", whole(facts.pinned));
    set(json, "log_teacher_bound", json_number(facts.log_teacher));
    set(json, "teacher_bound", probability(facts.log_teacher));
    set(json, "guesses_bound", whole(facts.guesses_bound));
    set(json, "log10_guesses_bound", json_number(facts.log_guesses_bound / log(10)));
    set(json, "log_fit_bound", json_number(facts.log_fit));
    set(json, "fit_bound", probability(facts.log_fit));
    set(json, "fit_measured", json_boolean(facts.measured));
    set(json, "error", error > 0 ? json_number(error) : json_null());
    set(json, "bounds", bounds_json(world, &facts, error));
    set(json, "condition", condition_json(world, &facts));
    return json;
}

json_t *bound_to_json(const BoundReport *report) {
    if (report->count == 1) return case_to_json(&report->world[0], report->error);
    json_t *json = json_object(), *cases = json_array();
    for (size_t i = 0; i < report->count; i++)
        json_array_append_new(cases, case_to_json(&report->world[i], report->error));
    set(json, "cases", cases);
    return json;
}
