// Every prefix on its own: for matrices whose columns or rows differ so much in size that what is
// carried from prefix to prefix would lose the small ones.
#include "ridge/design.h"
#include "ridge/path.h"
#include <math.h>
#include <string.h>

static const double GRADED = 1e3;  // ratio of norms: D of path_fit.c loses the square of it
static const double MOST = 1e11;   // flops: beyond, digits are lost instead
static const double SVD_COST = 30; // flops for each number, times the shorter side

bool path_goes_one_by_one(const PathFactor *f) {
    double flops = 0;
    for (size_t k = 1; k <= f->m; k++) {
        double a = (double)k, b = (double)f->p;
        flops += SVD_COST * a * b * fmin(a, b);
    }
    return f->contrast > GRADED && flops <= MOST;
}

bool path_each(const RidgeDesign *design, bool columns, PathVisitOne *visit, void *context,
               Error *error) {
    size_t n = design->n, d = design->d, m = columns ? d : n;
    double *x = design_matrix(n, d, "the matrix of a path", error);
    bool ok = x != NULL;
    for (size_t k = 1; ok && k <= m; k++) {
        size_t rows = columns ? n : k, width = columns ? k : d;
        RankSvd svd = {.value = NULL};
        ok = design_tell(design, "least norm for every count", k - 1, m, error) &&
             design->read(design, 0, rows, 0, width, x, error) &&
             rank_reduced_svd(rows, width, x, true, &svd, error) && visit(context, k, &svd, error);
        rank_svd_free(&svd);
    }
    memory_free(x);
    return ok;
}
