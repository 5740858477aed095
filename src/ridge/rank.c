#include "ridge/rank.h"
#include "num/linear.h"
#include "ridge/design.h"
#include <float.h>
#include <math.h>
#include <string.h>

// Singular values within these factors of the tolerance may or may not be rounding: X itself may
// have been rounded more than once before it came here.
static const double ABOVE = 100, BELOW = 0.5;

double rank_tolerance(size_t n, size_t d) {
    return (double)(n > d ? n : d) * DBL_EPSILON;
}

void rank_norms(size_t rows, size_t columns, const double *x, double *norm) {
    double *most = memory_new(columns, sizeof *most);
    memset(norm, 0, columns * sizeof *norm);
    for (size_t k = 0; k < rows * columns; k++)
        most[k % columns] = fmax(most[k % columns], fabs(x[k]));
    for (size_t k = 0; k < rows * columns; k++) {
        double size = most[k % columns], ratio = size > 0 ? x[k] / size : 0;
        norm[k % columns] += ratio * ratio;
    }
    for (size_t j = 0; j < columns; j++) norm[j] = most[j] * sqrt(norm[j]);
    memory_free(most);
}

static const size_t SMALL = (size_t)1 << 22; // numbers of an X that is not made triangular first

double *rank_matrix(const RidgeDesign *design, size_t *rows, Error *error) {
    size_t n = design->n, d = design->d;
    if (n > d && n > SMALL / d) {
        *rows = d;
        return factor_triangle(design, 0, error);
    }
    *rows = n;
    double *x = design_matrix(n, d, "the design matrix", error);
    if (x && design->read(design, 0, n, 0, d, x, error)) return x;
    memory_free(x);
    return NULL;
}

RidgeRank rank_of(size_t count, const double *value, double tolerance) {
    RidgeRank found = {.tolerance = tolerance};
    if (count == 0 || value[0] == 0) return found;
    while (found.rank < count && value[found.rank] > tolerance * value[0]) found.rank++;
    found.least = value[found.rank - 1] / value[0];
    found.dropped = found.rank < count ? value[found.rank] / value[0] : 0;
    found.ambiguous = found.least < ABOVE * tolerance || found.dropped > BELOW * tolerance;
    return found;
}

// x with columns of norm 1 (or 0).
static double *scaled_copy(size_t rows, size_t columns, const double *x, Error *error) {
    double *copy = design_matrix(rows, columns, "a matrix of unit columns", error);
    double *norm = copy ? design_matrix(columns, 1, "the norms of columns", error) : NULL;
    if (norm) {
        rank_norms(rows, columns, x, norm);
        for (size_t k = 0; k < rows * columns; k++)
            copy[k] = norm[k % columns] > 0 ? x[k] / norm[k % columns] : 0;
        memory_free(norm);
        return copy;
    }
    memory_free(copy);
    return NULL;
}

// What the arithmetic makes of a direction that is not there.
static double noise(size_t count) {
    return 8 * sqrt((double)count) * DBL_EPSILON;
}

bool rank_find(size_t rows, size_t columns, const double *x, double tolerance, RankFound *found,
               Error *error) {
    size_t count = rows < columns ? rows : columns;
    const char *what = "the singular vectors of a matrix of unit columns";
    *found = (RankFound){.rows = rows, .columns = columns, .count = count};
    double *copy = scaled_copy(rows, columns, x, error), *value = NULL, *vt = NULL;
    bool ok = copy && (value = design_matrix(count, 1, what, error)) &&
              (found->u = design_matrix(rows, count, what, error)) &&
              (vt = design_matrix(count, columns, what, error)) &&
              linear_svd(&(LinearSvd){rows, columns, copy, value, found->u, vt}, error);
    if (ok) {
        found->rank = rank_of(count, value, tolerance);
        size_t seen = found->rank.rank;
        while (seen > 0 && seen < count && value[seen] > noise(count) * value[0]) seen++;
        found->seen = seen;
        found->seen_least = seen > 0 ? value[seen - 1] / value[0] : 0;
    }
    memory_free(copy);
    memory_free(vt);
    memory_free(value);
    if (!ok) rank_free(found);
    return ok;
}

void rank_free(RankFound *found) {
    memory_free(found->u);
    found->u = NULL;
}

double *rank_reduce(const RankFound *found, const double *x, size_t r, double *left, Error *error) {
    size_t rows = found->rows, columns = found->columns;
    double *u = design_matrix(rows, r, "singular vectors", error);
    double *reduced = u ? design_matrix(r, columns, "a matrix of less rank", error) : NULL;
    for (size_t i = 0; reduced && i < rows; i++)
        memcpy(u + i * r, found->u + i * found->count, r * sizeof *u);
    if (reduced && r > 0)
        linear_product(&(LinearProduct){.m = r,
                                        .n = columns,
                                        .k = rows,
                                        .alpha = 1,
                                        .a_transposed = true,
                                        .a = u,
                                        .b = x,
                                        .y = reduced});
    if (reduced && left) memcpy(left, u, rows * r * sizeof *left);
    memory_free(u);
    return reduced;
}

// Where a singular value is lost beside the largest, Jacobi rotations may still know it.
static const double WELL_CONDITIONED = 1e4;
enum { JACOBI_MOST = 1500 }; // of them: more take minutes

bool rank_svd(size_t n, size_t d, const double *x, double *value, double *u, double *vt,
              Error *error) {
    size_t count = n < d ? n : d;
    double *copy = design_matrix(n, d, "a design matrix", error);
    if (!copy) return false;
    memcpy(copy, x, n * d * sizeof *copy);
    bool ok = linear_svd(&(LinearSvd){n, d, copy, value, u, vt}, error);
    if (ok && count <= JACOBI_MOST && isfinite(value[0]) &&
        !(value[count - 1] * WELL_CONDITIONED >= value[0])) {
        memcpy(copy, x, n * d * sizeof *copy);
        ok = linear_svd_graded(&(LinearSvd){n, d, copy, value, u, vt}, error);
    }
    memory_free(copy);
    return ok;
}

bool rank_of_rows(const RidgeDesign *design, size_t rows, RidgeRank *rank, double *trace,
                  Error *error) {
    size_t d = design->d;
    RankFound found = {.u = NULL};
    double *x = design_matrix(rows, d, "the first rows of X", error), *reduced = NULL,
           *value = NULL;
    bool ok = x && design->read(design, 0, rows, 0, d, x, error) &&
              rank_find(rows, d, x, rank_tolerance(rows, d), &found, error);
    *rank = found.rank;
    size_t r = rank->rank;
    if (ok && trace) {
        *trace = 0;
        ok = (reduced = rank_reduce(&found, x, r, NULL, error)) &&
             (value = design_matrix(r, 1, "singular values", error)) &&
             (r == 0 || linear_svd_graded(&(LinearSvd){r, d, reduced, value, NULL, NULL}, error));
        for (size_t j = 0; ok && j < r; j++) *trace += 1 / (value[j] * value[j]);
    }
    rank_free(&found);
    memory_free(x);
    memory_free(reduced);
    memory_free(value);
    return ok;
}

// ---- least squares ----

// Each row y of b becomes V diag(s/(s^2 + mu)) U'y; u (n, k), s (k), vt (k, d).
static bool apply_inverse(const RankProblem *p, size_t k, const double *s, const double *u,
                          const double *vt, Error *error) {
    size_t most = p->m > p->columns ? p->m : p->columns;
    double *c = design_matrix(k, 1, "a least-squares solution", error);
    for (size_t l = 0; c && l < p->outputs; l++) {
        double *b = p->b + l * most;
        for (size_t j = 0; j < k; j++) {
            double sum = 0, rho = hypot(s[j], sqrt(p->mu));
            for (size_t i = 0; i < p->n; i++) sum += u[i * k + j] * b[i];
            c[j] = s[j] / rho * (sum / rho);
        }
        memset(b, 0, p->d * sizeof *b);
        for (size_t j = 0; j < k; j++)
            for (size_t i = 0; i < p->d; i++) b[i] += c[j] * vt[j * p->d + i];
    }
    memory_free(c);
    return c != NULL;
}

// u, value and vt of left reduced, of rank r.
static bool reduced_svd(const RankFound *found, const double *x, size_t r, double *value, double *u,
                        double *vt, Error *error) {
    size_t n = found->rows, d = found->columns;
    double *left = design_matrix(n, r, "singular vectors", error),
           *turn = left ? design_matrix(r, r, "singular vectors", error) : NULL,
           *reduced = turn ? rank_reduce(found, x, r, left, error) : NULL;
    bool ok = reduced && linear_svd_graded(&(LinearSvd){r, d, reduced, value, turn, vt}, error);
    if (ok)
        linear_product(
            &(LinearProduct){.m = n, .n = r, .k = r, .alpha = 1, .a = left, .b = turn, .y = u});
    memory_free(left);
    memory_free(turn);
    memory_free(reduced);
    return ok;
}

// Of all directions; *sure says whether they are many times sqrt(d) beyond the tolerance, and so
// beyond it in any scale of the columns.
static bool full_svd(size_t n, size_t d, const double *x, RankSvd *svd, bool *sure, Error *error) {
    const char *what = "singular vectors";
    size_t k = n < d ? n : d;
    double tolerance = rank_tolerance(n, d);
    *svd = (RankSvd){.count = k};
    bool ok = (svd->value = design_matrix(k, 1, what, error)) &&
              (svd->u = design_matrix(n, k, what, error)) &&
              (svd->vt = design_matrix(k, d, what, error)) &&
              rank_svd(n, d, x, svd->value, svd->u, svd->vt, error);
    if (!ok) rank_svd_free(svd);
    double least = ok ? svd->value[k - 1] / svd->value[0] / sqrt((double)d) : 0;
    *sure = ok && (least > ABOVE * tolerance || !isfinite(svd->value[0]));
    svd->rank = (RidgeRank){.rank = k, .tolerance = tolerance, .least = least};
    return ok;
}

bool rank_reduced_svd(size_t n, size_t d, const double *x, bool limit, RankSvd *svd, Error *error) {
    const char *what = "singular vectors";
    RankFound found;
    bool sure;
    if (!full_svd(n, d, x, svd, &sure, error)) return false;
    if (sure) return true;
    rank_svd_free(svd);
    bool ok = rank_find(n, d, x, rank_tolerance(n, d), &found, error);
    size_t r = svd->count = !ok ? 0 : limit ? found.rank.rank : found.seen;
    ok = ok && (svd->value = design_matrix(r, 1, what, error)) &&
         (svd->u = design_matrix(n, r, what, error)) &&
         (svd->vt = design_matrix(r, d, what, error));
    if (ok && r == found.count)
        ok = rank_svd(n, d, x, svd->value, svd->u, svd->vt, error);
    else if (ok && r > 0)
        ok = reduced_svd(&found, x, r, svd->value, svd->u, svd->vt, error);
    svd->rank = found.rank;
    rank_free(&found);
    if (!ok) rank_svd_free(svd);
    return ok;
}

void rank_svd_free(RankSvd *svd) {
    memory_free(svd->value);
    memory_free(svd->u);
    memory_free(svd->vt);
    *svd = (RankSvd){.value = NULL};
}

static bool by_singular_values(const RankProblem *p, Error *error) {
    double *x = design_matrix(p->n, p->d, "a design matrix", error);
    RankSvd svd = {.value = NULL};
    bool ok = x && p->fill(p->context, p->at, error);
    for (size_t i = 0; ok && i < p->n; i++)
        for (size_t j = 0; j < p->d; j++) x[i * p->d + j] = p->at[j * p->m + i];
    ok = ok && rank_reduced_svd(p->n, p->d, x, p->mu == 0, &svd, error) &&
         apply_inverse(p, svd.count, svd.value, svd.u, svd.vt, error);
    memory_free(x);
    rank_svd_free(&svd);
    return ok;
}

// A singular value of X beyond sqrt(d) times the tolerance is beyond it in any scale of the
// columns; the estimate of a factorisation with pivots is mostly within 10 of it.
bool rank_least_squares(const RankProblem *p, Error *error) {
    size_t most = p->m > p->columns ? p->m : p->columns;
    size_t least = p->m < p->columns ? p->m : p->columns;
    double *kept = design_matrix(p->outputs, most, "targets", error);
    if (!kept) return false;
    memcpy(kept, p->b, p->outputs * most * sizeof *kept);
    LinearLeastSquares problem = {.m = p->m,
                                  .n = p->columns,
                                  .columns = p->outputs,
                                  .tolerance = 10 * sqrt((double)p->d) * rank_tolerance(p->n, p->d),
                                  .at = p->at,
                                  .b = p->b};
    bool ok = p->fill(p->context, p->at, error) && linear_least_squares(&problem, error);
    if (ok && problem.rank < least) {
        memcpy(p->b, kept, p->outputs * most * sizeof *kept);
        ok = by_singular_values(p, error);
    }
    memory_free(kept);
    return ok;
}
