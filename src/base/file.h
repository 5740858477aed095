// Whole files.
#pragma once

#include "base/error.h"
#include "base/text.h"
#include <sys/stat.h>

// Opens a file for reading, never waiting: its handle and what fstat says of it, or -1. Refused is
// what may have no end or keep a reader waiting: folders, named pipes, sockets, devices. A pipe
// that this process was given (/dev/stdin, /dev/fd/63) is no such thing.
int file_open(const char *path, struct stat *status, Error *error);

// Reads a file of at most `limit` bytes, opened as above; of a pipe 10^9 bytes at most, and nothing
// larger than the machine's memory. *data ends in a 0 that *size does not count. Free with
// memory_free. Errors begin with the path.
bool file_read(const char *path, size_t limit, char **data, size_t *size, Error *error);

// Writes the file at path. A symbolic link is followed. What is there decides how:
//   nothing, or a regular file    the file is replaced in one step (file_temporary, fsync, rename):
//   a
//                                 reader or a crash sees the old content or the new, never a part.
//                                 The mode is kept; a file that nobody may write to is refused;
//   this process's own standard output or error (/dev/stdout)    the bytes are written there;
//   a pipe or a device            is opened and written to, and never replaced.
// A hard link to a file that is replaced keeps the old content.
bool file_write(const char *path, const void *data, size_t size, Error *error);

// Makes a new, empty file in the folder, whose name begins with a dot and cannot be guessed, so
// that nobody can put a link in its place. Appends its path to *path and returns its handle; or
// returns -1 and leaves *path as it was. whose: the user's file that it is for, in the message.
int file_temporary(const char *folder, const char *whose, Text *path, Error *error);

// The folder part of a path ("." when it has none); free with memory_free.
char *file_folder(const char *path);

bool file_exists(const char *path);
bool file_is_folder(const char *path);

// Makes the folder and those above it.
bool file_make_folder(const char *path, Error *error);

// "dir/name", or name alone when dir is "" or "."; free with memory_free.
char *file_join(const char *dir, const char *name);
