// The door of symmetry/: layers whose weights are tied by a permutation group.
//
// A layer y = phi(W x) is equivariant to a group of permutations (s, t), s of its outputs and t of
// its inputs, when
//     W[s(i), t(j)] = W[i, j]     for all i, j and all (s, t); generators suffice.
// So weights are shared along the orbits of the group on pairs (i, j), biases along its orbits on
// outputs: the free parameters are the orbits. phi acts on each unit alone and needs to tell
// numbers apart for "only then" (symmetry_converse).
//
// A permutation t is a destination list: point i goes to t[i]; it moves a vector by (t x)[t[i]] =
// x[i]. Points count from 0 in code and JSON, from 1 in cycles, as mathematicians write.
//
// Sources: Shawe-Taylor 1993; Ravanbakhsh, Schneider, Poczos 2017 (sharing by orbits on pairs);
// Maron et al. 2019 (sets, tuples); Sims 1970 and Seress 2003 (orders); McKay, Piperno 2014
// (nauty).
#pragma once

#include "activation/activation.h"

// ---- groups ----

enum {
    SYMMETRY_POINTS = 1 << 16,     // a group acts on at most so many
    SYMMETRY_GENERATORS = 1 << 12, // and has at most so many generators, of
    SYMMETRY_ENTRIES = 1 << 26,    // so many points in all
    SYMMETRY_TEXT = 1 << 20,       // bytes of its notation
};

// A group acting on n points.
typedef struct SymmetryGroup {
    size_t n, generators;
    int32_t *image;  // (generators, n): generator k takes i to image[k * n + i]
    double log_most; // ln of a bound on the order that the notation proves; INFINITY: of none
} SymmetryGroup;

// What a layer obeys. in and out have the same number of generators, paired in order.
typedef struct Symmetry {
    char *text;            // the notation
    bool rectangular;      // "GROUP to GROUP"; otherwise out is in
    SymmetryGroup in, out; // on inputs (columns of W) and outputs (rows of W)
} Symmetry;

// Reads the notation; symmetry_help has its grammar. zero_based: cycles count points from 0. NULL
// with an error that begins with "group:line:column: " and shows the place. Cost: O(n) for each
// generator.
Symmetry *symmetry_read(const char *text, size_t length, bool zero_based, Error *error);
void symmetry_free(Symmetry *symmetry); // NULL is allowed
void symmetry_help(Text *text);

// Adds generator k in cycles, "(1 2 3)(4 5)", of at most `most` bytes, then "...".
void symmetry_add_cycles(Text *text, const SymmetryGroup *group, size_t k, bool zero_based,
                         size_t most);

// ---- the pattern of shared weights ----

typedef struct SymmetryPattern {
    size_t rows, cols;
    int bytes;      // of a label: 1, 2 or 4, the smallest that holds all
    void *label;    // (rows, cols) row-major; numbered as they first appear in that order
    size_t weights; // labels
    size_t biases;  // orbits of the group on rows
    int32_t *bias;  // (rows) labels of the biases, numbered as they first appear
} SymmetryPattern;

// The orbits on pairs, exactly. At most 5 bytes a pair. Errors: more than 2^30 pairs; memory. Cost:
// rows * cols * generators steps, of about 1 ns.
bool symmetry_pattern(const Symmetry *symmetry, SymmetryPattern *pattern, Error *error);
void symmetry_pattern_free(SymmetryPattern *pattern);
uint32_t symmetry_label(const SymmetryPattern *pattern, size_t row, size_t col);

// size[l] (weights): how many places share label l.
void symmetry_sizes(const SymmetryPattern *pattern, uint32_t *size);

// ---- order ----

enum { SYMMETRY_EFFORT = 4000 }; // about 4 s

// The order as a decimal number, exactly (memory_free): a random Schreier-Sims chain, then proved,
// by the notation's bound, by Jordan's theorem (a transitive group with a cycle of prime length p,
// n/2 < p < n - 2, alone or in a power, has all even permutations), or by sifting every Schreier
// generator. *order is NULL when that takes more than `effort` million steps, one step being one
// point of one product. A rectangular layer's group acts on outputs and inputs together. Errors:
// memory.
bool symmetry_order(const Symmetry *symmetry, int64_t effort, char **order, Error *error);

// ---- closure ----

enum { SYMMETRY_SECONDS = 10 };

// The order, as a decimal number (memory_free), of the group of all permutations that leave every
// label of the pattern where it is: the 2-closure, which the tied layer obeys whether asked to or
// not. A rectangular pattern: of pairs (s, t). *order is NULL when that took more than so many
// seconds, or is too large to try. By nauty, in a child process, since it may exit. Errors: memory.
bool symmetry_closure(const SymmetryPattern *pattern, bool rectangular, int seconds, char **order,
                      Error *error);

// ---- report ----

typedef struct SymmetryReport {
    const Symmetry *symmetry;
    SymmetryPattern pattern;
    char *order;   // NULL: too large to find in the time allowed
    char *closure; // NULL: the same
    size_t channels_in, channels_out;
    bool zero_based; // cycles are printed so
} SymmetryReport;

typedef struct SymmetryOptions {
    int64_t effort; // of symmetry_order
    int seconds;    // of symmetry_closure
    size_t channels_in, channels_out;
    bool zero_based;
} SymmetryOptions;

// All of it; each channel of an input point is tied to each of an output point by weights of its
// own, so that channels multiply weights by channels_in * channels_out and biases by channels_out.
bool symmetry_report(const Symmetry *symmetry, const SymmetryOptions *options,
                     SymmetryReport *report, Error *error);
void symmetry_report_free(SymmetryReport *report);
void symmetry_describe(const SymmetryReport *report, Text *text);

// Keys: group, base (0: points count from 0), n (points; of a rectangular layer outputs), inputs,
// outputs, generators[] (destination lists on inputs), output_generators[] (null: the same),
// channels[in, out], weights and bias (with channels), orbits[]{size, row, col} (of one channel,
// by label, with the first place that has it; null beyond 65536), order, closure_order (strings;
// null: not found in the time allowed), two_closed (null: not known).
json_t *symmetry_to_json(const SymmetryReport *report);
