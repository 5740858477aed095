#include "num/statistics.h"
#include <math.h>
#include <string.h>

enum { REPLICATES = 999 };

// Room for one set of positions and its gaps; `guesses` possible places.
typedef struct Walk {
    size_t hits;
    uint64_t guesses;
    bool ends_with_hit;               // then the last position is `guesses`
    uint64_t *position, *gap, *spare; // (hits)
} Walk;

// Ascending, by a byte at a time from the lowest on; five times as fast as qsort here.
static void sort(uint64_t *value, size_t count, uint64_t *other) {
    uint64_t most = 0, *from = value, *to = other;
    for (size_t i = 0; i < count; i++) most = value[i] > most ? value[i] : most;
    for (int shift = 0; shift < 64 && most >> shift; shift += 8) {
        size_t start[257] = {0};
        for (size_t i = 0; i < count; i++) start[(from[i] >> shift & 255) + 1]++;
        for (int digit = 0; digit < 256; digit++) start[digit + 1] += start[digit];
        for (size_t i = 0; i < count; i++) to[start[from[i] >> shift & 255]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != value) memcpy(value, from, count * sizeof *value);
}

// ---- the statistic ----

// P(T <= k) = 1 - (1-p)^k.
static double geometric(uint64_t k, double log_miss) {
    return k == 0 ? 0 : -expm1((double)k * log_miss);
}

// Between two gaps that were found the empirical law stands still while the geometric one rises:
// the distance is largest at a gap, or just before one.
static double distance(Walk *walk) {
    double count = (double)walk->hits, log_miss = log1p(-count / (double)walk->guesses), most = 0;
    for (size_t i = 0; i < walk->hits; i++)
        walk->gap[i] = walk->position[i] - (i ? walk->position[i - 1] : 0);
    sort(walk->gap, walk->hits, walk->spare);
    for (size_t i = 0, next; i < walk->hits; i = next) {
        for (next = i + 1; next < walk->hits && walk->gap[next] == walk->gap[i];) next++;
        most = fmax(most, fabs(geometric(walk->gap[i] - 1, log_miss) - (double)i / count));
        most = fmax(most, fabs(geometric(walk->gap[i], log_miss) - (double)next / count));
    }
    return most;
}

// ---- a random subset ----

// Place by place, each taken with probability (still wanted)/(places left): Knuth's algorithm S.
static void draw_dense(Walk *walk, size_t count, uint64_t places, Random *random) {
    size_t taken = 0;
    for (uint64_t place = 0; taken < count; place++) {
        if (random_below(random, places - place) < count - taken)
            walk->position[taken++] = place + 1;
    }
}

static size_t distinct(uint64_t *position, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || position[i] != position[kept - 1]) position[kept++] = position[i];
    }
    return kept;
}

// Draws until `count` places are distinct: no set of places is preferred to another.
static void draw_sparse(Walk *walk, size_t count, uint64_t places, Random *random) {
    for (size_t have = 0; have < count; have = distinct(walk->position, count)) {
        for (size_t i = have; i < count; i++) walk->position[i] = 1 + random_below(random, places);
        sort(walk->position, count, walk->spare);
    }
}

static void draw(Walk *walk, Random *random) {
    size_t free_hits = walk->hits - walk->ends_with_hit;
    uint64_t places = walk->guesses - walk->ends_with_hit;
    (places / 4 < free_hits ? draw_dense : draw_sparse)(walk, free_hits, places, random);
    if (walk->ends_with_hit) walk->position[free_hits] = walk->guesses;
}

// ---- the test ----

static double simulate(Walk *walk, double found, size_t replicates, uint64_t seed) {
    size_t reached = 0;
    for (size_t i = 0; i < replicates; i++) {
        Random random = random_stream(seed, RANDOM_GEOMETRIC, i);
        draw(walk, &random);
        reached += distance(walk) >= found * (1 - 1e-12); // rounding is no difference
    }
    return (1 + (double)reached) / (1 + (double)replicates);
}

static Walk start(const StatisticsHits *hits) {
    Walk walk = {
        .hits = hits->hits, .guesses = hits->guesses, .ends_with_hit = hits->ends_with_hit};
    if (walk.hits > STATISTICS_MOST_HITS) {
        walk.hits = STATISTICS_MOST_HITS;
        walk.ends_with_hit = true;
    }
    if (walk.ends_with_hit) walk.guesses = hits->position[walk.hits - 1];
    REQUIRE(walk.guesses >= hits->position[walk.hits - 1]);
    walk.position = memory_new(walk.hits, sizeof *walk.position);
    walk.gap = memory_new(walk.hits, sizeof *walk.gap);
    walk.spare = memory_new(walk.hits, sizeof *walk.spare);
    for (size_t i = 0; i < walk.hits; i++) {
        REQUIRE(hits->position[i] > (i ? hits->position[i - 1] : 0));
        walk.position[i] = hits->position[i];
    }
    return walk;
}

double statistics_geometric_test(const StatisticsHits *hits) {
    if (hits->hits < STATISTICS_LEAST_HITS) return NAN;
    Walk walk = start(hits);
    size_t replicates = hits->replicates ? hits->replicates : REPLICATES;
    double p = simulate(&walk, distance(&walk), replicates, hits->seed);
    memory_free(walk.position);
    memory_free(walk.gap);
    memory_free(walk.spare);
    return p;
}
