// Is phi(W x) equivariant, and if not, for which x?
//
// f(t x)[s(i)] = phi(b . x) and (t f(x))[s(i)] = phi(a . x) with the rows a[j] = W[i, j] and b[j] =
// W[s(i), t(j)]. Where a[j] and b[j] differ, some multiple of the unit vector e_j tells them apart
// unless phi is blind: an even phi then sees e_j + e_k unless b = -a, one of signs alone sees
// (a[k] + b[k]) e_j - (a[j] + b[j]) e_k unless b is a positive multiple of a; and in these two
// cases f is equivariant in row i.
#include "symmetry/inner.h"
#include <math.h>
#include <string.h>

static const double RELATIVE = 1e-6, SIGNIFICANT = 1e-9;

typedef struct Rows {
    const double *W;
    const SymmetryGroup *out, *in;
    size_t generator, row;
} Rows;

static double left(const Rows *rows, size_t j) { // a
    return rows->W[rows->row * rows->in->n + j];
}

static size_t to_row(const Rows *rows) {
    return (size_t)rows->out->image[rows->generator * rows->out->n + rows->row];
}

static size_t to_col(const Rows *rows, size_t j) {
    return (size_t)rows->in->image[rows->generator * rows->in->n + j];
}

static double right(const Rows *rows, size_t j) { // b
    return rows->W[to_row(rows) * rows->in->n + to_col(rows, j)];
}

double weights_scale(const DataMatrix *W) {
    double largest = 0;
    for (size_t i = 0; i < W->rows * W->cols; i++) largest = fmax(largest, fabs(W->x[i]));
    return largest;
}

// ---- the worst violation ----

static void look_at_row(const Rows *rows, SymmetryCheck *check) {
    for (size_t j = 0; j < rows->in->n; j++) {
        double gap = fabs(right(rows, j) - left(rows, j));
        if (gap <= check->worst) continue;
        check->worst = gap;
        check->generator = rows->generator;
        check->row = rows->row, check->col = j;
        check->to_row = to_row(rows), check->to_col = to_col(rows, j);
    }
}

// ---- an x ----

// x = at_j e_j + at_k e_k
typedef struct Witness {
    size_t j, k;
    double at_j, at_k;
} Witness;

static double activate(const SymmetryPhi *phi, double u) {
    double value = u;
    if (phi) phi->evaluate(phi->context, 1, &u, &value, NULL);
    return value;
}

// Whether x tells the rows apart, by more than rounding could.
static bool try_witness(const Rows *rows, const SymmetryPhi *phi, const Witness *x,
                        SymmetryCheck *check) {
    double aj = left(rows, x->j) * x->at_j, ak = left(rows, x->k) * x->at_k;
    double bj = right(rows, x->j) * x->at_j, bk = right(rows, x->k) * x->at_k;
    double least = SIGNIFICANT * (fabs(aj) + fabs(ak) + fabs(bj) + fabs(bk));
    if (x->at_k != 0 && (fabs(aj + ak) < least || fabs(bj + bk) < least) &&
        (aj + ak != 0 || bj + bk != 0) && fabs(aj + ak - bj - bk) < least)
        return false;
    double wanted = activate(phi, aj + ak), moved = activate(phi, bj + bk);
    if (!(fabs(moved - wanted) > SIGNIFICANT * (fabs(moved) + fabs(wanted)))) return false;
    check->x[x->j] += x->at_j;
    check->x[x->k] += x->at_k;
    check->x_generator = rows->generator;
    check->output = to_row(rows);
    check->moved = moved, check->wanted = wanted;
    return true;
}

static bool try_column(const Rows *rows, const SymmetryPhi *phi, size_t j, SymmetryCheck *check) {
    static const double SCALES[] = {1, -1, 0.5, -0.5, 2, -2, 0.01, -0.01, 10, -10};
    for (size_t i = 0; i < sizeof SCALES / sizeof *SCALES; i++)
        if (try_witness(rows, phi, &(Witness){j, j, SCALES[i], 0}, check)) return true;
    return false;
}

static bool try_pairs(const Rows *rows, const SymmetryPhi *phi, size_t j, SymmetryCheck *check) {
    for (size_t k = 0; k < rows->in->n; k++) {
        if (k == j) continue;
        const Witness sum = {j, k, 1, 1};
        const Witness balance = {j, k, left(rows, k) + right(rows, k),
                                 -(left(rows, j) + right(rows, j))};
        if (try_witness(rows, phi, &sum, check) || try_witness(rows, phi, &balance, check))
            return true;
    }
    return false;
}

static bool find_in_row(const Rows *rows, const SymmetryPhi *phi, SymmetryCheck *check) {
    size_t n = rows->in->n, worst = n;
    for (size_t j = 0; j < n; j++) {
        if (fabs(right(rows, j) - left(rows, j)) <= check->tolerance) continue;
        if (try_column(rows, phi, j, check)) return true;
        worst = j;
    }
    return worst < n && check->verdict.converse != CONVERSE_HOLDS &&
           try_pairs(rows, phi, worst, check);
}

static bool find_witness(Rows *rows, const SymmetryPhi *phi, SymmetryCheck *check) {
    rows->generator = check->generator, rows->row = check->row; // the worst first
    if (find_in_row(rows, phi, check)) return true;
    for (rows->generator = 0; rows->generator < rows->out->generators; rows->generator++)
        for (rows->row = 0; rows->row < rows->out->n; rows->row++)
            if (find_in_row(rows, phi, check)) return true;
    return false;
}

// ---- the whole ----

bool weights_fit(const Symmetry *symmetry, const DataMatrix *W, Error *error) {
    if (W->rows != symmetry->out.n || W->cols != symmetry->in.n)
        return error_set(error,
                         "W has %zu rows and %zu columns; the group acts on %zu outputs and %zu"
                         " inputs",
                         W->rows, W->cols, symmetry->out.n, symmetry->in.n);
    for (size_t i = 0; i < W->rows * W->cols; i++)
        if (!isfinite(W->x[i]))
            return error_set(error, "W is not a number in row %zu, column %zu", i / W->cols,
                             i % W->cols);
    return true;
}

bool symmetry_check(const Symmetry *symmetry, const DataMatrix *W, double tolerance,
                    const SymmetryPhi *phi, SymmetryCheck *check, Error *error) {
    *check = (SymmetryCheck){.tolerance = tolerance, .verdict = symmetry_converse(phi)};
    if (!weights_fit(symmetry, W, error)) return false;
    if (isnan(tolerance)) check->tolerance = RELATIVE * weights_scale(W);
    Rows rows = {.W = W->x, .out = &symmetry->out, .in = &symmetry->in};
    for (rows.generator = 0; rows.generator < symmetry->out.generators; rows.generator++)
        for (rows.row = 0; rows.row < W->rows; rows.row++) look_at_row(&rows, check);
    check->tied = check->equivariant = check->worst <= check->tolerance;
    check->known = true;
    if (check->tied) return true;
    check->x = memory_try(W->cols, sizeof *check->x, "an input", error);
    if (!check->x) return false;
    if (find_witness(&rows, phi, check)) return true;
    check->equivariant = check->verdict.converse == CONVERSE_FAILS;
    check->known = check->equivariant;
    memory_free(check->x);
    check->x = NULL;
    return true;
}

void symmetry_check_free(SymmetryCheck *check) {
    memory_free(check->x);
    *check = (SymmetryCheck){0};
}
