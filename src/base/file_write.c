#define _DEFAULT_SOURCE // getentropy
#include "base/base.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(Error *error, const char *path, const char *reason) {
    return error_set(error, "%s: cannot write: %s", path, reason);
}

static bool write_all(int handle, const char *data, size_t size) {
    while (size) {
        ssize_t done = write(handle, data, size);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        data += done;
        size -= (size_t)done;
    }
    return true;
}

int file_temporary(const char *folder, const char *whose, Text *path, Error *error) {
    size_t start = path->length;
    for (int tries = 0; tries < 100; tries++) {
        uint64_t number;
        if (getentropy(&number, sizeof number) != 0) break;
        text_cut(path, start);
        text_printf(path, "%s/.benign-%016llx.tmp", folder, (unsigned long long)number);
        int handle = open(path->data, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (handle >= 0) return handle;
        if (errno != EEXIST) break;
    }
    fail(error, whose, strerror(errno));
    text_cut(path, start);
    return -1;
}

char *file_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = memory_text(slash ? path : ".");
    if (slash) folder[slash == path ? 1 : slash - path] = 0;
    return folder;
}

// Where a path leads when links are followed. A link to nothing yet leads to what it names.
static char *follow(const char *path) {
    char *target = memory_text(path), link[PATH_MAX];
    for (int hops = 0; hops < 40; hops++) {
        ssize_t length = readlink(target, link, sizeof link - 1);
        if (length <= 0) break;
        link[length] = 0;
        char *folder = link[0] == '/' ? memory_text("") : file_folder(target);
        char *next = file_join(folder, link);
        memory_free(folder);
        memory_free(target);
        target = next;
    }
    return target;
}

// The handle of standard output or error where the file is what it leads to, or -1.
static int own_stream(const struct stat *file) {
    struct stat stream;
    for (int handle = 1; handle <= 2; handle++) {
        if (fstat(handle, &stream) == 0 && stream.st_dev == file->st_dev &&
            stream.st_ino == file->st_ino)
            return handle;
    }
    return -1;
}

static bool write_stream(FILE *stream, const char *path, const void *data, size_t size,
                         Error *error) {
    bool ok = fwrite(data, 1, size, stream) == size && fflush(stream) == 0;
    return ok || fail(error, path, strerror(errno));
}

static bool write_special(const char *path, const void *data, size_t size, Error *error) {
    int handle = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    bool ok = handle >= 0 && write_all(handle, data, size);
    int reason = errno;
    if (handle >= 0 && close(handle) != 0 && ok) {
        ok = false;
        reason = errno;
    }
    return ok || fail(error, path, strerror(reason));
}

// old: the file that is replaced, or NULL. Its owner is kept where the system allows it.
static bool fill(int handle, const struct stat *old, const void *data, size_t size) {
    bool ours = !old || fchown(handle, old->st_uid, old->st_gid) == 0;
    (void)ours;
    if (old && fchmod(handle, old->st_mode & 07777) != 0) return false;
    return write_all(handle, data, size) && fsync(handle) == 0;
}

static bool replace(const char *target, const struct stat *old, const char *path, const void *data,
                    size_t size, Error *error) {
    Text temporary = {0};
    char *folder = file_folder(target);
    int handle = file_temporary(folder, path, &temporary, error);
    memory_free(folder);
    bool ok = handle >= 0;
    if (ok) {
        ok = fill(handle, old, data, size);
        int reason = errno;
        if (close(handle) != 0 && ok) {
            ok = false;
            reason = errno;
        }
        if (ok && rename(temporary.data, target) != 0) {
            ok = false;
            reason = errno;
        }
        if (!ok) {
            unlink(temporary.data);
            fail(error, path, strerror(reason));
        }
    }
    text_free(&temporary);
    return ok;
}

// Everybody's bit is asked, too, because root may write to any file.
static bool may_write(const char *path, const struct stat *file) {
    return (file->st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) && access(path, W_OK) == 0;
}

bool file_write(const char *path, const void *data, size_t size, Error *error) {
    struct stat file;
    bool exists = stat(path, &file) == 0;
    if (!exists && errno != ENOENT) return fail(error, path, strerror(errno));
    if (exists && S_ISDIR(file.st_mode)) return fail(error, path, "it is a folder");
    int stream = exists ? own_stream(&file) : -1;
    if (stream > 0) return write_stream(stream == 1 ? stdout : stderr, path, data, size, error);
    if (exists && !may_write(path, &file)) return fail(error, path, "it is read-only");
    if (exists && !S_ISREG(file.st_mode)) return write_special(path, data, size, error);
    char *target = follow(path);
    bool ok = replace(target, exists ? &file : NULL, path, data, size, error);
    memory_free(target);
    return ok;
}
