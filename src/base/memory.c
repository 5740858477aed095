#include "base/base.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64, ARENA_BLOCK = 16384 };

void *memory_try(size_t count, size_t size, const char *what, Error *error) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) {
        error_set(error, "%s: %zu items of %zu bytes are more than any memory holds", what, count,
                  size);
        return NULL;
    }
    bytes = (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT; // never 0
    void *block = aligned_alloc(ALIGNMENT, bytes);
    if (!block) {
        error_set(error, "%s: %.1f MB of memory are not to be had", what, (double)bytes * 1e-6);
        return NULL;
    }
    return memset(block, 0, bytes);
}

// The reserve is a few small requests large. Whoever spends it goes on to something that can fail,
// and says so; what is given back then is not set aside again.
enum { RESERVE = 1 << 20 };
static _Atomic(void *) reserve;
static MemoryEnd *ending;

void memory_begin(MemoryEnd *end) {
    ending = end;
    free(atomic_exchange(&reserve, malloc(RESERVE)));
}

_Noreturn void memory_end(size_t bytes) {
    if (ending) ending(bytes);
    fprintf(stderr, "benign: no memory left for %zu bytes\n", bytes);
    abort();
}

static bool spend_reserve(void) {
    void *block = atomic_exchange(&reserve, NULL);
    free(block);
    return block != NULL;
}

void *memory_raw(size_t size) {
    return memory_resize(NULL, size);
}

void *memory_resize(void *block, size_t size) {
    if (size == 0) size = 1;
    void *bigger = realloc(block, size);
    if (!bigger && spend_reserve()) bigger = realloc(block, size);
    if (!bigger) memory_end(size);
    return bigger;
}

void *memory_new(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) memory_end(SIZE_MAX);
    return memset(memory_raw(bytes), 0, bytes);
}

char *memory_text(const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(memory_raw(size), text, size);
}

void *memory_grow(void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) return items;
    size_t wanted = *capacity ? 2 * *capacity : 16, bytes;
    if (__builtin_mul_overflow(wanted, size, &bytes)) memory_end(SIZE_MAX);
    *capacity = wanted;
    return memory_resize(items, bytes);
}

void memory_free(void *block) {
    free(block);
}

typedef struct ArenaBlock {
    struct ArenaBlock *next;
    size_t used, size;
    _Alignas(16) unsigned char bytes[];
} ArenaBlock;

void *arena_new(Arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) memory_end(SIZE_MAX);
    bytes = (bytes + 15) / 16 * 16;
    ArenaBlock *block = arena->first;
    if (!block || block->size - block->used < bytes) {
        size_t room = bytes > ARENA_BLOCK ? bytes : ARENA_BLOCK;
        block = memory_raw(sizeof(ArenaBlock) + room); // malloc aligns to 16
        *block = (ArenaBlock){.next = arena->first, .size = room};
        arena->first = block;
    }
    void *place = block->bytes + block->used;
    block->used += bytes;
    return memset(place, 0, bytes);
}

char *arena_text(Arena *arena, const char *text, size_t length) {
    char *copy = arena_new(arena, length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

void arena_free(Arena *arena) {
    for (ArenaBlock *block = arena->first, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    arena->first = NULL;
}
