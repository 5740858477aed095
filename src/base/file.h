// Whole files.
#pragma once

#include "base/error.h"

// Reads a file of at most `limit` bytes; *data ends in a 0 that *size does not count. Free with
// memory_free. Errors begin with the path.
bool file_read(const char *path, size_t limit, char **data, size_t *size, Error *error);

// Replaces the file at path in one step (a temporary file beside it, fsync, rename): a reader or a
// crash sees the old content or the new, never a part.
bool file_write(const char *path, const void *data, size_t size, Error *error);

bool file_exists(const char *path);
bool file_is_folder(const char *path);

// Makes the folder and those above it.
bool file_make_folder(const char *path, Error *error);

// "dir/name", or name alone when dir is "" or "."; free with memory_free.
char *file_join(const char *dir, const char *name);
