// The kernels, written once over filters that each processor's file defines before it includes this one:
//
//   static inline uint32_t near4(const uint8_t *codes, uint32_t query, uint32_t limit);        codes of 4 bytes
//   static inline uint32_t near6(const uint8_t *codes, uint64_t query, uint32_t limit);        of 6, and so on
//   static inline uint32_t near8(const uint8_t *codes, uint64_t query, uint32_t limit);
//   static inline uint32_t near16(const uint8_t *codes, const uint64_t query[2], uint32_t limit);
//   static inline uint32_t near32(const uint8_t *codes, const uint64_t query[4], uint32_t limit);
//
// a bit for each of the 16 codes that lie at `codes`: 1 if its distance is at most limit. near6 reads 16 bytes past them. And
//
//   static inline int none4(const uint8_t *codes, uint32_t query, uint32_t limit);
//   static inline int none6(const uint8_t *codes, uint64_t query, uint32_t limit);
//   static inline int none8(const uint8_t *codes, uint64_t query, uint32_t limit);
//
// whether none of the 32 codes there is near. KERNELS names the table of functions that is defined at the end.
#include "collector.h"
#include "dispatch.h"

static inline __attribute__((always_inline)) uint32_t distance(const uint8_t *a, const uint8_t *b, uint32_t stride) {
    if (stride == 4) return (uint32_t)__builtin_popcount(half_at(a) ^ half_at(b));
    uint32_t d = 0;
    for (uint32_t i = 0; i < stride; i += 8) d += (uint32_t)__builtin_popcountll(word_at(a + i) ^ word_at(b + i));
    return d;
}

// The filter for codes of any stride.
static inline __attribute__((always_inline)) uint32_t near_code(const hamming_query *q, const uint8_t *codes, size_t n, uint32_t stride,
                                                                uint32_t limit) {
    if (n == 16) {
        if (stride == 4) return near4(codes, half_at(q->code), limit);
        if (stride == 8) return near8(codes, word_at(q->code), limit);
        if (stride == 16) return near16(codes, (const uint64_t *)q->code, limit);
        if (stride == 32) return near32(codes, (const uint64_t *)q->code, limit);
    }
    uint32_t mask = 0;
    for (size_t i = 0; i < n; i++) mask |= (uint32_t)(distance(codes + i * stride, q->code, stride) <= limit) << i;
    return mask;
}

static inline __attribute__((always_inline)) void scan_stride(const hamming_query *q, const uint8_t *codes, size_t count,
                                                              uint32_t first_row, const uint64_t *skip, hamming_collector *c,
                                                              uint32_t stride) {
    uint32_t bound = collector_bound(c);
    if (bound == 0) return;
    for (size_t i = 0; i < count; i += 16) {
        if (stride == 4)
            while (i + 32 < count && none4(codes + 4 * i, half_at(q->code), bound - 1)) i += 32;
        if (stride == 8)
            while (i + 32 < count && none8(codes + 8 * i, word_at(q->code), bound - 1)) i += 32;
        uint32_t mask = near_code(q, codes + i * stride, count - i < 16 ? count - i : 16, stride, bound - 1);
        while (UNLIKELY(mask)) {
            const size_t at = i + (size_t)__builtin_ctz(mask);
            const uint32_t row = first_row + (uint32_t)at, d = distance(codes + at * stride, q->code, stride);
            mask &= mask - 1;
            if (d >= bound || (skip && skip[row >> 6] >> (row & 63) & 1)) continue;
            if (!collector_add(c, d, row)) return;
            collector_count(c, d, 1);
            bound = collector_bound(c);
            if (bound == 0) return;
        }
    }
}

static void scan(const hamming_query *q, const uint8_t *codes, size_t count, uint32_t first_row, const uint64_t *skip,
                 hamming_collector *c) {
    switch (q->stride) {
    case 4: scan_stride(q, codes, count, first_row, skip, c, 4); break;
    case 8: scan_stride(q, codes, count, first_row, skip, c, 8); break;
    case 16: scan_stride(q, codes, count, first_row, skip, c, 16); break;
    case 32: scan_stride(q, codes, count, first_row, skip, c, 32); break;
    default: scan_stride(q, codes, count, first_row, skip, c, q->stride);
    }
}

// The filter for the first n entries of a bucket.
static inline __attribute__((always_inline)) uint32_t near_entry(const uint8_t *entries, size_t n, uint32_t size, const uint64_t *query,
                                                                 uint32_t limit) {
    uint32_t mask;
    switch (size) {
    case 4: mask = near4(entries, (uint32_t)query[0], limit); break;
    case 6: mask = near6(entries, query[0], limit); break;
    case 8: mask = near8(entries, query[0], limit); break;
    case 16: mask = near16(entries, query, limit); break;
    default: mask = 0xFFFF;
    }
    return n < 16 ? mask & ((1u << n) - 1) : mask;
}

// Whether none of 32 entries is near.
static inline __attribute__((always_inline)) int none_entry(const uint8_t *entries, uint32_t size, const uint64_t *query, uint32_t limit) {
    switch (size) {
    case 4: return none4(entries, (uint32_t)query[0], limit);
    case 6: return none6(entries, query[0], limit);
    case 8: return none8(entries, query[0], limit);
    default: return 0;
    }
}

// Whether a step before (radius, j) has met the code of this difference after substring j: an earlier substring within radius,
// or a later one within radius - 1.
static inline int met_before(const hamming_cut *cut, const uint32_t *rank, hamming_remainder difference, uint32_t j, uint32_t radius) {
    const uint32_t end = cut->start[j] + cut->bits, mask = (1u << cut->bits) - 1;
    for (uint32_t i = 0; i < cut->count; i++) {
        if (i == j) continue;
        const uint32_t at = cut->start[i] >= end ? cut->start[i] - end : cut->start[i] + cut->code_bits - end;
        if ((uint32_t)__builtin_popcount((uint32_t)(difference >> at) & mask) < radius + (rank[i] < rank[j])) return 1;
    }
    return 0;
}

// One entry that the filter has let through: the one at `at` of those at `entries` in a block.
static __attribute__((noinline)) void take_entry(const hamming_cut *cut, const hamming_cut_query *q, uint32_t j, uint32_t radius,
                                                 uint32_t value, const uint8_t *block, const uint8_t *entries, size_t at,
                                                 hamming_collector *c) {
    const hamming_remainder query = q->remainder[j][0] | (hamming_remainder)q->remainder[j][1] << 64;
    const uint8_t *entry = entries + at * cut->entry_bytes;
    const hamming_remainder difference = entry_at(entry, cut->entry_bytes) ^ query;
    const uint32_t d = radius + bits_in(difference);
    if (d > c->limit) return;
    if (!cut->complete) {
        collector_add(c, d, half_at(entries + (size_t)half_at(block + 12) * cut->entry_bytes + 4 * at));
        return;
    }
    if (met_before(cut, q->rank, difference, j, radius)) return;
    // Most hits are soon outdone: only those that remain are asked for their rows.
    const int grouped = (half_at(block + 28) & HAMMING_GROUPED) != 0;
    const uint32_t rows = grouped ? entries[(size_t)half_at(block + 12) * cut->entry_bytes + at] : 1;
    if (collector_add_entry(c, d, entry, value, j)) collector_count(c, d, rows);
}

static inline __attribute__((always_inline)) size_t probe_entries(const hamming_cut *cut, const hamming_cut_query *q, uint32_t radius,
                                                                  const hamming_table *table, const uint16_t *masks, size_t from,
                                                                  size_t count, hamming_collector *c, hamming_work *work, uint32_t size) {
    const uint32_t j = table->substring, value = q->value[j], bucket_bits = table->bucket_bits, bucket_mask = (1u << bucket_bits) - 1;
    const size_t entries_at = hamming_block_entries_offset(bucket_bits);
    const uint64_t query[2] = {q->remainder[j][0], q->remainder[j][1]};
    const uint32_t lines = table->lines;
    uint64_t candidates = 0, near = 0;
    size_t z = from;
    for (; z < count && c->limit >= radius; z++) {
        // Offsets are asked for 16 probes ahead and entries 8 ahead, so that the misses overlap.
        const uint32_t far = value ^ masks[z + 16], ahead = value ^ masks[z + 8], bucket = value ^ masks[z];
        const uint8_t *block = hamming_load_pointer(&table->blocks[far >> bucket_bits]);
        if (block) __builtin_prefetch(block + 32 + 4 * (far & bucket_mask));
        block = hamming_load_pointer(&table->blocks[ahead >> bucket_bits]);
        if (block) {
            const uint8_t *p = block + entries_at + (size_t)half_at(block + 32 + 4 * (ahead & bucket_mask)) * size;
            for (uint32_t line = 0; line < lines; line++) __builtin_prefetch(p + 64 * line);
        }
        block = hamming_load_pointer(&table->blocks[bucket >> bucket_bits]);
        if (UNLIKELY(!block)) break;
        const uint8_t *offset = block + 32 + 4 * (bucket & bucket_mask), *entries = block + entries_at;
        const uint32_t begin = half_at(offset), end = half_at(offset + 4);
        candidates += end - begin;
        for (uint32_t i = begin; i < end && c->limit >= radius;) {
            const uint8_t *p = entries + (size_t)i * size;
            if (end - i >= 32 && none_entry(p, size, query, c->limit - radius)) {
                i += 32;
                continue;
            }
            uint32_t mask = near_entry(p, end - i, size, query, c->limit - radius);
            near += (uint64_t)__builtin_popcount(mask);
            while (UNLIKELY(mask)) {
                take_entry(cut, q, j, radius, bucket, block, entries, i + (uint32_t)__builtin_ctz(mask), c);
                mask &= mask - 1;
            }
            i += 16;
        }
    }
    work->probes += z - from;
    work->candidates += candidates;
    work->near += near;
    return c->limit < radius ? count : z;
}

static size_t probe(const hamming_cut *cut, const hamming_cut_query *q, uint32_t radius, const hamming_table *table, const uint16_t *masks,
                    size_t from, size_t count, hamming_collector *c, hamming_work *work) {
    switch (cut->entry_bytes) {
    case 4: return probe_entries(cut, q, radius, table, masks, from, count, c, work, 4);
    case 6: return probe_entries(cut, q, radius, table, masks, from, count, c, work, 6);
    case 8: return probe_entries(cut, q, radius, table, masks, from, count, c, work, 8);
    case 16: return probe_entries(cut, q, radius, table, masks, from, count, c, work, 16);
    default: return probe_entries(cut, q, radius, table, masks, from, count, c, work, 0);
    }
}

#include "join.h"

const hamming_kernels KERNELS = {KERNELS_NAME, scan, probe, join_codes, join_buckets};
