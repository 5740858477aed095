#include "num/linear.h"
#include "num/openblas.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

// LAPACK is column-major. A row-major matrix is the transpose of a column-major one, so upper is
// 'L'ower there and QR is LQ.

static char arithmetic[64];

static void name_arithmetic(void) {
    const char *version = openblas()->openblas_get_config(); // "OpenBLAS 0.3.21 ..."
    version += strcspn(version, " ");
    version += strspn(version, " ");
    snprintf(arithmetic, sizeof arithmetic, "%.*s-%s", (int)strcspn(version, " "), version,
             openblas()->openblas_get_corename());
}

static bool no_room(Error *error) {
    return error_set(error,
                     "the limit of address space (ulimit -v) leaves no room for the 128 MB that "
                     "OpenBLAS needs for each thread");
}

// Those who are inside, each with a buffer of its own, and how many buffers there are.
static pthread_mutex_t door = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t left = PTHREAD_COND_INITIALIZER;
static int inside, places;

// Buffers are taken here alone, while nobody is inside: OpenBLAS gives those that are in use to
// nobody, and looks for others without end. One for each processor is as many as linear_enter
// needs.
bool linear_threads(int threads, Error *error) {
    if (!openblas_load(error)) return false;
    int processors = system_processors();
    pthread_mutex_lock(&door);
    places = openblas_take_buffers(threads > processors ? threads : processors);
    if (threads > places) threads = places;
    pthread_mutex_unlock(&door);
    if (threads < 1) return no_room(error);
    openblas()->openblas_set_num_threads(threads);
    return true;
}

bool linear_enter(Error *error) {
    pthread_mutex_lock(&door);
    while (inside >= places && inside > 0) pthread_cond_wait(&left, &door);
    bool ok = inside < places;
    inside += ok;
    pthread_mutex_unlock(&door);
    return ok || no_room(error);
}

void linear_leave(void) {
    pthread_mutex_lock(&door);
    inside--;
    pthread_cond_signal(&left);
    pthread_mutex_unlock(&door);
}

int linear_thread_count(void) {
    return openblas()->openblas_get_num_threads();
}

const char *linear_arithmetic(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, name_arithmetic);
    return arithmetic;
}

static int whole(size_t n) {
    REQUIRE(n <= INT32_MAX);
    return (int)n;
}

void linear_gram_add(size_t rows, size_t n, const double *a, double *c) {
    if (rows == 0) return;
    openblas()->cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, whole(n), whole(rows), 1, a,
                            whole(n), 1, c, whole(n));
}

static double *workspace(double size, Error *error) {
    return memory_try((size_t)size, sizeof(double), "the workspace of a factorisation", error);
}

static bool symmetric(const char *jobz, size_t size, double *a, double *value, Error *error) {
    int n = whole(size), all = -1, info, most;
    double need;
    openblas()->dsyevd_(jobz, "L", &n, a, &n, value, &need, &all, &most, &all, &info);
    int length = (int)need;
    double *work = workspace(need, error);
    int *most_work = memory_try((size_t)most, sizeof(int), "the workspace of eigenvalues", error);
    bool ok = work && most_work;
    if (ok)
        openblas()->dsyevd_(jobz, "L", &n, a, &n, value, work, &length, most_work, &most, &info);
    memory_free(work);
    memory_free(most_work);
    return ok && (info == 0 || error_set(error, "the eigenvalues do not converge"));
}

bool linear_eigenvalues(size_t n, double *a, double *value, Error *error) {
    return symmetric("N", n, a, value, error);
}

bool linear_eigen(size_t n, double *a, double *value, Error *error) {
    return symmetric("V", n, a, value, error);
}

bool linear_singular_values(size_t m, size_t n, double *a, double *value, Error *error) {
    int rows = whole(n), columns = whole(m), one = 1, all = -1, info; // transposed
    size_t least = m < n ? m : n;
    double need, none;
    int *order = memory_try(8 * least, sizeof *order, "the workspace of singular values", error);
    if (!order) return false;
    openblas()->dgesdd_("N", &rows, &columns, a, &rows, value, &none, &one, &none, &one, &need,
                        &all, order, &info);
    int length = (int)need;
    double *work = workspace(need, error);
    bool ok = work != NULL;
    if (ok)
        openblas()->dgesdd_("N", &rows, &columns, a, &rows, value, &none, &one, &none, &one, work,
                            &length, order, &info);
    memory_free(work);
    memory_free(order);
    return ok && (info == 0 || error_set(error, "the singular values do not converge"));
}

bool linear_qr_add(size_t rows, size_t n, double *stack, Error *error) {
    int m = whole(n), columns = whole(n + rows), all = -1, info;
    double need;
    openblas()->dgelqf_(&m, &columns, stack, &m, &need, &need, &all, &info);
    int length = (int)need;
    double *work = workspace(need + (double)n, error);
    if (!work) return false;
    openblas()->dgelqf_(&m, &columns, stack, &m, work, work + n, &length, &info);
    memory_free(work);
    for (size_t i = 0; i < n; i++) memset(stack + i * n, 0, i * sizeof *stack);
    return true;
}

bool linear_cholesky(size_t n, double *a) {
    int size = whole(n), info;
    openblas()->dpotrf_("L", &size, a, &size, &info);
    return info == 0;
}

void linear_triangle_inverse(size_t n, double *r) {
    int size = whole(n), info;
    openblas()->dtrtri_("L", "N", &size, r, &size, &info);
    REQUIRE(info == 0);
}

void linear_triangle_multiply(size_t n, const double *r, bool transposed, double *v) {
    openblas()->cblas_dtrmv(CblasRowMajor, CblasUpper, transposed ? CblasTrans : CblasNoTrans,
                            CblasNonUnit, whole(n), r, whole(n), v, 1);
}

void linear_triangle_solve(size_t n, const double *r, bool transposed, size_t columns, double *b) {
    if (columns == 1) { // dtrsm takes five times as long
        openblas()->cblas_dtrsv(CblasRowMajor, CblasUpper, transposed ? CblasTrans : CblasNoTrans,
                                CblasNonUnit, whole(n), r, whole(n), b, 1);
        return;
    }
    openblas()->cblas_dtrsm(CblasRowMajor, CblasLeft, CblasUpper,
                            transposed ? CblasTrans : CblasNoTrans, CblasNonUnit, whole(n),
                            whole(columns), 1, r, whole(n), b, whole(columns));
}

void linear_product(const LinearProduct *p) {
    openblas()->cblas_dgemm(CblasRowMajor, p->a_transposed ? CblasTrans : CblasNoTrans,
                            p->b_transposed ? CblasTrans : CblasNoTrans, whole(p->m), whole(p->n),
                            whole(p->k), p->alpha, p->a, whole(p->a_transposed ? p->m : p->k), p->b,
                            whole(p->b_transposed ? p->k : p->n), p->beta, p->y, whole(p->n));
}

double linear_dot(size_t n, const double *a, const double *b) {
    return openblas()->cblas_ddot(whole(n), a, 1, b, 1);
}

bool linear_least_squares(LinearLeastSquares *p, Error *error) {
    int m = whole(p->m), n = whole(p->n), columns = whole(p->columns), all = -1, rank, info;
    int length = m > n ? m : n;
    double need;
    int *order = memory_try(p->n, sizeof *order, "the workspace of least squares", error);
    if (!order) return false;
    openblas()->dgelsy_(&m, &n, &columns, p->at, &m, p->b, &length, order, &p->tolerance, &rank,
                        &need, &all, &info);
    double *work = workspace(need, error);
    all = (int)need;
    if (work)
        openblas()->dgelsy_(&m, &n, &columns, p->at, &m, p->b, &length, order, &p->tolerance, &rank,
                            work, &all, &info);
    REQUIRE(!work || info == 0);
    p->rank = work ? (size_t)rank : 0;
    memory_free(order);
    memory_free(work);
    return work != NULL;
}

// LAPACK sees a' (n, m) = v diag(value) u': its left vectors are our rows of vt, its right ones our
// columns of u. Into a (job "O") go the left ones of as many columns as rows.
bool linear_svd(const LinearSvd *svd, Error *error) {
    size_t least = svd->m < svd->n ? svd->m : svd->n;
    const char *job = svd->vt ? "S" : "O";
    int rows = whole(svd->n), columns = whole(svd->m), k = whole(least), all = -1, info;
    double need, none, *vt = svd->vt ? svd->vt : &none;
    REQUIRE(svd->vt || svd->m == svd->n);
    int *order = memory_try(8 * least, sizeof *order, "the workspace of singular vectors", error);
    if (!order) return false;
    openblas()->dgesdd_(job, &rows, &columns, svd->a, &rows, svd->value, vt, &rows, svd->u, &k,
                        &need, &all, order, &info);
    double *work = NULL;
    if (need > INT32_MAX)
        error_set(error, "%zu singular vectors are more than LAPACK can count", least);
    else
        work = workspace(need, error);
    int length = work ? (int)need : 0;
    if (work)
        openblas()->dgesdd_(job, &rows, &columns, svd->a, &rows, svd->value, vt, &rows, svd->u, &k,
                            work, &length, order, &info);
    memory_free(work);
    memory_free(order);
    return work && (info == 0 || error_set(error, "the singular values do not converge"));
}

static void turn(size_t rows, size_t columns, const double *a, double *to) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) to[j * rows + i] = a[i * columns + j];
}

// dgejsv wants at least as many rows as columns. A wide a is that for LAPACK, which sees a' = v
// diag(value) u'; a tall one is turned. "F": also for rows of different scale; "R": no singular
// value is dropped before it underflows.
bool linear_svd_graded(const LinearSvd *svd, Error *error) {
    bool tall = svd->m > svd->n, vectors = svd->u != NULL;
    size_t long_side = tall ? svd->m : svd->n, k = tall ? svd->n : svd->m;
    int rows = whole(long_side), columns = whole(k), info = 0;
    double size = 2.0 * (double)k * (double)k + 6 * (double)k + 2 * (double)long_side + 64;
    REQUIRE((svd->u != NULL) == (svd->vt != NULL));
    if (size > INT32_MAX)
        return error_set(error, "%zu singular values are more than LAPACK can count", k);
    int length = (int)size;
    double *work = workspace(size, error), *turned = NULL, *of_long = NULL, *of_short = NULL;
    int *order =
        memory_try(long_side + 4 * k, sizeof *order, "the workspace of singular values", error);
    bool ok = work && order && (!tall || (turned = workspace((double)(svd->m * svd->n), error)));
    if (ok && vectors)
        ok = (of_long = workspace((double)(long_side * k), error)) &&
             (of_short = workspace((double)(k * k), error));
    if (ok) {
        double none = 0;
        if (tall) turn(svd->m, svd->n, svd->a, turned);
        openblas()->dgejsv_("F", vectors ? "U" : "N", vectors ? "V" : "N", "R", "N", "N", &rows,
                            &columns, tall ? turned : svd->a, &rows, svd->value,
                            vectors ? of_long : &none, &rows, vectors ? of_short : &none, &columns,
                            work, &length, order, &info);
        ok = info == 0 || error_set(error, "the singular values do not converge");
        for (size_t i = 0; i < k && work[0] != work[1]; i++)
            svd->value[i] = svd->value[i] * (work[0] / work[1]);
    }
    if (ok && vectors) {
        // Columns of LAPACK's are rows of ours: vt as it is, u turned.
        memcpy(svd->vt, tall ? of_short : of_long, (tall ? k : long_side) * k * sizeof *of_long);
        turn(k, tall ? long_side : k, tall ? of_long : of_short, svd->u);
    }
    memory_free(work);
    memory_free(turned);
    memory_free(of_long);
    memory_free(of_short);
    memory_free(order);
    return ok;
}

// LAPACK sees a' (n, m) = Q' L', a QR; its upper R, column by column, is our lower L, row by row.
bool linear_lq(size_t m, size_t n, double *a, double *q, Error *error) {
    size_t least = m < n ? m : n;
    int rows = whole(n), columns = whole(m), k = whole(least), all = -1, info;
    double need, need_q = 0;
    openblas()->dgeqrf_(&rows, &columns, a, &rows, &need, &need, &all, &info);
    if (q) openblas()->dorgqr_(&rows, &k, &k, q, &rows, &need_q, &need_q, &all, &info);
    need = need_q > need ? need_q : need;
    int length = (int)need;
    double *work = workspace(need + (double)least, error), *tau = work;
    if (!work) return false;
    openblas()->dgeqrf_(&rows, &columns, a, &rows, tau, work + least, &length, &info);
    if (q) {
        memcpy(q, a, least * n * sizeof *q);
        openblas()->dorgqr_(&rows, &k, &k, q, &rows, tau, work + least, &length, &info);
    }
    memory_free(work);
    for (size_t i = 0; i < m; i++) {
        size_t full = i + 1 < least ? i + 1 : least;
        memmove(a + i * least, a + i * n, full * sizeof *a);
        memset(a + i * least + full, 0, (least - full) * sizeof *a);
    }
    return true;
}
