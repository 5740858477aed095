// Decoders of image files. Private to data/.
#pragma once

#include "data/data.h"

// No image is larger: 134 million pixels.
enum { IMAGE_PIXELS = 1 << 27 };

// A file in memory.
typedef struct ImageFile {
    const char *path;
    const unsigned char *bytes;
    size_t size;
} ImageFile;

// Grey or colour, as the file has it.
bool image_read_png(const ImageFile *file, DataImage *image, Error *error);
bool image_read_jpeg(const ImageFile *file, DataImage *image, Error *error);

// Allocates the pixels, or says that there are too many.
bool image_new(DataImage *image, size_t height, size_t width, size_t channels, Error *error);
