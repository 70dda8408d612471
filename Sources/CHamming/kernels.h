// The kernels, written once over a filter that each processor's file defines before it includes this one:
//
//   static inline uint32_t near8(const uint8_t *codes, size_t n, uint64_t query, uint32_t limit);
//   static inline uint32_t near4(const uint8_t *codes, size_t n, uint32_t query, uint32_t limit);
//
// a bit for each of the first n <= 16 codes of 8 (4) bytes: 1 if its distance is at most limit. They read no byte past the n codes.
// KERNELS names the table of functions that is defined at the end.
#include <string.h>
#include "collector.h"
#include "dispatch.h"

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

static inline uint32_t distance(const uint8_t *a, const uint8_t *b, uint32_t stride) {
    if (stride == 4) return (uint32_t)__builtin_popcount(half_at(a) ^ half_at(b));
    uint32_t d = 0;
    for (uint32_t i = 0; i < stride; i += 8) d += (uint32_t)__builtin_popcountll(word_at(a + i) ^ word_at(b + i));
    return d;
}

// The same filter at any stride.
static inline __attribute__((always_inline)) uint32_t near_any(const hamming_query *q, const uint8_t *codes, size_t n,
                                                               uint32_t stride, uint32_t limit) {
    if (stride == 8) return near8(codes, n, word_at(q->code), limit);
    if (stride == 4) return near4(codes, n, half_at(q->code), limit);
    uint32_t mask = 0;
    for (size_t i = 0; i < n; i++) mask |= (uint32_t)(distance(codes + i * stride, q->code, stride) <= limit) << i;
    return mask;
}

static inline __attribute__((always_inline)) void scan_stride(const hamming_query *q, const uint8_t *codes, size_t count,
                                                              uint32_t first_row, const uint64_t *dead, hamming_collector *c,
                                                              uint32_t stride) {
    for (size_t i = 0; i < count; i += 16) {
        size_t n = count - i < 16 ? count - i : 16;
        uint32_t mask = near_any(q, codes + i * stride, n, stride, c->limit);
        while (UNLIKELY(mask)) {
            size_t at = i + (size_t)__builtin_ctz(mask);
            mask &= mask - 1;
            uint32_t row = first_row + (uint32_t)at;
            uint64_t key = (uint64_t)distance(codes + at * stride, q->code, stride) << 32 | row;
            if (collector_wants(c, key) && !is_dead(dead, row)) collector_add(c, key);
        }
    }
}

static void scan(const hamming_query *q, const uint8_t *codes, size_t count, uint32_t first_row, const uint64_t *dead,
                 hamming_collector *c) {
    switch (q->stride) {
    case 4: scan_stride(q, codes, count, first_row, dead, c, 4); break;
    case 8: scan_stride(q, codes, count, first_row, dead, c, 8); break;
    case 16: scan_stride(q, codes, count, first_row, dead, c, 16); break;
    case 32: scan_stride(q, codes, count, first_row, dead, c, 32); break;
    default: scan_stride(q, codes, count, first_row, dead, c, q->stride);
    }
}

// Whether a step before (radius, j) has met this code: an earlier substring within radius, or a later one within radius - 1.
static __attribute__((noinline)) int met_before(const hamming_query *q, const uint8_t *code, const hamming_substrings *s, uint32_t j,
                                                uint32_t radius) {
    uint8_t difference[HAMMING_MAX_STRIDE + 8] = {0};
    for (uint32_t i = 0; i < q->stride; i++) difference[i] = code[i] ^ q->code[i];
    for (uint32_t i = 0; i < s->count; i++) {
        if (i == j) continue;
        uint32_t d = (uint32_t)__builtin_popcount(hamming_substring(difference, s->start[i], s->bits));
        if (d < radius + (i < j)) return 1;
    }
    return 0;
}

static inline __attribute__((always_inline)) size_t probe_stride(const hamming_query *q, const hamming_substrings *s, uint32_t j,
                                                                 uint32_t radius, const hamming_table *table, const uint32_t *masks,
                                                                 size_t from, size_t count, const uint64_t *dead,
                                                                 hamming_collector *c, hamming_work *work, uint32_t stride) {
    const uint32_t value = hamming_substring(q->code, s->start[j], s->bits), bucket_bits = table->bucket_bits;
    const uint32_t bucket_mask = (1u << bucket_bits) - 1;
    const size_t codes_at = hamming_block_codes_offset(bucket_bits);
    const int wide = table->wide;
    uint64_t candidates = 0;
    size_t z = from;
    for (; z < count; z++) {
        // Offsets are asked for 16 probes ahead and codes 8 ahead, so that the misses overlap.
        uint32_t far = value ^ masks[z + 16], ahead = value ^ masks[z + 8], bucket = value ^ masks[z];
        const uint8_t *block = hamming_load_pointer(&table->blocks[far >> bucket_bits]);
        if (block) __builtin_prefetch(block + 32 + 4 * (far & bucket_mask));
        block = hamming_load_pointer(&table->blocks[ahead >> bucket_bits]);
        if (block) {
            const uint8_t *p = block + codes_at + (size_t)half_at(block + 32 + 4 * (ahead & bucket_mask)) * stride;
            __builtin_prefetch(p);
            __builtin_prefetch(p + 64);
            if (wide) __builtin_prefetch(p + 128);
        }
        block = hamming_load_pointer(&table->blocks[bucket >> bucket_bits]);
        if (UNLIKELY(!block)) break;
        const uint8_t *offset = block + 32 + 4 * (bucket & bucket_mask), *codes = block + codes_at;
        const uint32_t begin = half_at(offset), end = half_at(offset + 4);
        candidates += end - begin;
        for (uint32_t i = begin; i < end; i += 16) {
            uint32_t mask = near_any(q, codes + (size_t)i * stride, end - i < 16 ? end - i : 16, stride, c->limit);
            while (UNLIKELY(mask)) {
                uint32_t at = i + (uint32_t)__builtin_ctz(mask);
                mask &= mask - 1;
                const uint8_t *code = codes + (size_t)at * stride;
                uint32_t row = half_at(codes + (size_t)half_at(block + 12) * stride + 4 * (size_t)at);
                uint64_t key = (uint64_t)distance(code, q->code, stride) << 32 | row;
                if (collector_wants(c, key) && !met_before(q, code, s, j, radius) && !is_dead(dead, row)) collector_add(c, key);
            }
        }
    }
    work->probes += z - from;
    work->candidates += candidates;
    return z;
}

static size_t probe(const hamming_query *q, const hamming_substrings *s, uint32_t j, uint32_t radius, const hamming_table *table,
                    const uint32_t *masks, size_t from, size_t count, const uint64_t *dead, hamming_collector *c,
                    hamming_work *work) {
    switch (q->stride) {
    case 4: return probe_stride(q, s, j, radius, table, masks, from, count, dead, c, work, 4);
    case 8: return probe_stride(q, s, j, radius, table, masks, from, count, dead, c, work, 8);
    case 16: return probe_stride(q, s, j, radius, table, masks, from, count, dead, c, work, 16);
    case 32: return probe_stride(q, s, j, radius, table, masks, from, count, dead, c, work, 32);
    default: return probe_stride(q, s, j, radius, table, masks, from, count, dead, c, work, q->stride);
    }
}

const hamming_kernels KERNELS = {KERNELS_NAME, scan, probe};
