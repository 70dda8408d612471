// Where a bucket lies.
#pragma once
#include "words.h"

typedef struct {
    const uint8_t *block;    // null: not at hand yet, nor are the others then
    const uint8_t *offset;   // of its first entry (u32), and after it that of the next bucket's
    const uint8_t *entries;  // the block's
} bucket_place;

static inline bucket_place bucket_of(const hamming_table *table, uint32_t value) {
    const uint32_t bits = table->bucket_bits;
    const uint8_t *block = hamming_load_pointer(&table->blocks[value >> bits]);
    if (!block) return (bucket_place){0};
    return (bucket_place){block, block + 32 + 4 * (size_t)(value & ((1u << bits) - 1)), block + hamming_block_entries_offset(bits)};
}
