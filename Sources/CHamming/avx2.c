// Kernels for processors with AVX2: bits are counted by looking up nibbles (Mula), four words a register.
#if defined(__x86_64__)
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang attribute push(__attribute__((target("avx2,popcnt,bmi,bmi2"))), apply_to = function)

#include "plain_filters.h"
#define near4 plain_near4

static inline __m256i bits_of_bytes(__m256i x) {
    const __m256i low = _mm256_set1_epi8(15);
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(x, low)),
                           _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low)));
}

static inline __m256i bits_of_words(const uint8_t *codes, __m256i query) {
    __m256i x = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)codes), query);
    return _mm256_sad_epu8(bits_of_bytes(x), _mm256_setzero_si256());
}

static inline uint32_t near8(const uint8_t *codes, size_t n, uint64_t query, uint32_t limit) {
    if (n < 16) return plain_near8(codes, n, query, limit);
    const __m256i q = _mm256_set1_epi64x((long long)query), over = _mm256_set1_epi64x((long long)limit + 1);
    __m256i a = bits_of_words(codes, q), b = bits_of_words(codes + 32, q), c = bits_of_words(codes + 64, q), d = bits_of_words(codes + 96, q);
    __m256i least = _mm256_min_epu16(_mm256_min_epu16(a, b), _mm256_min_epu16(c, d));
    __m256i any = _mm256_cmpgt_epi64(over, least);
    if (__builtin_expect(_mm256_testz_si256(any, any), 1)) return 0;
    return (uint32_t)_mm256_movemask_pd((__m256d)_mm256_cmpgt_epi64(over, a)) | (uint32_t)_mm256_movemask_pd((__m256d)_mm256_cmpgt_epi64(over, b)) << 4
        | (uint32_t)_mm256_movemask_pd((__m256d)_mm256_cmpgt_epi64(over, c)) << 8 | (uint32_t)_mm256_movemask_pd((__m256d)_mm256_cmpgt_epi64(over, d)) << 12;
}

#define KERNELS hamming_avx2
#define KERNELS_NAME "avx2"
#include "kernels.h"

#pragma clang attribute pop
#endif
