#include "num/linear.h"
#include "ridge/design.h"
#include "ridge/rank.h"
#include <float.h>
#include <math.h>
#include <string.h>

// A batch of draws, one in each row: w_true (batch, d), X w_true and e (batch, n). With an
// intercept n counts contrasts, and the mean of e over the rows, which goes into predictions, is a
// further number; else it is 0.
typedef struct Draws {
    size_t most, count;
    double *truth, *clean, *noise, *mean;
} Draws;

// The measure's q(a, b), rows a of `left` times rows b of `right`: the errors themselves, or what
// the matrix `by` (length, d) makes of them, on one side (S) or on both (X).
typedef struct Metric {
    size_t length;
    double scale, constant; // 1/N of the rows of X; se2 of fresh y
    double mean;            // standard deviation of the mean of e, where it is measured
    const double *by;       // or NULL
    bool both;
} Metric;

typedef struct Checker {
    size_t n, d, length; // of a right-hand side and of a solution: n + d
    double *x;           // (n, d)
    double *at;          // (n + d, min(n, d)), or transposed
    double *b;           // (2 batch, length): a row for each X w_true, then one for each e
    Draws draws;
    Metric metric;
    double *error, *image; // (2 batch, d), (2 batch, metric.length): b of all draws, then v
} Checker;

enum { BATCH = 1 << 22 }; // numbers on one side of a batch, 32 MB

static void checker_free(Checker *c) {
    memory_free(c->x);
    memory_free(c->at);
    memory_free(c->b);
    memory_free(c->error);
    memory_free(c->image);
    memory_free(c->draws.truth);
    memory_free(c->draws.clean);
    memory_free(c->draws.noise);
    memory_free(c->draws.mean);
}

static const char WHAT[] = "the Monte Carlo check";

static Metric metric_of(const RidgeDesign *design, const RidgeDraws *ask, const double *x) {
    RidgeMeasure measure = ask->measure;
    size_t n = design->n, d = design->d;
    double rows = (double)n + design->intercept;
    bool fresh = measure == RIDGE_ISOTROPIC || measure == RIDGE_COVARIANCE;
    Metric metric = {.length = d, .scale = 1, .constant = fresh ? ask->law.noise : 0};
    if (measure == RIDGE_COVARIANCE) metric.by = ask->sigma;
    if (measure == RIDGE_IN_SAMPLE)
        metric = (Metric){.length = n, .scale = 1 / rows, .by = x, .both = true};
    if (measure != RIDGE_PARAMETERS && design->intercept) metric.mean = sqrt(ask->law.noise / rows);
    return metric;
}

static bool checker_new(const RidgeDesign *design, const RidgeDraws *ask, Checker *c,
                        Error *error) {
    size_t n = design->n, d = design->d, draws = ask->draws, length, most;
    *c = (Checker){.n = n, .d = d};
    if (!(c->x = design_matrix(n, d, WHAT, error))) return false;
    c->metric = metric_of(design, ask, c->x);
    length = c->length = n + d; // fits: n d numbers did
    most = BATCH / length;
    most = c->draws.most = most < 1 ? 1 : most < draws ? most : draws;
    return (c->at = design_matrix(length, n < d ? n : d, WHAT, error)) &&
           (c->b = design_matrix(2 * most, length, WHAT, error)) &&
           (c->error = design_matrix(2 * most, d, WHAT, error)) &&
           (!c->metric.by || (c->image = design_matrix(2 * most, c->metric.length, WHAT, error))) &&
           (c->draws.truth = design_matrix(most, d, WHAT, error)) &&
           (c->draws.clean = design_matrix(most, n, WHAT, error)) &&
           (c->draws.noise = design_matrix(most, n, WHAT, error)) &&
           (c->draws.mean = design_matrix(most, 1, WHAT, error)) &&
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
        draws->mean[k] = c->metric.mean > 0 ? c->metric.mean * random_normal(&random) : 0;
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

// Tall: A = X on top of sqrt(mu) I, and w is the least-squares solution of A w = (y, 0). Wide: A =
// [X, sqrt(mu) I], and w is the first part of the least (w, u) with A (w, u) = y: it has u = (y - X
// w) / sqrt(mu), so that |w|^2 + |u|^2 is the penalised loss over mu.
typedef struct Stack {
    const Checker *checker;
    size_t m, columns; // of A
    double root;
} Stack;

static bool fill(void *context, double *at, Error *error) {
    const Stack *s = context;
    const Checker *c = s->checker;
    (void)error;
    memset(at, 0, s->m * s->columns * sizeof *at);
    for (size_t i = 0; i < c->n; i++) {
        for (size_t j = 0; j < c->d; j++) at[j * s->m + i] = c->x[i * c->d + j];
    }
    for (size_t j = 0; j + c->n < s->m; j++) at[j * s->m + c->n + j] = s->root;
    for (size_t i = 0; i + c->d < s->columns; i++) at[(c->d + i) * s->m + i] = s->root;
    return true;
}

// Into each row of c->b, length numbers apart, w_mu of the draw's X w_true, then of its e. At
// mu = 0 the minimum-norm solution.
static bool solve(const Checker *c, double mu, size_t *length, Error *error) {
    size_t n = c->n, d = c->d, extra = mu > 0 ? (n < d ? n : d) : 0, count = c->draws.count;
    bool wide = d > n;
    Stack stack = {c, wide ? n : n + extra, wide ? d + extra : d, sqrt(mu)};
    size_t most = stack.m > stack.columns ? stack.m : stack.columns;
    memset(c->b, 0, 2 * count * most * sizeof *c->b);
    for (size_t k = 0; k < count; k++) {
        memcpy(c->b + k * most, c->draws.clean + k * n, n * sizeof *c->b);
        memcpy(c->b + (count + k) * most, c->draws.noise + k * n, n * sizeof *c->b);
    }
    *length = most;
    return rank_least_squares(&(RankProblem){.n = n,
                                             .d = d,
                                             .outputs = 2 * count,
                                             .m = stack.m,
                                             .columns = stack.columns,
                                             .mu = mu,
                                             .fill = fill,
                                             .context = &stack,
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

// b and v of every draw, and their images.
static void find_errors(Checker *c, size_t length) {
    size_t d = c->d, count = c->draws.count;
    for (size_t k = 0; k < 2 * count; k++) {
        double *to = c->error + k * d;
        memcpy(to, c->b + k * length, d * sizeof *to);
        const double *truth = c->draws.truth + k * d;
        for (size_t j = 0; k < count && j < d; j++) to[j] -= truth[j];
    }
    if (!c->metric.by) return;
    linear_product(&(LinearProduct){.m = 2 * count,
                                    .n = c->metric.length,
                                    .k = d,
                                    .alpha = 1,
                                    .b_transposed = true,
                                    .a = c->error,
                                    .b = c->metric.by,
                                    .y = c->image});
}

static void count_draw(const Checker *c, size_t k, RidgeCheck *check) {
    const Metric *metric = &c->metric;
    size_t length = metric->length, other = c->draws.count + k;
    const double *left = metric->both ? c->image : c->error, *b = left + k * length;
    const double *right = metric->by ? c->image : c->error, *to_b = right + k * length;
    const double *v = left + other * length, *to_v = right + other * length;
    double risk = 0, bias = 0, variance = 0, cross = 0, mean = c->draws.mean[k];
    for (size_t j = 0; j < length; j++) {
        risk += (b[j] + v[j]) * (to_b[j] + to_v[j]);
        bias += b[j] * to_b[j];
        variance += v[j] * to_v[j];
        cross += b[j] * to_v[j] + v[j] * to_b[j];
    }
    size_t number = ++check->draws;
    moment_add(&check->risk, metric->scale * risk + mean * mean + metric->constant, number);
    moment_add(&check->bias, metric->scale * bias, number);
    moment_add(&check->variance, metric->scale * variance + mean * mean, number);
    moment_add(&check->cross, metric->scale * cross, number);
}

static bool check_batch(Checker *c, double mu, RidgeCheck *check, Error *error) {
    size_t length = c->length;
    if (mu == INFINITY)
        memset(c->b, 0, 2 * c->draws.count * length * sizeof *c->b); // w_mu = 0
    else if (!solve(c, mu, &length, error))
        return false;
    find_errors(c, length);
    for (size_t k = 0; k < c->draws.count; k++) count_draw(c, k, check);
    return true;
}

bool ridge_check(const RidgeDesign *design, const RidgeDraws *ask, size_t count, const double *mu,
                 RidgeCheck *check, Error *error) {
    size_t draws = ask->draws;
    if (draws < 2)
        return error_set(error, "a standard error needs at least 2 draws, not %zu", draws);
    REQUIRE((ask->sigma != NULL) == (ask->measure == RIDGE_COVARIANCE));
    Checker c;
    bool ok = checker_new(design, ask, &c, error);
    for (size_t m = 0; m < count; m++) check[m] = (RidgeCheck){.draws = 0};
    size_t part = 0, parts = ok ? (draws + c.draws.most - 1) / c.draws.most * count : 0;
    for (size_t first = 0; ok && first < draws; first += c.draws.most) {
        size_t left = draws - first;
        draw(&c, &ask->law, ask->seed, first, left < c.draws.most ? left : c.draws.most);
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
