#include "guess/kernels.h"
#include <string.h>

LANE_DECLARE(extern const GuessKernels, guess_table);

const GuessKernels *guess_kernels(void) {
    return LANE_PICK(guess_table);
}

size_t model_work(const GuessModel *model) {
    return 2 * GUESS_PASS * 16 * model->widest;
}

const char *const guess_zeros[] = {"negative", "positive", "wrong", NULL};

// Up to 16 rows of x (count, d) as lanes (d, 16); the others are 0.
static void turn(const float *x, size_t count, size_t d, float *lanes) {
    memset(lanes, 0, d * 16 * sizeof *lanes);
    for (size_t e = 0; e < count; e++) {
        for (size_t i = 0; i < d; i++) lanes[i * 16 + e] = x[e * d + i];
    }
}

bool guess_outputs(const GuessModel *model, const float *w, size_t count, const float *x, float *u,
                   Error *error) {
    size_t d = model->inputs, work = model_work(model);
    float *lanes = memory_try(d * 16 + work, sizeof *lanes, "the outputs of a network", error);
    if (!lanes) return false;
    for (size_t e = 0; e < count; e += 16) {
        size_t rows = count - e < 16 ? count - e : 16;
        float part[16];
        turn(x + e * d, rows, d, lanes);
        guess_kernels()->outputs(model, w, lanes, part, lanes + d * 16);
        memcpy(u + e, part, rows * sizeof *u);
    }
    memory_free(lanes);
    return true;
}
