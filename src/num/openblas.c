#define _DEFAULT_SOURCE // MAP_ANONYMOUS
#include "num/openblas.h"
#include "num/num.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifdef __APPLE__
#define LIBRARY "libopenblas.0.dylib"
#else
#define LIBRARY "libopenblas.so.0"
#endif

static OpenBlas functions;

// Not part of its interface, and absent in some builds.
static void (*dynamic_quit)(void), (*dynamic_init)(void);
static void *(*memory_alloc)(int procedure);
static void (*memory_free_buffer)(void *buffer);

// OpenBLAS takes its oldest kernels on a processor that is younger than itself (0.3.21 on Sapphire
// Rapids: 11 GFLOP/s a core instead of 52). What the processor can do, we know better.
static void choose_kernels(void) {
    static const char *const KERNELS[] = {[ISA_AVX2] = "Haswell", [ISA_AVX512] = "SkylakeX"};
    Isa isa = num_isa();
    bool oldest = strcmp(functions.openblas_get_corename(), "Prescott") == 0;
    if (!oldest || isa == ISA_GENERIC || !dynamic_init || !dynamic_quit) return;
    if (setenv("OPENBLAS_CORETYPE", KERNELS[isa], 0) != 0) return;
    dynamic_quit();
    dynamic_init();
}

// A function pointer and what dlsym returns have the same bits where there is dlsym (POSIX).
static bool find(void *library, const char *name, void *place) {
    void *symbol = dlsym(library, name);
    memcpy(place, &symbol, sizeof symbol);
    return symbol != NULL;
}

static const char *missing; // the function that the library lacks
static atomic_bool loaded;
static char reason[512];

// The library reads the variable while it is loaded; what the person set is put back.
static void *open_with_one_thread(void) {
    static const char NAME[] = "OPENBLAS_NUM_THREADS";
    const char *own = getenv(NAME);
    char *kept = own ? memory_text(own) : NULL;
    setenv(NAME, "1", 1);
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (kept)
        setenv(NAME, kept, 1);
    else
        unsetenv(NAME);
    memory_free(kept);
    return library;
}

static void load(void) {
    void *library = open_with_one_thread();
    if (!library) {
        const char *said = dlerror();
        snprintf(reason, sizeof reason, "%s", said ? said : "no reason given");
        return;
    }
#define FIND(name)                                                                                 \
    if (!find(library, #name, &functions.name)) missing = #name;
    OPENBLAS_FUNCTIONS(FIND)
#undef FIND
    find(library, "gotoblas_dynamic_quit", &dynamic_quit);
    find(library, "gotoblas_dynamic_init", &dynamic_init);
    find(library, "blas_memory_alloc", &memory_alloc);
    find(library, "blas_memory_free", &memory_free_buffer);
    if (missing) return;
    choose_kernels();
    loaded = true;
}

bool openblas_load(Error *error) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (!loaded) { // libgfortran, which it brings, does not survive that
        void *probe = memory_try(1, 1 << 20, "loading OpenBLAS", error);
        if (!probe) return false;
        memory_free(probe);
    }
    pthread_once(&once, load);
    if (loaded) return true;
    if (missing) return error_set(error, "%s: it lacks the function %s", LIBRARY, missing);
    return error_set(
        error, "OpenBLAS cannot be loaded: %s; Debian has it in the package libopenblas0", reason);
}

const OpenBlas *openblas(void) {
    bool ok = openblas_load(NULL);
    REQUIRE(ok);
    return &functions;
}

// How many buffers, of those asked for, fit into the address space that is left. One alone needs
// little beside it; where there are more, threads come with stacks and memory of their own.
static int room(int buffers) {
    enum { BUFFER = 1 << 27, LITTLE = 1 << 24, MORE = 1 << 26 };
    for (; buffers > 0; buffers--) {
        size_t bytes = (size_t)buffers * BUFFER + (buffers == 1 ? LITTLE : (size_t)buffers * MORE);
        void *place = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (place == MAP_FAILED) continue;
        munmap(place, bytes);
        break;
    }
    return buffers;
}

int openblas_take_buffers(int buffers) {
    enum { MOST = 64 }; // what every build has places for
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static int taken, asked;
    if (!openblas_load(NULL)) return 0;
    if (buffers > MOST) buffers = MOST;
    pthread_mutex_lock(&lock);
    if (buffers > asked) { // what did not fit once is not tried again, when others may be inside
        asked = buffers;
        void *buffer[MOST];
        taken += room(buffers - taken);
        // Held all at once, so that each is another one.
        for (int i = 0; memory_alloc && i < taken; i++) buffer[i] = memory_alloc(0);
        for (int i = 0; memory_alloc && i < taken; i++) memory_free_buffer(buffer[i]);
    }
    int got = taken < buffers ? taken : buffers;
    pthread_mutex_unlock(&lock);
    return got;
}
