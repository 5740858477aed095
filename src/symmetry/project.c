// The nearest tied matrix.
#include "symmetry/inner.h"
#include <math.h>

static void fill(const SymmetryPattern *pattern, const DataMatrix *W, double *mean, double *P,
                 double *distance) {
    double sum = 0;
    for (size_t i = 0; i < W->rows; i++) {
        for (size_t j = 0; j < W->cols; j++) {
            double to = mean[symmetry_label(pattern, i, j)], gap = W->x[i * W->cols + j] - to;
            sum += gap * gap;
            P[i * W->cols + j] = to;
        }
    }
    *distance = sqrt(sum);
}

static void set_means(const SymmetryPattern *pattern, const DataMatrix *W, const uint32_t *size,
                      double *mean) {
    for (size_t i = 0; i < W->rows; i++)
        for (size_t j = 0; j < W->cols; j++)
            mean[symmetry_label(pattern, i, j)] += W->x[i * W->cols + j];
    for (size_t k = 0; k < pattern->weights; k++) mean[k] /= (double)size[k];
}

bool symmetry_project(const Symmetry *symmetry, const DataMatrix *W, double *P, double *distance,
                      Error *error) {
    SymmetryPattern pattern;
    if (!weights_fit(symmetry, W, error) || !symmetry_pattern(symmetry, &pattern, error))
        return false;
    double *mean = memory_try(pattern.weights, sizeof *mean, "means of orbits", error);
    uint32_t *size = memory_try(pattern.weights, sizeof *size, "sizes of orbits", error);
    bool ok = mean && size;
    if (ok) {
        symmetry_sizes(&pattern, size);
        set_means(&pattern, W, size, mean);
        fill(&pattern, W, mean, P, distance);
    }
    memory_free(mean);
    memory_free(size);
    symmetry_pattern_free(&pattern);
    return ok;
}
