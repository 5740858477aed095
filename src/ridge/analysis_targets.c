#include "num/linear.h"
#include "ridge/analysis.h"
#include "ridge/design.h"
#include <math.h>
#include <string.h>

static const size_t BLOCK = (size_t)1 << 20; // numbers of the test rows that are read at a time

static bool file_targets(const char *path, Targets *targets, Error *error) {
    RidgeDesign *file = ridge_design_open(path, &(RidgeDesignOptions){0}, error);
    if (!file) return false;
    targets->n = file->n;
    targets->outputs = file->d;
    targets->y = memory_try(file->n, file->d * sizeof(double), "targets", error);
    bool ok = targets->y && file->read(file, 0, file->n, 0, file->d, targets->y, error);
    ridge_design_close(file);
    return ok;
}

static bool real_targets(const DataSet *set, bool test, Targets *targets, Error *error) {
    const float *from = test ? set->t_test : set->t_train;
    const double *exact = test ? set->t_test_double : set->t_train_double;
    size_t count = targets->n * targets->outputs;
    targets->y = memory_try(count, sizeof(double), "targets", error);
    for (size_t i = 0; targets->y && i < count; i++)
        targets->y[i] = exact ? exact[i] : (double)from[i];
    return targets->y != NULL;
}

static bool class_targets(const DataSet *set, bool test, Targets *targets, Error *error) {
    size_t classes = (size_t)set->classes;
    const int32_t *label = test ? set->y_test : set->y_train;
    targets->y = memory_try(targets->n * classes, sizeof(double), "targets", error);
    for (size_t i = 0; targets->y && i < targets->n; i++) {
        for (size_t c = 0; c < classes; c++)
            targets->y[i * classes + c] = (label[i] == (int32_t)c) - 1.0 / (double)classes;
    }
    return targets->y != NULL;
}

static bool own_targets(const RidgeRequest *request, bool test, Targets *targets, Error *error) {
    bool matrix = data_file_named(request->data) && !design_is_data_set(request->data);
    if (matrix || design_is_gaussian(request->data))
        return error_set(error, "%s: only a data set has targets of its own; --targets FILE fits",
                         request->data);
    const DataSet *set = data_open_double(request->data, error);
    if (!set) return false;
    targets->n = test ? set->n_test : set->n_train;
    if (!test && request->design.samples) targets->n = (size_t)request->design.samples;
    targets->classes = set->classes; // also where there are no rows: a set without a test part
    targets->outputs = set->classes ? (size_t)set->classes : set->outputs;
    bool ok =
        targets->n == 0 || (set->classes ? class_targets : real_targets)(set, test, targets, error);
    data_close(set);
    return ok;
}

bool targets_read(const RidgeRequest *request, bool test, Targets *targets, Error *error) {
    *targets = (Targets){0};
    bool own = strcmp(request->targets, "own") == 0;
    return own ? own_targets(request, test, targets, error)
               : file_targets(request->targets, targets, error);
}

// Along features with several outputs only the fits are wanted: no class need be chosen.
static bool only_fits(const RidgeRequest *request, const Targets *all) {
    return request->vary == RIDGE_FEATURES && request->class < 0 && all->outputs > 1 &&
           all->classes != 2;
}

static int64_t class_of(const RidgeRequest *request, const Targets *all) {
    return all->classes == 2 && request->class < 0 ? 1 : request->class;
}

// Whether one column can be taken: a real target, or one class against the rest.
static bool check_column(const RidgeRequest *request, const Targets *all, Error *error) {
    int64_t class = class_of(request, all);
    if (all->classes && (class < 0 || class >= all->classes))
        return error_set(error, "%s has %d classes; --class 0 to %d takes one against the rest",
                         request->data, all->classes, all->classes - 1);
    if (!all->classes && class >= 0)
        return error_set(error, "%s: real targets have no classes; --class is for a data set's own",
                         strcmp(request->targets, "own") == 0 ? request->data : request->targets);
    if (!all->classes && all->outputs != 1)
        return error_set(error, "%s: %zu targets for each row; one is expected",
                         strcmp(request->targets, "own") == 0 ? request->data : request->targets,
                         all->outputs);
    return true;
}

static void take_column(const RidgeRequest *request, const Targets *all, double *y) {
    size_t class = all->classes ? (size_t)class_of(request, all) : 0;
    for (size_t i = 0; i < all->n; i++) {
        double value = all->y[i * all->outputs + class];
        y[i] = all->classes ? (value > 0 ? 1 : -1) : value;
    }
}

// column: n rows of one output; without rows y stays NULL.
static bool read_column(const RidgeRequest *request, bool test, Targets *column, Error *error) {
    Targets all;
    *column = (Targets){0};
    bool ok = targets_read(request, test, &all, error) && check_column(request, &all, error);
    if (ok && all.n) {
        *column = (Targets){.n = all.n, .outputs = 1};
        column->y = memory_try(all.n, sizeof(double), "targets", error);
        ok = column->y != NULL;
    }
    if (ok && all.n) take_column(request, &all, column->y);
    memory_free(all.y);
    return ok;
}

enum { CHOSEN = 4 }; // values of mu that are tried on test rows

// mean + X w for each row of w (CHOSEN, d): mean squared errors on the test rows, into mse
// (CHOSEN).
static bool squared_errors(const RidgeDesign *test, const double *y, double mean, const double *w,
                           double *mse, Error *error) {
    size_t d = test->d, most = BLOCK / d + 1;
    if (most > test->n) most = test->n;
    double *x = memory_try(most, (d + CHOSEN) * sizeof *x, "held-out rows", error);
    bool ok = x != NULL;
    memset(mse, 0, CHOSEN * sizeof *mse);
    for (size_t i = 0; ok && i < test->n; i += most) {
        size_t rows = test->n - i < most ? test->n - i : most;
        double *f = x + most * d; // (rows, CHOSEN)
        ok = test->read(test, i, rows, 0, d, x, error);
        LinearProduct product = {.m = rows, .n = CHOSEN, .k = d, .alpha = 1, .b_transposed = true};
        product.a = x, product.b = w, product.y = f;
        if (ok) linear_product(&product);
        for (size_t k = 0; ok && k < CHOSEN * rows; k++) {
            double e = mean + f[k] - y[i + k / CHOSEN];
            mse[k % CHOSEN] += e * e / (double)test->n;
        }
    }
    memory_free(x);
    return ok;
}

// Mean squared errors on the test rows of the data set, where it has some.
static bool hold_out(const RidgeRequest *request, const RidgeDesign *train,
                     const RidgeSolver *solver, RidgeReal *real, Error *error) {
    Targets test;
    size_t d = train->d;
    const double mu[CHOSEN] = {real->chosen_mu, real->evidence_mu, real->leave_one_out.mu,
                               real->gcv.mu};
    double *to[CHOSEN] = {&real->held_out, &real->held_out_evidence, &real->held_out_loo,
                          &real->held_out_gcv};
    for (size_t k = 0; k < CHOSEN; k++) *to[k] = NAN;
    if (strcmp(request->targets, "own") != 0) return true;
    if (!read_column(request, true, &test, error)) return false;
    if (!(real->n_test = test.n)) return true;
    RidgeDesignOptions options = request->design;
    options.test = true;
    RidgeDesign *rows = ridge_design_open(request->data, &options, error), *design = rows;
    if (rows && train->intercept) design = design_from_mean(rows, train, error);
    double mse[CHOSEN],
        *w = design ? memory_try(CHOSEN * d, sizeof *w, "held-out rows", error) : NULL;
    bool ok = w != NULL;
    for (size_t k = 0; ok && k < CHOSEN; k++) ridge_solver_weights(solver, mu[k], w + k * d);
    ok = ok && squared_errors(design, test.y, ridge_solver_mean(solver), w, mse, error);
    for (size_t k = 0; ok && k < CHOSEN; k++) *to[k] = mse[k];
    if (design != rows) ridge_design_close(design);
    ridge_design_close(rows);
    memory_free(test.y);
    memory_free(w);
    return ok;
}

static void choose_mu(const RidgeAnalysis *analysis, RidgeReal *real) {
    size_t best = 0;
    for (size_t i = 1; i < analysis->mu_count; i++) {
        if (real->at[i].leave_one_out < real->at[best].leave_one_out) best = i;
    }
    real->chosen_mu = analysis->mu[best];
}

static bool validate(const RidgeDesign *design, const double *y, RidgeAnalysis *analysis,
                     Error *error) {
    RidgeReal *real = analysis->real = memory_new(1, sizeof *real);
    size_t count = analysis->mu_count;
    real->at = memory_try(count, sizeof *real->at, "cross-validation", error);
    if (!real->at) return false;
    RidgeSolver *solver = design_tell(design, "singular vectors", 0, 0, error)
                              ? ridge_solver_new(design, y, error)
                              : NULL;
    if (!solver) return false;
    ridge_solver_validate_all(solver, count, analysis->mu, real->at);
    real->evidence = ridge_solver_evidence(solver);
    real->evidence_mu = ridge_best_mu(&real->evidence.law, design->d);
    choose_mu(analysis, real);
    bool ok = design_tell(design, "the least leave-one-out error", 0, 0, error);
    if (ok) {
        real->leave_one_out = ridge_solver_least(solver, RIDGE_LEAVE_ONE_OUT);
        real->gcv = ridge_solver_least(solver, RIDGE_GCV);
        real->lacks_intercept = ridge_solver_lacks_intercept(solver);
        ok = hold_out(analysis->request, design, solver, real, error);
    }
    ridge_solver_free(solver);
    return ok;
}

bool targets_check(const RidgeDesign *design, const RidgeRequest *request, Error *error) {
    Targets all;
    if (!request->targets) return true;
    if (!targets_read(request, false, &all, error)) return false;
    size_t rows = design->n + design->intercept;
    bool ok = all.n == rows || error_set(error, "%s: %zu targets, but %s has %zu rows",
                                         request->targets, all.n, design->name, rows);
    ok = ok && (only_fits(request, &all) || check_column(request, &all, error));
    memory_free(all.y);
    return ok;
}

bool analysis_targets(const RidgeDesign *design, RidgeAnalysis *analysis, Error *error) {
    const RidgeRequest *request = analysis->request;
    Targets all, column;
    if (!request->targets) return true;
    if (!targets_read(request, false, &all, error)) return false;
    bool only = only_fits(request, &all);
    memory_free(all.y);
    if (only) return true;
    bool ok =
        read_column(request, false, &column, error) && validate(design, column.y, analysis, error);
    memory_free(column.y);
    if (!ok && analysis->real) {
        memory_free(analysis->real->at);
        memory_free(analysis->real);
        analysis->real = NULL;
    }
    return ok;
}
