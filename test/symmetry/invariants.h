// What must hold of any text taken for a group; for tests and the fuzzer.
#pragma once

#include "symmetry/symmetry.h"
#include <math.h>
#include <string.h>

static inline void group_check_permutations(const SymmetryGroup *group) {
    uint8_t *seen = memory_new(group->n, 1);
    for (size_t k = 0; k < group->generators; k++) {
        memset(seen, 0, group->n);
        for (size_t i = 0; i < group->n; i++) {
            int32_t to = group->image[k * group->n + i];
            REQUIRE(to >= 0 && (size_t)to < group->n && !seen[to]);
            seen[to] = 1;
        }
    }
    memory_free(seen);
}

// It is refused with a message that has a place, or is permutations, as many on both sides.
static inline void group_check_text(const char *text, size_t length) {
    Error error = {0};
    Symmetry *symmetry = symmetry_read(text, length, false, &error);
    if (!symmetry) {
        REQUIRE(strncmp(error.text, "group:", 6) == 0);
        return;
    }
    REQUIRE(symmetry->in.generators == symmetry->out.generators);
    group_check_permutations(&symmetry->in);
    group_check_permutations(&symmetry->out);
    symmetry_free(symmetry);
}

// Every generator moves each place of W to one with the same value, up to a chain of small gaps.
static inline void found_check_matrix(const DataMatrix *W, const SymmetryFound *found) {
    if (!found->in_time) return;
    group_check_permutations(&found->group);
    size_t shift = found->rectangular ? W->rows : 0, places = W->rows * W->cols;
    REQUIRE(found->group.n == shift + W->cols && found->values >= 1 && found->values <= places);
    for (size_t k = 0; k < found->group.generators; k++) {
        const int32_t *to = found->group.image + k * found->group.n;
        for (size_t at = 0; at < places; at++) {
            size_t row = (size_t)to[at / W->cols], col = (size_t)to[shift + at % W->cols] - shift;
            REQUIRE(row < W->rows && col < W->cols);
            double off = fabs(W->x[row * W->cols + col] - W->x[at]);
            REQUIRE(off <= found->tolerance * (double)places);
        }
    }
}
