#include "sweep/place.h"
#include "sweep/store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *beside(const char *path, const char *ending) {
    Text name = {0};
    text_printf(&name, "%s%s", path, ending);
    return name.data;
}

bool place_has(const char *path, const char *ending) {
    struct stat info;
    char *name = beside(path, ending);
    bool there = stat(name, &info) == 0 && info.st_size > 0;
    memory_free(name);
    return there;
}

bool place_lacks_log(const char *path) {
    char header[20] = "";
    FILE *file = place_has(path, "-wal") ? NULL : fopen(path, "rb");
    size_t length = file ? fread(header, 1, sizeof header, file) : 0;
    if (file) fclose(file);
    return length == sizeof header && header[19] == 2; // the version that may read it: 2 with a log
}

// ---- is it still there ----

static PlaceMark mark_of(const char *path, const char *ending) {
    struct stat info;
    char *name = beside(path, ending);
    PlaceMark mark = {0};
    if (stat(name, &info) == 0) mark = (PlaceMark){info.st_dev, info.st_ino};
    memory_free(name);
    return mark;
}

static bool is_marked(const char *path, const char *ending, PlaceMark mark) {
    PlaceMark now = mark_of(path, ending);
    return now.device == mark.device && now.file == mark.file;
}

void place_note(Store *store) {
    store->file = mark_of(store->path, "");
    store->log = mark_of(store->path, "-wal");
}

static bool has_file(const Store *store) {
    return !store->file.file || is_marked(store->path, "", store->file);
}

static bool has_log(const Store *store) {
    return !store->log.file || is_marked(store->path, "-wal", store->log);
}

bool store_is_in_place(Store *store) {
    return has_file(store) && has_log(store);
}

// ---- to the rescue ----

// The name that the open file has now, through Linux's list of open files; NULL: none is known.
static char *find_moved(const Store *store) {
    DIR *folder = opendir("/proc/self/fd");
    char *found = NULL;
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));) {
        char link[300], name[4096];
        snprintf(link, sizeof link, "/proc/self/fd/%s", entry->d_name);
        if (!is_marked(link, "", store->file)) continue;
        ssize_t length = readlink(link, name, sizeof name - 1);
        name[length > 0 ? length : 0] = 0;
        if (is_marked(name, "", store->file)) found = memory_text(name);
    }
    if (folder) closedir(folder);
    return found;
}

// What the log holds goes into the open file, wherever that is now.
static bool empty_log(Store *store) {
    return sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) ==
           SQLITE_OK;
}

// FOLDER/NAME-rescued, or the first of -rescued-2, ... that is not there; free with memory_free.
static char *fresh_name(const char *folder, const char *path) {
    const char *slash = strrchr(path, '/');
    char *base = file_join(folder, slash ? slash + 1 : path);
    Text name = {0};
    text_printf(&name, "%s-rescued", base);
    for (int i = 2; i < 1000 && file_exists(name.data); i++) {
        text_cut(&name, 0);
        text_printf(&name, "%s-rescued-%d", base, i);
    }
    memory_free(base);
    return name.data;
}

// A copy of all that is open, beside where the store was, or where else there is a place for it.
static char *copy_out(Store *store, Error *error) {
    char *own = file_folder(store->path);
    const char *folders[] = {own, ".", "/tmp"};
    char *name = NULL;
    bool ok = false;
    for (size_t i = 0; !ok && i < sizeof folders / sizeof *folders; i++) {
        memory_free(name);
        name = fresh_name(folders[i], store->path);
        ok = query_run(store, error, "VACUUM INTO ?", "t", name);
    }
    memory_free(own);
    if (ok) return name;
    memory_free(name);
    return NULL;
}

static bool say_rescued(const Store *store, const char *what, const char *where, Error *error) {
    return error_set(
        error,
        "%s: is no longer the file that was opened: it was %s while the sweep ran. All "
        "that was computed lies in %s; with --store %s, or once it is moved back, the "
        "same command goes on from there",
        store->path, what, where, where);
}

static bool rescue_file(Store *store, Error *error) {
    Error why = {0};
    char *moved = find_moved(store);
    if (moved && empty_log(store)) {
        say_rescued(store, "moved", moved, error);
        memory_free(moved);
        return false;
    }
    memory_free(moved);
    char *copy = copy_out(store, &why);
    if (copy)
        say_rescued(store, "deleted or replaced", copy, error);
    else
        error_set(error,
                  "%s: is no longer the file that was opened: it was deleted or replaced while the "
                  "sweep ran, and what was computed could not be saved elsewhere: %s",
                  store->path, why.text);
    memory_free(copy);
    return false;
}

bool store_rescue(Store *store, Error *error) {
    pthread_mutex_lock(&store->mutex);
    if (!has_file(store)) {
        rescue_file(store, error);
    } else {
        bool saved = empty_log(store);
        error_set(error,
                  "%s-wal: a part of the open store, was deleted or replaced while the sweep ran; "
                  "%s %s; the same command goes on",
                  store->path, saved ? "all that was computed is in" : "the newest is missing in",
                  store->path);
    }
    pthread_mutex_unlock(&store->mutex);
    return false;
}

// ---- a copy to read ----

static bool copy_file(const char *from, const char *to, Error *error) {
    char block[65536];
    FILE *in = fopen(from, "rb"), *out = in ? fopen(to, "wbx") : NULL;
    bool ok = in && out;
    for (size_t length; ok && (length = fread(block, 1, sizeof block, in)) > 0;) {
        ok = fwrite(block, 1, length, out) == length;
    }
    ok = ok && !ferror(in);
    int reason = errno;
    if (in) fclose(in);
    if (out && fclose(out) != 0) ok = false;
    return ok || error_set(error,
                           "%s: nothing can be written beside it, so a copy must be read, and that "
                           "cannot be made in %s: %s (TMPDIR names another folder)",
                           from, to, strerror(reason));
}

Store *place_open_copy(const char *path, PlaceOpen *open, Error *error) {
    static const char *const endings[] = {"", "-wal", "-journal", "-shm"}; // shm: made by SQLite
    const char *temporary = getenv("TMPDIR");
    char *folder = file_join(temporary && *temporary ? temporary : "/tmp", "benign-XXXXXX");
    if (!mkdtemp(folder)) {
        error_set(error, "%s: cannot make a folder for a copy of %s: %s", folder, path,
                  strerror(errno));
        memory_free(folder);
        return NULL;
    }
    char *name = file_join(folder, "store");
    bool ok = true;
    for (size_t i = 0; ok && i < 3; i++) {
        char *from = beside(path, endings[i]), *to = beside(name, endings[i]);
        if (file_exists(from)) ok = copy_file(from, to, error);
        memory_free(from);
        memory_free(to);
    }
    Store *store = ok ? open(path, name, SQLITE_OPEN_READWRITE, error) : NULL;
    if (store) {
        store->reading = true;
        query_run(store, NULL, "SELECT count(*) FROM sqlite_schema", ""); // opens all files
    }
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char *to = beside(name, endings[i]);
        unlink(to);
        memory_free(to);
    }
    rmdir(folder);
    memory_free(name);
    memory_free(folder);
    return store;
}
