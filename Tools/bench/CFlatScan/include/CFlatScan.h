// The yardstick: an exact flat scan of packed codes in memory, written apart from the engine and as fast as AVX2 lets it be.
//
// Codes of up to 16 bits lie in 2 bytes each, all others in whole 64-bit words. Rows are numbered from 0; answers are ordered by
// distance and then by row.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct flat_codes flat_codes;

typedef struct {
    uint32_t row, distance;
} flat_match;

// Copies `count` codes of `words` 64-bit words each (1 to 16), of whose bits only the first `bits` may be set; null: no memory.
flat_codes *flat_codes_create(const uint64_t *codes, size_t count, uint32_t words, uint32_t bits);
void flat_codes_free(flat_codes *codes);

// The k nearest codes, or all within a radius. The matches are good until the next search. SIZE_MAX: out of memory.
size_t flat_nearest(flat_codes *codes, const uint64_t *query, size_t k, const flat_match **matches);
size_t flat_within(flat_codes *codes, const uint64_t *query, uint32_t radius, const flat_match **matches);

// "avx2", or "portable" where there is no AVX2.
const char *flat_kernel_name(void);
