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

#include "data/data.h"

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

// What a layer obeys. in and out have the same number of generators, paired in order. A group that
// moves nothing is paired with any: "S5 to trivial(3)" is a layer with three invariant outputs.
typedef struct Symmetry {
    char *text;            // the notation
    bool rectangular;      // "GROUP to GROUP"; otherwise out is in
    SymmetryGroup in, out; // on inputs (columns of W) and outputs (rows of W)
} Symmetry;

// Reads the notation; symmetry_help has its grammar. zero_based: cycles count points from 0. NULL
// with an error that begins with "group:line:column: " and shows the place. Cost: O(n) for each
// generator.
Symmetry *symmetry_read(const char *text, size_t length, bool zero_based, Error *error);

// Where in a text, in bytes, and why it is no group.
typedef struct SymmetryFault {
    size_t offset, width; // width >= 1
    Error reason;         // without a place
} SymmetryFault;

// The same as part of another text, which knows the place. Cycles count from 1. aut(FILE) is
// refused: what it means would depend on more than the text. NULL with *fault filled.
Symmetry *symmetry_read_part(const char *text, SymmetryFault *fault);

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

// Writes the pattern as a PNG: a place is a pixel, or a block of them where there are few; places
// of one colour share a weight (of very many labels some look alike). Errors: those of the file.
bool symmetry_draw(const SymmetryPattern *pattern, const char *path, Error *error);

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
// not. A rectangular pattern: of pairs (s, t). least: the order of a group that is known to obey it
// (NULL: none is); where cells of points prove that there is no more, that is all. Otherwise by
// nauty, in a child process, since it may exit: *order is NULL when that took more than so many
// seconds, or is too large to try. Errors: memory.
bool symmetry_closure(const SymmetryPattern *pattern, bool rectangular, const char *least,
                      int seconds, char **order, Error *error);

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

// ---- weights ----

// W (outputs, inputs) row-major, finite, of the symmetry's size, in all that follows.

// Whether phi(W x) equivariant for all x makes W tied. It does where (d+ + d-) of the one-sided
// slopes of phi at 0 is not 0: phi(t a) = phi(t b) for small t of both signs makes (d+ + d-) a =
// (d+ + d-) b; so it does with any power of t in t's place. An even phi fails (diag(1, -1) and the
// swap of two points), and one that sees signs alone (diag(1, 2)). Slopes are taken at +-1e-9,
// evenness and the like on a grid.
typedef struct SymmetryPhi {
    // phi[i] and, unless slope is NULL, phi'(x[i]), i < count.
    void (*evaluate)(const void *context, size_t count, const double *x, double *phi,
                     double *slope);
    const void *context;
} SymmetryPhi;

typedef enum SymmetryConverse { CONVERSE_UNKNOWN, CONVERSE_HOLDS, CONVERSE_FAILS } SymmetryConverse;
typedef struct SymmetryVerdict {
    SymmetryConverse converse;
    double second; // it fails: diag(1, second) is untied and yet equivariant to the swap
} SymmetryVerdict;
SymmetryVerdict symmetry_converse(const SymmetryPhi *phi); // NULL: phi(x) = x

typedef struct SymmetryCheck {
    double tolerance;
    bool tied;    // worst <= tolerance
    double worst; // max of |W[s(i), t(j)] - W[i, j]| over generators and places, at the first such:
    size_t generator, row, col, to_row, to_col; // W[to_row, to_col] should be W[row, col]
    SymmetryVerdict verdict;
    // phi(W x): tied, or untied with a phi that does not see it; unknown where the converse is and
    // no x was found.
    bool equivariant, known;
    // Where it is not equivariant: f(t x)[output] = moved, (t f(x))[output] = wanted.
    double *x; // (inputs), or NULL
    size_t x_generator, output;
    double moved, wanted;
} SymmetryCheck;

// tolerance NAN: 1e-6 times the largest |W[i, j]|. phi NULL: phi(x) = x. Errors: sizes,
// memory. Cost: rows * cols * generators.
bool symmetry_check(const Symmetry *symmetry, const DataMatrix *W, double tolerance,
                    const SymmetryPhi *phi, SymmetryCheck *check, Error *error);
void symmetry_check_free(SymmetryCheck *check);
void symmetry_check_describe(const Symmetry *symmetry, const SymmetryCheck *check, bool zero_based,
                             Text *text);
// Keys: base (0), equivariant (null: not known), tied, converse (null: not known), tolerance,
// worst, at{generator, row, col, to_row, to_col} (null where worst is 0), x[] (null: none),
// x_at{generator, output, moved, wanted} (null: none).
json_t *symmetry_check_to_json(const SymmetryCheck *check, size_t inputs);

// P (outputs, inputs), the nearest tied matrix: the means of W over orbits; *distance is the
// Euclidean norm of W - P. P may be W->x.
bool symmetry_project(const Symmetry *symmetry, const DataMatrix *W, double *P, double *distance,
                      Error *error);

// The group of a matrix: all permutations t with W[t(i), t(j)] = W[i, j], or, where W is not
// square, all pairs (s, t). Two values are one when between them, in ascending order, no gap
// exceeds the tolerance.
typedef struct SymmetryFound {
    bool in_time;        // otherwise what follows margin_above is empty
    double tolerance;    // any in [margin_below, margin_above) gives the same
    double margin_below; // the largest gap taken for none
    double margin_above; // the smallest gap taken for one; INFINITY: there is none
    size_t values;       // different ones
    bool rectangular;
    SymmetryGroup group; // on points; where W is not square on outputs and then inputs
    char *order;
    size_t weights, biases; // free under it
} SymmetryFound;

// tolerance NAN: 1e-6 times the largest |W[i, j]|. Errors: memory.
bool symmetry_find(const DataMatrix *W, double tolerance, int seconds, SymmetryFound *found,
                   Error *error);
void symmetry_found_free(SymmetryFound *found);
void symmetry_found_describe(const SymmetryFound *found, bool zero_based, Text *text);
// Keys: base (0), rectangular, generators[], order (string; null: not found in the time allowed),
// orbits[][] (of points), weights, bias, values, tolerance, margin[below, above] (null: no bound).
json_t *symmetry_found_to_json(const SymmetryFound *found);
