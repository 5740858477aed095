// What panel.c has several threads run; one table per instruction set. Private to num/.
#pragma once

#include <stddef.h>

// As in panel.h, for a part of the result: rows, columns or panels first .. end - 1.
typedef struct PanelKernels {
    void (*times)(size_t first, size_t end, size_t n, const double *a, const double *x, double *y);
    void (*add_transposed)(size_t first, size_t end, size_t rows, size_t n, const double *a,
                           const double *x, double *y);
    void (*dot)(size_t first, size_t end, size_t n, const double *const *basis, const double *w,
                double *dot);
    void (*subtract)(size_t first, size_t end, size_t count, const double *const *basis,
                     const double *dot, double *w);
} PanelKernels;
