// Private: what runs in lanes, once per instruction set, and tables of neuron responses.
#pragma once

#include "guess/sampling.h"
#include "num/num.h"

// Points that one pass over the weights serves.
enum { GUESS_PASS = 4 };

// Floats of scratch that `fit`, `zeros` and `outputs` want.
size_t model_work(const GuessModel *model);

// ---- random words ----

enum { DRAW_ROUNDS = 10 };

typedef struct DrawKeys { // what the rounds of Philox add, for a seed
    uint64_t first[DRAW_ROUNDS], second[DRAW_ROUNDS];
} DrawKeys;

DrawKeys model_keys(uint64_t seed);

// ---- tables ----

enum { GUESS_GROUPS = 4 }; // groups of 16 networks that are looked up together

// What a neuron says at 16 points is a row of the table, found by the code of its weights: bias,
// incoming and outgoing weights as digits of one number. The sum of its neurons' rows is a network.
// Row entries are y_i a phi(w x_i + b), in units that make them whole, and sums start from z - 1
// with z = 1 where an output of 0 agrees with the label y_i, else 0: a network fits exactly when no
// sum is negative. What stands behind the last point is 0.
typedef struct TableStep { // a run of neighbouring digits that belong to one row
    uint64_t outcomes;     // q^g of g digits
    float place;           // bytes of the table between one outcome and the next
    size_t code;           // of the row: 16 times its number
} TableStep;

typedef struct GuessTables {
    const GuessModel *model;
    uint64_t seed;
    DrawKeys keys;
    size_t rows;            // of a network: its neurons, and the output's bias where it has one
    size_t entries;         // of the table of one chunk of 16 points
    size_t sample;          // points 0 .. sample - 1 have tables, in chunks 0 .. middle - 1,
    size_t first, rest;     // and first .. rest - 1 of the points behind the sample in those
    size_t middle, chunks;  // up to chunks
    int16_t *entry, *start; // (chunks, entries, 16), (chunks, 16)
    TableStep *step;        // in the order of digits
    size_t *word;           // (words + 1): the first step of a word
    float *base;            // (rows) the byte at which a row's part of the table begins
    // Scratch of the networks that are looked up together, (GUESS_GROUPS, rows, 16): code is base +
    // sum of outcome * place, exact, below 2^20; at is the same as a whole number: where the row
    // begins.
    float *code;
    uint32_t *at;
} GuessTables;

// NULL without an error: tables do not apply, or are not worth while and not `forced`.
bool tables_new(const GuessProblem *problem, bool forced, GuessTables **tables, Error *error);
void tables_free(GuessTables *tables); // NULL is allowed
// Replaces what a word that is to be thrown away has added to the codes of guess t: code[0] and
// every 16th behind it.
void tables_redraw(const GuessTables *tables, uint64_t t, size_t word, float *code);

// ---- kernels ----

typedef struct GuessKernels {
    // The weights of guesses t .. t + 15: w[i * 16 + l] (k, 16) is weight i of guess t + l.
    void (*weights)(const GuessModel *model, uint64_t seed, uint64_t t, float *w);

    // Which of the 16 networks w (k, 16) agree with the labels at all points from .. to - 1: bit l
    // for network l. Only networks in `alive` are asked; the answer is 0 as soon as none is left.
    uint32_t (*fit)(const GuessProblem *problem, const float *w, size_t from, size_t to,
                    uint32_t alive, float *work);

    // Which of them give exactly 0 at one of the points 0 .. n - 1.
    uint32_t (*zeros)(const GuessProblem *problem, const float *w, float *work);

    // Outputs of one network w (k) at up to 16 points x (d, 16), u (16).
    void (*outputs)(const GuessModel *model, const float *w, const float *x, float *u, float *work);

    // Which of guesses t .. t + 16 GUESS_GROUPS - 1 in `alive` fit the sample where it has tables,
    // and in *full which of these are right at the other points with tables, too.
    uint64_t (*look_up)(const GuessTables *tables, uint64_t t, uint64_t alive, uint64_t *full);
} GuessKernels;

const GuessKernels *guess_kernels(void);

// ---- draws from levels ----

enum { DIGITS_MOST = 21 };

size_t model_digits(const GuessModel *model, size_t word); // how many weights a word gives
// 2^32 mod q^digits: a word that ends below it is thrown away.
static inline uint32_t model_least(const GuessModel *model, size_t word) {
    return word + 1 < model->words ? model->least : model->least_last;
}
// One word's digits for one guess. False: the word is to be thrown away; its digits are those of
// the next `try` that is not.
bool model_try_word(const GuessModel *model, uint64_t seed, uint64_t t, size_t word, int try,
                    uint8_t digit[DIGITS_MOST]);
void model_draw_word(const GuessModel *model, uint64_t seed, uint64_t t, size_t word,
                     uint8_t digit[DIGITS_MOST]);

// ---- one thread ----

typedef enum SamplerMethod { SAMPLER_BEST, SAMPLER_LANES, SAMPLER_TABLES } SamplerMethod;
// NULL without an error: SAMPLER_TABLES where tables do not apply.
GuessSampler *sampler_new(const GuessProblem *problem, SamplerMethod method, Error *error);
