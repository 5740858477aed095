// The least leave-one-out error and the least GCV over all mu, by the signs of their slopes.
#include "num/linear.h"
#include "ridge/solver.h"
#include <float.h>
#include <math.h>
#include <string.h>

// As functions of u = log mu both are made of terms p_j = mu/(lambda_j + mu) and q_j = 1 - p_j,
// dp_j/du = p_j q_j, over 1 - h_ii or 1 - tr h/N, whose zeros are real and negative in mu: nothing
// varies on a scale much less than 1 in u, and a step of 1/8 parts the minima.
enum { ROWS = SOLVER_ROWS, VALUES = SOLVER_VALUES, PARTS = 8 };

static double square(double x) {
    return x * x;
}

// Into slope (count): dlog f/du at u (count <= VALUES), of what is minimised.
typedef void SlopeOf(const RidgeSolver *solver, size_t count, const double *u, double *slope);

// (|e|^2/N)/(1 - tr h/N)^2: N'/N - 2 D'/D. With kept c_j = p_j.
static void gcv_slope(const RidgeSolver *solver, size_t count, const double *u, double *slope) {
    double unspanned = (double)(solver->contrasts - solver->rank);
    for (size_t k = 0; k < count; k++) {
        Shrink shrink = solver_shrink(solver, exp(u[k]));
        double e2 = 0, e2_slope = 0, free = 0, free_slope = 0, kept = shrink.kept;
        for (size_t j = 0; j < solver->rank; j++) {
            double c = solver_relative(solver, &shrink, j), q = 1 - kept * c;
            if (q < 0.5) q = square(solver->s[j] / hypot(solver->s[j], shrink.root));
            e2 += square(c * solver->a[j]);
            e2_slope += 2 * square(c * solver->a[j]) * q;
            free += c;
            free_slope += c * q;
        }
        if (unspanned > 0) free = unspanned / kept + free;
        if (unspanned > 0) e2 = solver->outside2 / square(kept) + e2;
        slope[k] = (e2 > 0 ? e2_slope / e2 : 0) - 2 * (free > 0 ? free_slope / free : 0);
    }
}

// Columns of one value of mu: sums over j of u_ij times a c and a c q, of u_ij^2 times c and c q.
typedef struct Sums {
    double *ca, *caq, *c, *cq;          // (rank, values)
    double *u2;                         // (ROWS, rank)
    double *sum, *sumq, *weight, *wgtq; // (ROWS, values)
} Sums;

static Sums sums_in(const RidgeSolver *solver) {
    size_t block = solver->rank * VALUES, rest = (size_t)ROWS * VALUES;
    double *w = solver->work, *c = w + 4 * rest;
    return (Sums){c, c + block, c + 2 * block, c + 3 * block, c + 4 * block,
                  w, w + rest,  w + 2 * rest,  w + 3 * rest};
}

static void fill_columns(const RidgeSolver *solver, size_t values, size_t k, const Shrink *shrink,
                         const Sums *sums) {
    for (size_t j = 0; j < solver->rank; j++) {
        double c = solver_relative(solver, shrink, j);
        double q = square(solver->s[j] / hypot(solver->s[j], shrink->root));
        size_t at = j * values + k;
        sums->c[at] = c;
        sums->cq[at] = c * q;
        sums->ca[at] = c * solver->a[j];
        sums->caq[at] = c * solver->a[j] * q;
    }
}

static void multiply(size_t rows, size_t values, size_t rank, const double *a, const double *b,
                     double *y) {
    LinearProduct product = {.m = rows, .n = values, .k = rank, .alpha = 1, .a = a, .b = b, .y = y};
    if (rank > 0) linear_product(&product);
}

// With r_i = (outside + kept sum)/(gap + kept weight): f = sum r_i^2, f' = 2 sum r_i r_i'.
static void leave_one_out_slope(const RidgeSolver *solver, size_t count, const double *u,
                                double *slope) {
    Sums sums = sums_in(solver);
    Shrink shrink[VALUES];
    double total[VALUES] = {0}, change[VALUES] = {0};
    size_t rank = solver->rank;
    for (size_t k = 0; k < count; k++) {
        shrink[k] = solver_shrink(solver, exp(u[k]));
        fill_columns(solver, count, k, &shrink[k], &sums);
    }
    for (size_t row = 0; row < solver->n; row += ROWS) {
        size_t rows = solver->n - row < ROWS ? solver->n - row : ROWS;
        const double *block = solver->u + row * rank;
        for (size_t j = 0; j < rows * rank; j++) sums.u2[j] = square(block[j]);
        multiply(rows, count, rank, block, sums.ca, sums.sum);
        multiply(rows, count, rank, block, sums.caq, sums.sumq);
        multiply(rows, count, rank, sums.u2, sums.c, sums.weight);
        multiply(rows, count, rank, sums.u2, sums.cq, sums.wgtq);
        for (size_t i = 0; i < rows; i++) {
            for (size_t k = 0; k < count; k++) {
                size_t at = i * count + k;
                double kept = shrink[k].kept, sum = sums.sum[at], weight = sums.weight[at];
                bool gap = solver_has_gap(solver, &shrink[k], row + i, weight);
                double below = gap ? solver->gap[row + i] / kept + weight : weight;
                double r = (gap ? solver->outside[row + i] / kept + sum : sum) / below;
                total[k] += square(r);
                change[k] += 2 * r * (sums.sumq[at] - r * sums.wgtq[at]) / below;
            }
        }
    }
    for (size_t k = 0; k < count; k++) slope[k] = total[k] > 0 ? change[k] / total[k] : 0;
}

// ---- where to look ----

// The least mu, in the units of lambda, at which anything happens: the last eigenvalue, or where
// the leverage that a row has free becomes what mu gives it.
static double least_scale(const RidgeSolver *solver) {
    double last = square(solver->s[solver->rank - 1] / solver->s[0]), least = last;
    Shrink shrink = solver_shrink(solver, 0);
    for (size_t i = 0; i < solver->n; i++) {
        double weight = 0;
        const double *u = solver->u + i * solver->rank;
        for (size_t j = 0; j < solver->rank; j++)
            weight += square(u[j]) * solver_relative(solver, &shrink, j);
        if (weight > 0 && solver_has_gap(solver, &shrink, i, weight))
            least = fmin(least, solver->gap[i] / weight * last);
    }
    return least;
}

// Where the slope, below 0 at u[0] and not at u[1], goes through 0: by the secant, or by halves
// where that does not do as well.
static double refine(const RidgeSolver *solver, SlopeOf *slope_of, const double *u,
                     const double *slope) {
    double low = u[0], high = u[1], at_low = slope[0], at_high = slope[1];
    for (bool halve = false;;) {
        double width = high - low, next = low - at_low * (width / (at_high - at_low)), at;
        double least = 4 * DBL_EPSILON * fmax(fabs(low), fabs(high));
        if (width <= least) return low + width / 2;
        if (halve || !(next > low && next < high)) next = low + width / 2;
        next = fmin(fmax(next, low + least / 4), high - least / 4);
        slope_of(solver, 1, &next, &at);
        if (at < 0)
            low = next, at_low = at;
        else
            high = next, at_high = at;
        if (at == 0) return next;
        halve = high - low > width / 2;
    }
}

typedef double ValueOf(const RidgeValidation *validation);

static double leave_one_out_of(const RidgeValidation *validation) {
    return validation->leave_one_out;
}

static double gcv_of(const RidgeValidation *validation) {
    return validation->gcv;
}

// A candidate is better when it is so by more than rounding.
static void offer(const RidgeSolver *solver, ValueOf *value_of, double mu, RidgeChoice *best) {
    RidgeValidation validation = ridge_solver_validate(solver, mu);
    double value = value_of(&validation), doubt = 64 * DBL_EPSILON * (double)solver->n;
    if (value < best->value * (1 - doubt)) best->mu = mu, best->value = value;
}

// Both ends first: where rounding hides the difference they win, and of both w = 0.
static RidgeChoice minimise(const RidgeSolver *solver, SlopeOf *slope_of, ValueOf *value_of) {
    RidgeValidation all = ridge_solver_validate(solver, INFINITY);
    RidgeChoice best = {.mu = INFINITY, .value = value_of(&all), .flat = true};
    if (solver->rank == 0 || best.value == 0) return best;
    offer(solver, value_of, 0, &best);
    double n = (double)solver->n, unit = 2 * log(solver->s[0]), flat = 64 * DBL_EPSILON * n;
    double low = log(least_scale(solver) * 1e-8 / n) + unit, high = log(1e8 * n) + unit;
    size_t points = (size_t)ceil((high - low) * PARTS) + 1;
    double above = 0;
    for (size_t done = 0; done < points; done += VALUES) {
        size_t count = points - done < VALUES ? points - done : VALUES;
        double u[VALUES], slope[VALUES];
        for (size_t k = 0; k < count; k++) u[k] = high - (double)(done + k) / PARTS;
        slope_of(solver, count, u, slope);
        for (size_t k = 0; k < count; k++) {
            if (fabs(slope[k]) > flat) best.flat = false;
            if (done + k > 0 && slope[k] < 0 && above >= 0) {
                const double at[2] = {u[k], u[k] + 1.0 / PARTS}, slopes[2] = {slope[k], above};
                offer(solver, value_of, exp(refine(solver, slope_of, at, slopes)), &best);
            }
            above = slope[k];
        }
    }
    return best;
}

RidgeChoice ridge_solver_least(const RidgeSolver *solver, RidgeCriterion criterion) {
    return criterion == RIDGE_GCV ? minimise(solver, gcv_slope, gcv_of)
                                  : minimise(solver, leave_one_out_slope, leave_one_out_of);
}
