#include "base/shape.h"

int64_t shape_count(const Shape *shape) {
    int64_t count = 1;
    for (int i = 0; i < shape->rank; i++) {
        if (__builtin_mul_overflow(count, shape->size[i], &count)) return -1;
    }
    return count;
}

size_t shape_positions(const Shape *shape) {
    size_t count = 1;
    for (int i = 0; i + 1 < shape->rank; i++) count *= (size_t)shape->size[i];
    return count;
}

void shape_print(const Shape *shape, Text *text) {
    for (int i = 0; i < shape->rank; i++) {
        text_printf(text, "%s%lld", i ? "x" : "", (long long)shape->size[i]);
    }
}

bool shape_equal(const Shape *a, const Shape *b) {
    bool equal = a->rank == b->rank;
    for (int i = 0; equal && i < a->rank; i++) equal = a->size[i] == b->size[i];
    return equal;
}
