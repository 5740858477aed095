#include "guess/exact.h"
#include <string.h>

enum { CHUNK = 1 << 10, CHUNKS_FIRST = 16, SLOTS_FIRST = 64 };

void *budget_try(ExactBudget *budget, size_t count, size_t size, Error *error) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > budget->limit - budget->used) {
        error_set(error,
                  "%zu states and more do not fit into the %.4g MB that an exact count may use; "
                  "fewer points, a narrower network or --rare would do",
                  budget->states, (double)budget->limit * 1e-6);
        return NULL;
    }
    void *block = memory_try(count, size, "an exact count", error);
    if (block) budget->used += bytes;
    return block;
}

void budget_free(ExactBudget *budget, void *block, size_t count, size_t size) {
    if (block) budget->used -= count * size;
    memory_free(block);
}

Table exact_table_new(ExactBudget *budget, size_t words, size_t limbs) {
    return (Table){.budget = budget, .words = words, .limbs = limbs};
}

static size_t record(const Table *table) {
    return table->limbs + table->words;
}

// The first chunk is small, for the sake of many small tables.
static size_t chunk_room(size_t chunk) {
    return chunk ? CHUNK : CHUNKS_FIRST;
}

static uint64_t *entry(const Table *table, size_t i) {
    if (i < CHUNKS_FIRST) return table->chunk[0] + i * record(table);
    i -= CHUNKS_FIRST;
    return table->chunk[1 + i / CHUNK] + i % CHUNK * record(table);
}

const uint64_t *exact_table_count(const Table *table, size_t i) {
    return entry(table, i);
}

const uint64_t *exact_table_key(const Table *table, size_t i) {
    return entry(table, i) + table->limbs;
}

void exact_table_free(Table *table) {
    for (size_t i = 0; i < table->chunks && table->chunk[i]; i++)
        budget_free(table->budget, table->chunk[i], chunk_room(i) * record(table),
                    sizeof(uint64_t));
    budget_free(table->budget, table->chunk, table->chunks, sizeof *table->chunk);
    budget_free(table->budget, table->slot, table->slots, sizeof *table->slot);
    if (table->budget) table->budget->states -= table->states;
    *table = (Table){0};
}

static uint64_t mix(const uint64_t *key, size_t words) {
    uint64_t hash = 0x9e3779b97f4a7c15;
    for (size_t i = 0; i < words; i++) {
        hash = (hash ^ key[i]) * 0xd6e8feb86659fd93; // odd; high bits come down by the shift
        hash ^= hash >> 32;
    }
    return hash * 0xd6e8feb86659fd93;
}

static bool equal(const uint64_t *a, const uint64_t *b, size_t words) {
    for (size_t i = 0; i < words; i++) {
        if (a[i] != b[i]) return false;
    }
    return true;
}

static void place(uint64_t *slot, size_t slots, uint64_t item) {
    size_t at = (item >> 32) & (slots - 1);
    while (slot[at]) at = (at + 1) & (slots - 1);
    slot[at] = item;
}

// At most half of the slots are taken.
static bool widen(Table *table, Error *error) {
    size_t slots = table->slots ? 2 * table->slots : SLOTS_FIRST;
    uint64_t *slot = budget_try(table->budget, slots, sizeof *slot, error);
    if (!slot) return false;
    for (size_t i = 0; i < table->slots; i++) {
        if (table->slot[i]) place(slot, slots, table->slot[i]);
    }
    budget_free(table->budget, table->slot, table->slots, sizeof *slot);
    table->slot = slot;
    table->slots = slots;
    return true;
}

static bool more_chunks(Table *table, size_t needed, Error *error) {
    if (needed <= table->chunks) return true;
    size_t chunks = table->chunks ? 2 * table->chunks : CHUNKS_FIRST;
    uint64_t **chunk = budget_try(table->budget, chunks, sizeof *chunk, error);
    if (!chunk) return false;
    if (table->chunks) memcpy(chunk, table->chunk, table->chunks * sizeof *chunk);
    budget_free(table->budget, table->chunk, table->chunks, sizeof *chunk);
    table->chunk = chunk;
    table->chunks = chunks;
    return true;
}

static bool append(Table *table, const uint64_t *key, Error *error) {
    size_t i = table->states;
    size_t chunk = i < CHUNKS_FIRST ? 0 : 1 + (i - CHUNKS_FIRST) / CHUNK;
    if (!more_chunks(table, chunk + 1, error)) return false;
    if (!table->chunk[chunk])
        table->chunk[chunk] =
            budget_try(table->budget, chunk_room(chunk) * record(table), sizeof(uint64_t), error);
    if (!table->chunk[chunk]) return false;
    memcpy(entry(table, i) + table->limbs, key, table->words * sizeof *key);
    table->states++;
    ExactBudget *budget = table->budget;
    if (++budget->states > budget->most) budget->most = budget->states;
    return true;
}

uint64_t *exact_table_at(Table *table, const uint64_t *key, Error *error) {
    if (2 * table->states >= table->slots && !widen(table, error)) return NULL;
    uint64_t tag = mix(key, table->words) >> 32;
    size_t at = tag & (table->slots - 1);
    for (uint64_t item; (item = table->slot[at]); at = (at + 1) & (table->slots - 1)) {
        if (item >> 32 != tag) continue;
        uint64_t *found = entry(table, (uint32_t)item - 1);
        if (equal(found + table->limbs, key, table->words)) return found;
    }
    if (!append(table, key, error)) return NULL;
    table->slot[at] = tag << 32 | table->states;
    return entry(table, table->states - 1);
}
