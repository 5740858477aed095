// Memory. Two rules:
//   - whatever grows with the user's data or network goes through memory_try and can fail;
//   - a few bytes for names, tables and text come from memory_new, an arena or a Text. They do not
//     fail: where the system has no memory left, a reserve is spent, so that what needs more can
//     fail with its message and give back what it has; where that is spent, too, the program ends.
#pragma once

#include "base/error.h"
#include <stdint.h>

// count * size bytes, zeroed, aligned to 64 bytes, or NULL with a message that says what for
// ("activations of a plan"). Free with memory_free. Overflow of the product is an error, too.
void *memory_try(size_t count, size_t size, const char *what, Error *error);

// Sets the reserve of memory aside, and says how the program ends when nothing is left: `end` gets
// the bytes that were asked for, allocates nothing and does not return. Without memory_begin there
// is no reserve, and the end is a line on standard error and abort.
typedef void MemoryEnd(size_t bytes);
void memory_begin(MemoryEnd *end);

// The end itself, for whoever finds out that a library has no memory left.
_Noreturn void memory_end(size_t bytes);

// Small and zeroed; never NULL.
void *memory_new(size_t count, size_t size);

// Small and not zeroed; never NULL.
void *memory_raw(size_t size);

// A copy of a string; never NULL.
char *memory_text(const char *text);

// Makes room for one more item in a growing array of `size`-byte items; *capacity doubles. Never
// NULL.
void *memory_grow(void *items, size_t count, size_t *capacity, size_t size);

void *memory_resize(void *block, size_t size); // realloc; never NULL

void memory_free(void *block);

// An arena: many small things that die together.
typedef struct Arena {
    struct ArenaBlock *first;
} Arena;

void *arena_new(Arena *arena, size_t count, size_t size); // zeroed, aligned to 16; never NULL
char *arena_text(Arena *arena, const char *text, size_t length);
void arena_free(Arena *arena);
