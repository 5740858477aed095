// Private: what the files of symmetry/ share.
//
//   parse.c, parse_permutation.c, parse_words.c    the notation
//   names.c     groups that have a name
//   combine.c   products and actions
//   pattern.c   orbits on pairs
//   chain.c     stabiliser chains: Schreier-Sims
//   order.c     from a group to its order
//   nauty.c     the automorphisms of a pattern
//   closure.c   the group that a pattern obeys
//   check.c, converse.c    is a layer equivariant, and does it have to be tied for that
//   project.c   the nearest tied matrix
//   find.c      from a matrix to its group
//   picture.c   the pattern as colours
//   report.c, describe.c, json.c    all of it, for people and programs
#pragma once

#include "symmetry/symmetry.h"

// ---- groups ----

// Room for a group, zeroed; errors: beyond the limits.
bool group_new(SymmetryGroup *group, size_t n, size_t generators, Error *error);
void group_free(SymmetryGroup *group);
// An added generator, the identity; NULL with an error.
int32_t *group_add(SymmetryGroup *group, Error *error);

// ---- names ----

// Errors have no place yet: the parser says where.
typedef struct NamedGroup {
    const char *name; // S, rot90
    const char *form; // "Sn", "rot90 NxN"
    const char *help;
    enum { NAME_ALONE, NAME_NUMBER, NAME_GRID } takes;
    size_t least; // of the number
    bool square;  // a grid has as many rows as columns
    bool (*make)(size_t rows, size_t cols, SymmetryGroup *group, Error *error); // n is rows
} NamedGroup;
extern const NamedGroup named_groups[]; // ends in NULL

// ---- products and actions ----

// The direct product, on the points of both or on pairs of points: (a, b) is a * b.n + b.
bool group_sum(const SymmetryGroup *a, const SymmetryGroup *b, SymmetryGroup *to, Error *error);
bool group_grid(const SymmetryGroup *a, const SymmetryGroup *b, SymmetryGroup *to, Error *error);
// The wreath product a wr b: a copy of a for each point of b; on b.n blocks of a.n points, or on
// words of b.n letters from the points of a, the first letter counting most.
bool group_wreath(const SymmetryGroup *a, const SymmetryGroup *b, SymmetryGroup *to, Error *error);
bool group_words(const SymmetryGroup *a, const SymmetryGroup *b, SymmetryGroup *to, Error *error);

// Actions on tuples of k points, on pairs of different ones, on sets of k points, in lexicographic
// order.
bool group_on_tuples(const SymmetryGroup *a, size_t k, SymmetryGroup *to, Error *error);
bool group_on_distinct(const SymmetryGroup *a, SymmetryGroup *to, Error *error);
bool group_on_subsets(const SymmetryGroup *a, size_t k, SymmetryGroup *to, Error *error);

// Both actions of a layer on outputs and then inputs.
bool group_joint(const Symmetry *symmetry, SymmetryGroup *to, Error *error);

// ---- stabiliser chains ----

// A level of the chain: what of the group fixes the base points before, and where it takes its own.
typedef struct ChainLevel {
    size_t base;
    uint32_t *strong; // (count) its generators, in chain->perm
    size_t count, capacity;
    int32_t *via;   // (n) the generator that first reached a point; CHAIN_ROOT, CHAIN_NONE
    int32_t *orbit; // (size) in the order of a breadth-first search
    size_t size;
} ChainLevel;

enum { CHAIN_NONE = -1, CHAIN_ROOT = -2 };

// The product of the orbits' sizes is a lower bound of the order, and the order once the chain is
// complete.
typedef struct Chain {
    const SymmetryGroup *group;
    int32_t **perm, **inverse; // (perms) generators of levels
    size_t perms, capacity, inverse_capacity;
    ChainLevel *level; // (levels)
    size_t levels, level_capacity;
    int32_t **pool; // (pools) product replacement; the last is the accumulator
    size_t pools;
    Random random;
    int32_t *work, *path; // (n) scratch
    int64_t steps, most;  // points of products so far; how many there may be
    bool failed;          // for want of memory
    Error *error;
} Chain;

bool chain_start(Chain *chain, const SymmetryGroup *group, int64_t steps, Error *error);
void chain_free(Chain *chain);
bool chain_spent(const Chain *chain); // no steps left, or no memory
// A random element of the group, in chain->work.
void chain_random(Chain *chain);
// Sifts chain->work through the chain and adds what is left to it; false: it was the identity.
bool chain_sift(Chain *chain, size_t from);
double chain_log(const Chain *chain); // ln of the lower bound
// Sifts every Schreier generator, adding what is left, until none leaves anything; false: spent.
bool chain_verify(Chain *chain);

// The product of factors, divided by a divisor of it, as a decimal number (memory_free).
char *order_product(const uint64_t *factor, size_t count, uint64_t divisor, Error *error);

// ---- automorphisms of a pattern ----

typedef struct Automorphisms {
    bool found;      // false: too large, or not in time
    uint64_t *index; // (indices) their product is the order
    size_t indices, index_capacity;
    int32_t *image; // (generators, points); of a rectangular pattern rows, then columns
    size_t points, generators, image_capacity;
} Automorphisms;

bool automorphisms_of(const SymmetryPattern *pattern, bool rectangular, int seconds,
                      Automorphisms *found, Error *error);
void automorphisms_free(Automorphisms *found);

// A bound on the order of the group that a pattern obeys, as a decimal number (memory_free): the
// product of the sizes of cells, told apart by labels beside points taken before. Errors: memory.
// Cost: 10 ns for each point and each point taken.
bool closure_bound(const SymmetryPattern *pattern, bool rectangular, char **bound, Error *error);

json_t *group_json(const SymmetryGroup *group); // destination lists

// The automorphisms of a matrix whose values are told apart as symmetry_find does.
bool matrix_automorphisms(const DataMatrix *W, int seconds, SymmetryFound *found, Error *error);

// The automorphism group of a graph in a file: .npy or .csv, its square matrix of edge weights;
// otherwise lines of two points each, counted from 0.
bool group_of_graph(const char *path, SymmetryGroup *group, Error *error);

double weights_scale(const DataMatrix *W); // the largest |W[i, j]|
bool weights_fit(const Symmetry *symmetry, const DataMatrix *W, Error *error); // size, finite
