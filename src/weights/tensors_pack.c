// Tensors to bytes.
#include "weights/tensors.h"
#include <string.h>

static size_t bytes_of(const Tensor *tensor) {
    return (size_t)tensor->count * sizeof(float);
}

static json_t *describe(const Tensor *tensor, size_t at) {
    json_t *shape = json_array();
    for (int i = 0; i < tensor->rank; i++)
        json_array_append_new(shape, json_integer(tensor->size[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape, "data_offsets",
                     (json_int_t)at, (json_int_t)(at + bytes_of(tensor)));
}

static json_t *describe_metadata(const Settings *metadata) {
    json_t *all = json_object();
    for (size_t i = 0; i < metadata->count; i++)
        json_object_set_new(all, metadata->item[i].name, json_string(metadata->item[i].value));
    return all;
}

// memory_free.
static char *print_header(const Tensor *tensor, size_t count, const Settings *metadata) {
    json_t *header = json_object();
    size_t at = 0;
    json_object_set_new(header, "__metadata__", describe_metadata(metadata));
    for (size_t i = 0; i < count; at += bytes_of(&tensor[i++]))
        REQUIRE(json_object_set_new(header, tensor[i].name, describe(&tensor[i], at)) == 0);
    REQUIRE(json_object_size(header) == count + 1); // no name twice
    char *text = json_dumps(header, JSON_COMPACT);
    json_decref(header);
    REQUIRE(text != NULL);
    return text;
}

bool tensors_pack(const Tensor *tensor, size_t count, const Settings *metadata, char **bytes,
                  size_t *size, Error *error) {
    char *header = print_header(tensor, count, metadata);
    const size_t length = (strlen(header) + 7) / 8 * 8; // so that the numbers are aligned
    *size = 8 + length;
    for (size_t i = 0; i < count; i++) *size += bytes_of(&tensor[i]);
    char *out = *bytes = memory_try(*size, 1, "a file of tensors", error);
    if (out) {
        for (int i = 0; i < 8; i++) out[i] = (char)(length >> 8 * i);
        memset(out + 8, ' ', length);
        memcpy(out + 8, header, strlen(header));
        out += 8 + length;
        for (size_t i = 0; i < count; out += bytes_of(&tensor[i++]))
            memcpy(out, tensor[i].numbers, bytes_of(&tensor[i]));
    }
    memory_free(header);
    return *bytes != NULL;
}
