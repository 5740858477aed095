// safetensors: 8 bytes with the header's length (little-endian), a JSON header that gives each
// tensor's type, shape and place, then the numbers.
#include "train/state.h"
#include <jansson.h>
#include <inttypes.h>
#include <string.h>

static const char *const SUFFIX[] = {"", ".state0", ".state1"};

static const float *block_of(const RunState *state, int block) {
    return block == 0 ? state->w : state->state[block - 1];
}

// A buffer seen as a slot: one row of numbers.
static LayerSlot row_of(const LayerBuffer *buffer) {
    return (LayerSlot){.name = buffer->name,
                       .rank = 1,
                       .size = {buffer->count},
                       .offset = buffer->offset,
                       .count = buffer->count};
}

static void tensor_name(Text *name, const Layer *layer, const LayerSlot *slot, int block) {
    name->length = 0;
    text_printf(name, "%s.%s%s", layer->name, slot->name, SUFFIX[block]);
}

// ---- writing ----

static json_t *describe(const LayerSlot *slot, size_t at) {
    json_t *shape = json_array();
    for (int i = 0; i < slot->rank; i++) json_array_append_new(shape, json_integer(slot->size[i]));
    size_t end = at + (size_t)slot->count * sizeof(float);
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape, "data_offsets",
                     (json_int_t)at, (json_int_t)end);
}

// Every slot of every block, in order: that of the numbers in the file.
#define EACH_SLOT(net, states, block, layer, slot)                                                 \
    for (int block = 0; block <= (states); block++)                                                \
        for (const Layer *layer = (net)->layer; layer < (net)->layer + (net)->layers; layer++)     \
            for (const LayerSlot *slot = layer->slot; slot < layer->slot + layer->slots; slot++)

#define EACH_BUFFER(net, layer, buffer_)                                                           \
    for (const Layer *layer = (net)->layer; layer < (net)->layer + (net)->layers; layer++)         \
        for (const LayerBuffer *buffer_ = layer->buffer; buffer_ < layer->buffer + layer->buffers; \
             buffer_++)

void state_pack(const Net *net, const RunState *state, char **bytes, size_t *size) {
    char epoch[24], step[24];
    snprintf(epoch, sizeof epoch, "%" PRId64, state->epoch);
    snprintf(step, sizeof step, "%" PRId64, state->step);
    json_t *header = json_object();
    json_object_set_new(header, "__metadata__",
                        json_pack("{s:s, s:s, s:s, s:s, s:s}", "format", "pt", "program",
                                  "benign " BENIGN_VERSION, "epoch", epoch, "step", step,
                                  "finished", state->finished ? "yes" : "no"));
    Text name = {0};
    size_t at = 0;
    EACH_SLOT(net, state->states, block, layer, slot) {
        tensor_name(&name, layer, slot, block);
        json_object_set_new(header, name.data, describe(slot, at));
        at += (size_t)slot->count * sizeof(float);
    }
    EACH_BUFFER(net, layer, buffer) {
        LayerSlot row = row_of(buffer);
        tensor_name(&name, layer, &row, 0);
        json_object_set_new(header, name.data, describe(&row, at));
        at += (size_t)row.count * sizeof(float);
    }
    text_free(&name);
    char *text = json_dumps(header, JSON_COMPACT);
    json_decref(header);
    REQUIRE(text != NULL);

    size_t length =
        (strlen(text) + 7) / 8 * 8; // padded with spaces, so that the numbers are aligned
    *size = 8 + length + at;
    char *out = *bytes = memory_new(*size, 1);
    for (int i = 0; i < 8; i++) out[i] = (char)(length >> 8 * i);
    memset(out + 8, ' ', length);
    memcpy(out + 8, text, strlen(text));
    memory_free(text);
    out += 8 + length;
    EACH_SLOT(net, state->states, block, layer, slot) {
        size_t part = (size_t)slot->count * sizeof(float);
        memcpy(out, block_of(state, block) + slot->offset, part);
        out += part;
    }
    if (net->buffers) memcpy(out, state->buffers, (size_t)net->buffers * sizeof(float));
}

// ---- reading ----

typedef struct Tensors {
    const char *name; // of the file
    json_t *header;
    const char *numbers;
    size_t size; // of the numbers, in bytes
} Tensors;

static bool open_tensors(const char *name, const char *bytes, size_t size, Tensors *tensors,
                         Error *error) {
    if (size < 8) {
        return error_set(error, "%s: byte %zu: ends inside the length of the safetensors header",
                         name, size);
    }
    uint64_t length = 0;
    for (int i = 0; i < 8; i++) length |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
    if (length > size - 8) {
        return error_set(error,
                         "%s: byte 8: the safetensors header should take %" PRIu64
                         " bytes, but %zu follow: truncated, or not a safetensors file",
                         name, length, size - 8);
    }
    json_error_t at;
    json_t *header = json_loadb(bytes + 8, (size_t)length, JSON_REJECT_DUPLICATES, &at);
    if (!json_is_object(header)) {
        json_decref(header);
        return error_set(error, "%s: byte %d: the safetensors header is not a JSON object", name,
                         8 + (at.position > 0 ? at.position : 0));
    }
    *tensors = (Tensors){name, header, bytes + 8 + length, size - 8 - (size_t)length};
    return true;
}

static void print_shape(const json_t *shape, Text *text) {
    size_t i;
    json_t *size;
    text_add(text, "[");
    json_array_foreach((json_t *)shape, i, size) {
        text_printf(text, "%s%lld", i ? ", " : "", (long long)json_integer_value(size));
    }
    text_add(text, "]");
}

static bool shapes_agree(const json_t *shape, const LayerSlot *slot) {
    bool agree = json_array_size(shape) == (size_t)slot->rank;
    for (int i = 0; agree && i < slot->rank; i++) {
        agree = json_integer_value(json_array_get(shape, (size_t)i)) == slot->size[i];
    }
    return agree;
}

static bool wrong_shape(const Tensors *tensors, const char *tensor, const json_t *shape,
                        const LayerSlot *slot, Error *error) {
    json_t *wanted = json_array();
    for (int i = 0; i < slot->rank; i++) json_array_append_new(wanted, json_integer(slot->size[i]));
    Text text = {0};
    text_printf(&text, "%s: tensor \"%s\" has shape ", tensors->name, tensor);
    print_shape(shape, &text);
    text_add(&text, ", the network wants ");
    print_shape(wanted, &text);
    error_set(error, "%s", text.data);
    text_free(&text);
    json_decref(wanted);
    return false;
}

static bool read_tensor(const Tensors *tensors, const char *tensor, const LayerSlot *slot,
                        float *to, Error *error) {
    const json_t *entry = json_object_get(tensors->header, tensor);
    if (!entry) return error_set(error, "%s: no tensor \"%s\"", tensors->name, tensor);
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    if (!type || strcmp(type, "F32") != 0) {
        return error_set(error, "%s: tensor \"%s\" is of type %s; F32 is read", tensors->name,
                         tensor, type ? type : "unknown");
    }
    const json_t *shape = json_object_get(entry, "shape");
    if (!shapes_agree(shape, slot)) return wrong_shape(tensors, tensor, shape, slot, error);
    const json_t *place = json_object_get(entry, "data_offsets");
    json_int_t from = json_integer_value(json_array_get(place, 0));
    json_int_t end = json_integer_value(json_array_get(place, 1));
    json_int_t bytes = slot->count * (json_int_t)sizeof(float);
    if (from < 0 || end < from || end - from != bytes || (uint64_t)end > tensors->size) {
        return error_set(
            error,
            "%s: tensor \"%s\" should lie at bytes %lld to %lld of the %zu that follow "
            "the header: truncated or corrupt",
            tensors->name, tensor, (long long)from, (long long)end, tensors->size);
    }
    memcpy(to, tensors->numbers + from, (size_t)bytes);
    return true;
}

static int64_t metadata_int(const Tensors *tensors, const char *key) {
    const json_t *metadata = json_object_get(tensors->header, "__metadata__");
    const char *text = json_string_value(json_object_get(metadata, key));
    int64_t value;
    return text && text_to_int(text, &value) && value >= 0 ? value : 0;
}

bool state_unpack(const char *name, const void *bytes, size_t size, const Net *net, RunState *state,
                  Error *error) {
    Tensors tensors = {0};
    if (!open_tensors(name, bytes, size, &tensors, error)) return false;
    Text tensor = {0};
    bool ok = true;
    EACH_SLOT(net, state->states, block, layer, slot) {
        tensor_name(&tensor, layer, slot, block);
        float *to = (block == 0 ? state->w : state->state[block - 1]) + slot->offset;
        ok = ok && read_tensor(&tensors, tensor.data, slot, to, error);
    }
    EACH_BUFFER(net, layer, buffer) {
        LayerSlot row = row_of(buffer);
        if (!state->buffers) break; // the weights alone are wanted
        tensor_name(&tensor, layer, &row, 0);
        ok = ok && read_tensor(&tensors, tensor.data, &row, state->buffers + row.offset, error);
    }
    state->epoch = metadata_int(&tensors, "epoch");
    state->step = metadata_int(&tensors, "step");
    const json_t *metadata = json_object_get(tensors.header, "__metadata__");
    const char *finished = json_string_value(json_object_get(metadata, "finished"));
    state->finished = finished && strcmp(finished, "yes") == 0;
    text_free(&tensor);
    json_decref(tensors.header);
    return ok;
}

bool train_weights_read(const char *path, const void *bytes, size_t size, const Net *net, float *w,
                        Error *error) {
    RunState state = {.w = w};
    return state_unpack(path, bytes, size, net, &state, error);
}
