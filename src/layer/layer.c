#include "layer/layer.h"
#include "num/num.h"

extern const LayerKind *const layer_table_generic[];
#if defined(__x86_64__)
extern const LayerKind *const layer_table_avx2[];
extern const LayerKind *const layer_table_avx512[];
#endif

const LayerKind *const *layer_kinds(void) {
    switch (num_isa()) {
#if defined(__x86_64__)
    case ISA_AVX512:
        return layer_table_avx512;
    case ISA_AVX2:
        return layer_table_avx2;
#endif
    default:
        return layer_table_generic;
    }
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
