// A count as JSON.
#include "base/json.h"
#include "net/count.h"
#include <stdlib.h>

static json_t *shape_to_json(const Count *count, const Shape *shape) {
    int64_t size[3];
    int rank = count_sizes(count, shape, size);
    json_t *array = json_array();
    for (int i = 0; i < rank; i++) json_array_append_new(array, json_integer(size[i]));
    return array;
}

static json_t *inputs_to_json(const Count *count, const Layer *layer) {
    json_t *array = json_array();
    json_array_append_new(array, json_text(net_layer_name(count->net, layer->from)));
    if (layer->kind->is_join)
        json_array_append_new(array, json_text(net_layer_name(count->net, layer->from2)));
    return array;
}

static json_t *layer_to_json(const Count *count, const CountRow *row) {
    Text written = {0};
    count_written(count, row->layer, &written);
    json_t *json = json_pack("{s:o, s:o, s:o, s:o}", "layer", json_text(row->name), "written",
                             json_text(written.data), "inputs", inputs_to_json(count, row->layer),
                             "output", shape_to_json(count, row->output));
    for (int c = PARAMETERS; c < COLUMNS; c++) {
        json_object_set_new(json, count_column[c].key, json_integer(row->number[c]));
    }
    text_free(&written);
    return json;
}

void count_write_json(const Count *count, Text *text) {
    const Net *net = count->net;
    json_t *layers = json_array(), *conventions = json_array(), *variables = json_object();
    for (size_t r = 1; r <= net->layers; r++) {
        CountRow row = count_row(count, r);
        json_array_append_new(layers, layer_to_json(count, &row));
    }
    for (int i = 0; count_conventions[i]; i++) {
        json_array_append_new(conventions, json_text(count_conventions[i]));
    }
    for (size_t i = 0; i < net->variables.count; i++) {
        json_put(variables, net->variables.item[i].name,
                 json_integer(atoll(net->variables.item[i].value)));
    }
    json_t *json = json_pack(
        "{s:o, s:o, s:o, s:I, s:I, s:f, s:I, s:I, s:o, s:o}", "model", json_text(count->model),
        "variables", variables, "input", shape_to_json(count, &net->input), "parameters",
        (json_int_t)net->parameters, "parameters_fc", (json_int_t)count->fc, "share_fc",
        count_share(count), "macs", (json_int_t)net->macs, "activation_bytes",
        (json_int_t)net->activation_bytes, "layers", layers, "conventions", conventions);
    REQUIRE(json != NULL);
    json_add(text, json, JSON_INDENT(2));
    text_add(text, "\n");
}
