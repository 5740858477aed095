// What must hold for any bytes as a file of weights; shared by test_tensors.c and fuzz/tensors.c.
#pragma once

#include "weights/tensors.h"
#include "weights/weights.h"
#include <string.h>

static inline void weights_check_tensors(const Tensors *tensors, const char *bytes, size_t size) {
    size_t numbers = 0;
    for (size_t i = 0; i < tensors->count; i++) {
        const Tensor *tensor = &tensors->tensor[i];
        REQUIRE(tensor->at >= 8 && tensor->at <= size && tensor->count >= 0);
        REQUIRE(tensor->numbers == (const void *)(bytes + tensor->at));
        REQUIRE(tensor->rank >= 0 && tensor->rank <= TENSOR_RANK);
        REQUIRE(i == 0 || strcmp(tensor[-1].name, tensor->name) < 0);
        REQUIRE(tensors_find(tensors, tensor->name) == tensor);
        numbers += (size_t)tensor->count;
    }
    REQUIRE(numbers <= size);
}

// Are they weights of the network? If not, the error begins with their place.
static inline bool weights_check_bytes(const Net *net, const char *bytes, size_t size) {
    Tensors tensors;
    Error error;
    if (!tensors_parse("file", bytes, size, &tensors, &error)) {
        REQUIRE(strncmp(error.text, "file: byte ", 11) == 0);
        return false;
    }
    weights_check_tensors(&tensors, bytes, size);
    tensors_free(&tensors);
    float *w = memory_new((size_t)net->parameters, sizeof *w);
    float *buffers = memory_new((size_t)net->buffers, sizeof *buffers);
    bool ok = weights_unpack("file", bytes, size, net, w, buffers, &error);
    REQUIRE(ok || strncmp(error.text, "file: ", 6) == 0);
    memory_free(w);
    memory_free(buffers);
    return ok;
}
