// The group that a pattern obeys.
#include "symmetry/inner.h"

// All n! permutations leave a pattern alone that has one label on the diagonal and one off it.
static bool obeys_all(const SymmetryPattern *pattern) {
    uint32_t on = symmetry_label(pattern, 0, 0), off = 0;
    if (pattern->weights > 2) return false;
    if (pattern->cols > 1) off = symmetry_label(pattern, 0, 1);
    for (size_t i = 0; i < pattern->rows; i++)
        for (size_t j = 0; j < pattern->cols; j++)
            if (symmetry_label(pattern, i, j) != (i == j ? on : off)) return false;
    return true;
}

static char *factorial(size_t n, Error *error) {
    uint64_t *factor = memory_try(n, sizeof *factor, "the order", error);
    if (!factor) return NULL;
    for (size_t i = 0; i < n; i++) factor[i] = i + 1;
    char *text = order_product(factor, n, 1, error);
    memory_free(factor);
    return text;
}

bool symmetry_closure(const SymmetryPattern *pattern, bool rectangular, int seconds, char **order,
                      Error *error) {
    *order = NULL;
    if (!rectangular && obeys_all(pattern))
        return (*order = factorial(pattern->rows, error)) != NULL;
    Automorphisms found;
    bool ok = automorphisms_of(pattern, rectangular, seconds, &found, error);
    if (ok && found.found)
        ok = (*order = order_product(found.index, found.indices, 1, error)) != NULL;
    automorphisms_free(&found);
    return ok;
}
