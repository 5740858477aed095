// Loaded before the C library (LD_PRELOAD): allocations fail on purpose.
//   FAIL_AT=K        the K-th allocation of the process fails, counted from 1 ...
//   FAIL_ON=yes      ... and all that come after it
//   FAIL_COUNT=FILE  writes how many there were, when the process exits
// Programs that the process starts are left alone, and so is what a library does while dlopen loads
// it: libgfortran calls itself without end when it has no memory for its first words.
#define _GNU_SOURCE // RTLD_NEXT
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// The C library's own, under names that are not replaced here.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long count;
static long fail_at;
static int fail_on, ready;
static char count_file[4096];

__attribute__((constructor)) static void begin(void) {
    const char *at = getenv("FAIL_AT"), *on = getenv("FAIL_ON"), *file = getenv("FAIL_COUNT");
    fail_at = at ? atol(at) : 0;
    fail_on = on != NULL;
    if (file && strlen(file) < sizeof count_file) strcpy(count_file, file);
    unsetenv("LD_PRELOAD");
    count = 0;
    ready = 1;
}

__attribute__((destructor)) static void end(void) {
    FILE *file = count_file[0] ? fopen(count_file, "w") : NULL;
    if (!file) return;
    fprintf(file, "%ld\n", atomic_load(&count));
    fclose(file);
}

static _Thread_local int loading;

void *dlopen(const char *file, int mode) {
    void *(*real)(const char *, int);
    void *symbol = dlsym(RTLD_NEXT, "dlopen");
    memcpy(&real, &symbol, sizeof real);
    loading++;
    void *library = real(file, mode);
    loading--;
    return library;
}

static int fails(void) {
    if (!ready || loading) return 0;
    long number = atomic_fetch_add(&count, 1) + 1;
    if (!fail_at || number < fail_at || (number > fail_at && !fail_on)) return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size) {
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    return fails() ? NULL : __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
    return fails() ? NULL : __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    return fails() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    *block = memalign(alignment, size);
    return *block ? 0 : ENOMEM;
}
