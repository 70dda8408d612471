// The scan for processors with AVX2: the bits of a byte are looked up by its nibbles (Mula); one branch for 16 codes, or for 64 of 16 bits.
#if defined(__x86_64__)
#include <immintrin.h>
#include "collector.h"

#pragma clang attribute push(__attribute__((target("avx2,popcnt"))), apply_to = function)

static inline __m256i bits_of_bytes(__m256i x) {
    const __m256i low = _mm256_set1_epi8(15);
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(x, low)),
                           _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(x, 4), low)));
}

static inline __m256i bits_of_words(const uint64_t *words, __m256i query) {
    __m256i x = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)words), query);
    return _mm256_sad_epu8(bits_of_bytes(x), _mm256_setzero_si256());
}

// The distances of 4 codes of 4 words, one in each lane of 64 bits.
static inline __m256i bits_of_codes(const uint64_t *codes, __m256i query) {
    __m256i a = bits_of_words(codes, query), b = bits_of_words(codes + 4, query);
    __m256i c = bits_of_words(codes + 8, query), d = bits_of_words(codes + 12, query);
    __m256i ab = _mm256_add_epi64(_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    __m256i cd = _mm256_add_epi64(_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));
    return _mm256_add_epi64(_mm256_permute2x128_si256(ab, cd, 0x20), _mm256_permute2x128_si256(ab, cd, 0x31));
}

static inline int any_below(__m256i limit, __m256i a, __m256i b, __m256i c, __m256i d) {
    __m256i least = _mm256_min_epu16(_mm256_min_epu16(a, b), _mm256_min_epu16(c, d));
    __m256i below = _mm256_subs_epu16(limit, least);
    return !_mm256_testz_si256(below, below);
}

// Offers those of 16 rows that are below the limit. There must be room for all.
static inline void offer(flat_collector *collector, size_t first, __m256i distances) {
    uint16_t all[16];
    _mm256_storeu_si256((__m256i *)all, distances);
    uint32_t below = (uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi16(_mm256_set1_epi16((short)collector->limit), distances));
    for (below &= 0x55555555; below; below &= below - 1) {
        uint32_t row = (uint32_t)__builtin_ctz(below) / 2;
        flat_collector_offer(collector, (uint32_t)first + row, all[row]);
    }
}

// Lane j of the i-th register holds the distance of row first + 4 i + j.
__attribute__((noinline)) static void offer16(flat_collector *collector, size_t first, __m256i a, __m256i b, __m256i c, __m256i d) {
    if (!flat_collector_reserve(collector, 16)) return;
    __m256i pairs = _mm256_packus_epi32(_mm256_packus_epi32(a, b), _mm256_packus_epi32(c, d));
    offer(collector, first, _mm256_permutevar8x32_epi32(pairs, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)));
}

void flat_scan1_avx2(const uint64_t *codes, size_t n, uint64_t query, flat_collector *collector) {
    const __m256i q = _mm256_set1_epi64x((long long)query);
    __m256i limit = _mm256_set1_epi64x(collector->limit);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __m256i a = bits_of_words(codes + i, q), b = bits_of_words(codes + i + 4, q);
        __m256i c = bits_of_words(codes + i + 8, q), d = bits_of_words(codes + i + 12, q);
        if (__builtin_expect(any_below(limit, a, b, c, d), 0)) {
            offer16(collector, i, a, b, c, d);
            limit = _mm256_set1_epi64x(collector->limit);
        }
    }
    flat_scan_portable(codes, i, n - i, 1, &query, collector);
}

void flat_scan4_avx2(const uint64_t *codes, size_t n, const uint64_t *query, flat_collector *collector) {
    const __m256i q = _mm256_loadu_si256((const __m256i *)query);
    __m256i limit = _mm256_set1_epi64x(collector->limit);
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const uint64_t *at = codes + 4 * i;
        __m256i a = bits_of_codes(at, q), b = bits_of_codes(at + 16, q), c = bits_of_codes(at + 32, q), d = bits_of_codes(at + 48, q);
        if (__builtin_expect(any_below(limit, a, b, c, d), 0)) {
            offer16(collector, i, a, b, c, d);
            limit = _mm256_set1_epi64x(collector->limit);
        }
    }
    flat_scan_portable(codes, i, n - i, 4, query, collector);
}

// The distances of 16 codes of 16 bits.
static inline __m256i bits_of_shorts(const uint16_t *codes, __m256i query) {
    __m256i x = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)codes), query);
    return _mm256_maddubs_epi16(bits_of_bytes(x), _mm256_set1_epi8(1));
}

void flat_scan16_avx2(const uint16_t *codes, size_t n, uint16_t query, flat_collector *collector) {
    const __m256i q = _mm256_set1_epi16((short)query);
    __m256i limit = _mm256_set1_epi16((short)collector->limit);
    size_t i = 0;
    for (; i + 64 <= n; i += 64) {
        __m256i a = bits_of_shorts(codes + i, q), b = bits_of_shorts(codes + i + 16, q);
        __m256i c = bits_of_shorts(codes + i + 32, q), d = bits_of_shorts(codes + i + 48, q);
        if (__builtin_expect(any_below(limit, a, b, c, d), 0) && flat_collector_reserve(collector, 64)) {
            offer(collector, i, a);
            offer(collector, i + 16, b);
            offer(collector, i + 32, c);
            offer(collector, i + 48, d);
            limit = _mm256_set1_epi16((short)collector->limit);
        }
    }
    flat_scan16_portable(codes, i, n - i, query, collector);
}

#pragma clang attribute pop
#endif
