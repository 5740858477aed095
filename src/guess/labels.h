// Private: sets of the points of the cube {-1, 1}^d, as the bits of a number. Point i has
// coordinate j = +1 exactly when bit j of i is set.
#pragma once

#include "base/base.h"

enum { LABELS_MOST = 20 }; // d, so that 2^d points can be gone through

// Reads a set of points into bit (2^d), 1 for a point that is in it: "0x8", bit i for point i, or a
// function by name, the points where it is 1: and, or, xor, nand, nor, xnor, majority (more than
// half of the coordinates +1), all, none, x0 .. x(d-1) (coordinate j is +1). place begins the
// error.
bool labels_read(const char *text, size_t d, const char *place, uint8_t *bit, Error *error);

// "0x8": hexadecimal, without leading zeros.
void labels_print(const uint8_t *bit, size_t d, Text *text);
