// Substrings, grouping codes by the value of one, and where the codes of a block begin.
#include "CHamming.h"
#include <string.h>

// Reads byte by byte near the end so as never to pass the code's last byte.
uint32_t hamming_substring(const uint8_t *code, uint32_t start, uint32_t bits) {
    uint64_t x = 0;
    uint32_t first = start / 8, last = (start + bits - 1) / 8;
    for (uint32_t i = last + 1; i-- > first;) x = x << 8 | code[i];
    return (uint32_t)(x >> (start & 7)) & (uint32_t)(((uint64_t)1 << bits) - 1);
}

static inline __attribute__((always_inline)) uint32_t value_of(const uint8_t *code, uint32_t stride, uint32_t start, uint32_t bits) {
    if (stride != 8) return hamming_substring(code, start, bits);
    uint64_t x;
    memcpy(&x, code, 8);
    return (uint32_t)(x >> start) & (uint32_t)(((uint64_t)1 << bits) - 1);
}

void hamming_bucket_count(const uint8_t *codes, size_t count, uint32_t stride, uint32_t start, uint32_t bits, uint32_t *counts) {
    for (size_t i = 0; i < count; i++) counts[value_of(codes + i * stride, stride, start, bits)]++;
}

void hamming_bucket_scatter(const uint8_t *codes, size_t count, uint32_t stride, uint32_t start, uint32_t bits, uint32_t first,
                            uint32_t last, uint32_t first_row, uint64_t *place, uint8_t *out_codes, uint32_t *out_rows) {
    for (size_t i = 0; i < count; i++) {
        const uint8_t *code = codes + i * stride;
        uint32_t value = value_of(code, stride, start, bits);
        if (value < first || value >= last) continue;
        uint64_t at = place[value - first]++;
        memcpy(out_codes + at * stride, code, stride);
        out_rows[at] = first_row + (uint32_t)i;
    }
}

size_t hamming_block_codes_offset(uint32_t bucket_bits) { return (32 + 4 * (((size_t)1 << bucket_bits) + 1) + 7) & ~(size_t)7; }
