// A file, plain or gzip, read from front to back. Private to data/.
#pragma once

#include "base/base.h"
#include <zlib.h>

typedef struct Source {
    const char *path; // not owned
    char *bytes;      // the file as it is
    size_t size;
    size_t offset; // of the next byte of the content
    bool packed;   // gzip, told by its first two bytes
    bool ended;    // of gzip: its sum was checked
    z_stream stream;
} Source;

bool source_open(Source *source, const char *path, Error *error);
void source_close(Source *source);

// Fills `size` bytes or fails, with path and offset.
bool source_read(Source *source, void *bytes, size_t size, Error *error);

// An upper bound of the bytes that are still to come: exact for a plain file; deflate packs at most
// 1032 bytes into one.
size_t source_most(const Source *source);

// Refuses a content that goes on; of gzip, checks the sum over the whole content.
bool source_end(Source *source, Error *error);

// "PATH: offset N" (gzip: "of the unpacked content").
void source_place(const Source *source, size_t offset, Text *text);

// Every file that is read into memory whole.
extern const size_t source_limit;
