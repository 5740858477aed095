// The outside names of a network's tensors.
#include "weights/weights.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const weights_names[] = {"own", "torchvision", "sequential", NULL};

// Where a walk through the layers stands: prefix names a layer, ("" before that) and the list
// grows.
typedef struct Walk {
    const Net *net;
    NetTensors *list;
    Error *error;
} Walk;

static void add_tensor(Walk *walk, const char *prefix, const char *last, NetTensor tensor) {
    Text name = {0};
    text_printf(&name, "%s.%s", prefix, last);
    tensor.name = arena_text(&walk->list->arena, name.data, name.length);
    walk->list->tensor[walk->list->count++] = tensor;
    text_free(&name);
}

static void add_layer(Walk *walk, const Layer *layer, const char *prefix) {
    for (int i = 0; i < layer->slots; i++) {
        const LayerSlot *slot = &layer->slot[i];
        NetTensor tensor = {.rank = slot->rank, .offset = slot->offset, .count = slot->count};
        memcpy(tensor.size, slot->size, sizeof tensor.size);
        add_tensor(walk, prefix, slot->name, tensor);
    }
    for (int i = 0; i < layer->buffers; i++) {
        const LayerBuffer *buffer = &layer->buffer[i];
        add_tensor(walk, prefix, buffer->name,
                   (NetTensor){.rank = 1,
                               .size = {buffer->count},
                               .offset = buffer->offset,
                               .count = buffer->count,
                               .is_buffer = true});
    }
}

static bool has_tensors(const Layer *layer) {
    return layer->slots + layer->buffers > 0;
}

static bool is(const Layer *layer, const char *kind) {
    return strcmp(layer->kind->name, kind) == 0;
}

static bool no_name(const Walk *walk, const Layer *layer, const char *why) {
    return error_set(walk->error, "%s: %s, and so it has no name in torchvision", layer->name, why);
}

// ---- own ----

static bool name_own(Walk *walk) {
    for (size_t l = 0; l < walk->net->layers; l++)
        add_layer(walk, &walk->net->layer[l], walk->net->layer[l].name);
    return true;
}

// ---- a chain: features.N and classifier.N ----

static size_t find_classifier(const Net *net) {
    size_t first = 0;
    while (first < net->layers && !is(&net->layer[first], "fc")) first++;
    while (first > 0 && is(&net->layer[first - 1], "dropout")) first--;
    return first;
}

static bool name_chain(Walk *walk) {
    const Net *net = walk->net;
    const size_t classifier = find_classifier(net);
    bool drops = false;
    for (size_t l = classifier; l < net->layers; l++)
        drops = drops || is(&net->layer[l], "dropout");
    int64_t place = 0;
    for (size_t l = 0; l < net->layers; l++) {
        const Layer *layer = &net->layer[l];
        char prefix[48];
        if (l == classifier) place = 0;
        snprintf(prefix, sizeof prefix, "%s.%lld", l < classifier ? "features" : "classifier",
                 (long long)place);
        add_layer(walk, layer, prefix);
        place += 1 + (l >= classifier && !drops && layer->kind->is_activation);
    }
    return true;
}

// ---- residual blocks: layerS.B.convI ----

typedef struct Blocks {
    Walk *walk;
    int64_t stage, block; // of the last block, from 1 and from 0; stage 0: none yet
    int64_t convolutions; // so far, in this block or before all blocks
    size_t next;          // the layer to be named next
} Blocks;

// conv1, bn1, conv2, bn2: a normalisation has the number of the convolution before it.
static bool name_numbered(Blocks *blocks, const Layer *layer, const char *before) {
    char prefix[80];
    if (!has_tensors(layer)) return true;
    const bool conv = is(layer, "conv");
    if (!conv && !is(layer, "batchnorm"))
        return no_name(blocks->walk, layer, "it is neither a convolution nor a batchnorm");
    if (!conv && blocks->convolutions == 0)
        return no_name(blocks->walk, layer, "it comes before the convolutions");
    blocks->convolutions += conv;
    snprintf(prefix, sizeof prefix, "%s%s%lld", before, conv ? "conv" : "bn",
             (long long)blocks->convolutions);
    add_layer(blocks->walk, layer, prefix);
    return true;
}

// The join that closes the residual which begins at layer `from`, given no residual lies in
// another; or net->layers.
static size_t find_join(const Net *net, size_t from) {
    while (from < net->layers && !net->layer[from].kind->is_join) from++;
    return from;
}

// The first layer of the block that this join closes. Its layers lie one after the other, those of
// its shortcut behind them.
static size_t first_of_block(const Net *net, const Layer *join) {
    const bool identity = join->from2 < join->from;
    return (size_t)((identity ? join->from2 : net->layer[join->from + 1].from) + 1);
}

static bool name_block(Blocks *blocks, size_t number) {
    const Net *net = blocks->walk->net;
    const Layer *join = &net->layer[number];
    char prefix[48];
    bool opens = join->from2 > join->from || blocks->stage == 0; // a new stage
    blocks->stage += opens;
    blocks->block = opens ? 0 : blocks->block + 1;
    blocks->convolutions = 0;
    snprintf(prefix, sizeof prefix, "layer%lld.%lld.", (long long)blocks->stage,
             (long long)blocks->block);
    for (; blocks->next <= (size_t)join->from; blocks->next++) {
        if (!name_numbered(blocks, &net->layer[blocks->next], prefix)) return false;
    }
    for (int64_t place = 0; blocks->next < number; blocks->next++, place++) {
        char name[80];
        snprintf(name, sizeof name, "%sdownsample.%lld", prefix, (long long)place);
        add_layer(blocks->walk, &net->layer[blocks->next], name);
    }
    blocks->next = number + 1;
    return true;
}

// What lies before the first block and what lies behind the last.
static bool name_outside(Blocks *blocks, size_t end) {
    const Net *net = blocks->walk->net;
    bool ok = true;
    for (; ok && blocks->next < end; blocks->next++) {
        const Layer *layer = &net->layer[blocks->next];
        if (blocks->stage == 0) {
            ok = name_numbered(blocks, layer, "");
        } else if (is(layer, "fc") && end == net->layers) {
            add_layer(blocks->walk, layer, "fc");
        } else if (has_tensors(layer)) {
            ok = no_name(blocks->walk, layer, "it lies between or behind residual blocks");
        }
    }
    return ok;
}

static bool name_residual(Walk *walk) {
    const Net *net = walk->net;
    Blocks blocks = {.walk = walk};
    for (;;) {
        size_t join = find_join(net, blocks.next);
        size_t first = join < net->layers ? first_of_block(net, &net->layer[join]) : join;
        if (first < blocks.next)
            return no_name(walk, &net->layer[join], "it holds another residual");
        if (!name_outside(&blocks, first)) return false;
        if (join == net->layers) return true;
        if (!name_block(&blocks, join)) return false;
    }
}

static bool name_torchvision(Walk *walk) {
    return find_join(walk->net, 0) < walk->net->layers ? name_residual(walk) : name_chain(walk);
}

// ---- nn.Sequential: N.SLOT ----

static bool name_sequential(Walk *walk) {
    const Net *net = walk->net;
    size_t place = 0;
    for (size_t l = 0; l < net->layers; l++, place++) {
        const Layer *layer = &net->layer[l];
        if (layer->kind->is_join)
            return error_set(walk->error,
                             "%s: a residual is no chain, and so it has no number in nn.Sequential",
                             layer->name);
        char prefix[24];
        place += is(layer, "fc") && layer->in.rank > 1; // an nn.Flatten stands before it
        snprintf(prefix, sizeof prefix, "%zu", place);
        add_layer(walk, layer, prefix);
    }
    return true;
}

// ---- all of them ----

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Two fully connected layers behind residual blocks would both be "fc".
static bool check_unique(const NetTensors *list, Error *error) {
    const char **name = memory_new(list->count + 1, sizeof *name);
    bool ok = true;
    for (size_t i = 0; i < list->count; i++) name[i] = list->tensor[i].name;
    qsort(name, list->count, sizeof *name, by_name);
    for (size_t i = 1; ok && i < list->count; i++) {
        if (strcmp(name[i], name[i - 1]) == 0)
            ok = error_set(error, "two tensors would have torchvision's name \"%s\"", name[i]);
    }
    memory_free(name);
    return ok;
}

bool weights_list(const Net *net, WeightNames names, NetTensors *list, Error *error) {
    static bool (*const name[])(Walk *) = {[WEIGHTS_OWN] = name_own,
                                           [WEIGHTS_TORCHVISION] = name_torchvision,
                                           [WEIGHTS_SEQUENTIAL] = name_sequential};
    size_t count = 0;
    for (size_t l = 0; l < net->layers; l++)
        count += (size_t)(net->layer[l].slots + net->layer[l].buffers);
    *list = (NetTensors){0};
    list->tensor = memory_try(count, sizeof *list->tensor, "the tensors of a network", error);
    Walk walk = {net, list, error};
    if (list->tensor && name[names](&walk) && check_unique(list, error)) return true;
    weights_list_free(list);
    return false;
}

void weights_list_free(NetTensors *list) {
    memory_free(list->tensor);
    arena_free(&list->arena);
    *list = (NetTensors){0};
}
