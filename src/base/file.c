#include "base/base.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A pipe has no size that could be asked for before.
#define PIPE_MOST 1e9

// Pipes that somebody handed to this process: `benign data csv:file=/dev/stdin`, `<(command)`.
static bool is_inherited(const char *path) {
    return strcmp(path, "/dev/stdin") == 0 || text_starts(path, "/dev/fd/") ||
           text_starts(path, "/proc/self/fd/");
}

// Says no to what is not a file with an end.
static bool check_kind(const char *path, const struct stat *status, Error *error) {
    const char *kind = S_ISDIR(status->st_mode)    ? "a folder"
                       : S_ISFIFO(status->st_mode) ? "a named pipe"
                       : S_ISSOCK(status->st_mode) ? "a socket"
                                                   : "a device";
    if (S_ISREG(status->st_mode) || (S_ISFIFO(status->st_mode) && is_inherited(path))) return true;
    return error_set(error, "%s: %s; a regular file is expected", path, kind);
}

int file_open(const char *path, struct stat *status, Error *error) {
    int handle = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); // waits for no writer
    bool ok = handle >= 0 && fstat(handle, status) == 0;
    if (!ok) error_set(error, "%s: cannot open: %s", path, strerror(errno));
    ok = ok && check_kind(path, status, error);
    if (ok && fcntl(handle, F_SETFL, 0) != 0) // but reading waits
        ok = error_set(error, "%s: cannot open: %s", path, strerror(errno));
    if (ok) return handle;
    if (handle >= 0) close(handle);
    return -1;
}

// Into bytes (size); *used < size: the file ended.
static bool read_up_to(int handle, const char *path, char *bytes, size_t size, size_t *used,
                       Error *error) {
    while (*used < size) {
        ssize_t got = read(handle, bytes + *used, size - *used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_set(error, "%s: cannot read: %s", path, strerror(errno));
        if (got == 0) break;
        *used += (size_t)got;
    }
    return true;
}

// What a file says of its size is where reading begins, not what is believed: it may grow, and
// files of /proc say 0.
static bool read_all(int handle, const char *path, size_t expected, size_t limit, char **data,
                     size_t *size, Error *error) {
    size_t capacity = expected + 1, used = 0;
    char *bytes = NULL;
    for (;; capacity = 2 * capacity + 65536) {
        if (capacity > limit + 1) capacity = limit + 1;
        char *more = realloc(bytes, capacity + 1);
        if (!more) error_set(error, "%s: no memory for %zu bytes", path, capacity);
        if (more) bytes = more;
        if (!more || !read_up_to(handle, path, bytes, capacity, &used, error)) {
            free(bytes);
            return false;
        }
        if (used < capacity || used > limit) break;
    }
    if (used > limit) {
        free(bytes);
        return error_set(error, "%s: larger than the %zu bytes that are read here", path, limit);
    }
    bytes[used] = 0;
    *data = bytes;
    *size = used;
    return true;
}

bool file_read(const char *path, size_t limit, char **data, size_t *size, Error *error) {
    struct stat status;
    int handle = file_open(path, &status, error);
    if (handle < 0) return false;
    double memory = system_memory(), most = limit < memory ? (double)limit : memory;
    double bytes = (double)status.st_size;
    if (!S_ISREG(status.st_mode) && most > PIPE_MOST) most = PIPE_MOST;
    bool ok = bytes <= most;
    if (!ok && bytes > (double)limit)
        error_set(error, "%s: larger than the %zu bytes that are read here", path, limit);
    else if (!ok)
        error_set(error, "%s: %.1f GB; the machine has %.1f GB of memory", path, bytes * 1e-9,
                  memory * 1e-9);
    ok = ok && read_all(handle, path, (size_t)bytes, (size_t)most, data, size, error);
    close(handle);
    return ok;
}

bool file_is_folder(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

bool file_make_folder(const char *path, Error *error) {
    char *part = memory_text(path);
    bool ok = true;
    for (char *c = part + 1; ok && *part; c++) {
        if (*c && *c != '/') continue;
        char kept = *c;
        *c = 0;
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            ok = error_set(error, "%s: cannot make the folder: %s", part, strerror(errno));
        *c = kept;
        if (!kept) break;
    }
    memory_free(part);
    struct stat status;
    if (ok && *path && (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)))
        ok = error_set(error, "%s: cannot make the folder: a file is there", path);
    return ok;
}

char *file_join(const char *dir, const char *name) {
    if (!*dir || strcmp(dir, ".") == 0) return memory_text(name);
    size_t length = strlen(dir);
    Text path = {0};
    text_printf(&path, "%s%s%s", dir, dir[length - 1] == '/' ? "" : "/", name);
    return path.data;
}
