// A layer of a network: its kind, its options, its shapes and what it adds to the sums.
#include "net/build.h"
#include <stdio.h>
#include <string.h>

const Shape *builder_shape(const Builder *builder, int64_t at) {
    return at == LAYER_INPUT ? &builder->net->input : &builder->net->layer[at].out;
}

static const char *name_at(const Builder *builder, int64_t at) {
    return at == LAYER_INPUT ? "the input" : builder->net->layer[at].name;
}

bool builder_size(const Builder *builder, const Expression *size, Span place, int64_t *value) {
    if (!program_evaluate(builder->program, size, builder->value, value, builder->error))
        return false;
    if (*value >= 1) return true;
    return program_error(builder->program, builder->error, place,
                         "a size of %lld; a size is at least 1", (long long)*value);
}

// kinds

// The kind that a word means, with or without digits behind it as the kind demands; else NULL.
static const LayerKind *find_kind(const Statement *statement) {
    const LayerKind *kind = layer_find(statement->word);
    if (!kind && statement->kernel >= 0) {
        kind = layer_find(statement->stem);
        if (kind && !kind->has_kernel) kind = NULL;
    }
    return kind;
}

// The nearest word that fits. fc64 was meant as fc-64, and con3 as conv3.
static void suggest_kind(const Statement *statement, Text *text) {
    enum { MOST = 200 };
    const char *names[MOST];
    size_t count = 0;
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
        REQUIRE(count + 2 <= MOST);
        if ((*kind)->is_join) continue;
        names[count++] = (*kind)->name;
        if ((*kind)->alias) names[count++] = (*kind)->alias;
    }
    const LayerKind *kind = statement->kernel >= 1 ? layer_find(statement->stem) : NULL;
    const char *near = text_nearest(statement->stem, names, count, sizeof *names);
    const LayerKind *nearest = near ? layer_find(near) : NULL;
    if (kind && kind->has_size && !kind->has_kernel && !statement->size) {
        text_printf(text, ", did you mean \"%s-%lld\"?", statement->stem,
                    (long long)statement->kernel);
    } else if (statement->kernel >= 1 && nearest && nearest->has_kernel) {
        text_printf(text, ", did you mean \"%s%lld\"?", near, (long long)statement->kernel);
    } else {
        near = text_nearest(statement->word, names, count, sizeof *names);
        text_printf(text, near ? ", did you mean \"%s\"?" : "; benign help layers lists them",
                    near);
    }
}

static bool unknown_kind(const Builder *builder, const Statement *statement) {
    Text text = {0};
    suggest_kind(statement, &text);
    program_error(builder->program, builder->error, statement->place, "unknown layer \"%s\"%s",
                  statement->word, text.data);
    text_free(&text);
    return false;
}

void builder_name(const Builder *builder, Layer *layer) {
    size_t kind = 0;
    while (layer_kinds()[kind] != layer->kind) kind++;
    snprintf(layer->name, sizeof layer->name, "%s%lld", layer->kind->name,
             (long long)++builder->count[kind]);
}

// Is this the last statement of the network, not of a block?
static bool is_last(const Builder *builder, const Statement *statement) {
    const Statement *last = builder->program->first;
    while (last->next) last = last->next;
    return statement == last;
}

static bool build_kind(const Builder *builder, const Statement *statement, Layer *layer) {
    const LayerKind *kind = layer->kind = find_kind(statement);
    if (!kind || kind->is_join) return unknown_kind(builder, statement);
    builder_name(builder, layer);
    if (kind->is_loss && !is_last(builder, statement)) {
        return program_error(builder->program, builder->error, statement->place,
                             "\"%s\" stands only at the end%s%s%s", statement->word,
                             statement->next ? ", and \"" : " of the network, not in a block",
                             statement->next ? statement->next->word : "",
                             statement->next ? "\" follows" : "");
    }
    if (kind->has_kernel && statement->kernel < 0) {
        return program_error(builder->program, builder->error, statement->place,
                             "\"%s\" needs the size of its window; it is written %s",
                             statement->word, kind->form);
    }
    layer->kernel = kind->has_kernel ? statement->kernel : 0;
    if (!kind->has_size == !statement->size) {
        return !statement->size ||
               builder_size(builder, statement->size, statement->size_place, &layer->size);
    }
    return program_error(builder->program, builder->error,
                         statement->size ? statement->size_place : statement->place,
                         "\"%s\" %s size; it is written %s", statement->word,
                         statement->size ? "takes no" : "needs a", kind->form);
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

static bool add_number(const Builder *builder, const Expression *size, Text *text) {
    int64_t value;
    if (!program_evaluate(builder->program, size, builder->value, &value, builder->error))
        return false;
    text_printf(text, "%lld", (long long)value);
    return true;
}

// The value of a pair as text: its word, its number evaluated, its pieces.
static bool value_text(const Builder *builder, const Pair *pair, Text *text) {
    text_add(text, pair->word ? pair->word : "");
    if (pair->size) return add_number(builder, pair->size, text);
    for (const Piece *piece = pair->pieces; piece; piece = piece->next) {
        if (piece->letters)
            text_add(text, piece->letters);
        else if (!add_number(builder, piece->size, text))
            return false;
    }
    return true;
}

// Where byte `offset` of the value of a pair in quotes was written, and `width` more.
static Span value_place(const Builder *builder, const Pair *pair, size_t offset, size_t width) {
    size_t at = 0;
    for (const Piece *piece = pair->pieces; piece; piece = piece->next) {
        Text text = {0};
        if (piece->letters)
            text_add(&text, piece->letters);
        else
            add_number(builder, piece->size, &text);
        size_t length = text.length;
        text_free(&text);
        if (offset >= at + length) {
            at += length;
            continue;
        }
        if (!piece->letters) return piece->place;
        size_t left = at + length - offset;
        return (Span){piece->place.offset + offset - at, width < left ? width : left};
    }
    return (Span){pair->value_place.offset + pair->value_place.width - 1, 1};
}

static bool build_option(const Builder *builder, const Option *option, const Pair *pair,
                         Layer *layer) {
    Text text = {0};
    Error reason;
    if (pair->quoted != (option->type == OPTION_TEXT)) {
        return program_error(builder->program, builder->error, pair->value_place,
                             pair->quoted ? "%s takes no quotes" : "%s takes a text in quotes",
                             pair->name);
    }
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

// An error inside the text of an option.
static bool refuse_text(const Builder *builder, const Statement *statement, const Layer *layer,
                        const Error *reason) {
    const Option *option = &layer->kind->options[layer->fault.option];
    const Pair *pair = statement->pairs;
    while (option_find(option, 1, pair->name) == NULL) pair = pair->next;
    Span place = value_place(builder, pair, layer->fault.offset, layer->fault.width);
    return program_error(builder->program, builder->error, place, "%s", reason->text);
}

static bool refuse_shape(const Builder *builder, const Statement *statement, const Layer *layer,
                         const Error *reason) {
    Text in = {0}, in2 = {0};
    shape_print(&layer->in, &in);
    shape_print(&layer->in2, &in2);
    if (layer->kind->is_join) {
        program_error(builder->program, builder->error, statement->place,
                      "the block ends with %s, which gives %s, and its shortcut with %s, which "
                      "gives %s: %s",
                      name_at(builder, layer->from), in.data, name_at(builder, layer->from2),
                      in2.data, reason->text);
    } else {
        program_error(builder->program, builder->error, statement->place,
                      "%s does not fit after %s, which gives %s: %s", layer->name,
                      name_at(builder, layer->from), in.data, reason->text);
    }
    text_free(&in);
    text_free(&in2);
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

bool builder_add_product(int64_t *sum, int64_t a, int64_t b) {
    int64_t product;
    return !__builtin_mul_overflow(a, b, &product) && !__builtin_add_overflow(*sum, product, sum);
}

// Windows and steps add up towards the input: r' = r + (window - 1) stride, stride' = stride step.
static bool add_window(const Builder *builder, Layer *layer) {
    const Layer *before = layer->from == LAYER_INPUT ? NULL : &builder->net->layer[layer->from];
    int64_t window = layer->window ? layer->window : 1, step = layer->step ? layer->step : 1;
    layer->receptive = before ? before->receptive : 1;
    layer->stride = 0;
    if (!builder_add_product(&layer->receptive, window - 1, before ? before->stride : 1) ||
        !builder_add_product(&layer->stride, before ? before->stride : 1, step))
        return false;
    if (layer->from2 == LAYER_INPUT) return true;
    int64_t other = builder->net->layer[layer->from2].receptive;
    if (layer->kind->is_join && other > layer->receptive) layer->receptive = other;
    return true;
}

static bool add_layer(const Builder *builder, const Statement *statement, Layer *layer) {
    Net *net = builder->net;
    bool fits = builder_add_product(&net->macs, layer->macs, 1) && add_window(builder, layer);
    for (int i = 0; fits && i < layer->slots; i++)
        fits = place_slot(&layer->slot[i], &net->parameters);
    for (int i = 0; fits && i < layer->buffers; i++) {
        layer->buffer[i].offset = net->buffers;
        fits = builder_add_product(&net->buffers, layer->buffer[i].count, 1);
    }
    net->outputs = shape_count(&layer->out);
    if (fits && net->outputs >= 0 && builder_add_product(&net->activation_bytes, net->outputs, 4))
        return true;
    return program_error(builder->program, builder->error, statement->place,
                         "with %s the network has more parameters, multiply-adds, outputs or "
                         "receptive field than 64 bits count",
                         layer->name);
}

bool builder_connect(const Builder *builder, const Statement *statement, Layer *layer,
                     int64_t *at) {
    Error reason = {0};
    layer->at = statement->place.offset;
    layer->width = statement->place.width;
    layer->from = *at;
    layer->in = *builder_shape(builder, *at);
    if (!layer->kind->resolve(layer, &reason)) {
        return layer->fault.width ? refuse_text(builder, statement, layer, &reason)
                                  : refuse_shape(builder, statement, layer, &reason);
    }
    *at = layer - builder->net->layer;
    return add_layer(builder, statement, layer);
}

// The text so far must remain one that net_parse takes.
bool builder_check_length(const Builder *builder, const Statement *statement) {
    return builder->canonical.length <= NET_TEXT ||
           program_error(builder->program, builder->error, statement->place,
                         "written out, the network is a text of more than %d MB", NET_TEXT >> 20);
}

bool builder_layer(Builder *builder, const Statement *statement, int64_t *at) {
    Layer *layer = &builder->net->layer[builder->net->layers++];
    layer->from2 = LAYER_INPUT;
    if (!build_kind(builder, statement, layer) || !build_options(builder, statement, layer) ||
        !builder_connect(builder, statement, layer, at))
        return false;
    text_add(&builder->canonical, " ");
    layer_print(layer, &builder->canonical);
    return builder_check_length(builder, statement);
}
