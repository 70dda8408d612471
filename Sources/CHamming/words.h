// Reading and writing words at any address.
#pragma once
#include <stdint.h>
#include <string.h>
#include "CHamming.h"

#define UNLIKELY(x) __builtin_expect(!!(x), 0)

static inline uint64_t word_at(const uint8_t *p) {
    uint64_t x;
    memcpy(&x, p, 8);
    return x;
}

static inline uint32_t half_at(const uint8_t *p) {
    uint32_t x;
    memcpy(&x, p, 4);
    return x;
}

static inline hamming_remainder low_bits(uint32_t bits) {
    return bits >= 128 ? ~(hamming_remainder)0 : ((hamming_remainder)1 << bits) - 1;
}

static inline uint32_t bits_in(hamming_remainder x) {
    return (uint32_t)(__builtin_popcountll((uint64_t)x) + __builtin_popcountll((uint64_t)(x >> 64)));
}

// An entry as a number. Reads no byte past it.
static inline __attribute__((always_inline)) hamming_remainder entry_at(const uint8_t *p, uint32_t entry_bytes) {
    switch (entry_bytes) {
    case 4: return half_at(p);
    case 6: return half_at(p) | (uint64_t)(uint16_t)(p[4] | p[5] << 8) << 32;
    case 8: return word_at(p);
    case 16: return word_at(p) | (hamming_remainder)word_at(p + 8) << 64;
    default: return 0;
    }
}

static inline __attribute__((always_inline)) void put_entry(uint8_t *p, uint32_t entry_bytes, hamming_remainder x) {
    uint64_t low = (uint64_t)x, high = (uint64_t)(x >> 64);
    switch (entry_bytes) {
    case 4: memcpy(p, &low, 4); break;
    case 6: memcpy(p, &low, 6); break;
    case 8: memcpy(p, &low, 8); break;
    case 16: memcpy(p, &low, 8); memcpy(p + 8, &high, 8); break;
    default: break;
    }
}
