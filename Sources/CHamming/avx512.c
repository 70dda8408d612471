// Kernels for processors that count the bits of eight words in one instruction (AVX-512 VPOPCNTDQ).
#if defined(__x86_64__)
#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vpopcntdq,popcnt,bmi,bmi2"))), \
                             apply_to = function)

static inline uint32_t near8(const uint8_t *codes, size_t n, uint64_t query, uint32_t limit) {
    const __m512i q = _mm512_set1_epi64((long long)query), l = _mm512_set1_epi64(limit);
    const __mmask16 some = (__mmask16)((1u << n) - 1);
    __m512i a = _mm512_maskz_loadu_epi64((__mmask8)some, codes);
    uint32_t mask = _mm512_mask_cmple_epu64_mask((__mmask8)some, _mm512_popcnt_epi64(_mm512_xor_si512(a, q)), l);
    if (n > 8) {
        const __mmask8 high = (__mmask8)(some >> 8);
        __m512i b = _mm512_maskz_loadu_epi64(high, codes + 64);
        mask |= (uint32_t)_mm512_mask_cmple_epu64_mask(high, _mm512_popcnt_epi64(_mm512_xor_si512(b, q)), l) << 8;
    }
    return mask;
}

static inline uint32_t near4(const uint8_t *codes, size_t n, uint32_t query, uint32_t limit) {
    const __mmask16 some = (__mmask16)((1u << n) - 1);
    __m512i a = _mm512_maskz_loadu_epi32(some, codes);
    __m512i d = _mm512_popcnt_epi32(_mm512_xor_si512(a, _mm512_set1_epi32((int)query)));
    return _mm512_mask_cmple_epu32_mask(some, d, _mm512_set1_epi32((int)limit));
}

#define KERNELS hamming_avx512
#define KERNELS_NAME "avx512"
#include "kernels.h"

#pragma clang attribute pop
#endif
