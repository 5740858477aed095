#include "net/count.h"
#include <string.h>

const char *const count_conventions[] = {
    "MACs: multiply-adds of convolutions and fully connected layers, without biases; "
    "FLOPs = 2 MACs",
    "parameters: tied weights count once; running statistics of batch norm are not parameters",
    "activations: the output of every layer, for one example, as float32",
    "receptive field, stride: positions of the input and its padding (may exceed it); full: all of "
    "it",
    NULL,
};

const CountColumn count_column[COLUMNS] = {
    [NAME] = {"layer", "layer"},
    [WRITTEN] = {"written", "written"},
    [OUTPUT] = {"output", "output"},
    [PARAMETERS] = {"parameters", "parameters"},
    [MACS] = {"MACs", "macs"},
    [ACTIVATIONS] = {"activations", "activation_bytes"},
    [RECEPTIVE] = {"receptive field", "receptive_field"},
    [STRIDE] = {"stride", "stride"},
};

static bool reads_whole(const Count *count, int64_t from) {
    return from != LAYER_INPUT && count->whole[from];
}

static bool sees_whole(const Count *count, const Layer *layer) {
    return layer->kind->sees_all || reads_whole(count, layer->from) ||
           (layer->kind->is_join && reads_whole(count, layer->from2));
}

static Count count_layers(const Net *net, const char *model, bool chw) {
    Count count = {.net = net, .model = model, .chw = chw, .positions = net->input.rank > 1};
    count.whole = memory_new(net->layers, sizeof *count.whole);
    for (size_t i = 0; i < net->layers; i++) {
        const Layer *layer = &net->layer[i];
        count.whole[i] = sees_whole(&count, layer);
        if (strcmp(layer->kind->name, "fc") == 0) count.fc += layer_parameters(layer);
    }
    return count;
}

double count_share(const Count *count) {
    return count->net->parameters ? (double)count->fc / (double)count->net->parameters : 0;
}

static CountRow input_row(const Count *count) {
    CountRow row = {.name = "input", .output = &count->net->input};
    for (int c = PARAMETERS; c < RECEPTIVE; c++) row.number[c] = COUNT_NOTHING;
    row.number[RECEPTIVE] = row.number[STRIDE] = 1;
    return row;
}

static CountRow layer_row(const Count *count, size_t i) {
    const Layer *layer = &count->net->layer[i];
    CountRow row = {
        .name = layer->name, .layer = layer, .output = &layer->out, .whole = count->whole[i]};
    row.number[PARAMETERS] = layer_parameters(layer);
    row.number[MACS] = layer->macs;
    row.number[ACTIVATIONS] = 4 * shape_count(&layer->out);
    row.number[RECEPTIVE] = layer->receptive;
    row.number[STRIDE] = layer->stride;
    return row;
}

static CountRow total_row(const Count *count) {
    const Net *net = count->net;
    return (CountRow){"total", .number = {[PARAMETERS] = net->parameters,
                                          [MACS] = net->macs,
                                          [ACTIVATIONS] = net->activation_bytes,
                                          [RECEPTIVE] = COUNT_NOTHING,
                                          [STRIDE] = COUNT_NOTHING}};
}

CountRow count_row(const Count *count, size_t row) {
    if (row == 0) return input_row(count);
    return row <= count->net->layers ? layer_row(count, row - 1) : total_row(count);
}

void count_written(const Count *count, const Layer *layer, Text *text) {
    if (layer->kind->is_join) {
        text_printf(text, "%s + %s", net_layer_name(count->net, layer->from),
                    net_layer_name(count->net, layer->from2));
    } else {
        layer_print(layer, text);
    }
}

int count_sizes(const Count *count, const Shape *shape, int64_t size[3]) {
    int rank = shape->rank;
    for (int i = 0; i < rank; i++) size[i] = shape->size[count->chw ? (i + rank - 1) % rank : i];
    return rank;
}

void net_count(const Net *net, const char *model, NetFormat format, bool chw, Text *text) {
    static void (*const write[])(const Count *, Text *) = {
        [NET_TABLE] = count_write_table, [NET_JSON] = count_write_json,
        [NET_CSV] = count_write_csv,     [NET_MARKDOWN] = count_write_markdown,
        [NET_LATEX] = count_write_latex,
    };
    Count count = count_layers(net, model, chw);
    write[format](&count, text);
    memory_free(count.whole);
}
