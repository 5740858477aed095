// Products of groups, and groups that act on pairs, sets and tuples.
#include "symmetry/inner.h"
#include <math.h>

// ---- products ----

static size_t product(size_t a, size_t b) { // what is too large stays so
    size_t result;
    return __builtin_mul_overflow(a, b, &result) ? SIZE_MAX : result;
}

static size_t power(size_t a, size_t exponent) {
    size_t result = 1;
    if (a < 2) return exponent ? a : 1;
    for (size_t i = 0; i < exponent && result != SIZE_MAX; i++) result = product(result, a);
    return result;
}

bool group_sum(const SymmetryGroup *a, const SymmetryGroup *b, SymmetryGroup *to, Error *error) {
    if (!group_new(to, a->n + b->n, a->generators + b->generators, error)) return false;
    for (size_t k = 0; k < to->generators; k++) {
        bool left = k < a->generators;
        const int32_t *from = left ? a->image + k * a->n : b->image + (k - a->generators) * b->n;
        int32_t *image = to->image + k * to->n;
        for (size_t i = 0; i < a->n; i++) image[i] = left ? from[i] : (int32_t)i;
        for (size_t i = 0; i < b->n; i++)
            image[a->n + i] = (int32_t)(a->n + (left ? i : (size_t)from[i]));
    }
    to->log_most = a->log_most + b->log_most;
    return true;
}

bool group_grid(const SymmetryGroup *a, const SymmetryGroup *b, SymmetryGroup *to, Error *error) {
    if (!group_new(to, a->n * b->n, a->generators + b->generators, error)) return false;
    for (size_t k = 0; k < to->generators; k++) {
        const int32_t *left = k < a->generators ? a->image + k * a->n : NULL;
        const int32_t *right = left ? NULL : b->image + (k - a->generators) * b->n;
        int32_t *image = to->image + k * to->n;
        for (size_t i = 0; i < a->n; i++)
            for (size_t j = 0; j < b->n; j++)
                image[i * b->n + j] =
                    (int32_t)((left ? (size_t)left[i] : i) * b->n + (right ? (size_t)right[j] : j));
    }
    to->log_most = a->log_most + b->log_most;
    return true;
}

// Marks one point of each orbit; returns how many there are.
static size_t find_orbits(const SymmetryGroup *group, uint8_t *first) {
    size_t orbits = 0;
    int32_t *seen = memory_new(group->n, sizeof *seen),
            *queue = memory_new(group->n, sizeof *queue);
    for (size_t i = 0; i < group->n; i++) {
        first[i] = !seen[i];
        if (seen[i]) continue;
        size_t end = 0;
        queue[end++] = (int32_t)i, seen[i] = 1, orbits++;
        for (size_t at = 0; at < end; at++) {
            for (size_t k = 0; k < group->generators; k++) {
                int32_t to = group->image[k * group->n + (size_t)queue[at]];
                if (!seen[to]) seen[to] = 1, queue[end++] = to;
            }
        }
    }
    memory_free(seen);
    memory_free(queue);
    return orbits;
}

// Generators of a wreath product: those of a at one point of each orbit of b, then those of b.
typedef struct Wreath {
    const SymmetryGroup *a, *b;
    size_t (*inner)(const struct Wreath *wreath, size_t point, size_t block, const int32_t *image);
    size_t (*outer)(const struct Wreath *wreath, size_t point, const int32_t *image);
} Wreath;

static void fill_wreath(const Wreath *wreath, const uint8_t *first, SymmetryGroup *to) {
    const SymmetryGroup *a = wreath->a, *b = wreath->b;
    int32_t *image = to->image;
    for (size_t block = 0; block < b->n; block++) {
        if (!first[block]) continue;
        for (size_t k = 0; k < a->generators; k++, image += to->n)
            for (size_t i = 0; i < to->n; i++)
                image[i] = (int32_t)wreath->inner(wreath, i, block, a->image + k * a->n);
    }
    for (size_t k = 0; k < b->generators; k++, image += to->n)
        for (size_t i = 0; i < to->n; i++)
            image[i] = (int32_t)wreath->outer(wreath, i, b->image + k * b->n);
    to->log_most = (double)b->n * a->log_most + b->log_most;
}

static bool make_wreath(const Wreath *wreath, size_t n, SymmetryGroup *to, Error *error) {
    const SymmetryGroup *a = wreath->a, *b = wreath->b;
    uint8_t *first = memory_new(b->n, 1);
    size_t orbits = find_orbits(b, first);
    bool ok = group_new(to, n, product(orbits, a->generators) + b->generators, error);
    if (ok) fill_wreath(wreath, first, to);
    memory_free(first);
    return ok;
}

static size_t block_inner(const Wreath *wreath, size_t point, size_t block, const int32_t *image) {
    size_t k = wreath->a->n;
    return point / k == block ? block * k + (size_t)image[point % k] : point;
}

static size_t block_outer(const Wreath *wreath, size_t point, const int32_t *image) {
    size_t k = wreath->a->n;
    return (size_t)image[point / k] * k + point % k;
}

bool group_wreath(const SymmetryGroup *a, const SymmetryGroup *b, SymmetryGroup *to, Error *error) {
    const Wreath wreath = {.a = a, .b = b, .inner = block_inner, .outer = block_outer};
    return make_wreath(&wreath, product(a->n, b->n), to, error);
}

static size_t place_value(const Wreath *wreath, size_t letter) {
    return power(wreath->a->n, wreath->b->n - 1 - letter);
}

static size_t word_inner(const Wreath *wreath, size_t point, size_t block, const int32_t *image) {
    size_t value = place_value(wreath, block), letter = point / value % wreath->a->n;
    return point - letter * value + (size_t)image[letter] * value;
}

static size_t word_outer(const Wreath *wreath, size_t point, const int32_t *image) {
    size_t to = 0, value = 1;
    for (size_t i = wreath->b->n; i-- > 0; value *= wreath->a->n)
        to += point / value % wreath->a->n * place_value(wreath, (size_t)image[i]);
    return to;
}

bool group_words(const SymmetryGroup *a, const SymmetryGroup *b, SymmetryGroup *to, Error *error) {
    const Wreath wreath = {.a = a, .b = b, .inner = word_inner, .outer = word_outer};
    return make_wreath(&wreath, power(a->n, b->n), to, error);
}

// ---- actions ----

bool group_on_tuples(const SymmetryGroup *a, size_t k, SymmetryGroup *to, Error *error) {
    if (!group_new(to, power(a->n, k), a->generators, error)) return false;
    for (size_t g = 0; g < a->generators; g++) {
        for (size_t point = 0; point < to->n; point++) {
            size_t image = 0;
            for (size_t i = 0, value = 1; i < k; i++, value *= a->n)
                image += (size_t)a->image[g * a->n + point / value % a->n] * value;
            to->image[g * to->n + point] = (int32_t)image;
        }
    }
    to->log_most = a->log_most;
    return true;
}

static size_t distinct(size_t n, size_t i, size_t j) { // the number of the pair (i, j), i != j
    return i * (n - 1) + j - (j > i);
}

bool group_on_distinct(const SymmetryGroup *a, SymmetryGroup *to, Error *error) {
    size_t n = a->n;
    if (!group_new(to, n * (n - 1), a->generators, error)) return false;
    for (size_t g = 0; g < a->generators; g++) {
        const int32_t *image = a->image + g * n;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                if (i != j)
                    to->image[g * to->n + distinct(n, i, j)] =
                        (int32_t)distinct(n, (size_t)image[i], (size_t)image[j]);
    }
    to->log_most = a->log_most;
    return true;
}

static size_t choose(size_t n, size_t k) {
    size_t result = 1;
    if (k > n) return 0;
    if (k > n - k) k = n - k;
    for (size_t i = 0; i < k && result <= SYMMETRY_POINTS; i++) result = result * (n - i) / (i + 1);
    return result; // beyond SYMMETRY_POINTS perhaps too small, but still beyond
}

enum { SET = 64 }; // subsets have at most so many points

// The number of a set (ascending) among those of k of n points.
static size_t set_rank(size_t n, size_t k, const size_t *set) {
    size_t rank = 0, from = 0;
    for (size_t i = 0; i < k; i++) {
        for (size_t j = from; j < set[i]; j++) rank += choose(n - 1 - j, k - 1 - i);
        from = set[i] + 1;
    }
    return rank;
}

static void next_set(size_t n, size_t k, size_t *set) {
    size_t i = k;
    while (i > 0 && set[i - 1] == n - k + i - 1) i--;
    if (i == 0) return;
    set[i - 1]++;
    for (; i < k; i++) set[i] = set[i - 1] + 1;
}

static size_t set_image(size_t n, size_t k, const size_t *set, const int32_t *image) {
    size_t moved[SET];
    for (size_t i = 0; i < k; i++) {
        size_t value = (size_t)image[set[i]], at = i;
        for (; at > 0 && moved[at - 1] > value; at--) moved[at] = moved[at - 1];
        moved[at] = value;
    }
    return set_rank(n, k, moved);
}

bool group_on_subsets(const SymmetryGroup *a, size_t k, SymmetryGroup *to, Error *error) {
    if (k < 1 || k > a->n || k > SET)
        return error_set(error, "subsets of %zu of %zu points; they have 1 to %zu", k, a->n,
                         a->n < SET ? a->n : (size_t)SET);
    if (!group_new(to, choose(a->n, k), a->generators, error)) return false;
    size_t set[SET];
    for (size_t i = 0; i < k; i++) set[i] = i;
    for (size_t point = 0; point < to->n; point++, next_set(a->n, k, set))
        for (size_t g = 0; g < a->generators; g++)
            to->image[g * to->n + point] = (int32_t)set_image(a->n, k, set, a->image + g * a->n);
    to->log_most = a->log_most;
    return true;
}

bool group_joint(const Symmetry *symmetry, SymmetryGroup *to, Error *error) {
    const SymmetryGroup *out = &symmetry->out, *in = &symmetry->in;
    size_t n = out->n + (symmetry->rectangular ? in->n : 0);
    if (!group_new(to, n, out->generators, error)) return false;
    for (size_t k = 0; k < to->generators; k++) {
        for (size_t i = 0; i < out->n; i++) to->image[k * n + i] = out->image[k * out->n + i];
        for (size_t i = out->n; i < n; i++)
            to->image[k * n + i] = (int32_t)(out->n + (size_t)in->image[k * in->n + i - out->n]);
    }
    if (!symmetry->rectangular) to->log_most = in->log_most;
    return true;
}
