// The order of a group, exactly.
#include "symmetry/inner.h"
#include "num/big.h"
#include <math.h>
#include <string.h>

enum { IN_A_ROW = 12, TRIES = 200, LEAST_GIANT = 8 };

// ---- all even permutations? ----

static bool is_transitive(const SymmetryGroup *group) {
    uint8_t *seen = memory_new(group->n, 1);
    size_t *queue = memory_new(group->n, sizeof *queue), count = 0;
    queue[count++] = 0, seen[0] = 1;
    for (size_t at = 0; at < count; at++) {
        for (size_t k = 0; k < group->generators; k++) {
            size_t to = (size_t)group->image[k * group->n + queue[at]];
            if (!seen[to]) seen[to] = 1, queue[count++] = to;
        }
    }
    memory_free(seen);
    memory_free(queue);
    return count == group->n;
}

static bool is_prime(size_t p) {
    for (size_t d = 2; d * d <= p; d++)
        if (p % d == 0) return false;
    return p > 1;
}

typedef struct Cycles {
    bool even;
    bool jordan; // one has prime length p, n/2 < p < n - 2
} Cycles;

static Cycles look_at_cycles(const int32_t *p, size_t n, uint8_t *seen) {
    Cycles cycles = {.even = true};
    memset(seen, 0, n);
    for (size_t i = 0; i < n; i++) {
        size_t length = 0;
        for (size_t j = i; !seen[j]; j = (size_t)p[j], length++) seen[j] = 1;
        if (length && length % 2 == 0) cycles.even = !cycles.even;
        if (2 * length > n && length + 2 < n && is_prime(length)) cycles.jordan = true;
    }
    return cycles;
}

// A transitive group with a cycle of prime length p > n/2 is primitive, and by Jordan's theorem a
// primitive group with a cycle of prime length p < n - 2 has all even permutations.
static bool is_giant(Chain *chain, bool *symmetric) {
    const SymmetryGroup *group = chain->group;
    if (group->n < LEAST_GIANT || !is_transitive(group)) return false;
    uint8_t *seen = memory_new(group->n, 1);
    bool giant = false;
    for (int i = 0; i < TRIES && !giant && !chain_spent(chain); i++) {
        chain_random(chain);
        giant = look_at_cycles(chain->work, group->n, seen).jordan;
    }
    *symmetric = false;
    for (size_t k = 0; k < group->generators; k++)
        *symmetric |= !look_at_cycles(group->image + k * group->n, group->n, seen).even;
    memory_free(seen);
    return giant;
}

// ---- numbers ----

char *order_product(const uint64_t *factor, size_t count, uint64_t divisor, Error *error) {
    double bits = 0;
    for (size_t i = 0; i < count; i++) bits += log2((double)factor[i]);
    size_t limbs = (size_t)(bits / 64) + 2;
    uint64_t *big = memory_try(limbs, sizeof *big, "the order", error);
    if (!big) return NULL;
    big[0] = 1;
    for (size_t i = 0; i < count; i++) big_scale(limbs, big, factor[i]);
    big_divide(limbs, big, divisor);
    char *text = big_print(limbs, big, error);
    memory_free(big);
    return text;
}

static char *factorial(size_t n, bool symmetric, Error *error) {
    uint64_t *factor = memory_try(n, sizeof *factor, "the order", error);
    if (!factor) return NULL;
    for (size_t i = 0; i < n; i++) factor[i] = i + 1;
    char *text = order_product(factor, n, symmetric ? 1 : 2, error);
    memory_free(factor);
    return text;
}

static char *chain_order(const Chain *chain, Error *error) {
    uint64_t *factor = memory_try(chain->levels, sizeof *factor, "the order", error);
    if (!factor) return NULL;
    for (size_t j = 0; j < chain->levels; j++) factor[j] = chain->level[j].size;
    char *text = order_product(factor, chain->levels, 1, error);
    memory_free(factor);
    return text;
}

// ---- the chain ----

// The chain's bound is below the order by a factor of at least 1 - 1/n while it is incomplete.
static bool meets_bound(const Chain *chain) {
    double slack = 0.5 / (double)chain->group->n;
    return chain_log(chain) > chain->group->log_most - slack;
}

static bool complete(Chain *chain) {
    for (int quiet = 0; quiet < IN_A_ROW && !chain_spent(chain);) {
        chain_random(chain);
        quiet = chain_sift(chain, 0) ? 0 : quiet + 1;
        if (quiet == 0 && meets_bound(chain)) return true;
    }
    if (chain_spent(chain)) return false;
    return meets_bound(chain) || chain_verify(chain);
}

bool symmetry_order(const Symmetry *symmetry, int64_t effort, char **order, Error *error) {
    SymmetryGroup group;
    Chain chain = {0};
    bool symmetric;
    *order = NULL;
    if (!group_joint(symmetry, &group, error)) return false;
    bool ok = chain_start(&chain, &group, effort * 1000000, error);
    if (ok && is_giant(&chain, &symmetric))
        ok = (*order = factorial(group.n, symmetric, error)) != NULL;
    else if (ok && complete(&chain))
        ok = (*order = chain_order(&chain, error)) != NULL;
    ok = ok && !chain.failed;
    chain_free(&chain);
    group_free(&group);
    return ok;
}
