// A door of weights/ of its own: files of named tensors, in the safetensors format.
//
//     8 bytes      N, the length of the header, little-endian
//     N bytes      JSON: {"fc1.weight": {"dtype": "F32", "shape": [10, 40], "data_offsets": [0,
//     1600]},
//                  ..., "__metadata__": {"key": "text"}}; offsets count from the end of the header
//     the rest     the numbers, little-endian and row-major, one tensor after the other
//
// Source: huggingface.co/docs/safetensors, "Format".
#pragma once

#include "base/base.h"
#include <jansson.h>

enum { TENSOR_RANK = 8 };

typedef struct Tensor {
    const char *name;
    const char *file; // what errors call the file that it lies in
    const char *type; // "F32", "I64", ...
    int rank;         // 0: a single number
    int64_t size[TENSOR_RANK];
    int64_t count;       // of numbers, the product of the sizes
    const void *numbers; // perhaps not aligned
    size_t at;           // of their first byte in the file; tensors_pack does not look at it
} Tensor;

// A parsed file, or several joined. Numbers point into the bytes they were parsed from.
typedef struct Tensors {
    const char *file; // what errors call it; the first one
    Tensor *tensor;   // (count) by name, in the order of strcmp
    size_t count;
    json_t *header; // of the first file; owns its names
    json_t *others; // an array of the headers of the others; NULL: there are none
} Tensors;

// Judges the first `head` bytes of a file of `size` bytes: is a safetensors header possible here?
// An error says what stands there instead, where that can be told (a PyTorch file, a page, a
// pointer of Git LFS, ...), with the lines of Python that make a safetensors file of it.
bool tensors_judge(const char *file, const char *bytes, size_t head, size_t size, Error *error);

// Parses the bytes of a file, whatever they are. Everything the header says is checked: every
// tensor has a known type and as many bytes as its shape takes, and together they fill the rest of
// the file without gaps or overlaps. Errors begin with "file: byte N: ", the place in the file.
// A header is judged before anything is allocated: its length, that it begins with {, how deep it
// nests. Time and memory: linear in the header, at most 100 MB (as other readers have it), but for
// a sort.
bool tensors_parse(const char *file, const void *bytes, size_t size, Tensors *tensors,
                   Error *error);
void tensors_free(Tensors *tensors);

// Adds the tensors of `more`, which is empty then. An error when a name is in both.
bool tensors_join(Tensors *tensors, Tensors *more, Error *error);

const Tensor *tensors_find(const Tensors *tensors, const char *name);  // NULL when absent
const char *tensors_metadata(const Tensors *tensors, const char *key); // NULL when absent

// The numbers as float (count) in `to`: F32, and F64, F16 and BF16 rounded to it. An error, with
// the tensor and its place, for other types.
bool tensors_read(const Tensor *tensor, float *to, Error *error);

// [64, 3, 3, 3]
void tensor_print_shape(int rank, const int64_t *size, Text *text);

// Writes a file with these tensors, in this order; their numbers are float ("F32"). *bytes:
// memory_free. An error when there is no memory for it.
bool tensors_pack(const Tensor *tensor, size_t count, const Settings *metadata, char **bytes,
                  size_t *size, Error *error);
