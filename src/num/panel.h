// Products with 32 vectors at a time, in double. OpenBLAS copies all of a matrix into another
// layout before it multiplies, which costs more than multiplying by few vectors: these are several
// times faster.
//
// A panel holds PANEL vectors of n numbers side by side, (n, PANEL) row-major. As many threads are
// used as linear_threads() allowed. Every number is one chain of fused multiply-adds (on AVX2 and
// AVX-512) in the order of the sum: the bits depend neither on the threads nor, for sums over rows,
// on how the rows are split into calls.
#pragma once

#include "base/base.h"

enum { PANEL = 32 };

// y (rows, PANEL) = a x for a (rows, n) and the panel x (n, PANEL). Cost: 32 rows n multiply-adds.
void panel_times(size_t rows, size_t n, const double *a, const double *x, double *y);

// y (n, PANEL) += a'x for x (rows, PANEL).
void panel_add_transposed(size_t rows, size_t n, const double *a, const double *x, double *y);

// dot (count, PANEL): the products of vector p of each of `count` panels basis[k] (n, PANEL) with
// vector p of w (n, PANEL); then w loses the sum of dot times these vectors. Cost: 64 count n
// multiply-adds, bound by memory.
void panel_subtract(size_t count, size_t n, const double *const *basis, double *dot, double *w);
