#include "num/linear.h"
#include "ridge/design.h"
#include <float.h>
#include <math.h>
#include <string.h>

// A batch of draws, one in each row: w_true (batch, d), X w_true and e (batch, n).
typedef struct Draws {
    size_t most, count;
    double *truth, *clean, *noise;
} Draws;

typedef struct Checker {
    size_t n, d, length; // of a right-hand side and of a solution: n + d
    double *x;           // (n, d)
    double *at;          // (n + d, min(n, d)), or transposed
    double *b;           // (2 batch, length): a row for each X w_true, then one for each e
    Draws draws;
} Checker;

enum { BATCH = 1 << 22 }; // numbers on one side of a batch, 32 MB

static void checker_free(Checker *c) {
    memory_free(c->x);
    memory_free(c->at);
    memory_free(c->b);
    memory_free(c->draws.truth);
    memory_free(c->draws.clean);
    memory_free(c->draws.noise);
}

static double *numbers(size_t rows, size_t columns, Error *error) {
    size_t bytes;
    if (__builtin_mul_overflow(columns, sizeof(double), &bytes)) bytes = SIZE_MAX;
    return memory_try(rows, bytes, "the Monte Carlo check", error);
}

static bool checker_new(const RidgeDesign *design, size_t draws, Checker *c, Error *error) {
    size_t n = design->n, d = design->d, length, most;
    *c = (Checker){.n = n, .d = d};
    if (!(c->x = numbers(n, d, error))) return false;
    length = c->length = n + d; // fits: n d numbers did
    most = BATCH / length;
    most = c->draws.most = most < 1 ? 1 : most < draws ? most : draws;
    return (c->at = numbers(length, n < d ? n : d, error)) &&
           (c->b = numbers(2 * most, length, error)) &&
           (c->draws.truth = numbers(most, d, error)) &&
           (c->draws.clean = numbers(most, n, error)) &&
           (c->draws.noise = numbers(most, n, error)) &&
           design->read(design, 0, n, 0, d, c->x, error);
}

static void draw(Checker *c, const RidgeLaw *law, uint64_t seed, size_t first, size_t count) {
    Draws *draws = &c->draws;
    draws->count = count;
    double signal = sqrt(law->signal / (double)c->d), noise = sqrt(law->noise);
    for (size_t k = 0; k < count; k++) {
        Random random = random_stream(seed, RANDOM_RIDGE, first + k);
        double *w = draws->truth + k * c->d, *e = draws->noise + k * c->n;
        for (size_t j = 0; j < c->d; j++) w[j] = signal * random_normal(&random);
        for (size_t i = 0; i < c->n; i++) e[i] = noise * random_normal(&random);
    }
    linear_product(&(LinearProduct){.m = count,
                                    .n = c->n,
                                    .k = c->d,
                                    .alpha = 1,
                                    .b_transposed = true,
                                    .a = draws->truth,
                                    .b = c->x,
                                    .y = draws->clean});
}

// Tall: A = X on top of sqrt(mu) I, and w is the least-squares solution of A w = (y, 0).
static void stack_tall(const Checker *c, double root, size_t rows) {
    memset(c->at, 0, rows * c->d * sizeof *c->at);
    for (size_t j = 0; j < c->d; j++) {
        double *column = c->at + j * rows;
        for (size_t i = 0; i < c->n; i++) column[i] = c->x[i * c->d + j];
        if (root > 0) column[c->n + j] = root;
    }
}

// Wide: A = [X, sqrt(mu) I], and w is the first part of the least (w, u) with A (w, u) = y: it
// has u = (y - X w) / sqrt(mu), so that |w|^2 + |u|^2 is the penalised loss over mu.
static void stack_wide(const Checker *c, double root, size_t columns) {
    memset(c->at, 0, columns * c->n * sizeof *c->at);
    for (size_t i = 0; i < c->n; i++) {
        for (size_t j = 0; j < c->d; j++) c->at[j * c->n + i] = c->x[i * c->d + j];
        if (root > 0) c->at[(c->d + i) * c->n + i] = root;
    }
}

// Into each row of c->b, length numbers apart, w_mu of the draw's X w_true, then of its e. At
// mu = 0 the minimum-norm solution, with the rank that the spectrum's rule gives.
static bool solve(const Checker *c, double mu, size_t *length, Error *error) {
    size_t n = c->n, d = c->d, extra = mu > 0 ? (n < d ? n : d) : 0, count = c->draws.count;
    bool wide = d > n;
    size_t m = wide ? n : n + extra, columns = wide ? d + extra : d,
           most = m > columns ? m : columns;
    if (wide)
        stack_wide(c, sqrt(mu), columns);
    else
        stack_tall(c, sqrt(mu), m);
    memset(c->b, 0, 2 * count * most * sizeof *c->b);
    for (size_t k = 0; k < count; k++) {
        memcpy(c->b + k * most, c->draws.clean + k * n, n * sizeof *c->b);
        memcpy(c->b + (count + k) * most, c->draws.noise + k * n, n * sizeof *c->b);
    }
    *length = most;
    return linear_least_squares(
        &(LinearLeastSquares){.m = m,
                              .n = columns,
                              .columns = 2 * count,
                              .tolerance = (double)(n > d ? n : d) * DBL_EPSILON,
                              .at = c->at,
                              .b = c->b},
        error);
}

// Running mean and sum of squared deviations in standard_error (Welford 1962).
static void moment_add(RidgeMoment *moment, double value, size_t number) {
    double step = value - moment->mean;
    moment->mean += step / (double)number;
    moment->standard_error += step * (value - moment->mean);
}

static void moment_end(RidgeMoment *moment, size_t draws) {
    if (draws < 2) *moment = (RidgeMoment){NAN, NAN};
    moment->standard_error = sqrt(moment->standard_error / (double)(draws - 1) / (double)draws);
}

static void count_draw(const Checker *c, size_t k, size_t length, RidgeCheck *check) {
    const double *truth = c->draws.truth + k * c->d;
    const double *fit = c->b + k * length, *v = c->b + (c->draws.count + k) * length;
    double risk = 0, bias = 0, variance = 0, cross = 0;
    for (size_t j = 0; j < c->d; j++) {
        double b = fit[j] - truth[j];
        risk += (b + v[j]) * (b + v[j]);
        bias += b * b;
        variance += v[j] * v[j];
        cross += 2 * b * v[j];
    }
    size_t number = ++check->draws;
    moment_add(&check->risk, risk, number);
    moment_add(&check->bias, bias, number);
    moment_add(&check->variance, variance, number);
    moment_add(&check->cross, cross, number);
}

static bool check_batch(const Checker *c, double mu, RidgeCheck *check, Error *error) {
    size_t length = c->length;
    if (mu == INFINITY)
        memset(c->b, 0, 2 * c->draws.count * length * sizeof *c->b); // w_mu = 0
    else if (!solve(c, mu, &length, error))
        return false;
    for (size_t k = 0; k < c->draws.count; k++) count_draw(c, k, length, check);
    return true;
}

bool ridge_check(const RidgeDesign *design, const RidgeLaw *law, size_t count, const double *mu,
                 size_t draws, uint64_t seed, RidgeCheck *check, Error *error) {
    if (draws < 2)
        return error_set(error, "a standard error needs at least 2 draws, not %zu", draws);
    Checker c;
    bool ok = checker_new(design, draws, &c, error);
    for (size_t m = 0; m < count; m++) check[m] = (RidgeCheck){.draws = 0};
    size_t part = 0, parts = ok ? (draws + c.draws.most - 1) / c.draws.most * count : 0;
    for (size_t first = 0; ok && first < draws; first += c.draws.most) {
        size_t left = draws - first;
        draw(&c, law, seed, first, left < c.draws.most ? left : c.draws.most);
        for (size_t m = 0; ok && m < count; m++)
            ok = design_tell(design, "the Monte Carlo check", part++, parts, error) &&
                 check_batch(&c, mu[m], &check[m], error);
    }
    for (size_t m = 0; m < count; m++) {
        moment_end(&check[m].risk, check[m].draws);
        moment_end(&check[m].bias, check[m].draws);
        moment_end(&check[m].variance, check[m].draws);
        moment_end(&check[m].cross, check[m].draws);
    }
    checker_free(&c);
    return ok;
}
