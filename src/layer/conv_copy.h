// Private: a part of some images, copied so that it lies close together. Planes of images often are
// a power of 2 apart, and then have few places of a cache to share.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Images of channels, or a part of them that begins at (row, column). All steps are in floats.
typedef struct ConvImages {
    const float *at; // position (row, column) of the first channel
    ptrdiff_t row, column;
    ptrdiff_t height, width;      // of the whole
    ptrdiff_t plane, line, lanes; // from one channel, row and position to the next
} ConvImages;

// Some positions, which may lie outside.
typedef struct ConvBox {
    ptrdiff_t row, column, rows, columns;
} ConvBox;

const float *conv_at(const ConvImages *images, ptrdiff_t row, ptrdiff_t column);

// Writes a box of some channels of whole images to `to`, with 0 for what is outside.
ConvImages conv_copy(const ConvImages *whole, ConvBox box, ptrdiff_t channels, float *to);

bool conv_inside(const ConvImages *whole, ConvBox box);

// How many channels' boxes are copied at a time: half a MB, or one channel.
ptrdiff_t conv_copy_channels(ConvBox box, ptrdiff_t lanes);

// Floats that a copy takes at most, of `channels` channels by and by, with boxes up to `most`.
ptrdiff_t conv_copy_floats(ConvBox most, ptrdiff_t channels, ptrdiff_t lanes);
