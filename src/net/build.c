// From program to network: every expression evaluated, every layer resolved.
#include "net/program.h"
#include <stdio.h>
#include <string.h>

typedef struct Builder {
    const NetProgram *program;
    const int64_t *value; // (program->variables)
    Net *net;
    int64_t *count; // (kinds of layers) how many there are so far
    Error *error;
} Builder;

static bool build_size(const Builder *builder, const Expression *size, Span place, int64_t *value) {
    if (!program_evaluate(builder->program, size, builder->value, value, builder->error))
        return false;
    if (*value >= 1) return true;
    return program_error(builder->program, builder->error, place,
                         "a size of %lld; a size is at least 1", (long long)*value);
}

static bool build_input(const Builder *builder) {
    const NetProgram *program = builder->program;
    Shape *shape = &builder->net->input;
    shape->rank = program->rank;
    for (int i = 0; i < shape->rank; i++) {
        const Expression *size = program->input[i];
        if (!build_size(builder, size, size->place, &shape->size[i])) return false;
    }
    if (shape_count(shape) >= 0) return true;
    return program_error(program, builder->error, program->input_place,
                         "the input holds more values than 64 bits count");
}

// kinds

static bool unknown_kind(const Builder *builder, const Statement *statement) {
    enum { MOST = 200 };
    const char *names[MOST];
    size_t count = 0;
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
        REQUIRE(count + 2 <= MOST);
        names[count++] = (*kind)->name;
        if ((*kind)->alias) names[count++] = (*kind)->alias;
    }
    Text text = {0};
    text_printf(&text, "unknown layer \"%s\"", statement->word);
    const LayerKind *kind = statement->kernel >= 1 ? layer_find(statement->stem) : NULL;
    if (kind && kind->has_size && !statement->size) { // fc64
        text_printf(&text, ", did you mean \"%s-%lld\"?", statement->stem,
                    (long long)statement->kernel);
    } else {
        program_suggest(statement->word, names, count, sizeof *names, &text);
    }
    program_error(builder->program, builder->error, statement->place, "%s", text.data);
    text_free(&text);
    return false;
}

// fc1, relu1, fc2, ...
static void name_layer(const Builder *builder, Layer *layer) {
    size_t kind = 0;
    while (layer_kinds()[kind] != layer->kind) kind++;
    snprintf(layer->name, sizeof layer->name, "%s%lld", layer->kind->name,
             (long long)++builder->count[kind]);
}

static bool build_kind(const Builder *builder, const Statement *statement, Layer *layer) {
    layer->kind = layer_find(statement->word);
    if (!layer->kind) return unknown_kind(builder, statement);
    name_layer(builder, layer);
    if (layer->kind->is_loss && statement->next) {
        return program_error(builder->program, builder->error, statement->place,
                             "\"%s\" stands only at the end, and \"%s\" follows", statement->word,
                             statement->next->word);
    }
    if (!layer->kind->has_size == !statement->size) {
        return !statement->size ||
               build_size(builder, statement->size, statement->size_place, &layer->size);
    }
    return program_error(builder->program, builder->error,
                         statement->size ? statement->size_place : statement->place,
                         "\"%s\" %s size; it is written %s", statement->word,
                         statement->size ? "takes no" : "needs a", layer->kind->form);
}

// options

static bool unknown_option(const Builder *builder, const LayerKind *kind, const Pair *pair) {
    const char *near = kind->options ? text_nearest(pair->name, &kind->options[0].name,
                                                    layer_options(kind), sizeof(Option))
                                     : NULL;
    if (near) {
        return program_error(builder->program, builder->error, pair->place,
                             "%s has no option \"%s\", did you mean \"%s\"?", kind->name,
                             pair->name, near);
    }
    return program_error(builder->program, builder->error, pair->place,
                         "%s has no option \"%s\"; it is written %s", kind->name, pair->name,
                         kind->form);
}

// The value of a pair as text: its word, or its number evaluated.
static bool value_text(const Builder *builder, const Pair *pair, Text *text) {
    if (pair->word) {
        text_add(text, pair->word);
        return true;
    }
    int64_t value;
    if (!program_evaluate(builder->program, pair->size, builder->value, &value, builder->error))
        return false;
    text_printf(text, "%lld", (long long)value);
    return true;
}

static bool build_option(const Builder *builder, const Option *option, const Pair *pair,
                         Layer *layer) {
    Text text = {0};
    Error reason;
    bool ok = value_text(builder, pair, &text);
    if (ok && !option_set(option, layer->option, text.data, NULL, &reason)) {
        ok = program_error(builder->program, builder->error, pair->value_place, "%s", reason.text);
    }
    text_free(&text);
    return ok;
}

static bool build_options(const Builder *builder, const Statement *statement, Layer *layer) {
    const Option *options = layer->kind->options;
    size_t count = layer_options(layer->kind);
    bool given[LAYER_OPTIONS] = {false};
    layer_set_defaults(layer);
    for (const Pair *pair = statement->pairs; pair; pair = pair->next) {
        const Option *option = option_find(options, count, pair->name);
        if (!option) return unknown_option(builder, layer->kind, pair);
        if (given[option - options]) {
            return program_error(builder->program, builder->error, pair->place, "%s is given twice",
                                 pair->name);
        }
        given[option - options] = true;
        if (!build_option(builder, option, pair, layer)) return false;
    }
    return true;
}

// shapes and sums

static bool resolve_layer(const Builder *builder, const Statement *statement, Layer *layer,
                          const Layer *before) {
    layer->in = before ? before->out : builder->net->input;
    Error reason = {0};
    if (layer->kind->resolve(layer, &reason)) return true;
    Text shape = {0};
    shape_print(&layer->in, &shape);
    program_error(builder->program, builder->error, statement->place,
                  "%s does not fit after %s, which gives %s: %s", layer->name,
                  before ? before->name : "the input", shape.data, reason.text);
    text_free(&shape);
    return false;
}

// Gives a slot its place behind all slots before it.
static bool place_slot(LayerSlot *slot, int64_t *parameters) {
    slot->offset = *parameters;
    slot->count = 1;
    for (int i = 0; i < slot->rank; i++) {
        if (__builtin_mul_overflow(slot->count, slot->size[i], &slot->count)) return false;
    }
    return !__builtin_add_overflow(*parameters, slot->count, parameters);
}

static bool add_layer(const Builder *builder, const Statement *statement, Layer *layer) {
    Net *net = builder->net;
    bool fits = !__builtin_add_overflow(net->macs, layer->macs, &net->macs);
    for (int i = 0; fits && i < layer->slots; i++)
        fits = place_slot(&layer->slot[i], &net->parameters);
    net->outputs = shape_count(&layer->out);
    if (fits && net->outputs >= 0) return true;
    return program_error(builder->program, builder->error, statement->place,
                         "with %s the network has more parameters, multiply-adds or outputs than "
                         "64 bits count",
                         layer->name);
}

static bool build_layers(const Builder *builder) {
    Net *net = builder->net;
    const Layer *before = NULL;
    for (const Statement *statement = builder->program->first; statement;
         statement = statement->next) {
        Layer *layer = &net->layer[net->layers++];
        if (!build_kind(builder, statement, layer) || !build_options(builder, statement, layer) ||
            !resolve_layer(builder, statement, layer, before) ||
            !add_layer(builder, statement, layer))
            return false;
        before = layer;
    }
    return true;
}

Net *net_build(const NetProgram *program, const Settings *variables, Error *error) {
    size_t kinds = 0;
    while (layer_kinds()[kinds]) kinds++;
    Net *net = memory_new(1, sizeof *net);
    int64_t *value = memory_new(program->variables, sizeof *value);
    int64_t *count = memory_new(kinds, sizeof *count);
    net->layer = memory_try(program->layers, sizeof *net->layer, "the layers of a network", error);
    Builder builder = {program, value, net, count, error};
    bool built = net->layer &&
                 program_variables(program, variables, value, &net->variables, error) &&
                 build_input(&builder) && build_layers(&builder);
    memory_free(value);
    memory_free(count);
    if (built) return net;
    net_free(net);
    return NULL;
}

void net_free(Net *net) {
    if (!net) return;
    settings_free(&net->variables);
    memory_free(net->layer);
    memory_free(net);
}

void net_canonical(const Net *net, Text *text) {
    text_add(text, "input ");
    shape_print(&net->input, text);
    for (size_t i = 0; i < net->layers; i++) {
        text_add(text, " ");
        layer_print(&net->layer[i], text);
    }
}
