#include "layer/layer.h"
#include "layer/table.h"
#include "num/num.h"
#include <string.h>

LANE_DECLARE(extern const LayerTable, layer_table);

const LayerKind *const *layer_kinds(void) {
    return LANE_PICK(layer_table)->kind;
}

const LayerKind *layer_find(const char *name) {
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
        if (text_equal_fold((*kind)->name, name)) return *kind;
        if ((*kind)->alias && text_equal_fold((*kind)->alias, name)) return *kind;
    }
    return NULL;
}

const char *const layer_no_yes[] = {"no", "yes", NULL};

size_t layer_options(const LayerKind *kind) {
    size_t count = 0;
    while (kind->options && kind->options[count].name) count++;
    REQUIRE(count <= LAYER_OPTIONS);
    return count;
}

void layer_set_defaults(Layer *layer) {
    option_defaults(layer->kind->options, layer_options(layer->kind), layer->option);
    if (layer->kind->defaults) layer->kind->defaults(layer);
}

void layer_release(Layer *layer) {
    if (!layer->kind) return;
    if (layer->kind->release) layer->kind->release(layer);
    layer->facts = NULL;
    option_free(layer->kind->options, layer_options(layer->kind), layer->option);
}

const LayerSlot *layer_weight(const Layer *layer) {
    for (int s = 0; s < layer->slots; s++) {
        if (layer->slot[s].role == ROLE_WEIGHT) return &layer->slot[s];
    }
    return NULL;
}

int64_t layer_parameters(const Layer *layer) {
    int64_t sum = 0;
    for (int s = 0; s < layer->slots; s++) sum += layer->slot[s].count;
    return sum;
}

static bool option_equal(const Option *option, const Layer *a, const Layer *b) {
    size_t i = option->offset / sizeof(LayerValue);
    switch (option->type) {
    case OPTION_INT:
        return a->option[i].whole == b->option[i].whole;
    case OPTION_REAL:
        return a->option[i].real == b->option[i].real;
    case OPTION_TEXT:
        return strcmp(a->option[i].text, b->option[i].text) == 0;
    default:
        return a->option[i].choice == b->option[i].choice;
    }
}

void layer_print(const Layer *layer, Text *text) {
    const LayerKind *kind = layer->kind;
    text_add(text, kind->name);
    if (kind->has_kernel) text_printf(text, "%lld", (long long)layer->kernel);
    if (kind->has_size) text_printf(text, "-%lld", (long long)layer->size);
    Layer plain = {.kind = kind, .kernel = layer->kernel, .size = layer->size};
    layer_set_defaults(&plain);
    for (size_t i = 0; i < layer_options(kind); i++) {
        const Option *option = &kind->options[i];
        if (option_equal(option, layer, &plain)) continue;
        const char *quote = option->type == OPTION_TEXT ? "\"" : "";
        text_printf(text, " %s=%s", option->name, quote);
        option_print(option, layer->option, text);
        text_add(text, quote);
    }
    layer_release(&plain);
}
