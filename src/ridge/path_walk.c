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
    const double *l, *by; // rows of L, times by[k] unless by is NULL
    size_t count, rank;   // rows visited, and R (rank, rank) of them
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

static double sum_of_squares(size_t count, const double *x) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += x[i] * x[i];
    return sum;
}

// Row k of the walk's L, the first `width` coordinates, to every stride-th place.
static void take_row(const Walk *walk, size_t k, size_t width, double *to, size_t stride) {
    const double *row = walk->l + k * walk->factor->q;
    double by = walk->by ? walk->by[k] : 1;
    for (size_t j = 0; j < width; j++) to[j * stride] = by * row[j];
}

// R of `rows` rows more; NULL and an error.
static double *extend(const Walk *walk, size_t rows, Error *error) {
    size_t old = walk->rank, rank = walk->factor->rank[walk->count + rows - 1];
    size_t height = old + rows;
    double *stack = design_matrix(height, rank, "the triangular factor of a path", error);
    if (!stack) return NULL;
    for (size_t i = 0; i < old; i++)
        memcpy(stack + i * rank, walk->triangle + i * old, old * sizeof *stack);
    for (size_t i = 0; i < rows; i++)
        take_row(walk, walk->count + i, rank, stack + (old + i) * rank, 1);
    if (rank == 0 || linear_qr_add(height - rank, rank, stack, error)) return stack;
    memory_free(stack);
    return NULL;
}

static bool allocate(PathBlock *b, size_t width, Error *error) {
    return (b->trace = design_matrix(b->rows, 1, WHAT, error)) &&
           (b->found = memory_try(b->rows, sizeof *b->found, WHAT, error)) &&
           (b->solved = design_matrix(b->rank, b->steps, WHAT, error)) &&
           (b->inverse = design_matrix(b->steps, b->steps, WHAT, error)) &&
           (b->along = design_matrix(b->steps, width, WHAT, error));
}

static void block_free(PathBlock *b) {
    memory_free(b->trace);
    memory_free(b->found);
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
    size_t r = b->rank, s = b->steps;
    double *half = design_matrix(r, s, WHAT, error);
    double *row = half ? design_matrix(r + s, 1, WHAT, error) : NULL;
    if (!row || !allocate(b, r, error)) {
        memory_free(half);
        memory_free(row);
        return false;
    }
    for (size_t i = 0; i < s; i++) {
        take_row(walk, b->first + i, r + i + 1, row, 1);
        for (size_t j = 0; j < r; j++) half[j * s + i] = row[j];
        for (size_t j = 0; j <= i; j++) b->inverse[j * s + i] = row[r + j];
    }
    memory_free(row);
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
    size_t r = b->rank, s = b->steps, last = b->first + b->rows - 1;
    double *half = design_matrix(r, s, WHAT, error), loss, *trace = NULL;
    if (!half || !allocate(b, r, error) ||
        !inverse_trace(r, b->triangle, trace = b->trace + b->rows - 1, error)) {
        memory_free(half);
        return false;
    }
    for (size_t i = 0; i < s; i++) {
        take_row(walk, last - i, r, half + i, s);
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

// ---- rank ----

// The singular values of the scaled prefix that may not count: those up to the tolerance times the
// largest, which is less than `most`, moved by what was taken for 0.
static double doubtful(const PathFactor *f, size_t row, double most) {
    return rank_tolerance(row + 1, f->p) * most + sqrt(f->lost[row]);
}

// Fills found from the traces of pseudo-inverses of the scaled prefixes, times by^2: |A_k^+|_F >=
// 1/sigma_min, and |A_k|_F >= sigma_max. How the prefixes stand: all count and are `far` from
// doubt, all count, or one may not.
typedef enum Standing { FAR, COUNTS, DOUBTFUL } Standing;
static Standing judge(const PathFactor *f, const PathBlock *b, const double *trace, bool scale) {
    static const double NEAR = 100; // of RidgeRank.ambiguous
    Standing standing = FAR;
    for (size_t i = 0; i < b->rows; i++) {
        size_t k = b->first + i, rank = f->rank[k];
        double most = sqrt(f->square[k]), by = scale ? f->scale[k] : 1;
        double inverse = sqrt(trace[i]) * by, least = inverse * doubtful(f, k, most);
        double condition = inverse * most, tolerance = rank_tolerance(k + 1, f->p);
        b->found[i] = (RidgeRank){.rank = rank,
                                  .tolerance = tolerance,
                                  .least = rank > 0 ? 1 / condition : 0,
                                  .dropped = rank > 0 ? sqrt(f->lost[k] * (double)rank) / most : 0,
                                  .ambiguous = least * NEAR > 1};
        if (!(least <= 1)) // nan, too
            standing = DOUBTFUL;
        else if (least * NEAR > 1 && standing == FAR)
            standing = COUNTS;
    }
    return standing;
}

static Walk scaled_walk(const PathFactor *f, size_t count) {
    return (Walk){.factor = f, .l = f->other ? f->other : f->l, .by = f->by, .count = count};
}

// R of the first `count` rows of the scaled factor.
static double *scaled_triangle(const PathFactor *f, size_t count, Error *error) {
    Walk walk = scaled_walk(f, 0);
    return count ? extend(&walk, count, error) : design_matrix(0, 0, WHAT, error);
}

// The same block of the scaled factor, from an R of its own; its standing.
static bool judge_scaled(const PathFactor *f, PathBlock *b, Standing *standing, Error *error) {
    bool grows = b->kind == PATH_GROWS, good = true;
    PathBlock s = {.kind = b->kind, .first = b->first, .rows = b->rows};
    Walk walk = scaled_walk(f, b->first);
    s.rank = b->rank, s.steps = b->steps;
    s.triangle = scaled_triangle(f, grows ? b->first : b->first + b->rows, error);
    bool ok = s.triangle && inverse_trace(s.rank, s.triangle, &walk.trace, error) &&
              (grows ? grow(&walk, &s, error) : shrink(&walk, &s, &good, error));
    *standing = ok && good ? judge(f, b, s.trace, false) : DOUBTFUL;
    memory_free(s.triangle);
    block_free(&s);
    return ok;
}

static bool find_standing(const PathFactor *f, PathBlock *b, Standing *standing, Error *error) {
    *standing = judge(f, b, b->trace, true);
    return *standing == FAR || judge_scaled(f, b, standing, error);
}

// Of columns of X: right vectors v (r, r) of the scaled prefix, in the coordinates of L, tell which
// directions count; X_r is L with those alone, and its singular values those of R v'.
static bool keep_columns(const Walk *walk, PathBlock *b, Error *error) {
    size_t r = b->rank, k = b->first;
    double *scaled = scaled_triangle(walk->factor, k + 1, error), *u = NULL, *v = NULL, *t = NULL,
           *value = NULL, *turned = NULL;
    bool ok = scaled && (u = design_matrix(r, r, WHAT, error)) &&
              (v = design_matrix(r, r, WHAT, error)) && (t = design_matrix(r, r, WHAT, error)) &&
              (value = design_matrix(r, 1, WHAT, error)) &&
              linear_svd(&(LinearSvd){r, r, scaled, value, u, v}, error);
    if (ok) b->found[0] = rank_of(r, value, rank_tolerance(k + 1, walk->factor->p));
    size_t kept = b->kept = ok ? b->found[0].rank : 0;
    ok = ok && (b->value = design_matrix(kept, 1, WHAT, error)) &&
         (b->vector = design_matrix(kept, r, WHAT, error)) &&
         (turned = design_matrix(kept, kept, WHAT, error));
    if (ok && kept > 0) {
        linear_product(&(LinearProduct){.m = r,
                                        .n = kept,
                                        .k = r,
                                        .alpha = 1,
                                        .b_transposed = true,
                                        .a = b->triangle,
                                        .b = v,
                                        .y = t});
        ok = linear_svd(&(LinearSvd){r, kept, t, b->value, u, turned}, error);
        linear_product(&(LinearProduct){
            .m = kept, .n = r, .k = kept, .alpha = 1, .a = turned, .b = v, .y = b->vector});
    }
    b->trace[0] = 0;
    for (size_t j = 0; ok && j < kept; j++) b->trace[0] += 1 / (b->value[j] * b->value[j]);
    double *const held[] = {scaled, u, v, t, value, turned};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++) memory_free(held[i]);
    return ok;
}

// Sets what a block of one row needs when its rank is in doubt: singular values decide.
static bool truncate_rank(const RidgeDesign *design, const Walk *walk, PathBlock *b,
                          double *triangle, Error *error) {
    b->rank = walk->factor->rank[b->first];
    b->kind = PATH_DEFICIENT;
    b->steps = 0;
    b->triangle = triangle;
    if (walk->factor->basis) return keep_columns(walk, b, error);
    if (!rank_of_rows(design, b->first + 1, &b->found[0], &b->trace[0], error)) return false;
    b->kept = b->found[0].rank;
    return true;
}

// Tries the next `rows` rows, which are of one kind: *taken says whether they were visited.
static bool step(const RidgeDesign *design, Walk *walk, size_t rows, bool grows, bool *taken,
                 PathVisit *visit, void *context, Error *error) {
    const PathFactor *f = walk->factor;
    PathBlock b = {.kind = grows ? PATH_GROWS : PATH_DEPENDS, .first = walk->count, .rows = rows};
    size_t after = walk->count + rows;
    double *next = NULL;
    bool good = true, ok = true;
    Standing standing = FAR;
    b.rank = walk->rank;
    b.steps = grows ? rows : rows - 1;
    b.triangle = walk->triangle;
    if (grows) {
        ok = grow(walk, &b, error);
    } else {
        b.triangle = next = extend(walk, rows, error);
        ok = next && shrink(walk, &b, &good, error);
    }
    if (ok && good) ok = find_standing(f, &b, &standing, error);
    good = ok && good && standing != DOUBTFUL;
    *taken = good || rows == 1;
    double trace = ok && *taken ? b.trace[rows - 1] : 0;
    if (ok && *taken && !next && (after < f->m || !good))
        ok = (next = extend(walk, rows, error)) != NULL;
    if (ok && *taken && !good) ok = truncate_rank(design, walk, &b, next, error);
    if (ok && *taken) {
        ok = visit(context, &b, error);
        memory_free(walk->triangle);
        walk->count = after;
        walk->rank = f->rank[after - 1];
        walk->triangle = next;
        walk->trace = trace;
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
bool path_walk(const RidgeDesign *design, const PathFactor *factor, size_t most, PathVisit *visit,
               void *context, Error *error) {
    Walk walk = {.factor = factor, .l = factor->l};
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
        ok = step(design, &walk, rows, grows, &taken, visit, context, error);
        rows = taken ? 2 * rows : rows / 2;
    }
    memory_free(walk.triangle);
    return ok;
}
