// Private: what a tied layer knows of its group, worked out once and shared by all layers, networks
// and passes that stand on the same text. Read only once it is made.
#pragma once

#include "layer/layer.h"
#include "symmetry/symmetry.h"

enum { TIED_PAIRS = 1 << 26, TIED_STEPS = 1 << 30 }; // of a pattern: its size, the time it takes

// The pattern seen from its rows (forward: outputs) or from its columns (back: inputs). The labels
// of a row are those of its orbit: each belongs to one orbit of rows, and each row of an orbit has
// it equally often.
// Columns that follow each other and have labels that do, too: label, label + step, ...
typedef struct TiedRun {
    uint32_t label, length;
    int step; // -1, 0 or 1
} TiedRun;

typedef struct TiedSide {
    size_t rows, cols;
    const void *label; // (rows, cols), of TiedFacts.bytes bytes
    size_t orbits;
    int32_t *orbit;   // (rows)
    uint32_t *first;  // (orbits + 1) where an orbit's labels begin in those two:
    uint32_t *labels; // (weights) orbit by orbit, in the order in which its first row has them
    uint32_t *count;  // (weights) how often each row has it
    uint32_t *most;   // (orbits) which of an orbit's labels it has most often, counted from 0
    size_t largest;   // labels of an orbit, at most
    double visits;    // places of all rows that have another label than that one
    double squares;   // sum over rows and labels of count^2
    // Those places as columns, row by row, and label by label in the orbit's order; the columns of
    // row i begin at column + at[i]. NULL until tied_sums.
    size_t *at;
    uint16_t *column;
    // Row i as runs run[run_at[i]] .. run[run_at[i + 1] - 1]: rotations have few. NULL where they
    // would be short.
    size_t *run_at;
    TiedRun *run;
} TiedSide;

typedef struct TiedFacts {
    char *text;
    SymmetryPattern pattern;
    int bytes;        // of a label
    void *turned;     // labels of the columns (cols, rows); NULL where they are the same
    TiedSide out, in; // in: the columns as rows
    double size2;     // sum over labels of (places that share it)^2
    size_t users;     // layers that hold it
    struct TiedFacts *next;
} TiedFacts;

// Of this group, new or shared. NULL with *fault filled: the text is no group, or too large a one.
TiedFacts *tied_acquire(const char *text, SymmetryFault *fault);
void tied_release(TiedFacts *facts); // NULL is allowed

// Makes the lists of columns, of both sides, once. Errors: memory.
bool tied_sums(TiedFacts *facts, Error *error);

static inline uint32_t tied_label(const void *label, int bytes, size_t i) {
    return bytes == 1   ? ((const uint8_t *)label)[i]
           : bytes == 2 ? ((const uint16_t *)label)[i]
                        : ((const uint32_t *)label)[i];
}
