// The product kernel: a matrix of plain floats times rows of lanes. All three passes of a dense
// layer are this one product; only what is called a row and what a column changes.
// For *.lane.c files.
#pragma once

#include "num/lane.h"

typedef struct Product {
    size_t m, k; // rows of a and of y; columns of a = rows of x
    size_t n;    // columns of x and of y, in floats; x has whole lanes, y just n
    // a[i * a_row + l * a_column] is a(i, l)
    const float *a;
    size_t a_row, a_column;
    const float *x; // (k, n), rows x_row floats apart, readable up to whole lanes
    size_t x_row;
    float *y; // (m, n), rows y_row floats apart
    size_t y_row;
    const float *bias; // (m) or NULL: y starts from it, or from 0
} Product;

// y(i, j) = bias(i) + sum_l a(i, l) x(l, j), one fused multiply-add per term in the order of l:
// the bits do not depend on tiles, blocks or the instruction set. Cost: m k n multiply-adds.
// Source: the register tile of Goto, van de Geijn 2008, with whole lanes as columns.
// Test: test/num/test_product.c (against the plain loop, to the bit).
void LANE_NAME(product)(const Product *p);
#define product LANE_NAME(product)

// to(j, i) = from(i, j): rows x columns floats, rows from_row and to_row floats apart.
void LANE_NAME(transpose)(const float *from, size_t from_row, size_t rows, size_t columns,
                          float *to, size_t to_row);
#define transpose LANE_NAME(transpose)
