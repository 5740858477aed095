// The shape of one example, of data and of a network's layers.
#pragma once

#include "base/text.h"

// rank 1: features; 2: length, channels; 3: height, width, channels; 0: not known.
typedef struct Shape {
    int rank;
    int64_t size[3];
} Shape;

int64_t shape_count(const Shape *shape);          // product of the sizes, or -1 on overflow
size_t shape_positions(const Shape *shape);       // of all axes but the channels; countable
void shape_print(const Shape *shape, Text *text); // 224x224x3
bool shape_equal(const Shape *a, const Shape *b);
