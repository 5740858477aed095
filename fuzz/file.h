// Bytes as a file, for readers of files.
#pragma once

#include "data/data.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static inline void fuzz_file(char path[64], const char *ending, const void *data, size_t size) {
    snprintf(path, 64, "/tmp/benign-fuzz-%ld%s", (long)getpid(), ending);
    FILE *file = fopen(path, "wb");
    REQUIRE(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

// An error has a message; a set that opens is what its header says.
static inline void fuzz_open(const char *spec) {
    Error error = {0};
    const DataSet *set = data_open(spec, &error);
    if (!set) REQUIRE(error.text[0] != 0);
    for (size_t i = 0; set && i < set->n_train * set->d; i++)
        REQUIRE(set->x_train[i] - set->x_train[i] == 0); // finite
    for (size_t i = 0; set && set->y_train && i < set->n_train; i++)
        REQUIRE(set->y_train[i] >= 0 && set->y_train[i] < set->classes);
    data_close(set);
}
