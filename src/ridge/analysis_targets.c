#include "ridge/analysis.h"
#include <math.h>
#include <string.h>

static bool one_column(const char *path, Targets *targets, Error *error) {
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
    targets->outputs = set->outputs;
    const float *from = test ? set->t_test : set->t_train;
    size_t count = targets->n * targets->outputs;
    targets->y = memory_try(count, sizeof(double), "targets", error);
    for (size_t i = 0; targets->y && i < count; i++) targets->y[i] = (double)from[i];
    return targets->y != NULL;
}

static bool class_targets(const DataSet *set, bool test, Targets *targets, Error *error) {
    size_t classes = (size_t)set->classes;
    const int32_t *label = test ? set->y_test : set->y_train;
    targets->outputs = classes;
    targets->classes = set->classes;
    targets->y = memory_try(targets->n * classes, sizeof(double), "targets", error);
    for (size_t i = 0; targets->y && i < targets->n; i++) {
        for (size_t c = 0; c < classes; c++)
            targets->y[i * classes + c] = (label[i] == (int32_t)c) - 1.0 / (double)classes;
    }
    return targets->y != NULL;
}

static bool own_targets(const RidgeRequest *request, bool test, Targets *targets, Error *error) {
    if (data_file_named(request->data) || text_starts(request->data, "gaussian:"))
        return error_set(error, "%s: only a data set has targets of its own; --targets FILE fits",
                         request->data);
    const DataSet *set = data_open(request->data, error);
    if (!set) return false;
    targets->n = test ? set->n_test : set->n_train;
    if (!test && request->design.samples) targets->n = (size_t)request->design.samples;
    bool ok =
        targets->n == 0 || (set->classes ? class_targets : real_targets)(set, test, targets, error);
    data_close(set);
    return ok;
}

bool targets_read(const RidgeRequest *request, bool test, Targets *targets, Error *error) {
    *targets = (Targets){0};
    bool own = strcmp(request->targets, "own") == 0;
    return own ? own_targets(request, test, targets, error)
               : one_column(request->targets, targets, error);
}

// One column: a real target, or one class against the rest.
static bool take_column(const RidgeRequest *request, const Targets *all, double *y, Error *error) {
    int64_t class = request->class;
    if (all->classes == 2 && class < 0) class = 1;
    if (all->classes && (class < 0 || class >= all->classes))
        return error_set(error, "%s has %d classes; --class 0 to %d takes one against the rest",
                         request->data, all->classes, all->classes - 1);
    if (!all->classes && all->outputs != 1)
        return error_set(error, "%s: %zu targets for each row; one is expected",
                         strcmp(request->targets, "own") == 0 ? request->data : request->targets,
                         all->outputs);
    for (size_t i = 0; i < all->n; i++) {
        double value = all->y[i * all->outputs + (all->classes ? (size_t) class : 0)];
        y[i] = all->classes ? (value > 0 ? 1 : -1) : value;
    }
    return true;
}

// column: n rows of one output; without rows y stays NULL.
static bool read_column(const RidgeRequest *request, bool test, Targets *column, Error *error) {
    Targets all;
    *column = (Targets){0};
    bool ok = targets_read(request, test, &all, error);
    if (ok && all.n) {
        *column = (Targets){.n = all.n, .outputs = 1};
        column->y = memory_try(all.n, sizeof(double), "targets", error);
        ok = column->y && take_column(request, &all, column->y, error);
    }
    memory_free(all.y);
    if (!ok) memory_free(column->y);
    if (!ok) column->y = NULL;
    return ok;
}

static double squared_error(const RidgeDesign *test, const double *y, const double *w, double *x,
                            Error *error) {
    double sum = 0;
    for (size_t i = 0; i < test->n; i++) {
        if (!test->read(test, i, 1, 0, test->d, x, error)) return NAN;
        double e = -y[i];
        for (size_t j = 0; j < test->d; j++) e += x[j] * w[j];
        sum += e * e;
    }
    return sum / (double)test->n;
}

// Mean squared errors on the test rows of the data set, where it has some.
static bool hold_out(const RidgeRequest *request, const RidgeSolver *solver, size_t d,
                     RidgeReal *real, Error *error) {
    Targets test;
    RidgeDesignOptions options = request->design;
    options.test = true;
    real->held_out = real->held_out_evidence = NAN;
    if (strcmp(request->targets, "own") != 0) return true;
    if (!read_column(request, true, &test, error)) return false;
    if (!(real->n_test = test.n)) return true;
    RidgeDesign *design = ridge_design_open(request->data, &options, error);
    double *w = design ? memory_try(2 * d, sizeof *w, "held-out rows", error) : NULL;
    if (w) {
        ridge_solver_weights(solver, real->chosen_mu, w);
        real->held_out = squared_error(design, test.y, w, w + d, error);
        ridge_solver_weights(solver, real->evidence_mu, w);
        real->held_out_evidence = squared_error(design, test.y, w, w + d, error);
    }
    bool ok = w != NULL;
    ridge_design_close(design);
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
    bool ok = hold_out(analysis->request, solver, design->d, real, error);
    ridge_solver_free(solver);
    return ok;
}

// Along features with several classes only the fits are wanted: no class need be chosen.
static bool only_fits(const RidgeRequest *request, Error *error, bool *only) {
    Targets all;
    *only = false;
    if (request->vary != RIDGE_FEATURES || request->class >= 0) return true;
    if (!targets_read(request, false, &all, error)) return false;
    *only = all.outputs > 1 && all.classes != 2;
    memory_free(all.y);
    return true;
}

bool analysis_targets(const RidgeDesign *design, RidgeAnalysis *analysis, Error *error) {
    const RidgeRequest *request = analysis->request;
    Targets column;
    bool only;
    if (!request->targets) return true;
    if (!only_fits(request, error, &only)) return false;
    if (only) return true;
    if (!read_column(request, false, &column, error)) return false;
    bool ok =
        column.n == design->n || error_set(error, "%s: %zu targets, but %s has %zu rows",
                                           request->targets, column.n, design->name, design->n);
    ok = ok && validate(design, column.y, analysis, error);
    memory_free(column.y);
    if (!ok && analysis->real) {
        memory_free(analysis->real->at);
        memory_free(analysis->real);
        analysis->real = NULL;
    }
    return ok;
}
