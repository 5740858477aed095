#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/base.h"
#include <stdio.h>
#include <string.h>

void hash_bytes(Hash *hash, const void *bytes, size_t size) {
    XXH128_hash_t own = XXH3_128bits(bytes, size);
    uint64_t chain[5] = {hash->low, hash->high, own.low64, own.high64, size};
    XXH128_hash_t next = XXH3_128bits(chain, sizeof chain);
    *hash = (Hash){next.low64, next.high64};
}

void hash_string(Hash *hash, const char *text) {
    hash_bytes(hash, text, strlen(text) + 1);
}

void hash_print(const Hash *hash, char text[33]) {
    snprintf(text, 33, "%016llx%016llx", (unsigned long long)hash->high,
             (unsigned long long)hash->low);
}
