// Private to num/: OpenBLAS and its LAPACK, loaded when a command first needs them. Linked in the
// usual way they would start one thread for each processor in every command, `--version` included;
// each takes 128 MB of address space, and OpenBLAS 0.3.21 looks for that without end where a limit
// (ulimit -v) leaves no room.
#pragma once

#include "base/base.h"
#include <cblas.h>

// LAPACK's own names: Fortran, column-major, everything by pointer.
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info);
void dgesdd_(const char *jobz, const int *m, const int *n, double *a, const int *lda, double *s,
             double *u, const int *ldu, double *vt, const int *ldvt, double *work, const int *lwork,
             int *iwork, int *info);
void dgelqf_(const int *m, const int *n, double *a, const int *lda, double *tau, double *work,
             const int *lwork, int *info);
void dgeqrf_(const int *m, const int *n, double *a, const int *lda, double *tau, double *work,
             const int *lwork, int *info);
void dorgqr_(const int *m, const int *n, const int *k, double *a, const int *lda, const double *tau,
             double *work, const int *lwork, int *info);
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
void dtrtri_(const char *uplo, const char *diag, const int *n, double *a, const int *lda,
             int *info);
void dgelsy_(const int *m, const int *n, const int *nrhs, double *a, const int *lda, double *b,
             const int *ldb, int *jpvt, const double *rcond, int *rank, double *work,
             const int *lwork, int *info);
void dgejsv_(const char *joba, const char *jobu, const char *jobv, const char *jobr,
             const char *jobt, const char *jobp, const int *m, const int *n, double *a,
             const int *lda, double *sva, double *u, const int *ldu, double *v, const int *ldv,
             double *work, const int *lwork, int *iwork, int *info);

// What num/linear.c calls. A function more is one line here (and its prototype, if cblas.h has
// none).
#define OPENBLAS_FUNCTIONS(X)                                                                      \
    X(cblas_dgemm)                                                                                 \
    X(cblas_dsyrk)                                                                                 \
    X(cblas_dtrmv)                                                                                 \
    X(cblas_dtrsv)                                                                                 \
    X(cblas_dtrsm)                                                                                 \
    X(cblas_ddot)                                                                                  \
    X(dsyevd_)                                                                                     \
    X(dgesdd_)                                                                                     \
    X(dgelqf_)                                                                                     \
    X(dgeqrf_)                                                                                     \
    X(dorgqr_)                                                                                     \
    X(dpotrf_)                                                                                     \
    X(dtrtri_)                                                                                     \
    X(dgelsy_)                                                                                     \
    X(dgejsv_)                                                                                     \
    X(openblas_get_config)                                                                         \
    X(openblas_get_corename)                                                                       \
    X(openblas_get_num_threads)                                                                    \
    X(openblas_set_num_threads)

#define OPENBLAS_MEMBER(name) __typeof__(name) *name;
typedef struct OpenBlas {
    OPENBLAS_FUNCTIONS(OPENBLAS_MEMBER)
} OpenBlas;
#undef OPENBLAS_MEMBER

// Loads the library, with one thread, and has it choose its kernels. False with a message where it
// is not installed. Safe from any thread; a second call does nothing.
bool openblas_load(Error *error);

// Its functions. Loads it where openblas_load was not called; that it can be loaded is then
// required.
const OpenBlas *openblas(void);

// Takes buffers until there are so many, one for each thread that is inside OpenBLAS at a time;
// they stay. Returns how many of those asked for there are: fewer where the address space ends, and
// never more than 64.
int openblas_take_buffers(int buffers);
