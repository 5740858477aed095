// Stochastic Lanczos quadrature (Ubaru, Chen, Saad, SIAM J. Matrix Anal. Appl. 38, 2017). With
// A = T'T (s, s), T the design turned tall, and probes z of random signs, E z'f(A)z = tr f(A); m
// steps of Lanczos from z/|z| give a tridiagonal matrix whose eigenvalues theta_k and first
// components tau_k of its eigenvectors are a Gauss quadrature: z'f(A)z ~ s sum_k tau_k^2
// f(theta_k).
//
// Every risk is a sum of u(lambda) = mu/(lambda + mu) and its square, whose derivatives change sign
// from one to the next: Gauss's quadrature is then a lower bound of z'f(A)z, and that of Gauss and
// Radau with a node at the lower end, 0, an upper one (Golub, Meurant, Matrices, Moments and
// Quadrature, 2010, chapter 6). Their gap is compared with the scatter of the probes.
#include "num/linear.h"
#include "num/panel.h"
#include "ridge/design.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { PROBES = PANEL, STEPS = 128, FIRST_LOOK = 8, LOOK = 4 }; // looks at the gap, in steps
static const uint64_t FIRST_STREAM = 1ULL << 63;
static const size_t BLOCK = (size_t)1 << 22; // numbers of T read at a time
static const double SMALL = 0.1;             // a gap, against the scatter
static const double NOTHING = 1e-10;         // a gap, against the sum: scatter may be 0
static const char *const STAGE = "stochastic Lanczos quadrature (may end early)";

typedef struct Lanczos {
    const RidgeDesign *design;
    DesignBlocks blocks;
    size_t s, steps, most; // steps done, steps at most
    double least_mu, zero; // zero: as in spectrum_zero
    bool one_block;        // block holds all of T
    double *block, *image; // (blocks.most, s), (blocks.most, PROBES)
    double *basis[STEPS];  // (s, PROBES): vector k of each probe
    double *w, *inner;     // (s, PROBES), (STEPS, PROBES)
    double alpha[PROBES][STEPS], beta[PROBES][STEPS];
    size_t length[PROBES]; // of the tridiagonal matrix
    bool ended[PROBES];    // the vectors span an invariant subspace: the quadrature is exact
    double scale[PROBES];  // largest entry of the tridiagonal matrix
    double *work;          // (STEPS + 2, STEPS + 1)
} Lanczos;

// ---- the recurrence ----

// w = A z for all probes: T is read once.
static bool multiply(Lanczos *l, const double *z, Error *error) {
    memset(l->w, 0, PROBES * l->s * sizeof *l->w);
    for (size_t i = 0; i < l->blocks.rows; i += l->blocks.most) {
        size_t left = l->blocks.rows - i, count = left < l->blocks.most ? left : l->blocks.most;
        if (!l->one_block && !design_blocks_read(&l->blocks, i, count, l->block, error))
            return false;
        panel_times(count, l->s, l->block, z, l->image);
        panel_add_transposed(count, l->s, l->block, l->image, l->w);
    }
    return l->blocks.checked || design_blocks_check(&l->blocks, error);
}

static double *new_panel(const Lanczos *l, Error *error) {
    return memory_try(PROBES * sizeof(double), l->s, "the vectors of the Lanczos method", error);
}

// Takes w = A z into the tridiagonal matrices: what is left of it, at right angles to all vectors
// so far, has length beta. Once is not enough for that, twice is.
static void orthogonalise(Lanczos *l, double length[PROBES]) {
    const double *const *basis = (const double *const *)l->basis;
    double first[PROBES], square[PROBES] = {0};
    size_t k = l->steps;
    panel_subtract(k + 1, l->s, basis, l->inner, l->w);
    memcpy(first, l->inner + k * PROBES, sizeof first);
    panel_subtract(k + 1, l->s, basis, l->inner, l->w);
    for (size_t i = 0; i < l->s; i++) {
        for (size_t p = 0; p < PROBES; p++)
            square[p] += l->w[i * PROBES + p] * l->w[i * PROBES + p];
    }
    for (size_t p = 0; p < PROBES; p++) {
        length[p] = sqrt(square[p]);
        if (l->ended[p]) continue;
        l->alpha[p][k] = first[p] + l->inner[k * PROBES + p];
        l->beta[p][k] = length[p];
        l->length[p] = k + 1;
        l->scale[p] = fmax(l->scale[p], fmax(fabs(l->alpha[p][k]), length[p]));
        double rounding = (double)l->blocks.rows * DBL_EPSILON * l->scale[p];
        l->ended[p] = k + 1 == l->s || length[p] <= rounding;
    }
}

static bool step(Lanczos *l, Error *error) {
    double length[PROBES];
    if (!multiply(l, l->basis[l->steps], error)) return false;
    orthogonalise(l, length);
    if (++l->steps == l->most) return true;
    double *next = l->basis[l->steps] = new_panel(l, error);
    for (size_t i = 0; next && i < l->s; i++) {
        for (size_t p = 0; p < PROBES; p++)
            next[i * PROBES + p] = l->ended[p] ? 0 : l->w[i * PROBES + p] / length[p];
    }
    return next != NULL;
}

static void draw(Lanczos *l) {
    double length = sqrt((double)l->s);
    for (size_t p = 0; p < PROBES; p++) {
        Random random = random_stream(0, RANDOM_RIDGE, FIRST_STREAM + p);
        for (size_t i = 0; i < l->s; i++)
            l->basis[0][i * PROBES + p] = (random_bits(&random) & 1 ? 1 : -1) / length;
    }
}

// ---- quadratures ----

// A quadrature of one probe: node (count) descending, weight (count), which sum to 1.
typedef struct Quadrature {
    size_t count;
    double node[STEPS + 1], weight[STEPS + 1];
} Quadrature;

// The last diagonal element that makes 0 an eigenvalue: a + beta^2 times the last element of the
// inverse of the matrix minus a (Golub, SIAM Review 15, 1973). a lies as far below 0 as
// rounding may have pushed an eigenvalue.
static double radau_element(const Lanczos *l, size_t p) {
    double a = -l->zero * l->scale[p], pivot = l->alpha[p][0] - a, tiny = DBL_EPSILON * -a;
    for (size_t k = 1; k < l->length[p]; k++) {
        double beta = l->beta[p][k - 1];
        pivot = l->alpha[p][k] - a - beta / fmax(pivot, tiny) * beta;
    }
    double beta = l->beta[p][l->length[p] - 1];
    return a + beta / fmax(pivot, tiny) * beta;
}

// Gauss's, or with a node at 0 beside; the same where the probe has ended.
static bool compute(const Lanczos *l, size_t p, bool radau, Quadrature *q, Error *error) {
    radau = radau && !l->ended[p];
    size_t m = l->length[p], n = q->count = m + radau;
    double *work = l->work, *value = work + n * n;
    memset(work, 0, n * n * sizeof *work);
    for (size_t k = 0; k < m; k++) {
        work[k * n + k] = l->alpha[p][k];
        if (k + 1 < n) work[k * n + k + 1] = l->beta[p][k];
    }
    if (radau) work[n * n - 1] = radau_element(l, p);
    if (!linear_eigen(n, work, value, error)) return false;
    double least = value[n - 1] * l->zero;
    for (size_t k = 0; k < n; k++) {
        size_t from = n - 1 - k;
        q->node[k] = value[from] > least ? value[from] : 0;
        q->weight[k] = work[from * n] * work[from * n];
    }
    return true;
}

static double least_node(const Quadrature *q) {
    for (size_t k = q->count; k > 0; k--) {
        if (q->node[k - 1] > 0) return q->node[k - 1];
    }
    return INFINITY;
}

// Sums of u and of u^2.
static void add_sums(const Quadrature *q, double mu, double sum[2]) {
    sum[0] = sum[1] = 0;
    for (size_t k = 0; k < q->count; k++) {
        double u = 1 / (q->node[k] / mu + 1);
        sum[0] += q->weight[k] * u;
        sum[1] += q->weight[k] * u * u;
    }
}

// The least mu that matters. Where it is 0, one so far below all nodes that little is left to it:
// as long as nodes come down, it does.
static bool smallest_mu(const Lanczos *l, double *mu, Error *error) {
    Quadrature q;
    *mu = l->least_mu > 0 ? l->least_mu : INFINITY;
    for (size_t p = 0; l->least_mu == 0 && p < PROBES; p++) {
        if (!compute(l, p, false, &q, error)) return false;
        *mu = fmin(*mu, least_node(&q) / 10);
    }
    return true;
}

// Whether the gaps are well below the standard errors of the means over probes.
static bool look(const Lanczos *l, bool *enough, Error *error) {
    double mu, mean[2] = {0, 0}, square[2] = {0, 0}, gap[2] = {0, 0};
    if (!smallest_mu(l, &mu, error)) return false;
    for (size_t p = 0; p < PROBES; p++) {
        Quadrature q;
        double low[2], high[2];
        if (!compute(l, p, false, &q, error)) return false;
        add_sums(&q, mu, low);
        if (!compute(l, p, true, &q, error)) return false;
        add_sums(&q, mu, high);
        for (int i = 0; i < 2; i++) { // Welford 1962
            double by = low[i] - mean[i];
            mean[i] += by / (double)(p + 1);
            square[i] += by * (low[i] - mean[i]);
            gap[i] += (high[i] - low[i]) / PROBES;
        }
    }
    *enough = true;
    for (int i = 0; i < 2; i++) {
        double scatter = sqrt(square[i] / (PROBES - 1) / PROBES);
        *enough = *enough && gap[i] <= fmax(SMALL * scatter, NOTHING * mean[i]);
    }
    return true;
}

// Into group p of lambda and weight, `size` numbers each; where there are fewer nodes, the largest
// is repeated with weight 0.
static void put(const Lanczos *l, const Quadrature *q, size_t p, size_t size, double *lambda,
                double *weight) {
    for (size_t k = 0; k < size; k++) {
        bool extra = k + q->count < size;
        size_t from = extra ? 0 : k + q->count - size;
        lambda[p * size + k] = q->node[from];
        weight[p * size + k] = extra ? 0 : q->weight[from] * (double)l->s / PROBES;
    }
}

static bool fill(const Lanczos *l, RidgeSpectrum *spectrum, Error *error) {
    Quadrature q;
    for (size_t p = 0; p < PROBES; p++) {
        if (!compute(l, p, false, &q, error)) return false;
        put(l, &q, p, l->steps, spectrum->lambda, spectrum->weight);
        if (!spectrum->end_lambda) continue;
        if (!compute(l, p, true, &q, error)) return false;
        put(l, &q, p, l->steps + 1, spectrum->end_lambda, spectrum->end_weight);
    }
    spectrum->rank = RIDGE_RANK_UNKNOWN;
    return true;
}

// ---- all of it ----

static bool all_ended(const Lanczos *l) {
    for (size_t p = 0; p < PROBES; p++) {
        if (!l->ended[p]) return false;
    }
    return true;
}

static bool allocate(Lanczos *l, Error *error) {
    static const char what[] = "a block of the Lanczos method";
    return (l->block = memory_try(l->blocks.most * sizeof(double), l->s, what, error)) &&
           (l->image = memory_try(PROBES * l->blocks.most, sizeof(double), what, error)) &&
           (l->w = new_panel(l, error)) && (l->basis[0] = new_panel(l, error)) &&
           (l->inner = memory_try(PROBES * STEPS, sizeof(double), what, error)) &&
           (l->work = memory_try((STEPS + 2) * (STEPS + 1), sizeof(double), what, error));
}

static bool iterate(Lanczos *l, Error *error) {
    bool enough = false;
    if (l->blocks.most == l->blocks.rows) {
        if (!design_blocks_read(&l->blocks, 0, l->blocks.rows, l->block, error)) return false;
        l->one_block = true;
    }
    draw(l);
    while (!enough) {
        if (!design_tell(l->design, STAGE, l->steps, l->most, error) || !step(l, error))
            return false;
        enough = l->steps == l->most || all_ended(l);
        bool due = l->steps >= FIRST_LOOK && l->steps % LOOK == 0;
        if (!enough && due && !look(l, &enough, error)) return false;
    }
    return true;
}

static bool allocate_nodes(const Lanczos *l, RidgeSpectrum *spectrum, Error *error) {
    size_t count = PROBES * l->steps, end = all_ended(l) ? 0 : count + PROBES;
    memory_free(spectrum->lambda);
    spectrum->count = count;
    spectrum->probes = PROBES;
    spectrum->lambda = memory_try(count, sizeof(double), "nodes", error);
    spectrum->weight = memory_try(count, sizeof(double), "weights", error);
    if (!spectrum->lambda || !spectrum->weight || end == 0)
        return spectrum->lambda && spectrum->weight;
    spectrum->end_lambda = memory_try(end, sizeof(double), "nodes", error);
    spectrum->end_weight = memory_try(end, sizeof(double), "weights", error);
    return spectrum->end_lambda && spectrum->end_weight;
}

bool spectrum_lanczos(const RidgeDesign *design, double least_mu, size_t numbers,
                      RidgeSpectrum *spectrum, Error *error) {
    Lanczos *l = memory_new(1, sizeof *l);
    l->design = design;
    l->s = spectrum->count;
    l->most = l->s < STEPS ? l->s : STEPS;
    l->least_mu = least_mu;
    l->zero = spectrum_zero(spectrum);
    spectrum->route = RIDGE_LANCZOS;
    bool keeps = design->n <= numbers / design->d;
    bool ok =
        design_blocks_open(&l->blocks, design, keeps || numbers < BLOCK ? numbers : BLOCK, error) &&
        allocate(l, error) && iterate(l, error) && allocate_nodes(l, spectrum, error) &&
        fill(l, spectrum, error);
    design_blocks_close(&l->blocks);
    double *const held[] = {l->block, l->image, l->w, l->inner, l->work};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) memory_free(held[i]);
    for (size_t k = 0; k < STEPS; k++) memory_free(l->basis[k]);
    memory_free(l);
    return ok;
}
