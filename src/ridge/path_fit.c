#include "ridge/path.h"
#include "ridge/design.h"
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
    for (size_t i = 0; i < kept * o; i++) v[i] /= b->value[i / o];
    path_product(&out);
    if (fit->n_test == 0) return true;
    if (!add_columns(fit, b, r, error)) return false;
    predict(fit, r, a);
    record_test(fit, b, g);
    return true;
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
    bool ok = v && a && g &&
              (b->kind == PATH_DEFICIENT ? fit_deficient(fit, b, v, a, g, error)
                                         : fit_regular(fit, b, v, a, g, error));
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

static bool follow_path(Fit *fit, double *a, Error *error) {
    const RidgeDesign *design = fit->design;
    return path_factor(design->d, design->n, a, true, &fit->factor, error) && prepare(fit, error) &&
           (!design->intercept || spread_basis(fit, error)) && take_targets(fit, error) &&
           path_walk(&fit->factor, fit->most, visit, fit, error);
}

bool ridge_path_fit(const RidgeDesign *design, const RidgeTargets *targets, RidgeFit *result,
                    Error *error) {
    const RidgeDesign *test = targets->test;
    REQUIRE(targets->outputs > 0);
    REQUIRE(!test || test->n == targets->n_test);
    if (test && test->d != design->d)
        return error_set(error, "%s: %zu columns, but %s has %zu", test->name, test->d,
                         design->name, design->d);
    double *a = path_read(design, true, error);
    if (!a) return false;
    RidgeDesign *centred = NULL;
    if (test && design->intercept && !(centred = design_from_mean(test, design, error))) {
        memory_free(a);
        return false;
    }
    Fit fit = {.design = design,
               .n = design->n + design->intercept,
               .n_test = test ? test->n : 0,
               .outputs = targets->outputs,
               .targets = targets,
               .test = centred ? centred : test,
               .fit = result};
    for (size_t k = 0; k < design->d; k++) result[k].test_error = result[k].test_wrong = NAN;
    bool ok = follow_path(&fit, a, error);
    fit_free(&fit);
    ridge_design_close(centred);
    return ok || error_prefix(error, "%s", design->name);
}
