#include "layer/layer.h"
#include "layer/table.h"
#include "num/num.h"

LANE_DECLARE(extern const LayerTable, layer_table);

const LayerKind *const *layer_kinds(void) {
    return LANE_PICK(layer_table)->kind;
}

const LayerKind *layer_find(const char *name) {
    for (const LayerKind *const *kind = layer_kinds(); *kind; kind++) {
        if (text_equal_fold((*kind)->name, name)) return *kind;
        if ((*kind)->alias && text_equal_fold((*kind)->alias, name)) return *kind;
    }
    return NULL;
}

int64_t shape_count(const Shape *shape) {
    int64_t count = 1;
    for (int i = 0; i < shape->rank; i++) {
        if (__builtin_mul_overflow(count, shape->size[i], &count)) return -1;
    }
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
