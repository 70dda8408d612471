// Kernels for processors with AVX2: bits are counted by looking up nibbles (Mula), four words a register.
#if defined(__x86_64__)
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang attribute push(__attribute__((target("avx2,popcnt,bmi,bmi2"))), apply_to = function)

#include "plain_filters.h"

#define LOAD(p) _mm256_loadu_si256((const __m256i *)(p))

static inline __m256i bits_of_bytes(__m256i x) {
    const __m256i low = _mm256_set1_epi8(15);
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(x, low)),
                           _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low)));
}

static inline __m256i bits_of_words(__m256i codes, __m256i query) {
    return _mm256_sad_epu8(bits_of_bytes(_mm256_xor_si256(codes, query)), _mm256_setzero_si256());
}

// Bits 4i to 4i + 3: the lanes of the i-th register that are at most `limit`.
static inline uint32_t small_lanes(__m256i a, __m256i b, __m256i c, __m256i d, uint32_t limit) {
    const __m256i over = _mm256_set1_epi64x((long long)limit + 1);
    __m256i least = _mm256_min_epu16(_mm256_min_epu16(a, b), _mm256_min_epu16(c, d));
    __m256i any = _mm256_cmpgt_epi64(over, least);
    if (__builtin_expect(_mm256_testz_si256(any, any), 1)) return 0;
    return (uint32_t)_mm256_movemask_pd((__m256d)_mm256_cmpgt_epi64(over, a)) | (uint32_t)_mm256_movemask_pd((__m256d)_mm256_cmpgt_epi64(over, b)) << 4
        | (uint32_t)_mm256_movemask_pd((__m256d)_mm256_cmpgt_epi64(over, c)) << 8 | (uint32_t)_mm256_movemask_pd((__m256d)_mm256_cmpgt_epi64(over, d)) << 12;
}

static inline uint32_t near4(const uint8_t *codes, uint32_t query, uint32_t limit) {
    const __m256i q = _mm256_set1_epi32((int)query), over = _mm256_set1_epi32((int)limit + 1);
    uint32_t mask = 0;
    for (int i = 0; i < 2; i++) {
        __m256i bytes = bits_of_bytes(_mm256_xor_si256(LOAD(codes + 32 * i), q));
        __m256i d = _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, _mm256_set1_epi8(1)), _mm256_set1_epi16(1));
        mask |= (uint32_t)_mm256_movemask_ps((__m256)_mm256_cmpgt_epi32(over, d)) << (8 * i);
    }
    return mask;
}

// Four entries of 6 bytes, a word each.
static inline __m256i widened(const uint8_t *entries) {
    const __m256i from = _mm256_setr_epi8(0, 1, 2, 3, 4, 5, -1, -1, 6, 7, 8, 9, 10, 11, -1, -1, 0, 1, 2, 3, 4, 5, -1, -1, 6, 7, 8, 9, 10, 11, -1, -1);
    __m256i x = _mm256_set_m128i(_mm_loadu_si128((const __m128i *)(entries + 12)), _mm_loadu_si128((const __m128i *)entries));
    return _mm256_shuffle_epi8(x, from);
}

static inline uint32_t near6(const uint8_t *codes, uint64_t query, uint32_t limit) {
    const __m256i q = _mm256_set1_epi64x((long long)query);
    return small_lanes(bits_of_words(widened(codes), q), bits_of_words(widened(codes + 24), q), bits_of_words(widened(codes + 48), q),
                       bits_of_words(widened(codes + 72), q), limit);
}

static inline uint32_t near8(const uint8_t *codes, uint64_t query, uint32_t limit) {
    const __m256i q = _mm256_set1_epi64x((long long)query);
    return small_lanes(bits_of_words(LOAD(codes), q), bits_of_words(LOAD(codes + 32), q), bits_of_words(LOAD(codes + 64), q),
                       bits_of_words(LOAD(codes + 96), q), limit);
}

// The sums for codes 0, 2, 1, 3 of four codes of two words.
static inline __m256i pairs(const uint8_t *codes, __m256i q) {
    __m256i a = bits_of_words(LOAD(codes), q), b = bits_of_words(LOAD(codes + 32), q);
    return _mm256_add_epi64(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
}

static inline uint32_t near16(const uint8_t *codes, const uint64_t query[2], uint32_t limit) {
    const __m256i q = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)query));
    uint32_t x = small_lanes(pairs(codes, q), pairs(codes + 64, q), pairs(codes + 128, q), pairs(codes + 192, q), limit);
    // Bits 1 and 2 of every four change places.
    return (x & 0x9999) | (x & 0x2222) << 1 | (x & 0x4444) >> 1;
}

static inline uint32_t near32(const uint8_t *codes, const uint64_t query[4], uint32_t limit) {
    const __m256i q = LOAD(query);
    __m256i sums[4];
    for (int i = 0; i < 4; i++, codes += 128) {
        __m256i a = bits_of_words(LOAD(codes), q), b = bits_of_words(LOAD(codes + 32), q);
        __m256i c = bits_of_words(LOAD(codes + 64), q), d = bits_of_words(LOAD(codes + 96), q);
        __m256i ab = _mm256_add_epi64(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
        __m256i cd = _mm256_add_epi64(_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));
        sums[i] = _mm256_add_epi64(_mm256_permute2x128_si256(ab, cd, 0x20), _mm256_permute2x128_si256(ab, cd, 0x31));
    }
    return small_lanes(sums[0], sums[1], sums[2], sums[3], limit);
}

NONE_BY_NEAR

#define KERNELS hamming_avx2
#define KERNELS_NAME "avx2"
#include "kernels.h"

#pragma clang attribute pop
#endif
