#include "weights/inner.h"
#include "weights/tensors.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_MOST = 100 << 20 };

static const struct {
    const char *name;
    int bits;
} TYPES[] = {{"F32", 32},    {"F64", 64},        {"F16", 16},        {"BF16", 16},   {"I64", 64},
             {"I32", 32},    {"I16", 16},        {"I8", 8},          {"U64", 64},    {"U32", 32},
             {"U16", 16},    {"U8", 8},          {"BOOL", 8},        {"C64", 64},    {"F8_E4M3", 8},
             {"F8_E5M2", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"F8_E8M0", 8}, {"F6_E2M3", 6},
             {"F6_E3M2", 6}, {"F4", 4}};
enum { TYPES_COUNT = sizeof TYPES / sizeof *TYPES };

// What is read, and where in it the numbers begin.
typedef struct File {
    const char *name;
    const char *bytes;
    size_t size, numbers;
} File;

// ---- the header ----

static uint64_t length_of(const char *bytes) {
    uint64_t length = 0;
    for (int i = 0; i < 8; i++) length |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
    return length;
}

bool tensors_judge(const char *file, const char *bytes, size_t head, size_t size, Error *error) {
    const uint64_t length = head < 8 ? UINT64_MAX : length_of(bytes);
    const bool fits = length <= HEADER_MOST && length <= size - 8;
    const bool begins = head > 8 && bytes[8] == '{'; // perhaps one that was cut
    if (fits && begins) return true;
    if (!begins && !foreign_refuse(file, bytes, head, error)) return false;
    if (head < 8)
        return error_set(error, "%s: byte %zu: ends inside the length of the safetensors header",
                         file, size);
    if (length > HEADER_MOST)
        return error_set(error,
                         "%s: byte 0: the safetensors header should take %" PRIu64
                         " bytes, and at most %d are read: not a safetensors file?",
                         file, length, HEADER_MOST);
    if (fits) return error_set(error, "%s: byte 8: a safetensors header begins with {", file);
    return error_set(error,
                     "%s: byte 8: the safetensors header should take %" PRIu64
                     " bytes, but %zu follow: truncated, or not a safetensors file",
                     file, length, size - 8);
}

// A header is an object of objects with lists in them, and Jansson takes 50 bytes for a 0: what
// nests deeper, or is longer than any list in one, is refused before that.
static bool judge_nesting(const File *file, size_t length, Error *error) {
    enum { DEEPEST = 3, LONGEST = 64 };
    const char *c = file->bytes + 8;
    size_t depth = 0, listed = 0;
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        if (quoted) {
            quoted = c[i] != '"';
            i += c[i] == '\\'; // and what follows
            continue;
        }
        quoted = c[i] == '"';
        if (c[i] == '{' || c[i] == '[') depth++, listed = 0;
        if ((c[i] == '}' || c[i] == ']') && depth > 0) depth--;
        if (depth == DEEPEST && c[i] == ',') listed++;
        if (depth > DEEPEST || listed > LONGEST)
            return error_set(error, "%s: byte %zu: the safetensors header %s", file->name, 8 + i,
                             depth > DEEPEST ? "nests deeper than 3 levels"
                                             : "has a list of more than 64 values");
    }
    return true;
}

static bool open_header(File *file, json_t **header, Error *error) {
    if (!tensors_judge(file->name, file->bytes, file->size, file->size, error)) return false;
    const uint64_t length = length_of(file->bytes);
    if (!judge_nesting(file, (size_t)length, error)) return false;
    json_error_t at;
    *header = json_loadb(file->bytes + 8, (size_t)length, JSON_REJECT_DUPLICATES, &at);
    if (!*header) {
        return error_set(error, "%s: byte %d: the safetensors header is no JSON: %s", file->name,
                         8 + (at.position > 0 ? at.position : 0), at.text);
    }
    file->numbers = 8 + (size_t)length;
    return true; // it begins with {
}

static bool check_metadata(const File *file, const json_t *values, Error *error) {
    const char *key;
    json_t *value;
    if (!json_is_object(values))
        return error_set(error, "%s: byte 8: __metadata__ is no JSON object", file->name);
    json_object_foreach((json_t *)values, key, value) {
        if (json_is_string(value)) continue;
        return error_set(error, "%s: byte 8: \"%s\" in __metadata__ is no text", file->name, key);
    }
    return true;
}

static bool bad_entry(const File *file, const Tensor *tensor, const char *what, Error *error) {
    return error_set(error, "%s: byte 8: tensor \"%s\" %s", file->name, tensor->name, what);
}

static bool read_type(const File *file, const json_t *entry, Tensor *tensor, Error *error) {
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    for (size_t i = 0; type && i < TYPES_COUNT; i++) {
        if (strcmp(type, TYPES[i].name) != 0) continue;
        tensor->type = TYPES[i].name;
        return true;
    }
    Text what = {0};
    text_add(&what, "is of type ");
    text_add(&what, type ? type : "unknown");
    text_add(&what, "; safetensors has");
    for (size_t i = 0; i < TYPES_COUNT; i++) text_printf(&what, " %s", TYPES[i].name);
    bad_entry(file, tensor, what.data, error);
    text_free(&what);
    return false;
}

static bool read_shape(const File *file, const json_t *entry, Tensor *tensor, Error *error) {
    const json_t *shape = json_object_get(entry, "shape");
    if (!json_is_array(shape)) return bad_entry(file, tensor, "has no shape", error);
    if (json_array_size(shape) > TENSOR_RANK)
        return bad_entry(file, tensor, "has more than 8 axes", error);
    tensor->rank = (int)json_array_size(shape);
    tensor->count = 1;
    for (int i = 0; i < tensor->rank; i++) {
        const json_t *size = json_array_get(shape, (size_t)i);
        tensor->size[i] = json_is_integer(size) ? json_integer_value(size) : -1;
        if (tensor->size[i] < 0)
            return bad_entry(file, tensor, "has a size that is no whole number from 0", error);
        if (__builtin_mul_overflow(tensor->count, tensor->size[i], &tensor->count))
            return bad_entry(file, tensor, "has more numbers than can be counted", error);
    }
    return true;
}

// Of a type of 4 or 6 bits whole bytes are taken; -1: too many to count.
static int64_t bytes_of(const Tensor *tensor) {
    size_t i = 0;
    int64_t bits;
    while (TYPES[i].name != tensor->type) i++;
    if (__builtin_mul_overflow(tensor->count, (int64_t)TYPES[i].bits, &bits)) return -1;
    return bits % 8 ? -1 : bits / 8;
}

static bool read_place(const File *file, const json_t *entry, Tensor *tensor, Error *error) {
    const json_t *place = json_object_get(entry, "data_offsets");
    const json_t *first = json_array_get(place, 0), *last = json_array_get(place, 1);
    if (json_array_size(place) != 2 || !json_is_integer(first) || !json_is_integer(last))
        return bad_entry(file, tensor, "has no data_offsets [BEGIN, END]", error);
    json_int_t begin = json_integer_value(first), end = json_integer_value(last);
    const int64_t length = bytes_of(tensor);
    const size_t left = file->size - file->numbers;
    bool fits = begin >= 0 && end >= begin && end - begin == length && (uint64_t)end <= left;
    if (!fits) {
        Text shape = {0};
        tensor_print_shape(tensor->rank, tensor->size, &shape);
        error_set(error,
                  "%s: byte %zu: tensor \"%s\", %s %s, should lie at bytes %lld to %lld of the %zu "
                  "that follow the header: truncated or corrupt",
                  file->name, file->numbers, tensor->name, tensor->type, shape.data,
                  (long long)begin, (long long)end, left);
        text_free(&shape);
        return false;
    }
    tensor->at = file->numbers + (size_t)begin;
    tensor->numbers = file->bytes + tensor->at;
    return true;
}

static bool read_entries(const File *file, Tensors *tensors, Error *error) {
    const char *name;
    json_t *entry;
    tensors->tensor =
        memory_try(json_object_size(tensors->header), sizeof(Tensor), "a list of tensors", error);
    if (!tensors->tensor) return false;
    json_object_foreach(tensors->header, name, entry) {
        if (strcmp(name, "__metadata__") == 0) {
            if (!check_metadata(file, entry, error)) return false;
            continue;
        }
        Tensor *tensor = &tensors->tensor[tensors->count++];
        tensor->name = name;
        tensor->file = file->name;
        if (!read_type(file, entry, tensor, error) || !read_shape(file, entry, tensor, error) ||
            !read_place(file, entry, tensor, error))
            return false;
    }
    return true;
}

// ---- no gaps, no overlaps ----

static int by_place(const void *a, const void *b) {
    const Tensor *left = a, *right = b;
    if (left->at != right->at) return left->at < right->at ? -1 : 1;
    return left->count == right->count ? 0 : left->count < right->count ? -1 : 1;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const Tensor *)a)->name, ((const Tensor *)b)->name);
}

static bool check_cover(const File *file, Tensors *tensors, Error *error) {
    size_t end = file->numbers;
    if (tensors->count) qsort(tensors->tensor, tensors->count, sizeof(Tensor), by_place);
    for (const Tensor *tensor = tensors->tensor; tensor < tensors->tensor + tensors->count;
         tensor++) {
        if (tensor->at != end) {
            return error_set(error, "%s: byte %zu: tensor \"%s\" begins here, %s %zu", file->name,
                             tensor->at, tensor->name,
                             tensor->at < end ? "inside the one that ends at byte"
                                              : "behind a gap from byte",
                             end);
        }
        end += (size_t)bytes_of(tensor);
    }
    return end == file->size || error_set(error, "%s: byte %zu: %zu bytes that belong to no tensor",
                                          file->name, end, file->size - end);
}

bool tensors_parse(const char *file, const void *bytes, size_t size, Tensors *tensors,
                   Error *error) {
    File open = {.name = file, .bytes = bytes, .size = size};
    *tensors = (Tensors){.file = file};
    bool ok = open_header(&open, &tensors->header, error) && read_entries(&open, tensors, error) &&
              check_cover(&open, tensors, error);
    if (!ok) {
        tensors_free(tensors);
        return false;
    }
    if (tensors->count) qsort(tensors->tensor, tensors->count, sizeof(Tensor), by_name);
    return true;
}

bool tensors_join(Tensors *tensors, Tensors *more, Error *error) {
    const size_t count = tensors->count + more->count;
    for (size_t i = 0; i < more->count; i++) {
        const Tensor *twice = tensors_find(tensors, more->tensor[i].name);
        if (twice)
            return error_set(error, "%s: byte %zu: tensor \"%s\" is in %s, too", more->file,
                             more->tensor[i].at, twice->name, twice->file);
    }
    Tensor *all = memory_try(count, sizeof *all, "a list of tensors", error);
    if (!all) return false;
    if (tensors->count) memcpy(all, tensors->tensor, tensors->count * sizeof *all);
    if (more->count) memcpy(all + tensors->count, more->tensor, more->count * sizeof *all);
    if (count) qsort(all, count, sizeof *all, by_name);
    memory_free(tensors->tensor);
    tensors->tensor = all;
    tensors->count = count;
    if (!tensors->others) tensors->others = json_array();
    bool ok = json_array_append(tensors->others, more->header) == 0 ||
              error_set(error, "%s: no memory left for its header", more->file);
    tensors_free(more);
    return ok;
}

void tensors_free(Tensors *tensors) {
    memory_free(tensors->tensor);
    json_decref(tensors->header);
    json_decref(tensors->others);
    *tensors = (Tensors){0};
}

// ---- use ----

const Tensor *tensors_find(const Tensors *tensors, const char *name) {
    Tensor key = {.name = name};
    if (!tensors->count) return NULL;
    return bsearch(&key, tensors->tensor, tensors->count, sizeof(Tensor), by_name);
}

const char *tensors_metadata(const Tensors *tensors, const char *key) {
    return json_string_value(
        json_object_get(json_object_get(tensors->header, "__metadata__"), key));
}

static float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// 1 sign, 5 exponent and 10 fraction bits.
static float from_half(uint16_t half) {
    int exponent = half >> 10 & 31, fraction = half & 1023;
    float size = exponent == 31  ? fraction ? NAN : INFINITY
                 : exponent == 0 ? ldexpf((float)fraction, -24)
                                 : ldexpf((float)(fraction + 1024), exponent - 25);
    return half >> 15 ? -size : size;
}

static float from_double(const char *bytes) {
    double value;
    memcpy(&value, bytes, sizeof value);
    return (float)value;
}

static uint16_t short_at(const char *bytes) {
    uint16_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static bool refuse_type(const Tensor *tensor, Error *error) {
    Text text = {0};
    text_printf(&text,
                "%s: byte %zu: tensor \"%s\" is of type %s; F32, F64, F16 and BF16 are read. "
                "In Python:\n"
                "    from safetensors.torch import load_file, save_file\n"
                "    save_file({k: v.float() for k, v in load_file(",
                tensor->file, tensor->at, tensor->name, tensor->type);
    text_add_python(&text, tensor->file);
    text_add(&text, ").items()}, \"float.safetensors\")");
    error_set(error, "%s", text.data);
    text_free(&text);
    return false;
}

bool tensors_read(const Tensor *tensor, float *to, Error *error) {
    const char *from = tensor->numbers;
    const size_t count = (size_t)tensor->count;
    if (strcmp(tensor->type, "F32") == 0) {
        memcpy(to, from, count * sizeof *to);
    } else if (strcmp(tensor->type, "F64") == 0) {
        for (size_t i = 0; i < count; i++) to[i] = from_double(from + 8 * i);
    } else if (strcmp(tensor->type, "F16") == 0) {
        for (size_t i = 0; i < count; i++) to[i] = from_half(short_at(from + 2 * i));
    } else if (strcmp(tensor->type, "BF16") == 0) {
        for (size_t i = 0; i < count; i++)
            to[i] = from_bits((uint32_t)short_at(from + 2 * i) << 16);
    } else {
        return refuse_type(tensor, error);
    }
    return true;
}

void tensor_print_shape(int rank, const int64_t *size, Text *text) {
    text_add(text, "[");
    for (int i = 0; i < rank; i++) text_printf(text, "%s%lld", i ? ", " : "", (long long)size[i]);
    text_add(text, "]");
}
