// Tensors to bytes.
#include "base/json.h"
#include "weights/tensors.h"
#include <string.h>

static size_t bytes_of(const Tensor *tensor) {
    return (size_t)tensor->count * sizeof(float);
}

// NULL without memory, as those that follow.
static json_t *describe(const Tensor *tensor, size_t at) {
    json_t *shape = json_array();
    for (int i = 0; shape && i < tensor->rank; i++) {
        if (json_array_append_new(shape, json_integer(tensor->size[i])) == 0) continue;
        json_decref(shape);
        shape = NULL;
    }
    return json_pack("{s:o, s:o, s:[I, I]}", "dtype", json_text("F32"), "shape", shape,
                     "data_offsets", (json_int_t)at, (json_int_t)(at + bytes_of(tensor)));
}

static json_t *describe_metadata(const Settings *metadata) {
    json_t *all = json_object();
    for (size_t i = 0; all && i < metadata->count; i++) {
        const Setting *item = &metadata->item[i];
        if (json_object_set_new(all, item->name, json_text(item->value)) == 0) continue;
        json_decref(all);
        all = NULL;
    }
    return all;
}

// memory_free.
static char *print_header(const Tensor *tensor, size_t count, const Settings *metadata) {
    json_t *header = json_object();
    size_t at = 0;
    bool ok = json_object_set_new(header, "__metadata__", describe_metadata(metadata)) == 0;
    for (size_t i = 0; ok && i < count; at += bytes_of(&tensor[i++]))
        ok = json_object_set_new(header, tensor[i].name, describe(&tensor[i], at)) == 0;
    REQUIRE(!ok || json_object_size(header) == count + 1); // no name twice
    char *text = ok ? json_dumps(header, JSON_COMPACT) : NULL;
    json_decref(header);
    return text;
}

static void write_file(const char *header, size_t length, const Tensor *tensor, size_t count,
                       char *out) {
    for (int i = 0; i < 8; i++) out[i] = (char)(length >> 8 * i);
    memset(out + 8, ' ', length);
    memcpy(out + 8, header, strlen(header));
    out += 8 + length;
    for (size_t i = 0; i < count; out += bytes_of(&tensor[i++]))
        memcpy(out, tensor[i].numbers, bytes_of(&tensor[i]));
}

bool tensors_pack(const Tensor *tensor, size_t count, const Settings *metadata, char **bytes,
                  size_t *size, Error *error) {
    *bytes = NULL;
    char *header = print_header(tensor, count, metadata);
    if (!header) return error_set(error, "the header of a file of tensors: no memory left");
    const size_t length = (strlen(header) + 7) / 8 * 8; // so that the numbers are aligned
    *size = 8 + length;
    for (size_t i = 0; i < count; i++) *size += bytes_of(&tensor[i]);
    *bytes = memory_try(*size, 1, "a file of tensors", error);
    if (*bytes) write_file(header, length, tensor, count, *bytes);
    memory_free(header);
    return *bytes != NULL;
}
