#include "layer/conv_copy.h"
#include <string.h>

const float *conv_at(const ConvImages *images, ptrdiff_t row, ptrdiff_t column) {
    return images->at + (row - images->row) * images->line +
           (column - images->column) * images->lanes;
}

bool conv_inside(const ConvImages *whole, ConvBox box) {
    return box.row >= 0 && box.column >= 0 && box.row + box.rows <= whole->height &&
           box.column + box.columns <= whole->width;
}

enum { FLOATS = 1 << 17 };
static const ptrdiff_t UNCOUNTED = (ptrdiff_t)1 << 48; // more than any machine has

ptrdiff_t conv_copy_channels(ConvBox box, ptrdiff_t lanes) {
    ptrdiff_t one = box.rows * box.columns * lanes;
    return one < FLOATS ? FLOATS / (one > 0 ? one : 1) : 1;
}

ptrdiff_t conv_copy_floats(ConvBox most, ptrdiff_t channels, ptrdiff_t lanes) {
    ptrdiff_t one;
    if (__builtin_mul_overflow(most.rows * most.columns, lanes, &one) || one > UNCOUNTED)
        return UNCOUNTED;
    if (one >= FLOATS) return one;
    return one * channels < FLOATS ? one * channels : FLOATS;
}

static ptrdiff_t within(ptrdiff_t low, ptrdiff_t x, ptrdiff_t high) {
    return x < low ? low : x > high ? high : x;
}

static void clear(float *to, ptrdiff_t count) {
    memset(to, 0, (size_t)count * sizeof *to);
}

static void copy_line(const ConvImages *whole, const float *line, ConvBox box, float *to) {
    ptrdiff_t first = within(0, -box.column, box.columns);
    ptrdiff_t end = within(first, whole->width - box.column, box.columns), lanes = whole->lanes;
    clear(to, first * lanes);
    if (first < end) {
        memcpy(to + first * lanes, line + (box.column + first) * lanes,
               (size_t)((end - first) * lanes) * sizeof *to);
    }
    clear(to + end * lanes, (box.columns - end) * lanes);
}

ConvImages conv_copy(const ConvImages *whole, ConvBox box, ptrdiff_t channels, float *to) {
    ConvImages copy = *whole;
    copy.at = to, copy.row = box.row, copy.column = box.column;
    copy.line = box.columns * whole->lanes, copy.plane = box.rows * copy.line;
    for (ptrdiff_t c = 0; c < channels; c++) {
        for (ptrdiff_t r = 0; r < box.rows; r++, to += copy.line) {
            ptrdiff_t row = box.row + r;
            if (row < 0 || row >= whole->height) {
                clear(to, copy.line);
            } else {
                copy_line(whole, whole->at + c * whole->plane + row * whole->line, box, to);
            }
        }
    }
    return copy;
}
