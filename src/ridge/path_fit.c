#include "ridge/path.h"
#include "ridge/design.h"
#include <float.h>
#include <math.h>
#include <string.h>

// The rows of A are the columns of X: X_k = Q_r' L_k', z = Q y, w_k = L_k M z. On rows X_t the
// prediction is D M z with D = X_t,k L_k, and block steps add columns of H times rows of g to it:
// growing rows H = (T - D M C') D'^-1 with g their rows of z; dependent rows, taken away,
// H = (T - D M C') U^-1 with g = -U^-T C M z. T are the columns of X_t that come or go.
typedef struct Fit {
    const RidgeDesign *design;
    PathFactor factor;
    size_t n, n_test, outputs, most;
    const RidgeTargets *targets;
    const RidgeDesign *test; // rows less the mean row, with an intercept
    RidgeFit *fit;
    double *mean;          // (outputs) of y with an intercept, else 0: where every fit begins
    double *z;             // (q, outputs)
    double *fitted;        // (n, outputs): Q_r' z_r
    double *d;             // D' (q, n_test)
    double *columns, *h;   // (n_test, most)
    double *predicted;     // (n_test, outputs)
    double *error, *wrong; // (most + 1)
    double size;           // mean square of the test targets
} Fit;

// Predictions that change step by step: f (rows, outputs) += column j of h times row j of g.
typedef struct Series {
    size_t rows, outputs, steps, h_row, h_step;
    const double *h, *g, *y;
    double *f; // where the last step leaves it
} Series;

static const char WHAT[] = "predictions of a path";

static size_t answer(size_t outputs, const double *y) {
    if (outputs == 1) return (size_t)((y[0] > 0) - (y[0] < 0) + 1);
    size_t best = 0;
    for (size_t j = 1; j < outputs; j++)
        if (y[j] > y[best]) best = j;
    return best;
}

// Mean squared error and share of wrong answers before the first step and after each, into error
// and wrong (steps + 1).
static void follow(const Series *s, double *error, double *wrong) {
    size_t outputs = s->outputs;
    memset(error, 0, (s->steps + 1) * sizeof *error);
    memset(wrong, 0, (s->steps + 1) * sizeof *wrong);
    for (size_t i = 0; i < s->rows; i++) {
        double *f = s->f + i * outputs;
        const double *y = s->y + i * outputs, *h = s->h + i * s->h_row;
        size_t right = answer(outputs, y);
        for (size_t step = 0;; step++) {
            for (size_t j = 0; j < outputs; j++) error[step] += (f[j] - y[j]) * (f[j] - y[j]);
            wrong[step] += answer(outputs, f) != right;
            if (step == s->steps) break;
            double by = h[step * s->h_step];
            for (size_t j = 0; j < outputs; j++) f[j] += by * s->g[step * outputs + j];
        }
    }
    for (size_t step = 0; step <= s->steps; step++) {
        error[step] /= (double)(s->rows * outputs);
        wrong[step] /= (double)s->rows;
    }
}

// Which count step j of a block stands for; step 0 of growing rows is the count before them.
static RidgeFit *place(const Fit *fit, const PathBlock *b, size_t step) {
    if (b->kind == PATH_GROWS) return step ? fit->fit + b->first + step - 1 : NULL;
    return fit->fit + b->first + b->rows - 1 - step;
}

static void follow_train(Fit *fit, const PathBlock *b, size_t steps) {
    Series train = {.rows = fit->n,
                    .outputs = fit->outputs,
                    .steps = steps,
                    .h = fit->factor.basis + b->rank * fit->n,
                    .h_row = 1,
                    .h_step = fit->n,
                    .g = fit->z + b->rank * fit->outputs,
                    .y = fit->targets->y,
                    .f = fit->fitted};
    follow(&train, fit->error, fit->wrong);
}

static void record_train(Fit *fit, const PathBlock *b) {
    bool grows = b->kind == PATH_GROWS;
    follow_train(fit, b, grows ? b->steps : 0);
    for (size_t step = 0; step <= b->steps; step++) {
        RidgeFit *at = place(fit, b, step);
        if (!at) continue;
        at->train_error = fit->error[grows ? step : 0];
        at->train_wrong = fit->wrong[grows ? step : 0];
    }
}

// The columns of the test rows that belong to a block, and D with them in it, after `rank`
// coordinates.
static bool add_columns(Fit *fit, const PathBlock *b, size_t rank, Error *error) {
    const RidgeDesign *test = fit->test;
    const PathFactor *f = &fit->factor;
    double *c = design_matrix(b->rows, rank, WHAT, error);
    bool ok = c && test->read(test, 0, fit->n_test, b->first, b->rows, fit->columns, error);
    for (size_t i = 0; ok && i < b->rows; i++)
        memcpy(c + i * rank, f->l + (b->first + i) * f->q, rank * sizeof *c);
    if (ok)
        path_product(&(LinearProduct){.m = rank,
                                      .n = fit->n_test,
                                      .k = b->rows,
                                      .alpha = 1,
                                      .beta = 1,
                                      .a_transposed = true,
                                      .b_transposed = true,
                                      .a = c,
                                      .b = fit->columns,
                                      .y = fit->d});
    memory_free(c);
    return ok;
}

static void add_mean(const Fit *fit, size_t rows, double *f) {
    for (size_t k = 0; k < rows * fit->outputs; k++) f[k] += fit->mean[k % fit->outputs];
}

// predicted = mean + D a for a (rank, outputs).
static void predict(Fit *fit, size_t rank, const double *a) {
    path_product(&(LinearProduct){.m = fit->n_test,
                                  .n = fit->outputs,
                                  .k = rank,
                                  .alpha = 1,
                                  .a_transposed = true,
                                  .a = fit->d,
                                  .b = a,
                                  .y = fit->predicted});
    add_mean(fit, fit->n_test, fit->predicted);
}

// h = D M C', before D changes for growing rows and after it did for dependent ones.
static void smooth(Fit *fit, const PathBlock *b) {
    path_product(&(LinearProduct){.m = fit->n_test,
                                  .n = b->steps,
                                  .k = b->rank,
                                  .alpha = 1,
                                  .a_transposed = true,
                                  .a = fit->d,
                                  .b = b->solved,
                                  .y = fit->h});
}

static void record_test(Fit *fit, const PathBlock *b, const double *g) {
    size_t s = b->steps;
    for (size_t i = 0; i < fit->n_test; i++) {
        const double *column = fit->columns + i * b->rows;
        for (size_t j = 0; j < s; j++)
            fit->h[i * s + j] =
                column[b->kind == PATH_GROWS ? j : b->rows - 1 - j] - fit->h[i * s + j];
    }
    path_product(&(LinearProduct){.m = fit->n_test,
                                  .n = s,
                                  .k = s,
                                  .alpha = 1,
                                  .a = fit->h,
                                  .b = b->inverse,
                                  .y = fit->columns});
    Series test = {.rows = fit->n_test,
                   .outputs = fit->outputs,
                   .steps = s,
                   .h = fit->columns,
                   .h_row = s,
                   .h_step = 1,
                   .g = g,
                   .y = fit->targets->y_test,
                   .f = fit->predicted};
    follow(&test, fit->error, fit->wrong);
    for (size_t step = 0; step <= s; step++) {
        RidgeFit *at = place(fit, b, step);
        if (!at) continue;
        at->test_error = fit->error[step];
        at->test_wrong = fit->wrong[step];
    }
}

static double squares(size_t count, const double *x) {
    return count ? linear_dot(count, x, x) : 0;
}

// R^-T z, whose square is |w|^2, of growing rows gains row i of the inverse of [R, 0; C, D], times
// row i of g.
static void grow_norm(Fit *fit, const PathBlock *b, const double *g, double *v) {
    size_t r = b->rank, s = b->steps, o = fit->outputs;
    for (size_t i = 0; i < s; i++) {
        for (size_t j = 0; j < r + i + 1; j++) {
            double by = j < r ? -b->along[i * r + j] : b->inverse[(j - r) * s + i];
            for (size_t l = 0; l < o; l++) v[j * o + l] += by * g[i * o + l];
        }
        fit->fit[b->first + i].norm = squares((r + i + 1) * o, v);
    }
}

static void shrink_norm(Fit *fit, const PathBlock *b, const double *g, const double *v) {
    double norm = squares(b->rank * fit->outputs, v);
    for (size_t step = 0; step < b->rows; step++) {
        if (step) norm += squares(fit->outputs, g + (step - 1) * fit->outputs);
        fit->fit[b->first + b->rows - 1 - step].norm = norm;
    }
}

// g (steps, outputs) = -U^-T C M z.
static bool taken_away(const Fit *fit, const PathBlock *b, double *g, Error *error) {
    double *cmz = design_matrix(b->steps, fit->outputs, WHAT, error);
    if (!cmz) return false;
    path_product(&(LinearProduct){.m = b->steps,
                                  .n = fit->outputs,
                                  .k = b->rank,
                                  .alpha = 1,
                                  .a_transposed = true,
                                  .a = b->solved,
                                  .b = fit->z,
                                  .y = cmz});
    path_product(&(LinearProduct){.m = b->steps,
                                  .n = fit->outputs,
                                  .k = b->steps,
                                  .alpha = -1,
                                  .a_transposed = true,
                                  .a = b->inverse,
                                  .b = cmz,
                                  .y = g});
    memory_free(cmz);
    return true;
}

// v (rank + steps, outputs) = R^-T z, a = M z, and g.
static bool fit_regular(Fit *fit, const PathBlock *b, double *v, double *a, double *g,
                        Error *error) {
    size_t r = b->rank, o = fit->outputs;
    bool grows = b->kind == PATH_GROWS, tested = fit->n_test > 0;
    if (grows)
        memcpy(g, fit->z + r * o, b->steps * o * sizeof *g);
    else if (!taken_away(fit, b, g, error))
        return false;
    memcpy(v, fit->z, r * o * sizeof *v);
    path_solve(r, b->triangle, true, o, v);
    memcpy(a, v, r * o * sizeof *a);
    path_solve(r, b->triangle, false, o, a);
    if (tested && !grows && !add_columns(fit, b, r, error)) return false;
    if (tested) {
        predict(fit, r, a);
        smooth(fit, b);
    }
    if (tested && grows && !add_columns(fit, b, r + b->rows, error)) return false;
    record_train(fit, b);
    if (tested) record_test(fit, b, g);
    if (grows)
        grow_norm(fit, b, g, v);
    else
        shrink_norm(fit, b, g, v);
    return true;
}

// ---- predictions of their own ----

// How many digits D M z keeps of a prefix: its rounding is epsilon times the condition of |X_t|
// |w|, beside what comes out. Where columns nearly depend and test rows share that, w is large and
// X_t w is not. The bound is a coarse one: predictions that pass at 1e-5 agreed to 6e-14.
static bool is_lost(const Fit *fit, const PathBlock *b, size_t row) {
    const PathFactor *f = &fit->factor;
    size_t k = b->first + row;
    const RidgeFit *at = fit->fit + k;
    double length = f->scale[k] * sqrt(f->square[k]); // of X_k, at most
    double rounding =
        DBL_EPSILON * sqrt(b->trace[row]) * length * length * sqrt(at->norm / (double)fit->n);
    return !(rounding <= 1e-5 * sqrt(at->test_error + fit->size)); // nan, too
}

// A (k, c) with X_r = Q' A' in coordinates: rows of L, or of L v' for the c rows of v that count.
static double *take_rows(const Fit *fit, const PathBlock *b, size_t k, size_t c, Error *error) {
    const PathFactor *f = &fit->factor;
    size_t r = f->rank[k - 1];
    double *a = design_matrix(k, c, WHAT, error), *l = design_matrix(k, r, WHAT, error);
    for (size_t i = 0; a && l && i < k; i++) memcpy(l + i * r, f->l + i * f->q, r * sizeof *l);
    if (a && l && b->kind == PATH_DEFICIENT)
        path_product(&(LinearProduct){.m = k,
                                      .n = c,
                                      .k = r,
                                      .alpha = 1,
                                      .b_transposed = true,
                                      .a = l,
                                      .b = b->vector,
                                      .y = a});
    else if (a && l)
        memcpy(a, l, k * r * sizeof *a);
    memory_free(l);
    if (a && l) return a;
    memory_free(a);
    return NULL;
}

// w of least norm with A'w = g, g (c, outputs), into b (outputs, most), by an orthogonal
// factorisation of A.
static bool find_weights(const Fit *fit, const PathBlock *block, size_t k, size_t c,
                         const double *g, size_t most, double *b, Error *error) {
    size_t o = fit->outputs;
    double *a = take_rows(fit, block, k, c, error);
    if (!a) return false;
    for (size_t l = 0; l < o; l++)
        for (size_t i = 0; i < c; i++) b[l * most + i] = g[i * o + l];
    bool ok = linear_least_squares(
        &(LinearLeastSquares){.m = c, .n = k, .columns = o, .at = a, .b = b}, error);
    memory_free(a);
    return ok;
}

// predicted (n_test, count) = X_t w for w (count, most) of the first k columns, a block of columns
// after the other.
static bool multiply_out(Fit *fit, size_t k, size_t count, const double *w, size_t most,
                         double *predicted, Error *error) {
    double *part = design_matrix(fit->most, count, WHAT, error);
    bool ok = part != NULL;
    for (size_t j = 0, width; ok && j < k; j += width) {
        width = k - j < fit->most ? k - j : fit->most;
        for (size_t i = 0; i < width * count; i++) part[i] = w[i % count * most + j + i / count];
        ok = fit->test->read(fit->test, 0, fit->n_test, j, width, fit->columns, error);
        if (ok)
            path_product(&(LinearProduct){.m = fit->n_test,
                                          .n = count,
                                          .k = width,
                                          .alpha = 1,
                                          .beta = j > 0,
                                          .a = fit->columns,
                                          .b = part,
                                          .y = predicted});
    }
    memory_free(part);
    return ok;
}

// A prefix whose test error comes from its own w: a row of a block, and what Q'y is there, (c,
// outputs).
typedef struct Alone {
    size_t row, c;
    const double *g;
} Alone;

enum { TOGETHER = 16 }; // to read the test rows less often: random features are made each time

// w (outputs, most) of one prefix; what lies behind its columns stays 0.
static bool weights_alone(const Fit *fit, const PathBlock *block, const Alone *alone, size_t most,
                          double *w, Error *error) {
    size_t k = block->first + alone->row + 1, length = k > alone->c ? k : alone->c;
    if (alone->c == 0) return true;
    double *b = design_matrix(fit->outputs, length, WHAT, error);
    bool ok = b && find_weights(fit, block, k, alone->c, alone->g, length, b, error);
    for (size_t l = 0; ok && l < fit->outputs; l++)
        memcpy(w + l * most, b + l * length, k * sizeof *w);
    memory_free(b);
    return ok;
}

static void record_alone(Fit *fit, size_t k, size_t at, size_t count, const double *predicted) {
    size_t o = fit->outputs;
    for (size_t i = 0; i < fit->n_test; i++)
        memcpy(fit->predicted + i * o, predicted + i * count + at, o * sizeof *predicted);
    add_mean(fit, fit->n_test, fit->predicted);
    follow(
        &(Series){
            .rows = fit->n_test, .outputs = o, .y = fit->targets->y_test, .f = fit->predicted},
        fit->error, fit->wrong);
    fit->fit[k - 1].test_error = fit->error[0];
    fit->fit[k - 1].test_wrong = fit->wrong[0];
}

// The test errors of at most TOGETHER prefixes of a block, in ascending order of rows.
static bool predict_alone(Fit *fit, const PathBlock *block, size_t prefixes, const Alone *alone,
                          Error *error) {
    size_t o = fit->outputs, count = prefixes * o, first = block->first + 1;
    size_t most = first + alone[prefixes - 1].row;
    double *w = design_matrix(count, most, WHAT, error);
    double *predicted = design_matrix(fit->n_test, count, WHAT, error);
    bool ok = w && predicted;
    for (size_t i = 0; ok && i < prefixes; i++)
        ok = weights_alone(fit, block, &alone[i], most, w + i * o * most, error);
    ok = ok && multiply_out(fit, most, count, w, most, predicted, error);
    for (size_t i = 0; ok && i < prefixes; i++)
        record_alone(fit, first + alone[i].row, i * o, count, predicted);
    memory_free(w);
    memory_free(predicted);
    return ok;
}

static bool repair(Fit *fit, const PathBlock *b, Error *error) {
    Alone lost[TOGETHER];
    size_t count = 0;
    for (size_t i = 0; i < b->rows; i++) {
        if (is_lost(fit, b, i)) lost[count++] = (Alone){i, fit->factor.rank[b->first + i], fit->z};
        bool full = count == TOGETHER || (count > 0 && i + 1 == b->rows);
        if (full && !predict_alone(fit, b, count, lost, error)) return false;
        if (full) count = 0;
    }
    return true;
}

// One row: w = Q' V S^-1 U'y with the singular values that count, V'z in g.
static bool fit_deficient(Fit *fit, const PathBlock *b, double *v, double *a, double *g,
                          Error *error) {
    size_t r = b->rank, o = fit->outputs, kept = b->kept, before = b->first ? b->first - 1 : 0;
    bool grew = r > (b->first ? fit->factor.rank[before] : 0);
    LinearProduct in = {.m = kept, .n = o, .k = r, .alpha = 1, .a = b->vector, .b = fit->z, .y = g};
    LinearProduct out = {.m = r,
                         .n = o,
                         .k = kept,
                         .alpha = 1,
                         .a_transposed = true,
                         .a = b->vector,
                         .b = v,
                         .y = a};
    path_product(&in);
    if (grew) {
        PathBlock last = *b;
        last.rank = r - 1;
        follow_train(fit, &last, 1);
    }
    memcpy(v, g, kept * o * sizeof *v);
    path_product(&out);
    double *kept_fit = design_matrix(fit->n, o, WHAT, error), *all_fit = fit->fitted;
    if (!kept_fit) return false;
    path_product(&(LinearProduct){.m = fit->n,
                                  .n = o,
                                  .k = r,
                                  .alpha = 1,
                                  .a_transposed = true,
                                  .a = fit->factor.basis,
                                  .b = a,
                                  .y = kept_fit});
    add_mean(fit, fit->n, kept_fit);
    fit->fitted = kept_fit;
    record_train(fit, b);
    fit->fitted = all_fit;
    memory_free(kept_fit);
    for (size_t i = 0; i < kept * o; i++) v[i] /= b->value[i / o];
    fit->fit[b->first].norm = squares(kept * o, v);
    return fit->n_test == 0 ||
           (add_columns(fit, b, r, error) && predict_alone(fit, b, 1, &(Alone){0, kept, g}, error));
}

static bool visit(void *context, const PathBlock *b, Error *error) {
    Fit *fit = context;
    size_t o = fit->outputs;
    if (!design_tell(fit->design, "fit of the targets for every count", b->first, fit->factor.m,
                     error))
        return false;
    double *v = design_matrix(b->rank + b->steps, o, WHAT, error);
    double *a = design_matrix(b->rank, o, WHAT, error);
    double *g = design_matrix(b->rank > b->steps ? b->rank : b->steps, o, WHAT, error);
    bool ok = v && a && g;
    if (ok && b->kind == PATH_DEFICIENT)
        ok = fit_deficient(fit, b, v, a, g, error);
    else if (ok)
        ok = fit_regular(fit, b, v, a, g, error) && (fit->n_test == 0 || repair(fit, b, error));
    memory_free(v);
    memory_free(a);
    memory_free(g);
    return ok;
}

// At most a quarter of the rank at once: blocks of the test rows stay smaller than D.
static bool prepare(Fit *fit, Error *error) {
    size_t q = fit->factor.q, o = fit->outputs, t = fit->n_test;
    fit->most = q / 4 + 1;
    return (fit->z = design_matrix(q, o, WHAT, error)) &&
           (fit->mean = design_matrix(o, 1, WHAT, error)) &&
           (fit->fitted = design_matrix(fit->n, o, WHAT, error)) &&
           (fit->d = design_matrix(q, t, WHAT, error)) &&
           (fit->columns = design_matrix(t, fit->most, WHAT, error)) &&
           (fit->h = design_matrix(t, fit->most, WHAT, error)) &&
           (fit->predicted = design_matrix(t, o, WHAT, error)) &&
           (fit->error = design_matrix(fit->most + 1, 1, WHAT, error)) &&
           (fit->wrong = design_matrix(fit->most + 1, 1, WHAT, error));
}

static void fit_free(Fit *fit) {
    path_factor_free(&fit->factor);
    memory_free(fit->z);
    memory_free(fit->mean);
    memory_free(fit->fitted);
    memory_free(fit->d);
    memory_free(fit->columns);
    memory_free(fit->h);
    memory_free(fit->predicted);
    memory_free(fit->error);
    memory_free(fit->wrong);
}

// The basis (q, n - 1) of contrasts as one of the rows (q, n), whose rows add up to 0.
static bool spread_basis(Fit *fit, Error *error) {
    PathFactor *f = &fit->factor;
    double *basis = design_matrix(f->q, fit->n, "the basis of a path", error);
    if (!basis) return false;
    for (size_t i = 0; i < f->q; i++) {
        memcpy(basis + i * fit->n + 1, f->basis + i * f->p, f->p * sizeof *basis);
        design_spread(fit->n, 1, basis + i * fit->n);
    }
    memory_free(f->basis);
    f->basis = basis;
    return true;
}

// z = Q y, of y without its mean where there is an intercept.
static bool take_targets(Fit *fit, Error *error) {
    size_t n = fit->n, o = fit->outputs;
    double *y = design_matrix(n, o, WHAT, error);
    if (!y) return false;
    memcpy(y, fit->targets->y, n * o * sizeof *y);
    for (size_t j = 0; fit->design->intercept && j < o; j++)
        fit->mean[j] = design_centre(n, o, y + j);
    linear_product(&(LinearProduct){.m = fit->factor.q,
                                    .n = o,
                                    .k = n,
                                    .alpha = 1,
                                    .a = fit->factor.basis,
                                    .b = y,
                                    .y = fit->z});
    add_mean(fit, n, fit->fitted);
    memory_free(y);
    return true;
}

// ---- every prefix on its own ----

// Mean squared error and share of wrong answers of mean + X w for the first k columns of rows x (n,
// d), w (k, outputs); f (n, outputs) is room.
static void measure(const Fit *fit, size_t n, const double *x, size_t k, const double *w,
                    const double *y, double *f, double *error, double *wrong) {
    size_t d = fit->design->d, o = fit->outputs;
    for (size_t i = 0; i < n; i++) {
        memcpy(f + i * o, fit->mean, o * sizeof *f);
        for (size_t j = 0; j < k; j++)
            for (size_t l = 0; l < o; l++) f[i * o + l] += x[i * d + j] * w[j * o + l];
    }
    follow(&(Series){.rows = n, .outputs = o, .y = y, .f = f}, error, wrong);
}

typedef struct Each {
    Fit *fit;
    double *x, *x_test; // (n, d), (n_test, d): centred with an intercept
    double *y;          // (design's rows, outputs): contrasts with an intercept
    double *w, *c, *f;  // (d, outputs), (min(n, d), outputs), (rows, outputs)
} Each;

// w = V diag(1/value) U'y
static bool visit_one(void *context, size_t k, const RankSvd *svd, Error *error) {
    const Each *each = context;
    const Fit *fit = each->fit;
    size_t r = svd->count, o = fit->outputs;
    RidgeFit *to = fit->fit + k - 1;
    (void)error;
    LinearProduct in = {.m = r, .n = o, .k = fit->design->n, .alpha = 1, .a_transposed = true};
    LinearProduct out = {.m = k, .n = o, .k = r, .alpha = 1, .a_transposed = true};
    in.a = svd->u, in.b = each->y, in.y = each->c;
    out.a = svd->vt, out.b = each->c, out.y = each->w;
    path_product(&in);
    for (size_t i = 0; i < r * o; i++) each->c[i] /= svd->value[i / o];
    path_product(&out);
    to->norm = squares(k * o, each->w);
    measure(fit, fit->n, each->x, k, each->w, fit->targets->y, each->f, &to->train_error,
            &to->train_wrong);
    if (fit->n_test)
        measure(fit, fit->n_test, each->x_test, k, each->w, fit->targets->y_test, each->f,
                &to->test_error, &to->test_wrong);
    return true;
}

// With an intercept contrasts of the rows and of y, and the centred rows.
static bool fill_each(const Each *each, Error *error) {
    const Fit *fit = each->fit;
    const RidgeDesign *design = fit->design;
    size_t n = fit->n, d = design->d, o = fit->outputs, behind = n - design->n;
    double *y = design_matrix(n, 1, WHAT, error);
    bool ok =
        y && design->read(design, 0, design->n, 0, d, each->x + behind * d, error) &&
        (fit->n_test == 0 || fit->test->read(fit->test, 0, fit->n_test, 0, d, each->x_test, error));
    if (ok && behind) design_spread(n, d, each->x);
    for (size_t j = 0; ok && j < o; j++) {
        for (size_t i = 0; i < n; i++) y[i] = fit->targets->y[i * o + j];
        if (behind) fit->mean[j] = design_gather(n, y);
        for (size_t i = 0; i < design->n; i++) each->y[i * o + j] = y[i];
    }
    memory_free(y);
    return ok;
}

static bool fit_each(Fit *fit, Error *error) {
    size_t n = fit->n, d = fit->design->d, t = fit->n_test, o = fit->outputs;
    Each each = {.fit = fit};
    bool ok = (fit->mean = design_matrix(o, 1, WHAT, error)) &&
              (each.x = design_matrix(n, d, WHAT, error)) &&
              (each.x_test = design_matrix(t, d, WHAT, error)) &&
              (each.y = design_matrix(n, o, WHAT, error)) &&
              (each.w = design_matrix(d, o, WHAT, error)) &&
              (each.c = design_matrix(n < d ? n : d, o, WHAT, error)) &&
              (each.f = design_matrix(n > t ? n : t, o, WHAT, error)) && fill_each(&each, error) &&
              path_each(fit->design, true, visit_one, &each, error);
    double *const held[] = {each.x, each.x_test, each.y, each.w, each.c, each.f};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) memory_free(held[i]);
    return ok;
}

static bool follow_path(Fit *fit, Error *error) {
    const RidgeDesign *design = fit->design;
    if (!path_factor(design, true, &fit->factor, error)) return false;
    if (path_goes_one_by_one(&fit->factor)) return fit_each(fit, error);
    return prepare(fit, error) && (!design->intercept || spread_basis(fit, error)) &&
           take_targets(fit, error) &&
           path_walk(design, &fit->factor, fit->most, visit, fit, error);
}

bool ridge_path_fit(const RidgeDesign *design, const RidgeTargets *targets, RidgeFit *result,
                    Error *error) {
    const RidgeDesign *test = targets->test;
    REQUIRE(targets->outputs > 0);
    REQUIRE(!test || test->n == targets->n_test);
    if (test && test->d != design->d)
        return error_set(error, "%s: %zu columns, but %s has %zu", test->name, test->d,
                         design->name, design->d);
    RidgeDesign *centred = NULL;
    if (test && design->intercept && !(centred = design_from_mean(test, design, error)))
        return false;
    for (size_t k = 0; k < design->d; k++) result[k].test_error = result[k].test_wrong = NAN;
    Fit fit = {.design = design,
               .n = design->n + design->intercept,
               .n_test = test ? test->n : 0,
               .outputs = targets->outputs,
               .targets = targets,
               .test = centred ? centred : test,
               .fit = result};
    size_t targets_count = fit.n_test * fit.outputs;
    for (size_t i = 0; i < targets_count; i++)
        fit.size += targets->y_test[i] * targets->y_test[i] / (double)targets_count;
    bool ok = follow_path(&fit, error);
    fit_free(&fit);
    ridge_design_close(centred);
    return ok;
}
