// Private: the parts of the exact count (guess_exact in guess.h).
//
//   exact_table.c     a map from a vector to such a number, within a budget of memory
//   exact_plan.c      the problem in whole numbers: levels, points, stages
//   exact_symmetry.c  what maps the points to themselves, and so leaves laws alone
//   law.c             laws of integer vectors: convolution, activation, signs
//   exact.c           from stage to stage
//   exact_result.c    from signs to functions, hits and shares
#pragma once

#include "guess/sampling.h"
#include "num/big.h"

// ---- memory ----

typedef struct ExactBudget {
    size_t limit, used;          // bytes
    size_t states, most;         // entries in all tables, and the most there were at a time
    const GuessProblem *problem; // who is told of the progress; or NULL
} ExactBudget;

// memory_try that also fails, with the number of states, where the limit would be passed.
void *budget_try(ExactBudget *budget, size_t count, size_t size, Error *error);
void budget_free(ExactBudget *budget, void *block, size_t count, size_t size);

// ---- table: a map from keys of `words` words to numbers of `limbs` limbs ----

typedef struct Table {
    ExactBudget *budget;
    size_t words, limbs;
    size_t states;    // entries, numbered in the order in which they came
    uint64_t **chunk; // entry i: its number, then its key
    size_t chunks;    // room in chunk
    uint64_t *slot;   // (slots) open addressing: tag << 32 | entry + 1; 0: free
    size_t slots;     // a power of two, or 0
} Table;

Table exact_table_new(ExactBudget *budget, size_t words, size_t limbs);
void exact_table_free(Table *table);
const uint64_t *exact_table_count(const Table *table, size_t i);
const uint64_t *exact_table_key(const Table *table, size_t i);
// The number of key, 0 where it was not there; NULL: no memory.
uint64_t *exact_table_at(Table *table, const uint64_t *key, Error *error);

// ---- plan ----

enum { EXACT_POINTS = 64, EXACT_WEIGHTS = 1 << 14 };

typedef enum ExactKind { EXACT_RELU, EXACT_SIGN, EXACT_HARDTANH, EXACT_LEAKY } ExactKind;

typedef struct ExactActivation {
    ExactKind kind;
    int32_t one;      // the whole number that stands for 1 in front of it
    int32_t num, den; // leaky: the slope
} ExactActivation;

// A dense layer and the activations behind it.
typedef struct ExactStage {
    size_t in, out;
    bool bias;
    int32_t one;    // a bias is a weight on this constant input
    bool narrow;    // all sums fit into 16 bits
    size_t act, to; // its activations: plan->act[act .. to - 1]
} ExactStage;

typedef struct ExactPlan {
    size_t levels, weights;
    int32_t level[GUESS_LEVELS_MOST]; // times a common factor
    bool symmetric;                   // with every level its negative
    size_t points, inputs;            // different ones
    int32_t *x;                       // (points, inputs), with activations in front applied
    uint8_t of[EXACT_POINTS];         // which of them a point of the problem is
    ExactStage *stage;                // (stages)
    ExactActivation *act;
    size_t stages, acts;
} ExactPlan;

bool exact_plan(const GuessProblem *problem, ExactPlan *plan, Error *error);
void exact_plan_free(ExactPlan *plan);
int32_t exact_activate(const ExactActivation *act, int32_t u);

// ---- symmetry ----

enum { EXACT_SYMMETRIES = 720 };

// A group: the permutations of the points that signed permutations of the inputs make, and -1.
// Image g of a vector v is v[at[g * points + p]] at point p.
typedef struct ExactSymmetry {
    size_t points, order;             // of the permutations
    uint8_t *at;                      // (order, points), sorted by the first
    uint16_t begin[EXACT_POINTS + 1]; // where those begin that have point p first
    bool negate;
} ExactSymmetry;

// inputs: look for symmetries of the inputs, too.
bool exact_symmetry(const ExactPlan *plan, bool inputs, ExactSymmetry *symmetry, Error *error);
void exact_symmetry_free(ExactSymmetry *symmetry);
// v becomes the greatest of its images.
void exact_canonical(const ExactSymmetry *symmetry, int32_t *v);

// ---- laws ----

// A law of vectors (points) as a table; with a symmetry, one vector stands for all its images and
// has the number of all together.
typedef struct Law {
    Table table;
    size_t points;
    bool narrow;
} Law;

Law law_new(ExactBudget *budget, size_t points, size_t limbs, bool narrow);
void law_free(Law *law);
void law_vector(const Law *law, size_t i, int32_t *v);
// Adds a b to the number of v.
bool law_add(Law *law, const int32_t *v, size_t na, const uint64_t *a, size_t nb, const uint64_t *b,
             Error *error);

// A law as arrays, to be added to another.
typedef struct Step {
    ExactBudget *budget;
    size_t points, states, limbs;
    size_t weights;            // that it counts
    int32_t *v;                // (states, points)
    uint64_t *count;           // (states, limbs)
    int64_t *least, *greatest; // (points) of v
} Step;

bool step_new(ExactBudget *budget, size_t points, size_t states, size_t limbs, Step *step,
              Error *error);
void step_range(Step *step); // sets least and greatest
bool step_of(const Law *law, size_t weights, Step *step, Error *error);
void step_free(Step *step);

// A sum of independent steps of which only what lies between low and high matters: anything above
// counts as high, below as low.
typedef struct Chain {
    ExactBudget *budget;
    const Step **step; // (steps)
    size_t steps, levels, points;
    bool narrow;
    int64_t low, high;
    const ExactSymmetry *symmetry;
} Chain;

bool chain_law(const Chain *chain, Law *law, Error *error);
// Signs of the sum: a table of two words, bits of the points where it is positive, and where it is
// 0. With a symmetry, vectors stand for their images: see exact_spread.
bool chain_signs(const Chain *chain, Table *signs, Error *error);

// ---- the whole ----

// guess_exact with so many bytes of memory.
bool exact_count(const GuessProblem *problem, size_t limit, GuessExact *exact, Error *error);

typedef struct ExactSigns {
    uint64_t positive, zero;
} ExactSigns;

// From the table of signs: every image of a class gets its part of the class's number.
bool exact_spread(const ExactSymmetry *symmetry, const Table *signs, Table *spread, Error *error);
// signs: after exact_spread.
bool exact_result(const GuessProblem *problem, const ExactPlan *plan, const Table *signs,
                  GuessExact *exact, Error *error);
