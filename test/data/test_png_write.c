// Pictures that are written: their bytes taken apart by hand, and read back by the reader.
#include "help.h"
#include <zlib.h>

enum { WIDTH = 37, HEIGHT = 19 };

static uint8_t colour(size_t row, size_t column, int channel) {
    return (uint8_t)(row * 7 + column * column * 3 + (size_t)channel * 101);
}

static void fill(const void *context, size_t row, uint8_t *rgb) {
    ck_assert_str_eq(context, "here");
    for (size_t j = 0; j < WIDTH; j++)
        for (int c = 0; c < 3; c++) rgb[3 * j + (size_t)c] = colour(row, j, c);
}

static uint32_t word_at(const char *data) {
    const uint8_t *b = (const uint8_t *)data;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

// The chunk at *at, whose type and sum must be right.
static const char *take_chunk(const char *data, size_t size, size_t *at, const char *type,
                              size_t *length) {
    ck_assert_uint_le(*at + 12, size);
    *length = word_at(data + *at);
    ck_assert_uint_le(*at + 12 + *length, size);
    ck_assert_mem_eq(data + *at + 4, type, 4);
    uLong sum = crc32(0, (const Bytef *)data + *at + 4, (uInt)*length + 4);
    ck_assert_uint_eq(word_at(data + *at + 8 + *length), sum);
    const char *body = data + *at + 8;
    *at += 12 + *length;
    return body;
}

START_TEST(bytes_are_those_of_the_format) {
    char *data;
    size_t size, at = 8, length;
    Error error;
    help_enter();
    ck_assert(data_write_png("a.png", WIDTH, HEIGHT, fill, "here", &error));
    ck_assert(file_read("a.png", 1 << 20, &data, &size, &error));
    ck_assert_mem_eq(data, "\x89PNG\r\n\x1a\n", 8);
    const char *header = take_chunk(data, size, &at, "IHDR", &length);
    ck_assert_uint_eq(length, 13);
    ck_assert_uint_eq(word_at(header), WIDTH);
    ck_assert_uint_eq(word_at(header + 4), HEIGHT);
    ck_assert_mem_eq(header + 8, "\x08\x02\0\0\0", 5);
    const char *body = take_chunk(data, size, &at, "IDAT", &length);
    uint8_t rows[HEIGHT][1 + 3 * WIDTH];
    uLongf bytes = sizeof rows;
    ck_assert_int_eq(uncompress(rows[0], &bytes, (const Bytef *)body, length), Z_OK);
    ck_assert_uint_eq(bytes, sizeof rows);
    for (size_t i = 0; i < HEIGHT; i++) {
        ck_assert_uint_eq(rows[i][0], 0);
        for (size_t j = 0; j < WIDTH; j++)
            for (int c = 0; c < 3; c++)
                ck_assert_uint_eq(rows[i][1 + 3 * j + (size_t)c], colour(i, j, c));
    }
    take_chunk(data, size, &at, "IEND", &length);
    ck_assert_uint_eq(length, 0);
    ck_assert_uint_eq(at, size);
    memory_free(data);
    help_leave();
}
END_TEST

START_TEST(the_reader_reads_it) {
    DataImage image;
    Error error;
    help_enter();
    ck_assert(data_write_png("a.png", WIDTH, HEIGHT, fill, "here", &error));
    ck_assert_msg(data_read_image("a.png", 3, &image, &error), "%s", error.text);
    ck_assert_uint_eq(image.width, WIDTH);
    ck_assert_uint_eq(image.height, HEIGHT);
    for (size_t i = 0; i < HEIGHT * WIDTH * 3; i++)
        ck_assert_uint_eq(image.pixel[i], colour(i / 3 / WIDTH, i / 3 % WIDTH, (int)(i % 3)));
    memory_free(image.pixel);
    help_leave();
}
END_TEST

START_TEST(errors_name_the_file) {
    Error error = {0};
    ck_assert(!data_write_png("/nowhere/a.png", WIDTH, HEIGHT, fill, "here", &error));
    ck_assert_msg(text_starts(error.text, "/nowhere/a.png"), "%s", error.text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("data/png_write");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, bytes_are_those_of_the_format);
    tcase_add_test(tests, the_reader_reads_it);
    tcase_add_test(tests, errors_name_the_file);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
