#include "ridge/path.h"
#include <float.h>
#include <math.h>
#include <string.h>

// How far rounding may grow in Woodbury's formula before a block takes a fresh R. With 1000, what
// comes out is as good as with R of its own for every row, at some epsilon times the condition.
static const double LOSS = 1000;

static const char WHAT[] = "a block of a path";

typedef struct Walk {
    const PathFactor *factor;
    size_t count, rank; // rows visited, and R (rank, rank) of them
    double *triangle;
    double trace;
} Walk;

void path_product(const LinearProduct *p) {
    if (p->m == 0 || p->n == 0) return;
    if (p->k > 0)
        linear_product(p);
    else
        for (size_t i = 0; i < p->m * p->n; i++) p->y[i] = p->beta == 0 ? 0 : p->beta * p->y[i];
}

void path_solve(size_t n, const double *r, bool transposed, size_t columns, double *b) {
    if (n > 0 && columns > 0) linear_triangle_solve(n, r, transposed, columns, b);
}

// The singular values of row `row` and those before it that may be 0, where the largest is `most`.
static double doubtful(const PathFactor *f, size_t row, double most) {
    size_t longer = row + 1 > f->p ? row + 1 : f->p;
    return (double)longer * DBL_EPSILON * most + sqrt(f->lost[row]);
}

static double sum_of_squares(size_t count, const double *x) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += x[i] * x[i];
    return sum;
}

// R of `rows` rows more; NULL and an error.
static double *extend(const Walk *walk, size_t rows, Error *error) {
    const PathFactor *f = walk->factor;
    size_t old = walk->rank, rank = f->rank[walk->count + rows - 1], height = old + rows;
    double *stack = design_matrix(height, rank, "the triangular factor of a path", error);
    if (!stack) return NULL;
    for (size_t i = 0; i < old; i++)
        memcpy(stack + i * rank, walk->triangle + i * old, old * sizeof *stack);
    for (size_t i = 0; i < rows; i++)
        memcpy(stack + (old + i) * rank, f->l + (walk->count + i) * f->q, rank * sizeof *stack);
    if (rank == 0 || linear_qr_add(height - rank, rank, stack, error)) return stack;
    memory_free(stack);
    return NULL;
}

static bool allocate(PathBlock *b, size_t width, Error *error) {
    return (b->trace = design_matrix(b->rows, 1, WHAT, error)) &&
           (b->solved = design_matrix(b->rank, b->steps, WHAT, error)) &&
           (b->inverse = design_matrix(b->steps, b->steps, WHAT, error)) &&
           (b->along = design_matrix(b->steps, width, WHAT, error));
}

static void block_free(PathBlock *b) {
    memory_free(b->trace);
    memory_free(b->solved);
    memory_free(b->inverse);
    memory_free(b->along);
    memory_free(b->value);
    memory_free(b->vector);
}

// Turns C' (rank, steps) in `half` into R^-T C' there, and M C' in solved.
static void solve(PathBlock *b, double *half) {
    path_solve(b->rank, b->triangle, true, b->steps, half);
    memcpy(b->solved, half, b->rank * b->steps * sizeof *half);
    path_solve(b->rank, b->triangle, false, b->steps, b->solved);
}

static bool grow(const Walk *walk, PathBlock *b, Error *error) {
    const PathFactor *f = walk->factor;
    size_t r = b->rank, s = b->steps;
    double *half = design_matrix(r, s, WHAT, error);
    if (!half || !allocate(b, r, error)) {
        memory_free(half);
        return false;
    }
    for (size_t i = 0; i < s; i++) {
        const double *row = f->l + (b->first + i) * f->q;
        for (size_t j = 0; j < r; j++) half[j * s + i] = row[j];
        for (size_t j = 0; j <= i; j++) b->inverse[j * s + i] = row[r + j];
    }
    solve(b, half);
    linear_triangle_inverse(s, b->inverse);
    path_product(&(LinearProduct){.m = s,
                                  .n = r,
                                  .k = s,
                                  .alpha = 1,
                                  .a_transposed = true,
                                  .b_transposed = true,
                                  .a = b->inverse,
                                  .b = half,
                                  .y = b->along});
    memory_free(half);
    double trace = walk->trace;
    for (size_t i = 0; i < s; i++) {
        trace += sum_of_squares(r, b->along + i * r);
        for (size_t j = 0; j <= i; j++) trace += b->inverse[j * s + i] * b->inverse[j * s + i];
        b->trace[i] = trace;
    }
    return true;
}

// |R^-1|_F^2.
static bool inverse_trace(size_t n, const double *triangle, double *trace, Error *error) {
    *trace = 0;
    for (size_t i = 0; i < n; i++)
        if (triangle[i * n + i] == 0) *trace = INFINITY;
    if (n == 0 || *trace > 0) return true;
    double *inverse = design_matrix(n, n, WHAT, error);
    if (!inverse) return false;
    memcpy(inverse, triangle, n * n * sizeof *inverse);
    linear_triangle_inverse(n, inverse);
    *trace = sum_of_squares(n * n, inverse);
    memory_free(inverse);
    return true;
}

// U^-1 in place of S; *loss is tr (S^-1 - I), which bounds what S loses to rounding.
static bool invert_complement(PathBlock *b, double *loss) {
    *loss = 0;
    if (b->steps == 0) return true;
    if (!linear_cholesky(b->steps, b->inverse)) return false;
    for (size_t i = 0; i < b->steps; i++) {
        memset(b->inverse + i * b->steps, 0, i * sizeof *b->inverse);
        if (!(b->inverse[i * b->steps + i] > 0)) return false;
    }
    linear_triangle_inverse(b->steps, b->inverse);
    *loss = sum_of_squares(b->steps * b->steps, b->inverse) - (double)b->steps;
    return true;
}

// *good says whether the block is exact enough.
static bool shrink(const Walk *walk, PathBlock *b, bool *good, Error *error) {
    const PathFactor *f = walk->factor;
    size_t r = b->rank, s = b->steps, last = b->first + b->rows - 1;
    double *half = design_matrix(r, s, WHAT, error), loss, *trace = NULL;
    if (!half || !allocate(b, r, error) ||
        !inverse_trace(r, b->triangle, trace = b->trace + b->rows - 1, error)) {
        memory_free(half);
        return false;
    }
    for (size_t i = 0; i < s; i++) {
        for (size_t j = 0; j < r; j++) half[j * s + i] = f->l[(last - i) * f->q + j];
        b->inverse[i * s + i] = 1;
    }
    solve(b, half);
    path_product(&(LinearProduct){.m = s,
                                  .n = s,
                                  .k = r,
                                  .alpha = -1,
                                  .beta = 1,
                                  .a_transposed = true,
                                  .a = half,
                                  .b = half,
                                  .y = b->inverse});
    memory_free(half);
    *good = invert_complement(b, &loss) && loss <= LOSS;
    if (!*good) return true;
    path_product(&(LinearProduct){.m = s,
                                  .n = r,
                                  .k = s,
                                  .alpha = 1,
                                  .a_transposed = true,
                                  .b_transposed = true,
                                  .a = b->inverse,
                                  .b = b->solved,
                                  .y = b->along});
    for (size_t i = 0; i < s; i++, trace--)
        trace[-1] = trace[0] + sum_of_squares(r, b->along + i * r);
    return true;
}

// |A_k^+|_F >= 1/sigma_min and |A_k|_F >= sigma_max: no prefix passes whose rank is in doubt.
static bool is_regular(const PathFactor *f, const PathBlock *b) {
    for (size_t i = 0; i < b->rows; i++) {
        double least = doubtful(f, b->first + i, sqrt(f->square[b->first + i]));
        if (!(b->trace[i] * least * least <= 1)) return false;
    }
    return true;
}

// Sets what a block of one row needs when its rank is in doubt: singular values decide.
static bool truncate_rank(const Walk *walk, PathBlock *b, double *triangle, Error *error) {
    const PathFactor *f = walk->factor;
    size_t r = b->rank = f->rank[b->first];
    b->kind = PATH_DEFICIENT;
    b->steps = 0;
    b->triangle = triangle;
    double *copy = design_matrix(r, r, WHAT, error), *u = design_matrix(r, r, WHAT, error);
    bool ok = copy && u && (b->value = design_matrix(r, 1, WHAT, error)) &&
              (b->vector = design_matrix(r, r, WHAT, error));
    if (ok) {
        memcpy(copy, triangle, r * r * sizeof *copy);
        LinearSvd svd = {.m = r, .n = r, .a = copy, .value = b->value, .u = u, .vt = b->vector};
        ok = linear_svd(&svd, error);
    }
    memory_free(copy);
    memory_free(u);
    if (!ok) return false;
    double least = doubtful(f, b->first, b->value[0]);
    for (b->trace[0] = 0, b->kept = 0; b->kept < r && b->value[b->kept] > least; b->kept++)
        b->trace[0] += 1 / (b->value[b->kept] * b->value[b->kept]);
    return true;
}

// Tries the next `rows` rows, which are of one kind: *taken says whether they were visited.
static bool step(Walk *walk, size_t rows, bool grows, bool *taken, PathVisit *visit, void *context,
                 Error *error) {
    const PathFactor *f = walk->factor;
    PathBlock b = {.kind = grows ? PATH_GROWS : PATH_DEPENDS, .first = walk->count, .rows = rows};
    size_t after = walk->count + rows;
    double *next = NULL;
    bool good = true, ok = true;
    b.rank = walk->rank;
    b.steps = grows ? rows : rows - 1;
    b.triangle = walk->triangle;
    if (grows) {
        ok = grow(walk, &b, error);
    } else {
        b.triangle = next = extend(walk, rows, error);
        ok = next && shrink(walk, &b, &good, error);
    }
    good = ok && good && is_regular(f, &b);
    *taken = good || rows == 1;
    double trace = ok && *taken ? b.trace[rows - 1] : 0;
    if (ok && *taken && !next && (after < f->m || !good))
        ok = (next = extend(walk, rows, error)) != NULL;
    if (ok && *taken && !good) ok = truncate_rank(walk, &b, next, error);
    if (ok && *taken) {
        ok = visit(context, &b, error);
        memory_free(walk->triangle);
        *walk = (Walk){.factor = f,
                       .count = after,
                       .rank = f->rank[after - 1],
                       .triangle = next,
                       .trace = trace};
        next = NULL;
    }
    memory_free(next);
    block_free(&b);
    return ok;
}

static bool row_grows(const PathFactor *f, size_t k) {
    return f->rank[k] > (k ? f->rank[k - 1] : 0);
}

static size_t run_length(const PathFactor *f, size_t first) {
    size_t end = first + 1;
    while (end < f->m && row_grows(f, end) == row_grows(f, first)) end++;
    return end - first;
}

// Blocks of rows that depend begin small, since the prefix is worst conditioned where they begin,
// and double as long as they are exact enough.
bool path_walk(const PathFactor *factor, size_t most, PathVisit *visit, void *context,
               Error *error) {
    Walk walk = {.factor = factor};
    bool ok = true, taken = true, grew = false;
    size_t rows = 1;
    while (ok && walk.count < factor->m) {
        bool grows = row_grows(factor, walk.count);
        if (grows != grew && taken) rows = grows ? most : 1;
        grew = grows;
        size_t limit = grows ? most : walk.rank / 2 + 1, run = run_length(factor, walk.count);
        if (limit > most) limit = most;
        if (limit > run) limit = run;
        if (rows > limit) rows = limit;
        ok = step(&walk, rows, grows, &taken, visit, context, error);
        rows = taken ? 2 * rows : rows / 2;
    }
    memory_free(walk.triangle);
    return ok;
}
