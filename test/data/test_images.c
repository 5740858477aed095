#include "help.h"
#include "images_reference.h"
#include <math.h>
#include <zlib.h>

enum { FILES = sizeof files / sizeof *files };

static uint32_t sum_of(const DataImage *image) {
    size_t size = image->height * image->width * image->channels;
    return (uint32_t)crc32(0, image->pixel, (uInt)size);
}

static DataImage read_image(const char *path, size_t channels) {
    DataImage image;
    Error error;
    if (!data_read_image(path, channels, &image, &error)) ck_abort_msg("%s", error.text);
    return image;
}

static void refused_image(const char *path, const char *beginning) {
    DataImage image;
    Error error = {0};
    ck_assert(!data_read_image(path, 3, &image, &error));
    ck_assert_ptr_null(image.pixel);
    if (strncmp(error.text, beginning, strlen(beginning)) != 0) ck_abort_msg("%s", error.text);
}

START_TEST(every_kind_of_file_gives_pillows_pixels) {
    help_write("f", files[_i].bytes, files[_i].size);
    for (int colour = 0; colour < 2; colour++) {
        DataImage image = read_image("f", colour ? 3 : 1);
        ck_assert(image.height == files[_i].height && image.width == files[_i].width);
        ck_assert_msg(sum_of(&image) == files[_i].sum[colour], "%s", files[_i].name);
        memory_free(image.pixel);
    }
}
END_TEST

// Cut at every byte: always an error that names the file and a place in it.
START_TEST(cut_files_are_errors) {
    for (size_t size = 0; size < files[_i].size; size++) {
        help_write("f", files[_i].bytes, size);
        refused_image("f", "f: offset ");
    }
}
END_TEST

// One bit of a file changed (every fifth in turn): PNG has sums over everything, so an error; JPEG
// has none, so an error or an image of the size that it says.
START_TEST(changed_files_are_errors_or_images) {
    unsigned char *bytes = memory_new(files[_i].size, 1);
    memcpy(bytes, files[_i].bytes, files[_i].size);
    bool png = strncmp(files[_i].name, "png", 3) == 0;
    for (size_t bit = _i % 5; bit < 8 * files[_i].size; bit += 5) {
        bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
        help_write("f", bytes, files[_i].size);
        DataImage image;
        Error error;
        bool read = data_read_image("f", 1, &image, &error);
        ck_assert_msg(!(read && png), "%s, bit %zu", files[_i].name, bit);
        if (!read) ck_assert_msg(strncmp(error.text, "f: ", 3) == 0, "%s", error.text);
        memory_free(image.pixel);
        bytes[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    memory_free(bytes);
}
END_TEST

static int file_named(const char *name) {
    for (int i = 0; i < FILES; i++) {
        if (strcmp(files[i].name, name) == 0) return i;
    }
    ck_abort_msg("no %s", name);
}

static void put_number(unsigned char *to, uint32_t value) {
    for (int i = 0; i < 4; i++) to[i] = (unsigned char)(value >> (24 - 8 * i));
}

// A header that promises 2^31 - 1 pixels, or 2^17 x 2^17, in a file of 200 bytes.
START_TEST(bombs_are_refused_before_they_are_unpacked) {
    int i = file_named("png_2_8");
    unsigned char bytes[1024];
    memcpy(bytes, files[i].bytes, files[i].size);
    put_number(bytes + 16, 60000), put_number(bytes + 20, 30000);
    put_number(bytes + 29, (uint32_t)crc32(0, bytes + 12, 17));
    help_write("f", bytes, files[i].size);
    refused_image("f", "f: offset 41: the header promises more pixels than the file can hold");
    put_number(bytes + 16, 0x7fffffff), put_number(bytes + 20, 0x7fffffff);
    put_number(bytes + 29, (uint32_t)crc32(0, bytes + 12, 17));
    help_write("f", bytes, files[i].size);
    refused_image("f", "f: offset 33: Invalid IHDR data");
    i = file_named("jpeg_colour");
    memcpy(bytes, files[i].bytes, files[i].size);
    for (size_t at = 0; at + 9 < files[i].size; at++) { // the frame: ff c0 length precision sizes
        if (bytes[at] == 0xff && bytes[at + 1] == 0xc0) memset(bytes + at + 5, 0xfd, 4);
    }
    help_write("f", bytes, files[i].size);
    refused_image("f", "f: offset ");
}
END_TEST

START_TEST(other_files_are_refused) {
    help_write_text("f", "GIF89a");
    refused_image("f", "f: offset 0: neither a PNG nor a JPEG file by its first bytes");
    refused_image("absent", "absent: ");
    ck_assert(data_image_named("a.png") && data_image_named("a.b.JPeG") &&
              data_image_named(".jpg"));
    ck_assert(!data_image_named("png") && !data_image_named("a.pngx") && !data_image_named(""));
}
END_TEST

// ---- transforms ----

static DataImage noise(size_t height, size_t width, size_t channels) {
    DataImage image = {height, width, channels, memory_new(height * width * channels, 1)};
    for (size_t i = 0, at = 0; i < height; i++) {
        for (size_t j = 0; j < width; j++) {
            for (size_t c = 0; c < channels; c++, at++)
                image.pixel[at] =
                    (uint8_t)((uint32_t)((i * 7919 + j * 104729 + c * 1299709 + 1) * 2654435761U) >>
                              24);
        }
    }
    return image;
}

START_TEST(resizing_is_torchvisions_to_the_bit) {
    DataImage from = noise(resizes[_i].height, resizes[_i].width, resizes[_i].channels), to;
    ck_assert(data_resize(&from, resizes[_i].shorter, &to, NULL));
    ck_assert(to.height == resizes[_i].to_height && to.width == resizes[_i].to_width);
    ck_assert_uint_eq(sum_of(&to), resizes[_i].sum);
    memory_free(from.pixel);
    memory_free(to.pixel);
}
END_TEST

// An area that is one colour stays it; of a ramp, halving gives the means of a triangle: weights
// 1 3 3 1 of 8 (at the left border 3 3 1 of 7), rounded.
START_TEST(resizing_follows_its_formula) {
    DataImage from = {2, 8, 1, memory_new(16, 1)}, to;
    for (size_t i = 0; i < 16; i++) from.pixel[i] = (uint8_t)(5 * (i % 8) * (i % 8));
    ck_assert(data_resize(&from, 1, &to, NULL));
    for (size_t j = 0; j < 4; j++) {
        double sum = 0, total = 0;
        for (size_t k = 0; k < 8; k++) {
            double w = fmax(0, 1 - fabs((double)k + 0.5 - 2 * ((double)j + 0.5)) / 2);
            sum += w * from.pixel[k], total += w;
        }
        ck_assert_double_eq_tol(to.pixel[j], sum / total, 0.51);
    }
    memory_free(to.pixel);
    memset(from.pixel, 201, 16);
    ck_assert(data_resize(&from, 7, &to, NULL));
    for (size_t i = 0; i < to.height * to.width; i++) ck_assert_uint_eq(to.pixel[i], 201);
    memory_free(to.pixel);
    memory_free(from.pixel);
}
END_TEST

START_TEST(cropping_is_torchvisions) {
    DataImage from = noise(crops[_i].height, crops[_i].width, crops[_i].channels), to;
    ck_assert(data_crop(&from, crops[_i].to_height, crops[_i].to_width, &to, NULL));
    ck_assert(to.height == crops[_i].to_height && to.width == crops[_i].to_width);
    ck_assert_uint_eq(sum_of(&to), crops[_i].sum);
    memory_free(from.pixel);
    memory_free(to.pixel);
}
END_TEST

START_TEST(sizes_beyond_reason_are_errors) {
    DataImage from = noise(1, 50000, 1), to;
    Error error;
    ck_assert(!data_resize(&from, 5000, &to, &error));
    ck_assert_str_eq(error.text,
                     "an image of 250000000x5000 pixels; 1 to 134217728 pixels are possible");
    ck_assert(!data_resize(&from, 0, &to, &error));
    ck_assert(!data_crop(&from, 0, 5, &to, &error));
    DataImage tall = noise(50000, 1, 1);
    ck_assert(!data_resize(&tall, 5000, &to, &error) && to.pixel == NULL);
    memory_free(from.pixel);
    memory_free(tall.pixel);
    from = noise(300, 2, 1); // downwards a side may not vanish
    ck_assert(data_resize(&from, 1, &to, NULL) && to.height == 150 && to.width == 1);
    memory_free(from.pixel);
    memory_free(to.pixel);
}
END_TEST

// Writes (height, width, 3) pixels as PNG, in stored blocks of deflate.
static void write_png(const char *path, const DataImage *image) {
    size_t row = image->width * 3 + 1, raw = image->height * row;
    unsigned char *rows = memory_new(raw, 1);
    for (size_t i = 0; i < image->height; i++)
        memcpy(rows + i * row + 1, image->pixel + i * (row - 1), row - 1);
    uLongf packed = compressBound(raw);
    unsigned char *out = memory_new(8 + 25 + 12 + packed + 12, 1), *at = out + 33;
    ck_assert_int_eq(compress2(at + 8, &packed, rows, raw, 1), Z_OK);
    memcpy(out, "\x89PNG\r\n\x1a\n\0\0\0\15IHDR", 16);
    put_number(out + 16, (uint32_t)image->width);
    put_number(out + 20, (uint32_t)image->height);
    out[24] = 8, out[25] = 2;
    put_number(out + 29, (uint32_t)crc32(0, out + 12, 17));
    put_number(at, (uint32_t)packed);
    memcpy(at + 4, "IDAT", 4);
    put_number(at + 8 + packed, (uint32_t)crc32(0, at + 4, (uInt)(packed + 4)));
    at += 12 + packed;
    memcpy(at, "\0\0\0\0IEND\xae\x42\x60\x82", 12);
    help_write(path, out, (size_t)(at + 12 - out));
    memory_free(out);
    memory_free(rows);
}

START_TEST(photos_are_prepared_as_torchvision_does) {
    DataImage from = noise(301, 257, 3);
    write_png("photo.png", &from);
    memory_free(from.pixel);
    float *x = memory_new(3 * 224 * 224, sizeof *x);
    ck_assert(data_prepare_image("photo.png", &data_imagenet, x, NULL));
    for (size_t i = 0; i < sizeof prepared / sizeof *prepared; i++)
        ck_assert_float_eq(x[4999 * i], (float)prepared[i]);
    Error error;
    ck_assert(!data_prepare_image("absent.png", &data_imagenet, x, &error));
    memory_free(x);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data/images");
    TCase *tests = tcase_create("all");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, help_enter, help_leave);
    tcase_add_loop_test(tests, every_kind_of_file_gives_pillows_pixels, 0, FILES);
    tcase_add_loop_test(tests, cut_files_are_errors, 0, FILES);
    tcase_add_loop_test(tests, changed_files_are_errors_or_images, 0, FILES);
    tcase_add_test(tests, bombs_are_refused_before_they_are_unpacked);
    tcase_add_test(tests, other_files_are_refused);
    tcase_add_loop_test(tests, resizing_is_torchvisions_to_the_bit, 0,
                        sizeof resizes / sizeof *resizes);
    tcase_add_test(tests, resizing_follows_its_formula);
    tcase_add_loop_test(tests, cropping_is_torchvisions, 0, sizeof crops / sizeof *crops);
    tcase_add_test(tests, sizes_beyond_reason_are_errors);
    tcase_add_test(tests, photos_are_prepared_as_torchvision_does);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
