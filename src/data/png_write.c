// PNG, written: a signature and three chunks (RFC 2083).
#include "data/data.h"
#include <string.h>
#include <zlib.h>

static void put_word(uint8_t *to, uint32_t word) { // the first byte counts most
    for (int i = 0; i < 4; i++) to[i] = (uint8_t)(word >> (24 - 8 * i));
}

static void add_chunk(Text *file, const char *type, const void *data, size_t length) {
    uint8_t word[4];
    put_word(word, (uint32_t)length);
    text_add_bytes(file, (const char *)word, 4);
    size_t from = file->length;
    text_add(file, type);
    if (length) text_add_bytes(file, data, length);
    put_word(word, (uint32_t)crc32_z(0, (const Bytef *)file->data + from, file->length - from));
    text_add_bytes(file, (const char *)word, 4);
}

// Everything so far through deflate, into *to.
static void squeeze(z_stream *stream, int flush, Text *to) {
    uint8_t part[1 << 14];
    do {
        stream->next_out = part;
        stream->avail_out = sizeof part;
        int state = deflate(stream, flush);
        REQUIRE(state != Z_STREAM_ERROR);
        text_add_bytes(to, (const char *)part, sizeof part - stream->avail_out);
    } while (stream->avail_out == 0);
}

// The rows, each behind a byte that says "no filter".
static bool deflate_rows(size_t width, size_t height, DataPixels *pixels, const void *context,
                         Text *to, Error *error) {
    z_stream stream = {0};
    uint8_t *row = memory_try(3 * width + 1, 1, "a row of pixels", error);
    if (!row) return false;
    bool ok = deflateInit(&stream, Z_DEFAULT_COMPRESSION) == Z_OK;
    for (size_t i = 0; ok && i < height; i++) {
        pixels(context, i, row + 1);
        stream.next_in = row;
        stream.avail_in = (uInt)(3 * width + 1);
        squeeze(&stream, i + 1 < height ? Z_NO_FLUSH : Z_FINISH, to);
    }
    if (ok) deflateEnd(&stream);
    memory_free(row);
    return ok || error_set(error, "not enough memory to compress a picture");
}

bool data_write_png(const char *path, size_t width, size_t height, DataPixels *pixels,
                    const void *context, Error *error) {
    static const char SIGNATURE[] = "\x89PNG\r\n\x1a\n";
    uint8_t header[13] = {[8] = 8, [9] = 2}; // 8 bits each of red, green and blue
    Text body = {0}, file = {0};
    REQUIRE(width > 0 && height > 0 && width <= DATA_PNG && height <= DATA_PNG);
    put_word(header, (uint32_t)width);
    put_word(header + 4, (uint32_t)height);
    bool ok = deflate_rows(width, height, pixels, context, &body, error);
    if (ok && body.length > INT32_MAX) ok = error_set(error, "%s: larger than PNG allows", path);
    if (ok) {
        text_add_bytes(&file, SIGNATURE, sizeof SIGNATURE - 1);
        add_chunk(&file, "IHDR", header, sizeof header);
        add_chunk(&file, "IDAT", body.data, body.length);
        add_chunk(&file, "IEND", NULL, 0);
        ok = file_write(path, file.data, file.length, error);
    }
    text_free(&body);
    text_free(&file);
    return ok;
}
