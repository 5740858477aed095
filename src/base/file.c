#include "base/base.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_all(FILE *file, const char *path, size_t limit, char **data, size_t *size,
                     Error *error) {
    size_t capacity = 65536, used = 0;
    char *bytes = memory_raw(capacity);
    for (;;) {
        used += fread(bytes + used, 1, capacity - 1 - used, file);
        if (used < capacity - 1) break;
        if (used > limit) break;
        char *more = realloc(bytes, 2 * capacity);
        if (!more) {
            free(bytes);
            return error_set(error, "%s: no memory left after %zu bytes", path, used);
        }
        bytes = more;
        capacity *= 2;
    }
    if (ferror(file)) {
        free(bytes);
        return error_set(error, "%s: cannot read: %s", path, strerror(errno));
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
    FILE *file = fopen(path, "rb");
    if (!file) return error_set(error, "%s: cannot open: %s", path, strerror(errno));
    bool ok = read_all(file, path, limit, data, size, error);
    fclose(file);
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
