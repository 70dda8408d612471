// Kernels for 64-bit Arm: NEON counts the bits of 16 bytes in one instruction.
#if defined(__aarch64__)
#include <arm_neon.h>
#include "plain_filters.h"

static inline uint64x2_t bits_of_words(uint8x16_t codes, uint8x16_t query) {
    return vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(vcntq_u8(veorq_u8(codes, query)))));
}

static inline uint32_t small_lanes(uint64x2_t counts, uint64x2_t limit) {
    const uint64x2_t small = vcleq_u64(counts, limit);
    return (uint32_t)(vgetq_lane_u64(small, 0) & 1) | (uint32_t)(vgetq_lane_u64(small, 1) & 2);
}

static inline uint32_t near4(const uint8_t *codes, uint32_t query, uint32_t limit) {
    const uint8x16_t q = vreinterpretq_u8_u32(vdupq_n_u32(query));
    const uint32x4_t l = vdupq_n_u32(limit), weights = {1, 2, 4, 8};
    uint32_t mask = 0;
    for (int i = 0; i < 4; i++) {
        const uint32x4_t d = vpaddlq_u16(vpaddlq_u8(vcntq_u8(veorq_u8(vld1q_u8(codes + 16 * i), q))));
        mask |= vaddvq_u32(vandq_u32(vcleq_u32(d, l), weights)) << (4 * i);
    }
    return mask;
}

static inline uint32_t near6(const uint8_t *codes, uint64_t query, uint32_t limit) {
    const uint8x16_t q = vreinterpretq_u8_u64(vdupq_n_u64(query)), from = {0, 1, 2, 3, 4, 5, 255, 255, 6, 7, 8, 9, 10, 11, 255, 255};
    const uint64x2_t l = vdupq_n_u64(limit);
    uint32_t mask = 0;
    for (int i = 0; i < 8; i++) mask |= small_lanes(bits_of_words(vqtbl1q_u8(vld1q_u8(codes + 12 * i), from), q), l) << (2 * i);
    return mask;
}

static inline uint32_t near8(const uint8_t *codes, uint64_t query, uint32_t limit) {
    const uint8x16_t q = vreinterpretq_u8_u64(vdupq_n_u64(query));
    const uint64x2_t l = vdupq_n_u64(limit);
    uint32_t mask = 0;
    for (int i = 0; i < 8; i++) mask |= small_lanes(bits_of_words(vld1q_u8(codes + 16 * i), q), l) << (2 * i);
    return mask;
}

static inline uint32_t near16(const uint8_t *codes, const uint64_t query[2], uint32_t limit) {
    const uint8x16_t q = vreinterpretq_u8_u64(vld1q_u64(query));
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) mask |= (uint32_t)(vaddlvq_u8(vcntq_u8(veorq_u8(vld1q_u8(codes + 16 * i), q))) <= limit) << i;
    return mask;
}

static inline uint32_t near32(const uint8_t *codes, const uint64_t query[4], uint32_t limit) {
    const uint8x16_t a = vreinterpretq_u8_u64(vld1q_u64(query)), b = vreinterpretq_u8_u64(vld1q_u64(query + 2));
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) {
        const uint8x16_t x = vcntq_u8(veorq_u8(vld1q_u8(codes + 32 * i), a)), y = vcntq_u8(veorq_u8(vld1q_u8(codes + 32 * i + 16), b));
        mask |= (uint32_t)(vaddlvq_u8(vaddq_u8(x, y)) <= limit) << i;
    }
    return mask;
}

NONE_BY_NEAR

#define KERNELS hamming_neon
#define KERNELS_NAME "neon"
#include "kernels.h"
#endif
