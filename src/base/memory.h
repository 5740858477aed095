// Memory. Two rules:
//   - whatever grows with the user's data or network goes through memory_try and can fail;
//   - a few bytes for names and tables come from memory_new or an arena and cannot: when not even
//     those are to be had, nothing could be reported or saved either, and the program stops.
#pragma once

#include "base/error.h"
#include <stdint.h>

// count * size bytes, zeroed, aligned to 64 bytes, or NULL with a message that says what for
// ("activations of a plan"). Free with memory_free. Overflow of the product is an error, too.
void *memory_try(size_t count, size_t size, const char *what, Error *error);

// Small and zeroed; never NULL.
void *memory_new(size_t count, size_t size);

// A copy of a string; never NULL.
char *memory_text(const char *text);

// Makes room for one more item in a growing array of `size`-byte items; *capacity doubles.
void *memory_grow(void *items, size_t count, size_t *capacity, size_t size);

void memory_free(void *block);

// An arena: many small things that die together.
typedef struct Arena {
    struct ArenaBlock *first;
} Arena;

void *arena_new(Arena *arena, size_t count, size_t size); // zeroed, aligned to 16; never NULL
char *arena_text(Arena *arena, const char *text, size_t length);
void arena_free(Arena *arena);
