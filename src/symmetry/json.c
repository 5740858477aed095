// Reports for programs.
#include "symmetry/inner.h"
#include <string.h>

enum { ORBITS = 1 << 16 };

static void set(json_t *json, const char *key, json_t *value) {
    json_object_set_new(json, key, value);
}

static json_t *whole(size_t value) {
    return json_integer((json_int_t)value);
}

static json_t *text_json(const char *text) { // what a person typed may hold any byte
    json_t *json = text ? json_string(text) : NULL;
    return json ? json : json_null();
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
    set(json, "group", text_json(symmetry->text));
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
    set(json, "order", text_json(report->order));
    set(json, "closure_order", text_json(report->closure));
    set(json, "two_closed",
        known ? json_boolean(strcmp(report->order, report->closure) == 0) : json_null());
    return json;
}
