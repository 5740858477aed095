// From program to network: every expression evaluated, every layer resolved.
#include "net/build.h"
#include <string.h>

static bool build_input(const Builder *builder) {
    const NetProgram *program = builder->program;
    Shape *shape = &builder->net->input;
    shape->rank = program->rank;
    for (int i = 0; i < shape->rank; i++) {
        const Expression *size = program->input[i];
        if (!builder_size(builder, size, size->place, &shape->size[i])) return false;
    }
    if (shape_count(shape) >= 0) return true;
    return program_error(program, builder->error, program->input_place,
                         "the input holds more values than 64 bits count");
}

// blocks

static bool build_parts(Builder *builder, const Statement *first, int64_t *at);

static bool repeat_count(const Builder *builder, const Statement *repeat, int64_t *count) {
    if (!program_evaluate(builder->program, repeat->size, builder->value, count, builder->error))
        return false;
    return *count >= 0 ||
           program_error(builder->program, builder->error, repeat->size_place,
                         "a count of %lld; a count is at least 0", (long long)*count);
}

static bool build_repeat(Builder *builder, const Statement *repeat, int64_t *at) {
    int64_t count;
    bool ok = repeat_count(builder, repeat, &count);
    for (int64_t i = 0; ok && i < count; i++) ok = build_parts(builder, repeat->body, at);
    return ok;
}

// y = block(x) + shortcut(x): the layers of the block, those of the shortcut, and their sum.
static bool build_residual(Builder *builder, const Statement *residual, int64_t *at) {
    const int64_t start = *at;
    int64_t shortcut = start;
    text_add(&builder->canonical, " residual {");
    if (!build_parts(builder, residual->body, at)) return false;
    if (*at == start) {
        return program_error(builder->program, builder->error, residual->place,
                             "the block has no layers: nothing in it is repeated");
    }
    const size_t end = builder->canonical.length;
    text_add(&builder->canonical, " } shortcut {");
    if (!build_parts(builder, residual->shortcut, &shortcut)) return false;
    if (shortcut == start) text_cut(&builder->canonical, end);
    text_add(&builder->canonical, " }");
    Layer *layer = &builder->net->layer[builder->net->layers++];
    layer->kind = layer_find("residual");
    layer->from2 = shortcut;
    layer->in2 = *builder_shape(builder, shortcut);
    builder_name(builder, layer);
    return builder_connect(builder, residual, layer, at) && builder_check_length(builder, residual);
}

static bool build_parts(Builder *builder, const Statement *first, int64_t *at) {
    static bool (*const build[])(Builder *, const Statement *, int64_t *) = {
        [STATEMENT_LAYER] = builder_layer,
        [STATEMENT_REPEAT] = build_repeat,
        [STATEMENT_RESIDUAL] = build_residual,
    };
    for (const Statement *part = first; part; part = part->next) {
        if (!build[part->kind](builder, part, at)) return false;
    }
    return true;
}

// *count += layers and blocks of the parts, repetitions counted: a bound on the time that building
// them takes.
static bool count_parts(const Builder *builder, const Statement *first, int64_t *count) {
    for (const Statement *part = first; part; part = part->next) {
        int64_t inside = 0, times = 1;
        if (part->kind == STATEMENT_REPEAT && !repeat_count(builder, part, &times)) return false;
        if (!count_parts(builder, part->body, &inside) ||
            !count_parts(builder, part->shortcut, &inside))
            return false;
        ++*count;
        if (!builder_add_product(count, inside, times) || *count > NET_LAYERS) {
            return program_error(builder->program, builder->error, part->place,
                                 "with this the network has more than %d layers and blocks, "
                                 "repetitions counted",
                                 NET_LAYERS);
        }
    }
    return true;
}

static bool build_layers(Builder *builder) {
    const NetProgram *program = builder->program;
    Net *net = builder->net;
    int64_t count = 0, at = LAYER_INPUT;
    if (!count_parts(builder, program->first, &count)) return false;
    net->layer =
        memory_try((size_t)count, sizeof *net->layer, "the layers of a network", builder->error);
    if (!net->layer) return false;
    text_add(&builder->canonical, "input ");
    shape_print(&net->input, &builder->canonical);
    if (!build_parts(builder, program->first, &at)) return false;
    return net->layers || program_error(program, builder->error, program->input_place,
                                        "the network has no layers: nothing is repeated");
}

Net *net_build(const NetProgram *program, const Settings *variables, Error *error) {
    size_t kinds = 0;
    while (layer_kinds()[kinds]) kinds++;
    Net *net = memory_new(1, sizeof *net);
    int64_t *value = memory_new(program->variables, sizeof *value);
    int64_t *count = memory_new(kinds, sizeof *count);
    Builder builder = {program, value, net, count, {0}, error};
    bool built = program_variables(program, variables, value, &net->variables, error) &&
                 build_input(&builder) && build_layers(&builder);
    net->canonical = builder.canonical.data;
    memory_free(value);
    memory_free(count);
    if (built) return net;
    net_free(net);
    return NULL;
}

void net_free(Net *net) {
    if (!net) return;
    settings_free(&net->variables);
    memory_free(net->canonical);
    for (size_t l = 0; l < net->layers; l++) layer_release(&net->layer[l]);
    memory_free(net->layer);
    memory_free(net);
}

bool net_refuse(const NetProgram *program, const Layer *layer, const char *reason, Error *error) {
    const Span place = {layer->at, layer->width};
    return program_error(program, error, place, "%s: %s", layer->name, reason);
}

const char *net_layer_name(const Net *net, int64_t layer) {
    return layer == LAYER_INPUT ? "input" : net->layer[layer].name;
}

void net_canonical(const Net *net, Text *text) {
    text_add(text, net->canonical);
}
