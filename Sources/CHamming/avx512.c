// Kernels for processors that count the bits of eight words in one instruction (AVX-512 VPOPCNTDQ, with VBMI beside it).
#if defined(__x86_64__)
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq,avx512vbmi,popcnt,bmi,bmi2"))), apply_to = function)

#define LOAD(p) _mm512_loadu_si512((const void *)(p))

static inline uint32_t near4(const uint8_t *codes, uint32_t query, uint32_t limit) {
    __m512i d = _mm512_popcnt_epi32(_mm512_xor_si512(LOAD(codes), _mm512_set1_epi32((int)query)));
    return _mm512_cmple_epu32_mask(d, _mm512_set1_epi32((int)limit));
}

static inline uint32_t near_words(__m512i a, __m512i b, uint64_t query, uint32_t limit) {
    const __m512i q = _mm512_set1_epi64((long long)query), l = _mm512_set1_epi64(limit);
    return _mm512_cmple_epu64_mask(_mm512_popcnt_epi64(_mm512_xor_si512(a, q)), l)
        | (uint32_t)_mm512_cmple_epu64_mask(_mm512_popcnt_epi64(_mm512_xor_si512(b, q)), l) << 8;
}

static inline uint32_t near8(const uint8_t *codes, uint64_t query, uint32_t limit) {
    return near_words(LOAD(codes), LOAD(codes + 64), query, limit);
}

// Eight entries of 6 bytes, a word each.
static inline __m512i widened(const uint8_t *entries) {
    const __m512i from = _mm512_set_epi64(0x00002f2e2d2c2b2a, 0x0000292827262524, 0x0000232221201f1e, 0x00001d1c1b1a1918,
                                          0x0000171615141312, 0x000011100f0e0d0c, 0x00000b0a09080706, 0x0000050403020100);
    return _mm512_maskz_permutexvar_epi8(0x3f3f3f3f3f3f3f3f, from, LOAD(entries));
}

static inline uint32_t near6(const uint8_t *codes, uint64_t query, uint32_t limit) {
    return near_words(widened(codes), widened(codes + 48), query, limit);
}

static inline int none4(const uint8_t *codes, uint32_t query, uint32_t limit) {
    const __m512i q = _mm512_set1_epi32((int)query);
    __m512i a = _mm512_popcnt_epi32(_mm512_xor_si512(LOAD(codes), q)), b = _mm512_popcnt_epi32(_mm512_xor_si512(LOAD(codes + 64), q));
    return !_mm512_cmple_epu32_mask(_mm512_min_epu32(a, b), _mm512_set1_epi32((int)limit));
}

static inline int none_words(__m512i a, __m512i b, __m512i c, __m512i d, uint64_t query, uint32_t limit) {
    const __m512i q = _mm512_set1_epi64((long long)query);
    a = _mm512_popcnt_epi64(_mm512_xor_si512(a, q));
    b = _mm512_popcnt_epi64(_mm512_xor_si512(b, q));
    c = _mm512_popcnt_epi64(_mm512_xor_si512(c, q));
    d = _mm512_popcnt_epi64(_mm512_xor_si512(d, q));
    __m512i least = _mm512_min_epu32(_mm512_min_epu32(a, b), _mm512_min_epu32(c, d));
    return !_mm512_cmple_epu64_mask(least, _mm512_set1_epi64(limit));
}

static inline int none6(const uint8_t *codes, uint64_t query, uint32_t limit) {
    return none_words(widened(codes), widened(codes + 48), widened(codes + 96), widened(codes + 144), query, limit);
}

static inline int none8(const uint8_t *codes, uint64_t query, uint32_t limit) {
    return none_words(LOAD(codes), LOAD(codes + 64), LOAD(codes + 128), LOAD(codes + 192), query, limit);
}

// The sums of the counts of the two words of each of four codes.
static inline __m512i pairs(const uint8_t *codes, __m512i q) {
    __m512i d = _mm512_popcnt_epi64(_mm512_xor_si512(LOAD(codes), q));
    return _mm512_add_epi64(d, _mm512_shuffle_epi32(d, _MM_PERM_BADC));
}

static inline uint32_t near16(const uint8_t *codes, const uint64_t query[2], uint32_t limit) {
    const __m512i q = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)query)), l = _mm512_set1_epi64(limit);
    // Even lanes of one and odd lanes of the other: eight sums in a register.
    __m512i a = _mm512_mask_blend_epi64(0xAA, pairs(codes, q), pairs(codes + 64, q));
    __m512i b = _mm512_mask_blend_epi64(0xAA, pairs(codes + 128, q), pairs(codes + 192, q));
    uint32_t x = _mm512_cmple_epu64_mask(a, l), y = _mm512_cmple_epu64_mask(b, l);
    if (__builtin_expect(!(x | y), 1)) return 0;
    return _pext_u32(x, 0x55) | _pext_u32(x, 0xAA) << 4 | _pext_u32(y, 0x55) << 8 | _pext_u32(y, 0xAA) << 12;
}

// The sums of the counts of the four words of each of two codes, in every lane of the code's half.
static inline __m512i quads(const uint8_t *codes, __m512i q) {
    __m512i d = pairs(codes, q);
    return _mm512_add_epi64(d, _mm512_permutex_epi64(d, 0x4E));
}

static inline uint32_t near32(const uint8_t *codes, const uint64_t query[4], uint32_t limit) {
    const __m512i q = _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)query)), l = _mm512_set1_epi64(limit);
    uint32_t found = 0;
    for (int part = 0; part < 2; part++, codes += 256) {
        __m512i a = _mm512_mask_blend_epi64(0xAA, quads(codes, q), quads(codes + 64, q));
        __m512i b = _mm512_mask_blend_epi64(0xAA, quads(codes + 128, q), quads(codes + 192, q));
        // Lanes 0, 1, 2, 3 of each half: codes 0, 2, 4, 6 (1, 3, 5, 7 in the other).
        uint32_t x = _mm512_cmple_epu64_mask(_mm512_mask_blend_epi64(0xCC, a, b), l);
        if (__builtin_expect(!x, 1)) continue;
        found |= (_pdep_u32(x & 15, 0x55) | _pdep_u32(x >> 4, 0xAA)) << (8 * part);
    }
    return found;
}

#define KERNELS hamming_avx512
#define KERNELS_NAME "avx512"
#include "kernels.h"

#pragma clang attribute pop
#endif
