// The filters of kernels.h one code at a time, for processors without anything better.
#pragma once
#include "words.h"

static inline uint32_t plain_near(const uint8_t *codes, const uint64_t *query, uint32_t words, uint32_t limit) {
    uint32_t mask = 0;
    for (uint32_t i = 0; i < 16; i++) {
        uint32_t d = 0;
        for (uint32_t w = 0; w < words; w++) d += (uint32_t)__builtin_popcountll(word_at(codes + 8 * (words * i + w)) ^ query[w]);
        mask |= (uint32_t)(d <= limit) << i;
    }
    return mask;
}

static inline uint32_t plain_near4(const uint8_t *codes, uint32_t query, uint32_t limit) {
    uint32_t mask = 0;
    for (uint32_t i = 0; i < 16; i++) mask |= (uint32_t)((uint32_t)__builtin_popcount(half_at(codes + 4 * i) ^ query) <= limit) << i;
    return mask;
}

static inline uint32_t plain_near6(const uint8_t *codes, uint64_t query, uint32_t limit) {
    uint32_t mask = 0;
    for (uint32_t i = 0; i < 16; i++) {
        const uint64_t difference = (word_at(codes + 6 * i) ^ query) & 0xFFFFFFFFFFFF;
        mask |= (uint32_t)((uint32_t)__builtin_popcountll(difference) <= limit) << i;
    }
    return mask;
}

static inline uint32_t plain_near8(const uint8_t *codes, uint64_t query, uint32_t limit) { return plain_near(codes, &query, 1, limit); }
static inline uint32_t plain_near16(const uint8_t *codes, const uint64_t *query, uint32_t limit) { return plain_near(codes, query, 2, limit); }
static inline uint32_t plain_near32(const uint8_t *codes, const uint64_t *query, uint32_t limit) { return plain_near(codes, query, 4, limit); }

// Where looking at 32 codes at once is no faster than twice at 16.
#define NONE_BY_NEAR \
    static inline int none4(const uint8_t *codes, uint32_t query, uint32_t limit) { \
        return !(near4(codes, query, limit) | near4(codes + 64, query, limit)); \
    } \
    static inline int none6(const uint8_t *codes, uint64_t query, uint32_t limit) { \
        return !(near6(codes, query, limit) | near6(codes + 96, query, limit)); \
    } \
    static inline int none8(const uint8_t *codes, uint64_t query, uint32_t limit) { \
        return !(near8(codes, query, limit) | near8(codes + 128, query, limit)); \
    }
