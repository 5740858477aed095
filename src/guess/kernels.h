// Private: what runs in lanes, one lane one network, once per instruction set.
#pragma once

#include "guess/guess.h"
#include "num/num.h"

// Floats of scratch that `fit` and `outputs` want.
size_t model_work(const GuessModel *model);

typedef struct GuessKernels {
    // The weights of guesses t .. t + 15: w[i * 16 + l] (k, 16) is weight i of guess t + l.
    void (*weights)(const GuessModel *model, uint64_t seed, uint64_t t, float *w);

    // Which of the 16 networks w (k, 16) agree with the labels at all points from .. to - 1: bit l
    // for network l. Only networks in `alive` are asked; the answer is 0 as soon as none is left.
    uint32_t (*fit)(const GuessProblem *problem, const float *w, size_t from, size_t to,
                    uint32_t alive, float *work);

    // Outputs of one network w (k) at up to 16 points x (d, 16), u (16).
    void (*outputs)(const GuessModel *model, const float *w, const float *x, float *u, float *work);
} GuessKernels;

const GuessKernels *guess_kernels(void);

// Levels: how many weights word number `word` gives, and those of one guess, w[0], w[stride], ...
size_t model_digits(const GuessModel *model, size_t word);
void model_draw_word(const GuessModel *model, uint64_t seed, uint64_t t, size_t word, size_t stride,
                     float *w);
