// Stochastic Lanczos quadrature (Ubaru, Chen, Saad, SIAM J. Matrix Anal. Appl. 38, 2017). With
// A = T'T (s, s), T the design turned tall, and probes z of random signs, E z'f(A)z = tr f(A); m
// steps of Lanczos from z/|z| give a tridiagonal matrix whose eigenvalues theta_k and first
// components tau_k of its eigenvectors are a Gauss quadrature: z'f(A)z ~ s sum_k tau_k^2
// f(theta_k).
#include "num/linear.h"
#include "ridge/design.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { PROBES = 32, STEPS = 128 };
static const uint64_t FIRST_STREAM = 1ULL << 63;

typedef struct Lanczos {
    DesignBlocks blocks;
    size_t s, steps;
    bool one_block;        // block holds all of T
    double *block, *image; // (most, s), (PROBES, most)
    double *z, *w;         // (PROBES, s): the current vectors, A times them
    double *basis, *inner; // (PROBES, steps, s), (steps)
    double alpha[PROBES][STEPS], beta[PROBES][STEPS];
    size_t length[PROBES]; // of the tridiagonal matrix
    bool done[PROBES];
    double scale[PROBES]; // largest entry of the tridiagonal matrix
} Lanczos;

// w = A z for all probes: T is read once.
static bool multiply(Lanczos *l, Error *error) {
    memset(l->w, 0, PROBES * l->s * sizeof *l->w);
    for (size_t i = 0; i < l->blocks.rows; i += l->blocks.most) {
        size_t left = l->blocks.rows - i, count = left < l->blocks.most ? left : l->blocks.most;
        if (!l->one_block && !design_blocks_read(&l->blocks, i, count, l->block, error))
            return false;
        linear_product(&(LinearProduct){.m = PROBES,
                                        .n = count,
                                        .k = l->s,
                                        .alpha = 1,
                                        .a = l->z,
                                        .b = l->block,
                                        .b_transposed = true,
                                        .y = l->image});
        linear_product(&(LinearProduct){.m = PROBES,
                                        .n = l->s,
                                        .k = count,
                                        .alpha = 1,
                                        .beta = 1,
                                        .a = l->image,
                                        .b = l->block,
                                        .y = l->w});
    }
    return true;
}

// Subtracts from w its parts along the first `count` vectors of the basis; the part along the last.
static double subtract(Lanczos *l, const double *basis, size_t count, double *w) {
    linear_product(&(LinearProduct){
        .m = count, .n = 1, .k = l->s, .alpha = 1, .a = basis, .b = w, .y = l->inner});
    linear_product(&(LinearProduct){
        .m = 1, .n = l->s, .k = count, .alpha = -1, .beta = 1, .a = l->inner, .b = basis, .y = w});
    return l->inner[count - 1];
}

// Takes w = A z of one probe into its tridiagonal matrix and makes the next z. Once is not enough
// for orthogonality, twice is.
static void advance(Lanczos *l, size_t p) {
    double *z = l->z + p * l->s, *w = l->w + p * l->s, *basis = l->basis + p * l->steps * l->s;
    size_t k = l->length[p]++;
    memcpy(basis + k * l->s, z, l->s * sizeof *z);
    l->alpha[p][k] = subtract(l, basis, k + 1, w);
    l->alpha[p][k] += subtract(l, basis, k + 1, w);
    double beta = sqrt(linear_dot(l->s, w, w));
    l->beta[p][k] = beta;
    l->scale[p] = fmax(l->scale[p], fmax(fabs(l->alpha[p][k]), beta));
    double rounding = (double)l->blocks.rows * DBL_EPSILON * l->scale[p];
    l->done[p] = k + 1 == l->steps || beta <= rounding;
    for (size_t i = 0; i < l->s; i++) z[i] = l->done[p] ? 0 : w[i] / beta;
}

static bool step(Lanczos *l, bool *more, Error *error) {
    if (!multiply(l, error)) return false;
    *more = false;
    for (size_t p = 0; p < PROBES; p++) {
        if (!l->done[p]) advance(l, p);
        *more = *more || !l->done[p];
    }
    return true;
}

static void draw(Lanczos *l) {
    double length = sqrt((double)l->s);
    for (size_t p = 0; p < PROBES; p++) {
        Random random = random_stream(0, RANDOM_RIDGE, FIRST_STREAM + p);
        for (size_t i = 0; i < l->s; i++)
            l->z[p * l->s + i] = (random_bits(&random) & 1 ? 1 : -1) / length;
    }
}

// The nodes of one probe, descending, in a group of l->steps; where there are fewer, the largest is
// repeated with weight 0.
static bool add_nodes(const Lanczos *l, size_t p, double *work, RidgeSpectrum *spectrum,
                      Error *error) {
    size_t m = l->length[p], group = p * l->steps;
    double *value = work + m * m, weight = (double)l->s / PROBES;
    memset(work, 0, m * m * sizeof *work);
    for (size_t k = 0; k < m; k++) {
        work[k * m + k] = l->alpha[p][k];
        if (k + 1 < m) work[k * m + k + 1] = l->beta[p][k];
    }
    if (!linear_eigen(m, work, value, error)) return false;
    double least = value[m - 1] * spectrum_zero(spectrum);
    for (size_t k = 0; k < l->steps; k++) {
        size_t from = k + m < l->steps ? m - 1 : l->steps - 1 - k;
        double tau = k + m < l->steps ? 0 : work[from * m];
        spectrum->lambda[group + k] = value[from] > least ? value[from] : 0;
        spectrum->weight[group + k] = weight * tau * tau;
    }
    return true;
}

static bool gather(const Lanczos *l, RidgeSpectrum *spectrum, Error *error) {
    double *work = memory_try((STEPS + 1) * STEPS, sizeof *work, "a tridiagonal matrix", error);
    bool ok = work != NULL;
    for (size_t p = 0; ok && p < PROBES; p++) ok = add_nodes(l, p, work, spectrum, error);
    memory_free(work);
    double rank = 0;
    for (size_t i = 0; ok && i < spectrum->count; i++)
        rank += spectrum->lambda[i] > 0 ? spectrum->weight[i] : 0;
    spectrum->rank = (size_t)llround(rank);
    return ok;
}

static bool allocate(Lanczos *l, Error *error) {
    static const char what[] = "the vectors of the Lanczos method";
    size_t s = l->s;
    return (l->block = memory_try(l->blocks.most * s, sizeof(double), what, error)) &&
           (l->image = memory_try(PROBES * l->blocks.most, sizeof(double), what, error)) &&
           (l->z = memory_try(PROBES * s, sizeof(double), what, error)) &&
           (l->w = memory_try(PROBES * s, sizeof(double), what, error)) &&
           (l->basis = memory_try(PROBES * l->steps * s, sizeof(double), what, error)) &&
           (l->inner = memory_try(l->steps, sizeof(double), what, error));
}

static bool iterate(Lanczos *l, Error *error) {
    bool more = true;
    if (l->blocks.most == l->blocks.rows) {
        if (!design_blocks_read(&l->blocks, 0, l->blocks.rows, l->block, error)) return false;
        l->one_block = true;
    }
    draw(l);
    while (more) {
        if (!step(l, &more, error) || !design_blocks_check(&l->blocks, error)) return false;
    }
    return true;
}

static bool allocate_nodes(RidgeSpectrum *spectrum, size_t count, Error *error) {
    memory_free(spectrum->lambda);
    spectrum->count = count;
    spectrum->probes = PROBES;
    spectrum->lambda = memory_try(count, sizeof(double), "nodes", error);
    spectrum->weight = memory_try(count, sizeof(double), "weights", error);
    return spectrum->lambda && spectrum->weight;
}

bool spectrum_lanczos(const RidgeDesign *design, size_t numbers, RidgeSpectrum *spectrum,
                      Error *error) {
    Lanczos *l = memory_new(1, sizeof *l);
    l->s = spectrum->count;
    l->steps = l->s < STEPS ? l->s : STEPS;
    spectrum->route = RIDGE_LANCZOS;
    bool ok = design_blocks_open(&l->blocks, design, numbers, error) && allocate(l, error) &&
              iterate(l, error) && allocate_nodes(spectrum, PROBES * l->steps, error) &&
              gather(l, spectrum, error);
    design_blocks_close(&l->blocks);
    double *const held[] = {l->block, l->image, l->z, l->w, l->basis, l->inner};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) memory_free(held[i]);
    memory_free(l);
    return ok;
}
