// JPEG through libjpeg: baseline and progressive, grey, colour, and print colours (CMYK). Its
// errors come by longjmp and leave this file as ours.
#include "data/image.h"
#include <setjmp.h>
#include <stdio.h>
#include <jpeglib.h>
#include <jerror.h>

typedef struct Jpeg {
    struct jpeg_error_mgr errors; // the first member: libjpeg hands out its address
    struct jpeg_decompress_struct jpeg;
    struct jpeg_progress_mgr progress;
    jmp_buf out;
    const ImageFile *file;
    DataImage *image;
    unsigned char *row; // of four channels
    Error *error;
} Jpeg;

_Noreturn static void fail(Jpeg *reader, const char *what) {
    const struct jpeg_source_mgr *source = reader->jpeg.src;
    size_t size = reader->file->size, left = source ? source->bytes_in_buffer : size;
    error_set(reader->error, "%s: offset %zu: %s", reader->file->path,
              left < size ? size - left : 0, what);
    longjmp(reader->out, 1);
}

static void pass_on(j_common_ptr jpeg) {
    char what[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, what);
    fail((Jpeg *)jpeg->err, what);
}

// Warnings are for pixels that others show, too; but a file that ends too early is not whole.
static void warn(j_common_ptr jpeg, int level) {
    Jpeg *reader = (Jpeg *)jpeg->err;
    if (level >= 0 || jpeg->err->msg_code != JWRN_JPEG_EOF) return;
    error_set(reader->error, "%s: offset %zu: the JPEG file ends too early", reader->file->path,
              reader->file->size);
    longjmp(reader->out, 1);
}

// A small file may ask for thousands of passes over a large image.
static void count_scans(j_common_ptr jpeg) {
    enum { SCANS = 100 };
    Jpeg *reader = (Jpeg *)jpeg->err;
    if (reader->jpeg.input_scan_number > SCANS) fail(reader, "more than 100 scans");
}

// A block of 8x8 takes a bit at least.
static void check_size(Jpeg *reader) {
    size_t width = reader->jpeg.image_width, height = reader->jpeg.image_height;
    if (width > reader->file->size * 1024 / height)
        fail(reader, "the header promises more pixels than the file can hold");
}

// As Pillow does without a profile: every print colour takes its part of the light away.
static void cmyk_to_rgb(const unsigned char *from, size_t width, bool inverted, uint8_t *to) {
    for (size_t i = 0; i < width; i++, from += 4) {
        unsigned flip = inverted ? 0 : 255, light = from[3] ^ flip;
        for (int c = 0; c < 3; c++) {
            unsigned taken = (from[c] ^ flip ^ 255) * light + 128;
            *to++ = (uint8_t)(light - ((taken >> 8) + taken) / 256);
        }
    }
}

static void read_rows(Jpeg *reader) {
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    DataImage *image = reader->image;
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *to = image->pixel + jpeg->output_scanline * image->width * image->channels;
        JSAMPROW row = reader->row ? reader->row : to;
        jpeg_read_scanlines(jpeg, &row, 1);
        if (reader->row) cmyk_to_rgb(row, image->width, jpeg->saw_Adobe_marker, to);
    }
}

static bool allocate(Jpeg *reader) {
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    size_t channels = jpeg->out_color_space == JCS_GRAYSCALE ? 1 : 3;
    if (!image_new(reader->image, jpeg->image_height, jpeg->image_width, channels, reader->error))
        return error_prefix(reader->error, "%s", reader->file->path);
    if (jpeg->out_color_space != JCS_CMYK) return true;
    reader->row = memory_try(jpeg->image_width, 4, "a row of an image", reader->error);
    return reader->row != NULL;
}

// Everything that may jump; what it changed lies outside of it.
static bool read_all(Jpeg *reader) {
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    if (setjmp(reader->out)) return false;
    jpeg_create_decompress(jpeg);
    jpeg->progress = &reader->progress;
    jpeg_mem_src(jpeg, reader->file->bytes, reader->file->size);
    jpeg_read_header(jpeg, TRUE);
    check_size(reader);
    jpeg->out_color_space = jpeg->num_components == 1   ? JCS_GRAYSCALE
                            : jpeg->num_components == 4 ? JCS_CMYK
                                                        : JCS_RGB;
    if (!allocate(reader)) return false;
    jpeg_start_decompress(jpeg);
    read_rows(reader);
    jpeg_finish_decompress(jpeg);
    return true;
}

bool image_read_jpeg(const ImageFile *file, DataImage *image, Error *error) {
    Jpeg reader = {.file = file, .image = image, .error = error};
    reader.jpeg.err = jpeg_std_error(&reader.errors);
    reader.errors.error_exit = pass_on;
    reader.errors.emit_message = warn;
    reader.progress.progress_monitor = count_scans;
    bool ok = read_all(&reader);
    jpeg_destroy_decompress(&reader.jpeg);
    memory_free(reader.row);
    if (!ok) {
        memory_free(image->pixel);
        *image = (DataImage){0};
    }
    return ok;
}
