// Reports for programs.
#include "symmetry/inner.h"
#include "base/json.h"
#include <string.h>

enum { ORBITS = 1 << 16 };

static void set(json_t *json, const char *key, json_t *value) {
    json_object_set_new(json, key, value);
}

static json_t *whole(size_t value) {
    return json_integer((json_int_t)value);
}

json_t *group_json(const SymmetryGroup *group) {
    json_t *all = json_array();
    for (size_t k = 0; k < group->generators; k++) {
        json_t *list = json_array();
        for (size_t i = 0; i < group->n; i++)
            json_array_append_new(list, json_integer(group->image[k * group->n + i]));
        json_array_append_new(all, list);
    }
    return all;
}

static json_t *orbit_json(uint32_t size, size_t row, size_t col) {
    json_t *json = json_object();
    set(json, "size", json_integer(size));
    set(json, "row", whole(row));
    set(json, "col", whole(col));
    return json;
}

static json_t *orbits_json(const SymmetryPattern *pattern) {
    if (pattern->weights > ORBITS) return json_null();
    uint32_t size[ORBITS];
    symmetry_sizes(pattern, size);
    json_t *all = json_array();
    for (size_t i = 0; i < pattern->rows; i++)
        for (size_t j = 0; j < pattern->cols; j++) // labels count up in this order
            if (symmetry_label(pattern, i, j) == json_array_size(all))
                json_array_append_new(all, orbit_json(size[json_array_size(all)], i, j));
    return all;
}

json_t *symmetry_to_json(const SymmetryReport *report) {
    const Symmetry *symmetry = report->symmetry;
    const SymmetryPattern *pattern = &report->pattern;
    size_t in = report->channels_in, out = report->channels_out;
    bool known = report->order && report->closure;
    json_t *json = json_object();
    set(json, "group", json_text(symmetry->text));
    set(json, "base", json_integer(0));
    set(json, "n", whole(pattern->rows));
    set(json, "inputs", whole(pattern->cols));
    set(json, "outputs", whole(pattern->rows));
    set(json, "generators", group_json(&symmetry->in));
    set(json, "output_generators",
        symmetry->rectangular ? group_json(&symmetry->out) : json_null());
    set(json, "channels", json_pack("[ii]", (int)in, (int)out));
    set(json, "weights", whole(pattern->weights * in * out));
    set(json, "bias", whole(pattern->biases * out));
    set(json, "orbits", orbits_json(pattern));
    set(json, "order", json_text(report->order));
    set(json, "closure_order", json_text(report->closure));
    set(json, "two_closed",
        known ? json_boolean(strcmp(report->order, report->closure) == 0) : json_null());
    return json;
}

// ---- weights ----

static json_t *at_json(const SymmetryCheck *check) {
    if (check->worst == 0) return json_null();
    json_t *json = json_object();
    set(json, "generator", whole(check->generator));
    set(json, "row", whole(check->row));
    set(json, "col", whole(check->col));
    set(json, "to_row", whole(check->to_row));
    set(json, "to_col", whole(check->to_col));
    return json;
}

static json_t *x_at_json(const SymmetryCheck *check) {
    if (!check->x) return json_null();
    json_t *json = json_object();
    set(json, "generator", whole(check->x_generator));
    set(json, "output", whole(check->output));
    set(json, "moved", json_number(check->moved));
    set(json, "wanted", json_number(check->wanted));
    return json;
}

json_t *symmetry_check_to_json(const SymmetryCheck *check, size_t inputs) {
    SymmetryConverse converse = check->verdict.converse;
    json_t *json = json_object(), *x = check->x ? json_array() : json_null();
    for (size_t j = 0; check->x && j < inputs; j++)
        json_array_append_new(x, json_number(check->x[j]));
    set(json, "base", json_integer(0));
    set(json, "equivariant", check->known ? json_boolean(check->equivariant) : json_null());
    set(json, "tied", json_boolean(check->tied));
    set(json, "converse",
        converse == CONVERSE_UNKNOWN ? json_null() : json_boolean(converse == CONVERSE_HOLDS));
    set(json, "tolerance", json_number(check->tolerance));
    set(json, "worst", json_number(check->worst));
    set(json, "at", at_json(check));
    set(json, "x", x);
    set(json, "x_at", x_at_json(check));
    return json;
}

static json_t *points_json(const SymmetryGroup *group) { // the orbits of points
    json_t *all = json_array();
    uint8_t *seen = memory_new(group->n, 1);
    size_t *queue = memory_new(group->n, sizeof *queue);
    for (size_t i = 0; i < group->n; i++) {
        if (seen[i]) continue;
        json_t *orbit = json_array();
        size_t count = 0;
        seen[i] = 1, queue[count++] = i;
        for (size_t at = 0; at < count; at++) {
            json_array_append_new(orbit, whole(queue[at]));
            for (size_t k = 0; k < group->generators; k++) {
                size_t to = (size_t)group->image[k * group->n + queue[at]];
                if (!seen[to]) seen[to] = 1, queue[count++] = to;
            }
        }
        json_array_append_new(all, orbit);
    }
    memory_free(seen);
    memory_free(queue);
    return all;
}

json_t *symmetry_found_to_json(const SymmetryFound *found) {
    json_t *json = json_object(), *margin = json_array();
    json_array_append_new(margin, json_number(found->margin_below));
    json_array_append_new(margin, json_number(found->margin_above));
    set(json, "base", json_integer(0));
    set(json, "rectangular", json_boolean(found->rectangular));
    set(json, "generators", found->in_time ? group_json(&found->group) : json_null());
    set(json, "order", json_text(found->order));
    set(json, "orbits", found->in_time ? points_json(&found->group) : json_null());
    set(json, "weights", found->in_time ? whole(found->weights) : json_null());
    set(json, "bias", found->in_time ? whole(found->biases) : json_null());
    set(json, "values", whole(found->values));
    set(json, "tolerance", json_number(found->tolerance));
    set(json, "margin", margin);
    return json;
}
