#include "num/linear.h"
#include "ridge/design.h"
#include <math.h>
#include <string.h>

enum { RELU, COSINE };
static const char *const kinds[] = {"relu:", "cosine:"};
static const char BIAS[] = ",bias=";

typedef struct Features {
    RidgeDesign *base;
    int kind;
    double bias;       // of RELU
    double *v, *shift; // (P, base d), (P)
} Features;

static void apply(const Features *features, size_t rows, size_t column, size_t columns, double *x) {
    for (size_t k = 0; k < rows * columns; k++) {
        double shift = features->shift[column + k % columns];
        double u = x[k] + shift;
        x[k] = features->kind == RELU ? fmax(u, 0) : 1.4142135623730951 * cos(u);
    }
}

// Rows of base enter in parts of about a million numbers.
static bool read_features(const RidgeDesign *design, size_t row, size_t rows, size_t column,
                          size_t columns, double *x, Error *error) {
    const Features *features = design->state;
    const RidgeDesign *base = features->base;
    size_t d = base->d, most = ((size_t)1 << 20) / d;
    if (most == 0) most = 1;
    if (most > rows) most = rows;
    double *part = memory_try(most * d, sizeof *part, "a block of a design matrix", error);
    bool ok = part != NULL;
    for (size_t i = 0; ok && i < rows; i += most) {
        size_t m = rows - i < most ? rows - i : most;
        ok = base->read(base, row + i, m, 0, d, part, error);
        LinearProduct product = {.m = m,
                                 .n = columns,
                                 .k = d,
                                 .alpha = 1 / sqrt((double)d),
                                 .a = part,
                                 .b = features->v + column * d,
                                 .b_transposed = true,
                                 .y = x + i * columns};
        if (ok) linear_product(&product);
        if (ok) apply(features, m, column, columns, x + i * columns);
    }
    memory_free(part);
    return ok;
}

static void close_features(RidgeDesign *design) {
    Features *features = design->state;
    ridge_design_close(features->base);
    memory_free(features->v);
    memory_free(features->shift);
    memory_free(features);
}

// "200" or "200,bias=0.5"; the bias is 1 where it is not given.
static bool parse_count(const char *text, Features *features, size_t *count) {
    size_t length = strcspn(text, ",");
    char *number = memory_text(text);
    int64_t value = 0;
    number[length] = 0;
    bool ok = text_to_int(number, &value) && value >= 1 && value <= INT32_MAX;
    memory_free(number);
    *count = (size_t)value;
    features->bias = 1;
    if (!ok || !text[length]) return ok;
    return features->kind == RELU && text_starts(text + length, BIAS) &&
           text_to_real(text + length + strlen(BIAS), &features->bias) && features->bias >= 0 &&
           features->bias <= DESIGN_LARGEST;
}

static bool parse(const char *text, Features *features, size_t *count, Error *error) {
    for (features->kind = RELU; features->kind <= COSINE; features->kind++) {
        const char *kind = kinds[features->kind];
        if (text_starts(text, kind) && parse_count(text + strlen(kind), features, count))
            return true;
    }
    return error_at(error, "features", text, strlen(text), 0, *text ? strlen(text) : 1,
                    "random features are relu:P, relu:P,bias=S or cosine:P, P a whole number from "
                    "1 to %d, S from 0 up",
                    INT32_MAX);
}

// Feature j has the stream (seed, RANDOM_FEATURES, j): first its shift, then its direction.
static bool draw(Features *features, size_t count, uint64_t seed, Error *error) {
    size_t d = features->base->d;
    features->shift = memory_try(count, sizeof(double), "the shifts of random features", error);
    if (!features->shift) return false;
    features->v = memory_try(count * d, sizeof(double), "the directions of random features", error);
    if (!features->v) return false;
    for (size_t j = 0; j < count; j++) {
        Random random = random_stream(seed, RANDOM_FEATURES, j);
        double u = random_uniform(&random), *v = features->v + j * d;
        for (size_t i = 0; i < d; i++) v[i] = random_normal(&random);
        features->shift[j] = features->kind == COSINE ? 6.283185307179586 * u
                                                      : features->bias * (2 * u - 1) *
                                                            sqrt(linear_dot(d, v, v) / (double)d);
    }
    return true;
}

bool design_features(RidgeDesign *design, RidgeDesign *base, const char *text, uint64_t seed,
                     Error *error) {
    Features *features = memory_new(1, sizeof *features);
    features->base = base;
    design->n = base->n;
    design->read = read_features;
    design->close = close_features;
    design->state = features;
    if (!parse(text, features, &design->d, error)) return false;
    return draw(features, design->d, seed, error);
}
