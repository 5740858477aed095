#include "data/image.h"
#include <string.h>

bool image_new(DataImage *image, size_t height, size_t width, size_t channels, Error *error) {
    *image = (DataImage){.height = height, .width = width, .channels = channels};
    REQUIRE(channels == 1 || channels == 3);
    if (height == 0 || width == 0 || width > IMAGE_PIXELS / height)
        return error_set(error, "an image of %zux%zu pixels; 1 to %d pixels are possible", width,
                         height, IMAGE_PIXELS);
    image->pixel = memory_try(height * width, channels, "the pixels of an image", error);
    return image->pixel != NULL;
}

// ITU-R 601-2 luma, in 16 bits behind the point.
static uint8_t luma(const uint8_t *rgb) {
    return (uint8_t)((rgb[0] * 19595U + rgb[1] * 38470U + rgb[2] * 7471U + 0x8000) >> 16);
}

static bool to_channels(DataImage *image, size_t channels, Error *error) {
    DataImage from = *image;
    if (from.channels == channels) return true;
    bool ok = image_new(image, from.height, from.width, channels, error);
    for (size_t i = 0; ok && i < from.height * from.width; i++) {
        if (channels == 1)
            image->pixel[i] = luma(from.pixel + 3 * i);
        else
            memset(image->pixel + 3 * i, from.pixel[i], 3);
    }
    memory_free(from.pixel);
    return ok;
}

// What a file without the first bytes of a PNG or JPEG file is, as far as these tell.
static const char *name_kind(const ImageFile *file) {
    static const struct {
        size_t at, size;
        const char *bytes, *kind;
    } kinds[] = {
        {0, 4, "GIF8", "a GIF file"},
        {8, 4, "WEBP", "a WebP file"},
        {0, 2, "BM", "a BMP file"},
        {0, 4, "II*\0", "a TIFF file"},
        {0, 4, "MM\0*", "a TIFF file"},
        {4, 7, "ftyphei", "a HEIC file"},
        {4, 8, "ftypavif", "an AVIF file"},
        {0, 2, "P5", "a PGM file"},
        {0, 2, "P6", "a PPM file"},
        {0, 4, "%PDF", "a PDF file"},
        {0, 7, "version", "the pointer that Git LFS leaves (git lfs pull fetches the file)"},
        {0, 1, "<", "a page of the web, perhaps of an error"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (file->size >= kinds[i].at + kinds[i].size &&
            memcmp(file->bytes + kinds[i].at, kinds[i].bytes, kinds[i].size) == 0)
            return kinds[i].kind;
    }
    return file->size ? NULL : "an empty file";
}

static bool decode(const ImageFile *file, DataImage *image, Error *error) {
    static const unsigned char png[] = {0x89, 'P', 'N', 'G'}, jpeg[] = {0xff, 0xd8, 0xff};
    if (file->size >= sizeof png && memcmp(file->bytes, png, sizeof png) == 0)
        return image_read_png(file, image, error);
    if (file->size >= sizeof jpeg && memcmp(file->bytes, jpeg, sizeof jpeg) == 0)
        return image_read_jpeg(file, image, error);
    const char *kind = name_kind(file);
    return error_set(error, "%s: offset 0: neither a PNG nor a JPEG file by its first bytes%s%s",
                     file->path, kind ? ", but " : "", kind ? kind : "");
}

bool data_read_image(const char *path, size_t channels, DataImage *image, Error *error) {
    enum { LARGEST = 1 << 30 };
    char *bytes;
    size_t size;
    *image = (DataImage){0};
    if (!file_read(path, LARGEST, &bytes, &size, error)) return false;
    ImageFile file = {path, (const unsigned char *)bytes, size};
    bool ok = decode(&file, image, error) && to_channels(image, channels, error);
    memory_free(bytes);
    return ok;
}

bool data_image_named(const char *name) {
    static const char *const endings[] = {".png", ".jpg", ".jpeg"};
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending && i < sizeof endings / sizeof *endings; i++) {
        if (text_equal_fold(ending, endings[i])) return true;
    }
    return false;
}

bool data_image_foreign(const char *name) {
    static const char *const endings[] = {".bmp", ".gif",  ".webp", ".tif",  ".tiff", ".pgm",
                                          ".ppm", ".heic", ".avif", ".jfif", ".jpe"};
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending && i < sizeof endings / sizeof *endings; i++) {
        if (text_equal_fold(ending, endings[i])) return true;
    }
    return false;
}
