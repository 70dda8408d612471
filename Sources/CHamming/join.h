// Pairs of near codes: each code of one run, the left, with each of another, the right. Included by kernels.h.
//
// 16 or 32 codes of the right stay in registers while the left ones pass by, so that a comparison loads a single code.
#include "bucket.h"

#define JOIN_TILE 256

// What is compared at the moment: whole codes where `cut` is null, else entries of buckets.
typedef struct {
    const hamming_cut *cut;
    const uint32_t *rank;
    uint32_t substring, radius;
    uint32_t limit;  // between what is compared
    const uint8_t *left;
    uint32_t left_size;                      // 8 for entries of 6 bytes, which are widened
    uint32_t left_count;
    uint32_t left_number, left_in_run;       // of the first left code: for pairs, and within its run
    uint32_t bucket;                         // for pairs
    int is_same;                             // both runs are one: of two codes the later is the right one
} join_sides;

// A bit for each of n <= 16 codes, where 16 can be read.
static inline __attribute__((always_inline)) uint32_t near_left(const uint8_t *codes, uint32_t n, uint32_t size, const uint8_t *left,
                                                                uint32_t limit) {
    uint32_t mask = 0;
    switch (size) {
    case 0: return 0xFFFF;
    case 4: return near4(codes, half_at(left), limit);
    case 6: return near6(codes, word_at(left), limit);
    case 8: return near8(codes, word_at(left), limit);
    case 16: return near16(codes, (const uint64_t *)left, limit);
    case 32: return near32(codes, (const uint64_t *)left, limit);
    default:
        for (uint32_t i = 0; i < n; i++) mask |= (uint32_t)(distance(codes + i * size, left, size) <= limit) << i;
        return mask;
    }
}

static inline __attribute__((always_inline)) int none_left(const uint8_t *codes, uint32_t size, const uint8_t *left, uint32_t limit) {
    return size == 6 ? none6(codes, word_at(left), limit) : none8(codes, word_at(left), limit);
}

// The right codes of `mask`, the first of which is number `first`, make pairs with the left code l.
static __attribute__((noinline)) void take_pairs(const join_sides *s, hamming_join *join, uint32_t mask, const uint8_t *codes, uint32_t size,
                                                 uint32_t first, uint32_t l) {
    const uint8_t *left = s->left + (size_t)l * s->left_size;
    for (; mask; mask &= mask - 1) {
        const uint32_t i = (uint32_t)__builtin_ctz(mask);
        const uint8_t *right = codes + (size_t)i * size;
        uint32_t d;
        if (s->cut) {
            const hamming_remainder difference = entry_at(left, s->left_size) ^ entry_at(right, size);
            d = s->radius + bits_in(difference);
            if (s->cut->complete && met_before(s->cut, s->rank, difference, s->substring, s->radius)) continue;
        } else {
            d = distance(left, right, size);
        }
        join->pairs[join->count++] = (hamming_pair){s->left_number + l, first + i, s->bucket, d};
    }
}

// The left codes from join->left on with the n <= 32 right ones at `codes`. Returns 0 when there is no room for more pairs.
static inline __attribute__((always_inline)) int join_few(const join_sides *s, hamming_join *join, const uint8_t *codes, uint32_t n,
                                                          uint32_t right_number, uint32_t size) {
    const uint32_t valid = n >= 32 ? ~0u : (1u << n) - 1, first = join->right, limit = s->limit, step = s->left_size;
    uint32_t end = s->left_count;
    if (s->is_same && s->left_in_run + end > first + n - 1) end = first + n - 1 > s->left_in_run ? first + n - 1 - s->left_in_run : 0;
    const uint8_t *left = s->left;
    for (uint32_t l = join->left;; l++) {
        // Nothing is stored in these loops, so that the right codes stay in registers.
        if (n > 16) {
            while (l < end && none_left(codes, size, left + (size_t)l * step, limit)) l++;
        } else {
            while (l < end && !(near_left(codes, n, size, left + (size_t)l * step, limit) & valid)) l++;
        }
        if (l >= end) return 1;
        uint32_t mask = near_left(codes, n, size, left + (size_t)l * step, limit);
        if (n > 16) mask |= near_left(codes + 16 * size, n - 16, size, left + (size_t)l * step, limit) << 16;
        mask &= valid;
        if (s->is_same && s->left_in_run + l >= first) mask &= ~1u << (s->left_in_run + l - first);
        if (!mask) continue;
        if (UNLIKELY(join->count + 32 > join->capacity)) {
            join->left = l;
            return 0;
        }
        take_pairs(s, join, mask, codes, size, right_number, l);
    }
}

// The left codes with a run of `count` from its join->right on. is_padded: the filters can read past the end of it.
static inline __attribute__((always_inline)) int join_run(const join_sides *s, hamming_join *join, const uint8_t *right, uint32_t count,
                                                          uint32_t right_number, uint32_t size, int is_padded) {
    uint8_t tail[16 * 32] __attribute__((aligned(8)));
    while (join->right < count) {
        const uint32_t rest = count - join->right;
        const uint8_t *codes = right + (size_t)join->right * size;
        uint32_t n = rest < 16 ? rest : 16;
        if ((size == 6 || size == 8) && rest > (is_padded ? 16 : 31)) n = rest < 32 ? rest : 32;
        if (!is_padded && n < 16 && size <= 32) {
            memcpy(tail, codes, n * size);
            codes = tail;
        }
        if (!join_few(s, join, codes, n, right_number + join->right, size)) return 0;
        join->right += n;
        join->left = 0;
    }
    join->right = 0;
    return 1;
}

static inline __attribute__((always_inline)) int join_codes_size(const uint8_t *left, uint32_t left_count, const uint8_t *right,
                                                                 uint32_t right_count, uint32_t limit, int is_same, hamming_join *join,
                                                                 uint32_t size) {
    for (; join->tile < left_count; join->tile += JOIN_TILE) {
        const uint32_t many = left_count - join->tile < JOIN_TILE ? left_count - join->tile : JOIN_TILE;
        const join_sides s = {.limit = limit, .left = left + (size_t)join->tile * size, .left_size = size, .left_count = many,
                              .left_number = join->tile, .left_in_run = join->tile, .is_same = is_same};
        // The right codes before the tile have been its left ones.
        if (is_same && join->right < join->tile) join->right = join->tile;
        if (!join_run(&s, join, right, right_count, 0, size, 0)) return 0;
    }
    join->tile = 0;
    return 1;
}

static int join_codes(const uint8_t *left, uint32_t left_count, const uint8_t *right, uint32_t right_count, uint32_t stride,
                      uint32_t limit, int is_same, hamming_join *join) {
    switch (stride) {
    case 4: return join_codes_size(left, left_count, right, right_count, limit, is_same, join, 4);
    case 8: return join_codes_size(left, left_count, right, right_count, limit, is_same, join, 8);
    case 16: return join_codes_size(left, left_count, right, right_count, limit, is_same, join, 16);
    case 32: return join_codes_size(left, left_count, right, right_count, limit, is_same, join, 32);
    default: return join_codes_size(left, left_count, right, right_count, limit, is_same, join, stride);
    }
}

// The entries of a bucket: where they lie, how many, and the number of the first.
typedef struct {
    const uint8_t *entries;
    uint32_t count, first;
} join_bucket;

static inline join_bucket entries_of(const hamming_table *table, uint32_t value, uint32_t size) {
    const bucket_place place = bucket_of(table, value);
    if (UNLIKELY(!place.block)) return (join_bucket){NULL, 0, 0};
    const uint32_t first = half_at(place.offset);
    return (join_bucket){place.entries + (size_t)first * size, half_at(place.offset + 4) - first, first};
}

static inline __attribute__((always_inline)) int join_buckets_size(const hamming_cut *cut, const uint32_t *rank, uint32_t radius,
                                                                   uint32_t limit, const hamming_table *left, uint32_t value,
                                                                   const hamming_table *right, const uint16_t *masks, size_t count,
                                                                   hamming_join *join, uint32_t size) {
    uint64_t widened[JOIN_TILE];
    const int is_one = left->blocks == right->blocks;
    const join_bucket all = entries_of(left, value, size);
    if (limit < radius) return 1;
    for (; join->tile < all.count; join->tile += JOIN_TILE, join->mask = 0) {
        join_sides s = {.cut = cut, .rank = rank, .substring = left->substring, .radius = radius, .limit = limit - radius,
                        .left = all.entries + (size_t)join->tile * size, .left_size = size,
                        .left_count = all.count - join->tile < JOIN_TILE ? all.count - join->tile : JOIN_TILE,
                        .left_number = all.first + join->tile, .left_in_run = join->tile};
        if (size == 6) {
            for (uint32_t i = 0; i < s.left_count; i++) widened[i] = (uint64_t)entry_at(s.left + 6 * i, 6);
            s.left = (const uint8_t *)widened;
            s.left_size = 8;
        }
        for (; join->mask < count; join->mask++) {
            const uint32_t far = value ^ masks[join->mask + 16], ahead = value ^ masks[join->mask + 8];
            s.bucket = value ^ masks[join->mask];
            if (!is_one || ahead > value) {
                const uint8_t *block = hamming_load_pointer(&right->blocks[far >> right->bucket_bits]);
                if (block) __builtin_prefetch(block + 32 + 4 * (far & ((1u << right->bucket_bits) - 1)));
                const join_bucket next = entries_of(right, ahead, size);
                for (uint32_t line = 0; next.entries && line < right->lines; line++) __builtin_prefetch(next.entries + 64 * line);
            }
            // Two buckets of one table meet once.
            if (is_one && s.bucket < value) continue;
            const join_bucket other = entries_of(right, s.bucket, size);
            s.is_same = is_one && s.bucket == value;
            if (s.is_same && join->right < join->tile) join->right = join->tile;
            if (!join_run(&s, join, other.entries, other.count, other.first, size, 1)) return 0;
        }
    }
    join->tile = 0;
    join->mask = 0;
    return 1;
}

static int join_buckets(const hamming_cut *cut, const uint32_t *rank, uint32_t radius, uint32_t limit, const hamming_table *left,
                        uint32_t value, const hamming_table *right, const uint16_t *masks, size_t count, hamming_join *join) {
    switch (cut->entry_bytes) {
    case 4: return join_buckets_size(cut, rank, radius, limit, left, value, right, masks, count, join, 4);
    case 6: return join_buckets_size(cut, rank, radius, limit, left, value, right, masks, count, join, 6);
    case 8: return join_buckets_size(cut, rank, radius, limit, left, value, right, masks, count, join, 8);
    case 16: return join_buckets_size(cut, rank, radius, limit, left, value, right, masks, count, join, 16);
    default: return join_buckets_size(cut, rank, radius, limit, left, value, right, masks, count, join, 0);
    }
}
