// What the tests of data/ share: files in a folder of their own, errors that must be said.
#pragma once

#include "data/data.h"
#include "run_suite.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];

// Makes a folder and goes there.
static inline void help_enter(void) {
    snprintf(folder, sizeof folder, "/tmp/benign-data-XXXXXX");
    ck_assert(mkdtemp(folder) != NULL && chdir(folder) == 0);
}

static inline void help_leave(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert(chdir("/") == 0 && system(command) == 0);
}

static inline void help_write(const char *path, const void *bytes, size_t size) {
    unlink(path); // file systems write a truncated file out at once: a thousand waits for the disk
    FILE *file = fopen(path, "wb");
    ck_assert(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

static inline void help_write_text(const char *path, const char *text) {
    help_write(path, text, strlen(text));
}

static inline const DataSet *help_open(const char *spec) {
    Error error;
    const DataSet *set = data_open(spec, &error);
    if (!set) ck_abort_msg("%s", error.text);
    return set;
}

// Opening fails with exactly this beginning.
static inline void help_refused(const char *spec, const char *beginning) {
    Error error = {0};
    const DataSet *set = data_open(spec, &error);
    if (set) ck_abort_msg("%s was accepted", spec);
    if (strncmp(error.text, beginning, strlen(beginning)) != 0)
        ck_abort_msg("said:\n%s\nexpected:\n%s", error.text, beginning);
}

// A file of the shared folder, or NULL (with a word) where it is absent.
static inline const char *help_shared(const char *name) {
    static char path[1024];
    const char *root = getenv("BENIGN_SHARED");
    snprintf(path, sizeof path, "%s/%s", root ? root : TOP "/../shared", name);
    if (file_exists(path)) return path;
    fprintf(stderr, "skipped: %s is not there\n", path);
    return NULL;
}
