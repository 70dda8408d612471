// The filters of kernels.h one code at a time, for processors without anything better and for what is left over elsewhere.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t plain_near8(const uint8_t *codes, size_t n, uint64_t query, uint32_t limit) {
    uint32_t mask = 0;
    for (size_t i = 0; i < n; i++) {
        uint64_t x;
        memcpy(&x, codes + 8 * i, 8);
        mask |= (uint32_t)((uint32_t)__builtin_popcountll(x ^ query) <= limit) << i;
    }
    return mask;
}

static inline uint32_t plain_near4(const uint8_t *codes, size_t n, uint32_t query, uint32_t limit) {
    uint32_t mask = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t x;
        memcpy(&x, codes + 4 * i, 4);
        mask |= (uint32_t)((uint32_t)__builtin_popcount(x ^ query) <= limit) << i;
    }
    return mask;
}
