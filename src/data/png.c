// PNG through libpng, which checks every sum (CRC-32 and Adler-32). Its errors come by longjmp and
// leave this file as ours.
#include "data/image.h"
#include <png.h>
#include <stdio.h>
#include <string.h>

typedef struct Png {
    const ImageFile *file;
    size_t offset; // of the next byte
    png_structp png;
    png_infop info;
    DataImage *image;
    Error *error;
} Png;

static void fail(png_structp png, png_const_charp what) {
    Png *reader = png_get_error_ptr(png);
    error_set(reader->error, "%s: offset %zu: %s", reader->file->path, reader->offset, what);
    png_longjmp(png, 1);
}

static void stay_quiet(png_structp png, png_const_charp what) {
    (void)png, (void)what;
}

static void read_bytes(png_structp png, png_bytep to, png_size_t size) {
    Png *reader = png_get_io_ptr(png);
    if (size > reader->file->size - reader->offset) {
        reader->offset = reader->file->size;
        png_error(png, "the PNG file ends too early");
    }
    memcpy(to, reader->file->bytes + reader->offset, size);
    reader->offset += size;
}

// Every kind of pixel becomes one or three bytes.
static void ask_for_bytes(Png *reader) {
    png_set_palette_to_rgb(reader->png);
    png_set_expand_gray_1_2_4_to_8(reader->png);
    png_set_strip_16(reader->png);
    png_set_strip_alpha(reader->png);
}

// Deflate packs at most 1032 bytes into one.
static void check_size(Png *reader) {
    size_t row = png_get_rowbytes(reader->png, reader->info), most = reader->file->size * 1032;
    if (row > most / png_get_image_height(reader->png, reader->info))
        png_error(reader->png, "the header promises more pixels than the file can hold");
}

static void read_pixels(Png *reader) {
    png_structp png = reader->png;
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, reader->info);
    DataImage *image = reader->image;
    if (!image_new(image, png_get_image_height(png, reader->info),
                   png_get_image_width(png, reader->info), png_get_channels(png, reader->info),
                   reader->error)) {
        error_prefix(reader->error, "%s", reader->file->path);
        png_longjmp(png, 1);
    }
    size_t row = image->width * image->channels;
    REQUIRE(png_get_rowbytes(png, reader->info) == row);
    while (passes--) {
        for (size_t i = 0; i < image->height; i++) png_read_row(png, image->pixel + i * row, NULL);
    }
}

// Everything that may jump; what it changed lies outside of it.
static bool read_all(Png *reader) {
    enum { CHUNKS = 64 }; // kept, of what is not pixels
    if (setjmp(png_jmpbuf(reader->png))) return false;
    png_set_read_fn(reader->png, reader, read_bytes);
    png_set_crc_action(reader->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_chunk_cache_max(reader->png, CHUNKS);
    png_read_info(reader->png, reader->info);
    check_size(reader);
    ask_for_bytes(reader);
    read_pixels(reader);
    png_read_end(reader->png, NULL);
    return true;
}

bool image_read_png(const ImageFile *file, DataImage *image, Error *error) {
    Png reader = {.file = file, .image = image, .error = error};
    reader.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, fail, stay_quiet);
    if (reader.png) reader.info = png_create_info_struct(reader.png);
    bool ok = reader.info ? read_all(&reader)
                          : error_set(error, "%s: no memory left to unpack it", file->path);
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    if (!ok) {
        memory_free(image->pixel);
        *image = (DataImage){0};
    }
    return ok;
}
