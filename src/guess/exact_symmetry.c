#include "guess/exact.h"
#include <string.h>

// More inputs have too many signed permutations to try: of up to SIGNED inputs all are tried, of up
// to PERMUTED those without signs.
enum { SIGNED = 4, PERMUTED = 6 };

// Input j of the image is input from[j] of the point, times sign[j].
typedef struct Turn {
    size_t from[PERMUTED];
    int32_t sign[PERMUTED];
} Turn;

static bool is_image(const Turn *turn, size_t d, const int32_t *x, const int32_t *image) {
    for (size_t j = 0; j < d; j++) {
        if (image[j] != turn->sign[j] * x[turn->from[j]]) return false;
    }
    return true;
}

// Adds the turn when it takes every point to a point.
static void try_turn(const ExactPlan *plan, const Turn *turn, uint8_t *from,
                     ExactSymmetry *symmetry) {
    size_t d = plan->inputs, points = plan->points;
    uint8_t *at = from + symmetry->order * points;
    for (size_t p = 0; p < points; p++) {
        size_t q = 0;
        while (q < points && !is_image(turn, d, plan->x + p * d, plan->x + q * d)) q++;
        if (q == points) return;
        at[p] = (uint8_t)q;
    }
    symmetry->order++;
}

// All turns that begin as this one does.
static void try_turns(const ExactPlan *plan, Turn *turn, size_t set, uint8_t *from,
                      ExactSymmetry *symmetry) {
    if (set == plan->inputs || set == PERMUTED) {
        try_turn(plan, turn, from, symmetry);
        return;
    }
    for (size_t j = 0; j < plan->inputs; j++) {
        bool taken = false;
        for (size_t i = 0; i < set; i++) taken |= turn->from[i] == j;
        if (taken) continue;
        turn->from[set] = j;
        for (int32_t sign = 1; sign >= -1; sign -= 2) {
            turn->sign[set] = sign;
            if (sign == 1 || (plan->symmetric && plan->inputs <= SIGNED))
                try_turns(plan, turn, set + 1, from, symmetry);
        }
    }
}

// Orders the images by the point that comes first: those with point p there become begin[p] ..
// begin[p + 1] - 1.
static void sort_images(ExactSymmetry *symmetry, const uint8_t *from) {
    size_t points = symmetry->points, place = 0;
    for (size_t p = 0; p < points; p++) {
        symmetry->begin[p] = (uint16_t)place;
        for (size_t g = 0; g < symmetry->order; g++) {
            if (from[g * points] != p) continue;
            memcpy(symmetry->at + place++ * points, from + g * points, points);
        }
    }
    symmetry->begin[points] = (uint16_t)place;
}

bool exact_symmetry(const ExactPlan *plan, bool inputs, ExactSymmetry *symmetry, Error *error) {
    *symmetry = (ExactSymmetry){.points = plan->points, .negate = plan->symmetric};
    uint8_t *from = memory_try(EXACT_SYMMETRIES * plan->points, 1, "symmetries", error);
    if (from) symmetry->at = memory_try(EXACT_SYMMETRIES * plan->points, 1, "symmetries", error);
    if (symmetry->at) {
        Turn turn = {0};
        for (size_t p = 0; p < plan->points; p++) from[p] = (uint8_t)p;
        symmetry->order = 1;
        if (inputs && plan->inputs <= PERMUTED) {
            symmetry->order = 0;
            try_turns(plan, &turn, 0, from, symmetry);
        }
        sort_images(symmetry, from);
    }
    memory_free(from);
    return symmetry->at != NULL;
}

void exact_symmetry_free(ExactSymmetry *symmetry) {
    memory_free(symmetry->at);
    *symmetry = (ExactSymmetry){0};
}

// The greatest number that can come first.
static int32_t greatest_first(const ExactSymmetry *symmetry, const int32_t *v) {
    int32_t greatest = INT32_MIN;
    for (size_t p = 0; p < symmetry->points; p++) {
        if (symmetry->begin[p] == symmetry->begin[p + 1]) continue;
        int32_t first = symmetry->negate && v[p] < 0 ? -v[p] : v[p];
        greatest = first > greatest ? first : greatest;
    }
    return greatest;
}

// best becomes sign v[at] where that is greater, in the order of words, than what it was.
static void keep_greater(size_t points, const int32_t *v, const uint8_t *at, int32_t sign,
                         int32_t *best) {
    size_t p = 0;
    while (p < points && sign * v[at[p]] == best[p]) p++;
    if (p == points || sign * v[at[p]] < best[p]) return;
    for (; p < points; p++) best[p] = sign * v[at[p]];
}

void exact_canonical(const ExactSymmetry *symmetry, int32_t *v) {
    size_t points = symmetry->points;
    int32_t first = greatest_first(symmetry, v), best[EXACT_POINTS];
    for (size_t p = 0; p < points; p++) best[p] = INT32_MIN;
    for (size_t p = 0; p < points; p++) {
        for (int32_t sign = 1; sign >= (symmetry->negate ? -1 : 1); sign -= 2) {
            if (sign * v[p] != first) continue;
            for (size_t g = symmetry->begin[p]; g < symmetry->begin[p + 1]; g++)
                keep_greater(points, v, symmetry->at + g * points, sign, best);
        }
    }
    memcpy(v, best, points * sizeof *v);
}

// ---- signs ----

static ExactSigns image_of(const ExactSymmetry *symmetry, ExactSigns signs, size_t g, bool negate) {
    const uint8_t *at = symmetry->at + g * symmetry->points;
    ExactSigns image = {0};
    for (size_t p = 0; p < symmetry->points; p++) {
        bool zero = signs.zero >> at[p] & 1, positive = signs.positive >> at[p] & 1;
        image.zero |= (uint64_t)zero << p;
        image.positive |= (uint64_t)(!zero && positive != negate) << p;
    }
    return image;
}

static bool equal(ExactSigns a, ExactSigns b) {
    return a.positive == b.positive && a.zero == b.zero;
}

static ExactSigns greatest(const ExactSymmetry *symmetry, ExactSigns signs) {
    ExactSigns best = signs;
    for (size_t g = 0; g < symmetry->order; g++) {
        for (int negate = 0; negate <= symmetry->negate; negate++) {
            ExactSigns image = image_of(symmetry, signs, g, negate);
            if (image.positive > best.positive ||
                (image.positive == best.positive && image.zero > best.zero))
                best = image;
        }
    }
    return best;
}

// Every different image is there equally often: as often as the signs themselves.
static size_t different_images(const ExactSymmetry *symmetry, ExactSigns signs) {
    size_t all = 0, same = 0;
    for (size_t g = 0; g < symmetry->order; g++) {
        for (int negate = 0; negate <= symmetry->negate; negate++, all++)
            same += equal(image_of(symmetry, signs, g, negate), signs);
    }
    return all / same;
}

static uint64_t *sum_at(Table *table, ExactSigns signs, Error *error) {
    return exact_table_at(table, (const uint64_t[]){signs.positive, signs.zero}, error);
}

static ExactSigns signs_at(const Table *table, size_t i) {
    const uint64_t *key = exact_table_key(table, i);
    return (ExactSigns){.positive = key[0], .zero = key[1]};
}

// Gives part to every image; no other class has these images.
static bool give(const ExactSymmetry *symmetry, ExactSigns signs, const uint64_t *part,
                 Table *spread, Error *error) {
    for (size_t g = 0; g < symmetry->order; g++) {
        for (int negate = 0; negate <= symmetry->negate; negate++) {
            uint64_t *sum = sum_at(spread, image_of(symmetry, signs, g, negate), error);
            if (!sum) return false;
            memcpy(sum, part, spread->limbs * sizeof *part);
        }
    }
    return true;
}

static bool find_classes(const ExactSymmetry *symmetry, const Table *signs, Table *class,
                         Error *error) {
    for (size_t i = 0; i < signs->states; i++) {
        uint64_t *sum = sum_at(class, greatest(symmetry, signs_at(signs, i)), error);
        if (!sum) return false;
        big_add(class->limbs, sum, exact_table_count(signs, i));
    }
    return true;
}

static bool spread_classes(const ExactSymmetry *symmetry, const Table *class, uint64_t *part,
                           Table *spread, Error *error) {
    for (size_t i = 0; i < class->states; i++) {
        ExactSigns signs = signs_at(class, i);
        memcpy(part, exact_table_count(class, i), class->limbs * sizeof *part);
        REQUIRE(big_divide(class->limbs, part, different_images(symmetry, signs)) == 0);
        if (!give(symmetry, signs, part, spread, error)) return false;
    }
    return true;
}

bool exact_spread(const ExactSymmetry *symmetry, const Table *signs, Table *spread, Error *error) {
    Table class = exact_table_new(signs->budget, 2, signs->limbs);
    uint64_t *part = budget_try(signs->budget, signs->limbs, sizeof *part, error);
    bool ok = part && find_classes(symmetry, signs, &class, error) &&
              spread_classes(symmetry, &class, part, spread, error);
    budget_free(signs->budget, part, signs->limbs, sizeof *part);
    exact_table_free(&class);
    return ok;
}
