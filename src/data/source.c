#include "data/source.h"
#include <limits.h>
#include <string.h>

const size_t source_limit = (size_t)1 << 36;

bool source_open(Source *source, const char *path, Error *error) {
    *source = (Source){.path = path};
    if (!file_read(path, source_limit, &source->bytes, &source->size, error)) return false;
    source->packed = source->size >= 2 && memcmp(source->bytes, "\x1f\x8b", 2) == 0;
    if (!source->packed) return true;
    if (inflateInit2(&source->stream, 15 + 16) == Z_OK) return true; // 16: gzip, sum checked
    memory_free(source->bytes);
    *source = (Source){0};
    return error_set(error, "%s: no memory left to unpack it", path);
}

void source_close(Source *source) {
    if (source->packed) inflateEnd(&source->stream);
    memory_free(source->bytes);
    *source = (Source){0};
}

void source_place(const Source *source, size_t offset, Text *text) {
    text_printf(text, "%s: offset %zu%s", source->path, offset,
                source->packed ? " of the unpacked content" : "");
}

static size_t packed_at(const Source *source) {
    return source->stream.next_in ? (size_t)((char *)source->stream.next_in - source->bytes) : 0;
}

static bool refuse(const Source *source, const char *what, Error *error) {
    if (source->packed)
        return error_set(error, "%s: offset %zu: %s", source->path, packed_at(source), what);
    return error_set(error, "%s: offset %zu: %s", source->path, source->size, what);
}

// One step of unpacking into at most `size` bytes; *got of them were made.
static bool unpack(Source *source, void *bytes, size_t size, size_t *got, Error *error) {
    z_stream *stream = &source->stream;
    if (!stream->next_in) stream->next_in = (Bytef *)source->bytes;
    size_t left = source->size - packed_at(source);
    stream->avail_in = left < UINT_MAX ? (uInt)left : UINT_MAX;
    stream->next_out = bytes;
    stream->avail_out = size < UINT_MAX ? (uInt)size : UINT_MAX;
    int code = inflate(stream, Z_NO_FLUSH);
    *got = (size_t)((char *)stream->next_out - (char *)bytes);
    source->ended = code == Z_STREAM_END;
    if (code == Z_OK || code == Z_STREAM_END) return true;
    if (code == Z_BUF_ERROR) return refuse(source, "the gzip file ends too early", error);
    Text what = {0};
    text_printf(&what, "corrupt gzip: %s", stream->msg ? stream->msg : "it asks for a dictionary");
    refuse(source, what.data, error);
    text_free(&what);
    return false;
}

static bool read_plain(Source *source, void *bytes, size_t size, Error *error) {
    if (size > source->size - source->offset)
        return error_set(error, "%s: offset %zu: the file ends %zu bytes too early", source->path,
                         source->size, size - (source->size - source->offset));
    memcpy(bytes, source->bytes + source->offset, size);
    source->offset += size;
    return true;
}

bool source_read(Source *source, void *bytes, size_t size, Error *error) {
    if (!source->packed) return read_plain(source, bytes, size, error);
    for (size_t done = 0, got = 0; done < size; done += got, source->offset += got) {
        if (source->ended) return refuse(source, "the unpacked content ends too early", error);
        if (!unpack(source, (char *)bytes + done, size - done, &got, error)) return false;
    }
    return true;
}

size_t source_most(const Source *source) {
    if (!source->packed) return source->size - source->offset;
    // The decoder may hold one match of 258 bytes whose input it has taken already.
    return (source->size - packed_at(source)) * 1032 + 1032 * 64;
}

bool source_end(Source *source, Error *error) {
    if (!source->packed) {
        size_t left = source->size - source->offset;
        return left == 0 || error_set(error, "%s: offset %zu: %zu bytes follow the last value",
                                      source->path, source->offset, left);
    }
    char extra;
    size_t got = 0;
    while (!source->ended && got == 0) {
        if (!unpack(source, &extra, 1, &got, error)) return false;
    }
    if (got) return refuse(source, "the content goes on after the last value", error);
    return packed_at(source) == source->size ||
           refuse(source, "bytes follow the end of the gzip content", error);
}
