// What a network has to know of the set that it was trained on, to see other examples as it saw
// those.
#include "base/json.h"
#include "data/load.h"
#include <string.h>

// ---- to text ----

static json_t *numbers(const double *value, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) json_array_append_new(array, json_real(value[i]));
    return array;
}

bool data_input_print(const DataSet *set, Text *text, Error *error) {
    json_t *json = json_object(), *shape = json_array(), *names = json_array();
    for (int i = 0; i < set->rank; i++) json_array_append_new(shape, json_integer(set->size[i]));
    for (int c = 0; set->class_name && c < set->classes; c++)
        json_array_append_new(names, json_text(set->class_name[c]));
    json_put(json, "data", json_text(set->spec));
    json_put(json, "shape", shape);
    json_put(json, "pixels", json_boolean(set->is_pixels));
    json_put(json, "shorter", json_integer((json_int_t)set->shorter));
    json_put(json, "mean", numbers(set->mean, set->blocks));
    json_put(json, "sd", numbers(set->sd, set->blocks));
    json_put(json, "classes", names);
    bool whole = json_object_size(json) == 7 && json_array_size(shape) == (size_t)set->rank &&
                 json_array_size(names) == (set->class_name ? (size_t)set->classes : 0) &&
                 json_array_size(json_object_get(json, "mean")) == set->blocks &&
                 json_array_size(json_object_get(json, "sd")) == set->blocks;
    char *dump = whole ? json_dumps(json, JSON_COMPACT) : NULL;
    if (dump) text_add(text, dump);
    memory_free(dump);
    json_decref(json);
    return dump || error_set(error, "%s: no memory left to say how it was prepared", set->spec);
}

// ---- from text, which anybody may have written ----

static bool read_shape(const json_t *shape, DataSet *input) {
    input->rank = (int)json_array_size(shape);
    if (!json_is_array(shape) || json_array_size(shape) < 1 || json_array_size(shape) > 3)
        return false;
    input->d = 1;
    for (int i = 0; i < input->rank; i++) {
        input->size[i] = json_integer_value(json_array_get(shape, (size_t)i));
        if (input->size[i] < 1 ||
            __builtin_mul_overflow(input->d, (size_t)input->size[i], &input->d))
            return false;
    }
    return true;
}

static double *read_numbers(const json_t *array, size_t count, double above) {
    double *value = memory_new(count, sizeof *value);
    bool ok = json_array_size(array) == count;
    for (size_t i = 0; ok && i < count; i++) {
        value[i] = json_number_value(json_array_get(array, i));
        ok = json_is_number(json_array_get(array, i)) && isfinite(value[i]) && value[i] > above;
    }
    if (ok) return value;
    memory_free(value);
    return NULL;
}

static bool read_moments(const json_t *json, DataSet *input) {
    const json_t *mean = json_object_get(json, "mean");
    size_t blocks = json_array_size(mean);
    bool fits =
        blocks <= 1 || blocks == input->d || (input->rank == 3 && blocks == (size_t)input->size[2]);
    if (!json_is_array(mean) || !fits) return false;
    input->blocks = blocks;
    input->mean = read_numbers(mean, blocks, -INFINITY);
    input->sd = read_numbers(json_object_get(json, "sd"), blocks, 0);
    return input->mean && input->sd;
}

static bool read_classes(const json_t *names, DataSet *input) {
    size_t count = json_array_size(names);
    if (!json_is_array(names) || count > LOAD_CLASSES) return false;
    if (count == 0) return true;
    input->classes = (int)count;
    input->class_name = memory_new(count, sizeof *input->class_name);
    for (size_t c = 0; c < count; c++) {
        const char *name = json_string_value(json_array_get(names, c));
        if (!name) return false;
        input->class_name[c] = memory_text(name);
    }
    return true;
}

static const char *read_fields(const json_t *json, DataSet *input) { // what is wrong, or NULL
    const char *data = json_string_value(json_object_get(json, "data"));
    const json_t *shorter = json_object_get(json, "shorter");
    if (!data) return "data";
    input->spec = memory_text(data);
    if (!read_shape(json_object_get(json, "shape"), input)) return "shape";
    if (!json_is_boolean(json_object_get(json, "pixels"))) return "pixels";
    input->is_pixels = json_is_true(json_object_get(json, "pixels"));
    if (!json_is_integer(shorter) || json_integer_value(shorter) < 0 ||
        json_integer_value(shorter) > 1 << 20)
        return "shorter";
    input->shorter = (size_t)json_integer_value(shorter);
    if (!read_moments(json, input)) return "mean and sd";
    return read_classes(json_object_get(json, "classes"), input) ? NULL : "classes";
}

bool data_input_read(const char *text, DataSet *input, Error *error) {
    *input = (DataSet){0};
    json_error_t at;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &at);
    const char *wrong = json ? read_fields(json, input) : at.text;
    if (wrong)
        error_set(error,
                  DATA_INPUT_KEY " in __metadata__ does not say how its data were prepared: %s%s",
                  json ? "not so its " : "", wrong);
    if (wrong) data_input_free(input);
    json_decref(json);
    return !wrong;
}

void data_input_free(DataSet *input) {
    load_free(input);
}

// ---- comparing ----

bool data_input_differs(const DataSet *there, const DataSet *here, Text *how) {
    size_t at = how->length;
    if (there->is_pixels != here->is_pixels)
        text_add(how, there->is_pixels ? "pixels / 255 there, other numbers here"
                                       : "other numbers there, pixels / 255 here");
    else if (there->shorter != here->shorter)
        text_printf(how, "images resized to %zu pixels there and to %zu here (0: not)",
                    there->shorter, here->shorter);
    else if (there->blocks != here->blocks && (!there->blocks || !here->blocks))
        text_add(how, there->blocks ? "standardised there and not here"
                                    : "standardised here and not there");
    else if (there->blocks != here->blocks)
        text_printf(how, "%zu means and deviations there, %zu here", there->blocks, here->blocks);
    for (size_t i = 0; how->length == at && i < there->blocks; i++) {
        if (there->mean[i] == here->mean[i] && there->sd[i] == here->sd[i]) continue;
        text_printf(how, "mean %.6g and deviation %.6g there, %.6g and %.6g here", there->mean[i],
                    there->sd[i], here->mean[i], here->sd[i]);
    }
    return how->length > at;
}
