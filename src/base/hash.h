// 128-bit content hashes (XXH3): names for contents, not a defence against forgery.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct Hash {
    uint64_t low, high;
} Hash; // {0, 0} to begin with

void hash_bytes(Hash *hash, const void *bytes, size_t size); // order matters
void hash_string(Hash *hash, const char *text);              // with its final 0
void hash_print(const Hash *hash, char text[33]);            // 32 hexadecimal digits
