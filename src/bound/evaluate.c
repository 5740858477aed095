#include "bound/bounds.h"
#include <math.h>
#include <string.h>

#define POINT(name) &bound_##name,
const Bound *const bound_table[] = {BOUNDS(POINT) NULL};

size_t bound_count(void) {
    return sizeof bound_table / sizeof *bound_table - 1;
}

const Bound *bound_find(const char *name) {
    for (const Bound *const *bound = bound_table; *bound; bound++) {
        if (strcmp((*bound)->name, name) == 0) return *bound;
    }
    return NULL;
}

BoundValue bound_evaluate(const Bound *bound, const BoundCase *world, const BoundFacts *facts) {
    const char *reason = world->not_drawn;
    if (!reason && bound->refuses) reason = bound->refuses(world, facts);
    if (reason) return (BoundValue){.value = NAN, .reason = reason};
    double value = bound->value(world, facts);
    return (BoundValue){
        .value = value,
        .holds = true,
        .vacuous = value >= 1,
        .probability = bound->probability(world),
    };
}

// ---- the other way round ----

// The least whole number from low on for which good(x, data) is true, where it stays true from
// some place on; NAN where that is not below 2^53.
static double first_good(double low, bool (*good)(double x, const void *data), const void *data) {
    double high = low, bad = low - 1;
    while (!good(high, data)) {
        bad = high;
        high *= 2;
        if (high >= BOUND_LARGEST) return NAN;
    }
    while (high - bad > 1) {
        double middle = floor(bad + (high - bad) / 2);
        if (good(middle, data)) {
            high = middle;
        } else {
            bad = middle;
        }
    }
    return high;
}

typedef struct Search {
    const Bound *bound;
    const BoundCase *world;
    const BoundFacts *facts; // NULL: they depend on what varies
    double error;
} Search;

static bool enough(double samples, const void *data) {
    const Search *search = data;
    BoundCase world = *search->world;
    world.samples = (uint64_t)samples;
    BoundValue value = bound_evaluate(search->bound, &world, search->facts);
    return value.holds && value.value <= search->error;
}

double bound_samples(const Bound *bound, const BoundCase *world, double error) {
    BoundFacts facts = bound_facts(world); // free of N
    return first_good(1, enough, &(Search){bound, world, &facts, error});
}

static bool too_wide(double width, const void *data) {
    const Search *search = data;
    BoundCase world = *search->world;
    world.hidden[0] = (uint64_t)width;
    if (!bound_check(&world, NULL)) return true; // 2^53 weights, or no level 0
    BoundFacts facts = bound_facts(&world);
    BoundValue value = bound_evaluate(search->bound, &world, &facts);
    return !value.holds || value.vacuous;
}

bool bound_width(const Bound *bound, const BoundCase *world, double *width, Error *error) {
    if (world->layers > 1)
        return error_set(error, "--hidden: %zu layers; the largest width is that of one",
                         world->layers);
    double first = world->teacher[0] ? (double)world->teacher[0] : 1;
    double wide = first_good(first, too_wide, &(Search){bound, world, NULL, 0});
    *width = wide > first ? wide - 1 : NAN;
    return true;
}
