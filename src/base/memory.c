#include "base/base.h"
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

void *memory_new(size_t count, size_t size) {
    void *block = calloc(count ? count : 1, size ? size : 1);
    REQUIRE(block != NULL);
    return block;
}

char *memory_text(const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(memory_new(size, 1), text, size);
}

void *memory_grow(void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) return items;
    size_t wanted = *capacity ? 2 * *capacity : 16;
    REQUIRE(wanted < SIZE_MAX / size);
    items = realloc(items, wanted * size);
    REQUIRE(items != NULL);
    *capacity = wanted;
    return items;
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
    REQUIRE(!__builtin_mul_overflow(count, size, &bytes) && bytes < SIZE_MAX / 2);
    bytes = (bytes + 15) / 16 * 16;
    ArenaBlock *block = arena->first;
    if (!block || block->size - block->used < bytes) {
        size_t room = bytes > ARENA_BLOCK ? bytes : ARENA_BLOCK;
        block = aligned_alloc(16, (sizeof(ArenaBlock) + room + 15) / 16 * 16);
        REQUIRE(block != NULL);
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
