#include "ridge/design.h"
#include <ctype.h>
#include <string.h>

static const char START[] = "gaussian:";

bool design_is_gaussian(const char *text) {
    return text_starts(text, START) && isdigit((unsigned char)text[sizeof START - 1]);
}

// Row i has the stream (seed, RANDOM_DATA, i), which begins anew for every rectangle. A pair of
// normal numbers takes one block of the generator: those before the first column are skipped.
static bool read_gaussian(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                          size_t columns, double *x, Error *error) {
    (void)error;
    const uint64_t *seed = design->state;
    for (size_t i = 0; i < rows; i++) {
        Random random = random_stream(*seed, RANDOM_DATA, row + i);
        random.counter[0] = (uint32_t)(column / 2);
        if (column % 2) random_normal(&random);
        for (size_t j = 0; j < columns; j++) x[i * columns + j] = random_normal(&random);
    }
    return true;
}

static void close_gaussian(RidgeDesign *design) {
    memory_free(design->state);
}

static bool read_count(const char *text, size_t length, size_t *count) {
    Text digits = {0};
    int64_t value;
    text_add_bytes(&digits, text, length);
    text_add(&digits, "");
    bool ok = text_to_int(digits.data, &value) && value >= 1 && value <= INT32_MAX;
    text_free(&digits);
    if (ok) *count = (size_t)value;
    return ok;
}

bool design_gaussian(RidgeDesign *design, const char *text, uint64_t seed, Error *error) {
    const char *sizes = text + sizeof START - 1;
    size_t length = strcspn(sizes, ",");
    if (!sizes[length] || !read_count(sizes, length, &design->n) ||
        !read_count(sizes + length + 1, strlen(sizes + length + 1), &design->d))
        return error_at(error, "data", text, strlen(text), sizeof START - 1, strlen(sizes),
                        "gaussian:N,d takes two whole numbers from 1 to %d", INT32_MAX);
    uint64_t *state = memory_new(1, sizeof *state);
    *state = seed;
    design->read = read_gaussian;
    design->close = close_gaussian;
    design->state = state;
    return true;
}
