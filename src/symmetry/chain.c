// Stabiliser chains by random Schreier-Sims, and their proof. Products read from left to right:
// "p then q" takes i to q[p[i]]. Sources: Sims 1970; Seress 2003, chapters 4 and 5; product
// replacement: Celler et al. 1995.
#include "symmetry/inner.h"
#include <math.h>
#include <string.h>

enum { POOL = 10, SCRAMBLE = 100 };

// ---- permutations ----

static int32_t *new_permutation(Chain *chain) {
    int32_t *p = memory_try(chain->group->n, sizeof *p, "a permutation", chain->error);
    chain->failed |= !p;
    return p;
}

static void copy(const Chain *chain, int32_t *to, const int32_t *from) {
    memcpy(to, from, chain->group->n * sizeof *to);
}

static void then(Chain *chain, int32_t *p, const int32_t *q) { // p = p then q
    size_t n = chain->group->n;
    chain->steps += (int64_t)n;
    for (size_t i = 0; i < n; i++) p[i] = q[p[i]];
}

static void before(Chain *chain, int32_t *p, const int32_t *q) { // p = q then p, through path
    size_t n = chain->group->n;
    chain->steps += (int64_t)n;
    for (size_t i = 0; i < n; i++) chain->path[i] = p[q[i]];
    copy(chain, p, chain->path);
}

static void invert(const Chain *chain, int32_t *to, const int32_t *from) {
    for (size_t i = 0; i < chain->group->n; i++) to[from[i]] = (int32_t)i;
}

static size_t first_moved(const Chain *chain, const int32_t *p) { // n: none
    size_t i = 0;
    while (i < chain->group->n && p[i] == (int32_t)i) i++;
    return i;
}

bool chain_spent(const Chain *chain) {
    return chain->failed || chain->steps > chain->most;
}

// ---- levels ----

static void build_orbit(Chain *chain, ChainLevel *level) {
    for (size_t i = 0; i < chain->group->n; i++) level->via[i] = CHAIN_NONE;
    level->size = 0;
    level->via[level->base] = CHAIN_ROOT;
    level->orbit[level->size++] = (int32_t)level->base;
    for (size_t at = 0; at < level->size; at++) {
        for (size_t k = 0; k < level->count; k++) {
            int32_t to = chain->perm[level->strong[k]][level->orbit[at]];
            if (level->via[to] != CHAIN_NONE) continue;
            level->via[to] = (int32_t)level->strong[k];
            level->orbit[level->size++] = to;
        }
    }
    chain->steps += (int64_t)(chain->group->n + level->size * level->count);
}

static void add_level(Chain *chain, size_t base) {
    chain->level =
        memory_grow(chain->level, chain->levels, &chain->level_capacity, sizeof *chain->level);
    ChainLevel *level = &chain->level[chain->levels++];
    *level = (ChainLevel){.base = base};
    level->via = new_permutation(chain);
    level->orbit = new_permutation(chain);
    if (!chain->failed) build_orbit(chain, level);
}

// A copy of p with its inverse; its number.
static uint32_t keep(Chain *chain, const int32_t *p) {
    chain->perm = memory_grow(chain->perm, chain->perms, &chain->capacity, sizeof *chain->perm);
    chain->inverse =
        memory_grow(chain->inverse, chain->perms, &chain->inverse_capacity, sizeof *chain->inverse);
    int32_t *copied = new_permutation(chain), *inverse = new_permutation(chain);
    chain->perm[chain->perms] = copied;
    chain->inverse[chain->perms] = inverse;
    if (!chain->failed) {
        copy(chain, copied, p);
        invert(chain, inverse, p);
    }
    return (uint32_t)chain->perms++;
}

// chain->work, which fixes the base points before level `at`, becomes a generator of all levels up
// to that.
static void add_strong(Chain *chain, size_t at) {
    if (at == chain->levels) add_level(chain, first_moved(chain, chain->work));
    uint32_t number = keep(chain, chain->work);
    for (size_t j = 0; j <= at && !chain_spent(chain); j++) {
        ChainLevel *level = &chain->level[j];
        level->strong =
            memory_grow(level->strong, level->count, &level->capacity, sizeof *level->strong);
        level->strong[level->count++] = number;
        build_orbit(chain, level);
    }
}

bool chain_sift(Chain *chain, size_t from) {
    for (size_t j = from; j < chain->levels && !chain_spent(chain); j++) {
        const ChainLevel *level = &chain->level[j];
        for (;;) {
            int32_t via = level->via[chain->work[level->base]];
            if (via == CHAIN_ROOT) break;
            if (via == CHAIN_NONE) {
                add_strong(chain, j);
                return true;
            }
            then(chain, chain->work, chain->inverse[via]);
        }
    }
    if (chain_spent(chain) || first_moved(chain, chain->work) == chain->group->n) return false;
    add_strong(chain, chain->levels);
    return true;
}

double chain_log(const Chain *chain) {
    double sum = 0;
    for (size_t j = 0; j < chain->levels; j++) sum += log((double)chain->level[j].size);
    return sum;
}

// ---- random elements ----

void chain_random(Chain *chain) {
    size_t members = chain->pools - 1;
    size_t i = (size_t)random_below(&chain->random, members);
    size_t j = (size_t)random_below(&chain->random, members - 1);
    j += j >= i;
    int32_t *changed = chain->pool[i], *sum = chain->pool[members];
    if (random_below(&chain->random, 2))
        then(chain, changed, chain->pool[j]);
    else
        before(chain, changed, chain->pool[j]);
    then(chain, sum, changed);
    copy(chain, chain->work, sum);
}

static bool fill_pool(Chain *chain) {
    const SymmetryGroup *group = chain->group;
    size_t members = group->generators > POOL ? group->generators : POOL;
    chain->pool = memory_try(members + 1, sizeof *chain->pool, "random elements", chain->error);
    if (!chain->pool) return false;
    chain->pools = members + 1;
    for (size_t i = 0; i < chain->pools; i++) {
        chain->pool[i] = new_permutation(chain);
        if (!chain->pool[i]) return false;
        if (i < members && group->generators)
            copy(chain, chain->pool[i], group->image + i % group->generators * group->n);
        for (size_t k = 0; k < group->n && (i == members || !group->generators); k++)
            chain->pool[i][k] = (int32_t)k;
    }
    for (size_t i = 0; i < SCRAMBLE + members && !chain_spent(chain); i++) chain_random(chain);
    return true;
}

bool chain_start(Chain *chain, const SymmetryGroup *group, int64_t steps, Error *error) {
    *chain = (Chain){.group = group, .most = steps, .error = error};
    chain->random = random_stream(0, RANDOM_SYMMETRY, UINT64_MAX);
    chain->work = new_permutation(chain);
    chain->path = new_permutation(chain);
    return !chain->failed && fill_pool(chain);
}

void chain_free(Chain *chain) {
    for (size_t i = 0; i < chain->perms; i++) {
        memory_free(chain->perm[i]);
        memory_free(chain->inverse[i]);
    }
    for (size_t i = 0; i < chain->levels; i++) {
        memory_free(chain->level[i].strong);
        memory_free(chain->level[i].via);
        memory_free(chain->level[i].orbit);
    }
    for (size_t i = 0; i < chain->pools; i++) memory_free(chain->pool[i]);
    memory_free(chain->perm);
    memory_free(chain->inverse);
    memory_free(chain->level);
    memory_free(chain->pool);
    memory_free(chain->work);
    memory_free(chain->path);
    *chain = (Chain){0};
}

// ---- proof ----

// chain->work = the element of level j that the tree has for a point: base to point.
static void walk(Chain *chain, const ChainLevel *level, int32_t point) {
    size_t length = 0;
    for (; level->via[point] != CHAIN_ROOT; length++) {
        chain->path[length] = level->via[point];
        point = chain->inverse[level->via[point]][point];
    }
    for (size_t i = 0; i < chain->group->n; i++) chain->work[i] = (int32_t)i;
    while (length > 0) then(chain, chain->work, chain->perm[chain->path[--length]]);
}

// Whether all Schreier generators of level j, whose own are (count) p, sift to the identity.
// Adds the first that does not.
static bool verify_level(Chain *chain, size_t j, size_t count,
                         const int32_t *(*p)(Chain *, size_t, size_t)) {
    for (size_t at = 0; at < chain->level[j].size; at++) {
        for (size_t k = 0; k < count; k++) {
            walk(chain, &chain->level[j], chain->level[j].orbit[at]);
            then(chain, chain->work, p(chain, j, k));
            if (chain_sift(chain, j) || chain_spent(chain)) return false;
        }
    }
    return true;
}

static const int32_t *given(Chain *chain, size_t j, size_t k) {
    (void)j;
    return chain->group->image + k * chain->group->n;
}

static const int32_t *strong(Chain *chain, size_t j, size_t k) {
    return chain->perm[chain->level[j].strong[k]];
}

// From the last level to the first: what fixes a level's base point is what the later ones make. At
// the first the group's own generators suffice. At every other all strong generators are needed:
// those of later levels are among them.
bool chain_verify(Chain *chain) {
    for (size_t k = 0; k < chain->group->generators; k++) { // a chain without levels proves nothing
        copy(chain, chain->work, given(chain, 0, k));
        chain_sift(chain, 0);
    }
    size_t j = chain->levels;
    while (j > 0) {
        bool first = j == 1;
        size_t count = first ? chain->group->generators : chain->level[j - 1].count;
        bool holds = verify_level(chain, j - 1, count, first ? given : strong);
        if (chain_spent(chain)) return false;
        j = holds ? j - 1 : chain->levels;
    }
    return true;
}
