#include "ridge/solver.h"
#include "num/linear.h"
#include "ridge/design.h"
#include "ridge/rank.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { ROWS = SOLVER_ROWS, VALUES = SOLVER_VALUES };
enum { NOISE = 10 }; // times the tolerance: what rounding may leave of a 0

static double square(double x) {
    return x * x;
}

static bool allocate(RidgeSolver *solver, Error *error) {
    size_t n = solver->n, d = solver->d, count = solver->count;
    return (solver->u = design_matrix(n, count, "left singular vectors", error)) &&
           (solver->v = design_matrix(count, d, "right singular vectors", error)) &&
           (solver->s = design_matrix(count, 1, "singular values", error)) &&
           (solver->a = design_matrix(count, 1, "coordinates of the targets", error)) &&
           (solver->outside = design_matrix(n, 1, "residuals", error)) &&
           (solver->gap = design_matrix(n, 1, "leverages", error)) &&
           (solver->work =
                design_matrix(2 * count + 4 * VALUES, 3 * ROWS, "cross-validation", error));
}

// y in its unit, into outside.
static bool take_targets(RidgeSolver *solver, const char *name, const double *y, Error *error) {
    double most = 0;
    for (size_t i = 0; i < solver->n; i++) {
        if (!isfinite(y[i]))
            return error_set(error, "%s: the target of row %zu is %g; a finite number is expected",
                             name, i, design_shown(y[i]));
        most = fmax(most, fabs(y[i]));
    }
    int exponent;
    frexp(most, &exponent);
    solver->unit = ldexp(1, exponent - 1);
    for (size_t i = 0; i < solver->n; i++) solver->outside[i] = y[i] / solver->unit;
    return true;
}

// The directions that count, with U of contrasts behind a row.
static bool decompose(RidgeSolver *solver, const RidgeDesign *design, Error *error) {
    size_t rows = design->n, d = solver->d;
    RankSvd svd = {.value = NULL};
    double *x = design_matrix(rows, d, "the design matrix", error);
    bool ok = x && design->read(design, 0, rows, 0, d, x, error) &&
              rank_reduced_svd(rows, d, x, true, &svd, error);
    memory_free(x);
    if (!ok) return false;
    size_t rank = solver->rank = svd.count;
    solver->condition = rank > 0 ? 1 / svd.rank.least : 1;
    memcpy(solver->s, svd.value, rank * sizeof *svd.value);
    memcpy(solver->u + (solver->n - rows) * rank, svd.u, rows * rank * sizeof *svd.u);
    memcpy(solver->v, svd.vt, rank * d * sizeof *svd.vt);
    rank_svd_free(&svd);
    if (design->intercept) design_spread(solver->n, rank, solver->u);
    return rank == 0 || isfinite(solver->s[0]) ||
           error_set(error, "%s: the singular values overflow; divide it by a power of 10",
                     design->name);
}

// t (rows, n) -= y U' for y (rows, rank)
static void subtract(const RidgeSolver *solver, size_t rows, const double *y, double *t) {
    linear_product(&(LinearProduct){.m = rows,
                                    .n = solver->n,
                                    .k = solver->rank,
                                    .alpha = -1,
                                    .beta = 1,
                                    .b_transposed = true,
                                    .a = y,
                                    .b = solver->u,
                                    .y = t});
}

// y in its unit into a and outside. What rounding of y itself explains is 0, also of a y that is
// constant where there is an intercept.
static void project_targets(RidgeSolver *solver) {
    size_t n = solver->n, rank = solver->rank, contrasts = solver->contrasts;
    double *outside = solver->outside, y2 = linear_dot(n, outside, outside);
    if (contrasts < n) {
        solver->mean = design_centre(n, 1, outside) * solver->unit;
        if (linear_dot(n, outside, outside) <= square(NOISE * solver->tolerance) * y2)
            memset(outside, 0, n * sizeof *outside);
    }
    LinearProduct coordinates = {.m = 1, .n = rank, .k = n, .alpha = 1};
    coordinates.a = outside, coordinates.b = solver->u, coordinates.y = solver->a;
    if (rank > 0) {
        linear_product(&coordinates);
        subtract(solver, 1, solver->a, outside);
    }
    solver->outside2 = linear_dot(n, outside, outside);
    if (rank < contrasts && solver->outside2 > square(NOISE * solver->tolerance) * y2) return;
    solver->outside2 = 0;
    memset(outside, 0, n * sizeof *outside);
}

// gap of the rows `row` (rows) as the squared length of theirs in I - UU', less 1/n everywhere with
// an intercept, which is right to epsilon sqrt(gap), where 1 - |u_i|^2 is right to epsilon only. t
// (rows, n), y (rows, rank): room.
static void refine(RidgeSolver *solver, size_t rows, const size_t *row, double *t, double *y) {
    size_t n = solver->n, rank = solver->rank;
    double mean = solver->contrasts < n ? 1 / (double)n : 0;
    for (size_t k = 0; k < rows * n; k++) t[k] = -mean;
    for (size_t b = 0; b < rows; b++) {
        t[b * n + row[b]] = 1 - mean;
        memcpy(y + b * rank, solver->u + row[b] * rank, rank * sizeof *y);
    }
    subtract(solver, rows, y, t);
    for (size_t b = 0; b < rows; b++) solver->gap[row[b]] = linear_dot(n, t + b * n, t + b * n);
}

static bool find_gaps(RidgeSolver *solver, Error *error) {
    size_t n = solver->n, rank = solver->rank, row[ROWS], rows = 0;
    double most = solver->contrasts < n ? 1 - 1 / (double)n : 1;
    for (size_t i = 0; i < n && rank < solver->contrasts; i++)
        solver->gap[i] = most - linear_dot(rank, solver->u + i * rank, solver->u + i * rank);
    if (rank == 0 || rank == solver->contrasts) return true;
    double *t = design_matrix(ROWS, n, "leverages", error),
           *y = design_matrix(ROWS, rank, "leverages", error);
    for (size_t i = 0; i < n && t && y; i++) {
        if (solver->gap[i] < 0.01) row[rows++] = i;
        if (rows == ROWS || (rows > 0 && i + 1 == n)) {
            refine(solver, rows, row, t, y);
            rows = 0;
        }
    }
    bool ok = t && y;
    memory_free(t);
    memory_free(y);
    return ok;
}

static bool build(RidgeSolver *solver, const RidgeDesign *design, const double *y, Error *error) {
    if (!allocate(solver, error) || !take_targets(solver, design->name, y, error) ||
        !decompose(solver, design, error))
        return false;
    project_targets(solver);
    return find_gaps(solver, error);
}

RidgeSolver *ridge_solver_new(const RidgeDesign *design, const double *y, Error *error) {
    RidgeSolver *solver = memory_new(1, sizeof *solver);
    size_t n = solver->n = design->n + design->intercept, d = solver->d = design->d;
    solver->contrasts = design->n;
    solver->count = design->n < d ? design->n : d;
    solver->tolerance = (double)(n > d ? n : d) * DBL_EPSILON;
    if (build(solver, design, y, error)) return solver;
    ridge_solver_free(solver);
    return NULL;
}

void ridge_solver_free(RidgeSolver *solver) {
    if (!solver) return;
    double *blocks[] = {solver->s,       solver->u,   solver->v,   solver->a,
                        solver->outside, solver->gap, solver->work};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) memory_free(blocks[i]);
    memory_free(solver);
}

Shrink solver_shrink(const RidgeSolver *solver, double mu) {
    REQUIRE(mu >= 0);
    double root = sqrt(mu), rho = solver->rank ? hypot(solver->s[solver->rank - 1], root) : 1;
    return (Shrink){root, rho, isinf(mu) || !solver->rank ? 1 : square(root / rho)};
}

double solver_relative(const RidgeSolver *solver, const Shrink *shrink, size_t j) {
    return isinf(shrink->root) ? 1 : square(shrink->rho / hypot(solver->s[j], shrink->root));
}

bool solver_has_gap(const RidgeSolver *solver, const Shrink *shrink, size_t i, double weight) {
    double condition = solver->rank ? fmin(solver->s[0] / shrink->rho, solver->condition) : 0;
    double moved = NOISE * solver->tolerance * condition;
    return solver->gap[i] > square(moved) * weight;
}

// The residual e_i over 1 - h_ii, from sum = sum_j u_ij c_j a_j and weight = sum_j u_ij^2 c_j.
// Without a gap both are multiples of `kept`, which cancels.
static double left_out(const RidgeSolver *solver, const Shrink *shrink, size_t i, double sum,
                       double weight) {
    if (!solver_has_gap(solver, shrink, i, weight)) return sum / weight;
    return (solver->outside[i] + shrink->kept * sum) / (solver->gap[i] + shrink->kept * weight);
}

// Up to VALUES of mu together: then both sums of all rows are matrix products.
typedef struct Batch {
    const RidgeSolver *solver;
    size_t values;
    Shrink shrink[VALUES];
    double *c, *ca;            // (rank, values): c_j and c_j a_j
    double *u2, *sum, *weight; // of a block of rows: u_ij^2 (ROWS, rank); (ROWS, values)
} Batch;

// Training error and GCV; fills column k of c and ca.
static RidgeValidation summarise(const Batch *batch, size_t k) {
    const RidgeSolver *solver = batch->solver;
    double n = (double)solver->n, sum = 0, squares = 0, kept = batch->shrink[k].kept;
    double unspanned = (double)(solver->contrasts - solver->rank), unit2 = square(solver->unit);
    for (size_t j = 0; j < solver->rank; j++) {
        double now = solver_relative(solver, &batch->shrink[k], j);
        sum += now;
        squares += square(now * solver->a[j]);
        batch->c[j * batch->values + k] = now;
        batch->ca[j * batch->values + k] = now * solver->a[j];
    }
    double train = (solver->outside2 + square(kept) * squares) / n * unit2;
    double gcv = solver->rank == solver->contrasts ? squares / n / square(sum / n) * unit2
                                                   : train / square((unspanned + kept * sum) / n);
    return (RidgeValidation){.train = train, .gcv = gcv};
}

// Adds to leave_one_out the squares of rows row .. row + rows - 1, in their unit.
static void leave_out(const Batch *batch, size_t row, size_t rows, RidgeValidation *validation) {
    const RidgeSolver *solver = batch->solver;
    size_t values = batch->values, rank = solver->rank;
    const double *u = solver->u + row * rank;
    for (size_t j = 0; j < rows * rank; j++) batch->u2[j] = square(u[j]);
    LinearProduct sum = {.m = rows, .n = values, .k = rank, .alpha = 1}, weight = sum;
    sum.a = u, sum.b = batch->ca, sum.y = batch->sum;
    weight.a = batch->u2, weight.b = batch->c, weight.y = batch->weight;
    if (rank > 0) linear_product(&sum), linear_product(&weight); // else they stay 0
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; k < values; k++) {
            size_t at = i * values + k;
            validation[k].leave_one_out += square(
                left_out(solver, &batch->shrink[k], row + i, batch->sum[at], batch->weight[at]));
        }
    }
}

static void validate(const RidgeSolver *solver, size_t values, const double *mu,
                     RidgeValidation *validation) {
    size_t block = solver->rank * VALUES, rest = (size_t)ROWS * VALUES;
    double *work = solver->work, *c = work + 2 * rest;
    Batch batch = {.solver = solver,
                   .values = values,
                   .c = c,
                   .ca = c + block,
                   .u2 = c + 2 * block,
                   .sum = work,
                   .weight = work + rest};
    for (size_t k = 0; k < values; k++) {
        batch.shrink[k] = solver_shrink(solver, mu[k]);
        validation[k] = summarise(&batch, k);
    }
    for (size_t row = 0; row < solver->n; row += ROWS)
        leave_out(&batch, row, solver->n - row < ROWS ? solver->n - row : ROWS, validation);
    for (size_t k = 0; k < values; k++)
        validation[k].leave_one_out *= square(solver->unit) / (double)solver->n;
}

void ridge_solver_validate_all(const RidgeSolver *solver, size_t count, const double *mu,
                               RidgeValidation *validation) {
    for (size_t k = 0; k < count; k += VALUES)
        validate(solver, count - k < VALUES ? count - k : VALUES, mu + k, validation + k);
}

RidgeValidation ridge_solver_validate(const RidgeSolver *solver, double mu) {
    RidgeValidation validation;
    validate(solver, 1, &mu, &validation);
    return validation;
}

// w = V diag(s_j/(s_j^2 + mu)) a
void ridge_solver_weights(const RidgeSolver *solver, double mu, double *w) {
    Shrink shrink = solver_shrink(solver, mu);
    memset(w, 0, solver->d * sizeof *w);
    for (size_t j = 0; j < solver->rank; j++) {
        double rho = hypot(solver->s[j], shrink.root);
        double weight = solver->s[j] / rho * (solver->a[j] * solver->unit / rho);
        for (size_t i = 0; i < solver->d; i++) w[i] += weight * solver->v[j * solver->d + i];
    }
}

double ridge_solver_mean(const RidgeSolver *solver) {
    return solver->mean;
}

// |X'1| <= 1e-3 |X| and |1'y| <= 1e-3 sqrt(N) |y|, with X = U S V' and y = outside + U a.
bool ridge_solver_lacks_intercept(const RidgeSolver *solver) {
    size_t n = solver->n, rank = solver->rank;
    if (solver->contrasts < n || rank == 0) return false;
    double x_sum = 0, x2 = 0, y_sum = 0;
    double y2 = solver->outside2 + linear_dot(rank, solver->a, solver->a);
    for (size_t i = 0; i < n; i++) y_sum += solver->outside[i];
    for (size_t j = 0; j < rank; j++) {
        double sum = 0, s = solver->s[j] / solver->s[0];
        for (size_t i = 0; i < n; i++) sum += solver->u[i * rank + j];
        x_sum += square(s * sum);
        x2 += square(s);
        y_sum += sum * solver->a[j];
    }
    return x_sum <= 1e-6 * x2 && square(y_sum) <= 1e-6 * (double)n * y2;
}
