#include "init/schemes.h"
#include <math.h>

// One function for each law: fills count numbers of this standard deviation.
typedef void Draw(Random *random, double sigma, int64_t count, float *w);

static void draw_normal(Random *random, double sigma, int64_t count, float *w) {
    for (int64_t i = 0; i < count; i++) w[i] = (float)(sigma * random_normal(random));
}

static void draw_uniform(Random *random, double bound, int64_t count, float *w) {
    for (int64_t i = 0; i < count; i++) w[i] = (float)(bound * (2 * random_uniform(random) - 1));
}

static void draw_ternary(Random *random, double sigma, int64_t count, float *w) {
    double s = sigma * sqrt(1.5);
    for (int64_t i = 0; i < count; i++) w[i] = (float)(s * ((double)random_below(random, 3) - 1));
}

static void draw_sign(Random *random, double sigma, int64_t count, float *w) {
    for (int64_t i = 0; i < count; i++) w[i] = (float)(random_bits(random) & 1 ? sigma : -sigma);
}

const char *const init_laws[] = {"scheme", "normal",     "uniform", "ternary",
                                 "sign",   "orthogonal", NULL};

static Draw *const DRAW[] = {
    [LAW_NORMAL] = draw_normal,
    [LAW_UNIFORM] = draw_uniform,
    [LAW_TERNARY] = draw_ternary,
    [LAW_SIGN] = draw_sign,
};

// ---- orthogonal ----

static double dot(const double *a, const double *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

// Takes what lies along the vectors before it out of v, then brings it to length 1. Twice is enough
// (Giraud et al. 2005).
static void orthogonalise(double *basis, size_t k, size_t n) {
    double *v = basis + k * n;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < k; i++) {
            const double *b = basis + i * n;
            double along = dot(b, v, n);
            for (size_t j = 0; j < n; j++) v[j] -= along * b[j];
        }
    }
    double length = sqrt(dot(v, v, n));
    for (size_t j = 0; j < n; j++) v[j] /= length;
}

// Uniformly among all orthonormal frames (Haar): Gram-Schmidt of a Gaussian matrix; by a loop of
// fixed order and not by LAPACK, whose bits depend on its threads.
static bool draw_orthogonal(const LayerSlot *slot, double sigma, Random *random, float *w,
                            Error *error) {
    size_t rows = (size_t)slot->size[0], columns = (size_t)(slot->count / slot->size[0]);
    bool wide = rows <= columns;
    size_t vectors = wide ? rows : columns, n = wide ? columns : rows;
    double *basis = memory_try(vectors * n, sizeof *basis, "an orthogonal matrix", error);
    if (!basis) return false;
    for (size_t k = 0; k < vectors; k++) {
        for (size_t j = 0; j < n; j++) basis[k * n + j] = random_normal(random);
        orthogonalise(basis, k, n);
    }
    double scale = sigma * sqrt((double)n);
    for (size_t k = 0; k < vectors; k++) {
        for (size_t j = 0; j < n; j++)
            w[wide ? k * n + j : j * vectors + k] = (float)(scale * basis[k * n + j]);
    }
    memory_free(basis);
    return true;
}

bool init_draw(const LayerSlot *slot, InitLaw law, double square, Random *random, float *w,
               Error *error) {
    double scale = sqrt(square);
    if (law == LAW_ORTHOGONAL && slot->role == ROLE_WEIGHT)
        return draw_orthogonal(slot, scale, random, w, error);
    if (law == LAW_ORTHOGONAL) law = LAW_NORMAL; // of a bias
    DRAW[law](random, scale, slot->count, w);
    return true;
}
