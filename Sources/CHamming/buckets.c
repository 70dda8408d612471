// Grouping codes into the buckets of a table.
#include "cut.h"

size_t hamming_block_entries_offset(uint32_t bucket_bits) { return (32 + 4 * (((size_t)1 << bucket_bits) + 1) + 7) & ~(size_t)7; }

static inline __attribute__((always_inline)) uint32_t value_of(const uint8_t *code, uint32_t stride, uint32_t start, uint32_t bits) {
    if (stride == 4) return half_at(code) >> start & ((1u << bits) - 1);
    if (stride == 8) return (uint32_t)(word_at(code) >> start) & ((1u << bits) - 1);
    return hamming_substring(code, start, bits);
}

static inline __attribute__((always_inline)) void count_stride(const hamming_cut *cut, uint32_t j, const uint8_t *codes, size_t count,
                                                               uint32_t *counts, uint32_t stride) {
    const uint32_t start = cut->start[j], bits = cut->bits;
    for (size_t i = 0; i < count; i++) counts[value_of(codes + i * stride, stride, start, bits)]++;
}

void hamming_bucket_count(const hamming_cut *cut, uint32_t j, const uint8_t *codes, size_t count, uint32_t *counts) {
    switch (cut->stride) {
    case 4: count_stride(cut, j, codes, count, counts, 4); break;
    case 8: count_stride(cut, j, codes, count, counts, 8); break;
    default: count_stride(cut, j, codes, count, counts, cut->stride);
    }
}

static inline __attribute__((always_inline)) void scatter_stride(const hamming_cut *cut, uint32_t j, const uint8_t *codes, size_t count,
                                                                 uint32_t first_row, uint32_t first, uint32_t last, uint64_t *place,
                                                                 uint8_t *entries, uint32_t *rows, uint32_t stride, uint32_t size) {
    const uint32_t start = cut->start[j], bits = cut->bits, many = last - first;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *code = codes + i * stride;
        const uint32_t value = value_of(code, stride, start, bits) - first;
        if (value >= many) continue;
        const uint64_t at = place[value]++;
        put_entry(entries + at * size, size, remainder_after(cut, j, code));
        if (rows) rows[at] = first_row + (uint32_t)i;
    }
}

void hamming_bucket_scatter(const hamming_cut *cut, uint32_t j, const uint8_t *codes, size_t count, uint32_t first_row, uint32_t first,
                            uint32_t last, uint64_t *place, uint8_t *entries, uint32_t *rows) {
    if (cut->stride == 8 && cut->entry_bytes == 6) {
        if (rows)
            scatter_stride(cut, j, codes, count, first_row, first, last, place, entries, rows, 8, 6);
        else
            scatter_stride(cut, j, codes, count, first_row, first, last, place, entries, NULL, 8, 6);
    } else {
        scatter_stride(cut, j, codes, count, first_row, first, last, place, entries, rows, cut->stride, cut->entry_bytes);
    }
}

typedef struct {
    uint64_t low, high;
    uint32_t row;
} item;

static inline int before(const item *a, const item *b) {
    if (a->high != b->high) return a->high < b->high;
    if (a->low != b->low) return a->low < b->low;
    return a->row < b->row;
}

// By the byte at `shift`, then those below, then the row; insertion where few are left.
static void sort_items(item *items, item *scratch, size_t count, int shift) {
    if (count <= 24 || shift < 0) {
        for (size_t i = 1; i < count; i++) {
            item x = items[i];
            size_t at = i;
            for (; at > 0 && before(&x, &items[at - 1]); at--) items[at] = items[at - 1];
            items[at] = x;
        }
        return;
    }
#define DIGIT(x) (uint8_t)(shift < 64 ? (x).low >> shift : (x).high >> (shift - 64))
    uint32_t ends[257] = {0};
    for (size_t i = 0; i < count; i++) ends[DIGIT(items[i]) + 1]++;
    if (ends[DIGIT(items[0]) + 1] < count) {
        uint32_t places[256];
        for (int digit = 0; digit < 256; digit++) {
            places[digit] = ends[digit];
            ends[digit + 1] += ends[digit];
        }
        for (size_t i = 0; i < count; i++) scratch[places[DIGIT(items[i])]++] = items[i];
        memcpy(items, scratch, count * sizeof *items);
        for (int digit = 0; digit < 256; digit++)
            if (ends[digit + 1] - ends[digit] > 1)
                sort_items(items + ends[digit], scratch, ends[digit + 1] - ends[digit], shift - 8);
    } else if (shift > 0) {
        sort_items(items, scratch, count, shift - 8);
    }
#undef DIGIT
}

// Up to so many entries no search for the most frequent one is worth its while.
#define SMALL_BUCKET 64

static inline __attribute__((always_inline)) hamming_remainder entry_of(const uint8_t *entries, size_t i, uint32_t entry_bytes) {
    return entry_at(entries + i * entry_bytes, entry_bytes);
}

// The entry that more than half of a large bucket's are, if there is one; else any of them (Boyer and Moore).
static hamming_remainder usual_entry(const uint8_t *entries, size_t count, uint32_t entry_bytes) {
    hamming_remainder usual = entry_of(entries, 0, entry_bytes);
    size_t lead = 1;
    for (size_t i = 1; i < count && count > SMALL_BUCKET; i++) {
        const hamming_remainder x = entry_of(entries, i, entry_bytes);
        if (lead == 0) usual = x;
        if (lead == 0 || x == usual)
            lead++;
        else
            lead--;
    }
    return usual;
}

size_t hamming_bucket_others(const uint8_t *entries, size_t count, uint32_t entry_bytes) {
    if (count == 0) return 0;
    const hamming_remainder usual = usual_entry(entries, count, entry_bytes);
    size_t others = 0;
    for (size_t i = 0; i < count; i++) others += entry_of(entries, i, entry_bytes) != usual;
    return others;
}

size_t hamming_bucket_group(uint8_t *entries, uint32_t *rows, uint32_t *sizes, size_t count, uint32_t entry_bytes, void *scratch) {
    if (count == 0) return 0;
    // Of the usual entry the rows only move together, for they ascend.
    const hamming_remainder usual = usual_entry(entries, count, entry_bytes);
    item *others = scratch;
    size_t many = 0, same = 0;
    for (size_t i = 0; i < count; i++) {
        const hamming_remainder x = entry_of(entries, i, entry_bytes);
        const uint32_t row = rows ? rows[i] : 0;
        if (x != usual)
            others[many++] = (item){(uint64_t)x, (uint64_t)(x >> 64), row};
        else if (rows)
            rows[same++] = row;
        else
            same++;
    }
    sort_items(others, others + many, many, 8 * (int)entry_bytes - 8);
    const item limit = {(uint64_t)usual, (uint64_t)(usual >> 64), 0};
    size_t less = 0;
    while (less < many && before(&others[less], &limit)) less++;
    if (rows) memmove(rows + less, rows, same * sizeof *rows);
    size_t kept = 0;
    for (size_t i = 0; i <= many; i++) {
        if (i == less) {
            put_entry(entries + kept * entry_bytes, entry_bytes, usual);
            sizes[kept++] = (uint32_t)same;
        }
        if (i == many) break;
        if (rows) rows[i < less ? i : same + i] = others[i].row;
        if (i > 0 && others[i].low == others[i - 1].low && others[i].high == others[i - 1].high) {
            sizes[kept - 1]++;
            continue;
        }
        put_entry(entries + kept * entry_bytes, entry_bytes, others[i].low | (hamming_remainder)others[i].high << 64);
        sizes[kept++] = 1;
    }
    return kept;
}

void hamming_sort_ids(uint64_t *ids, uint32_t *order, size_t count, void *scratch) {
    if (count == 0) return;
    typedef struct {
        uint64_t id;
        uint32_t at;
    } __attribute__((packed, aligned(4))) pair;
    pair *from = scratch, *to = from + count;
    for (size_t i = 0; i < count; i++) from[i] = (pair){ids[i], (uint32_t)i};
    // From the least digit to the greatest, but for those that all ids share.
    for (uint32_t shift = 0; shift < 64; shift += 11) {
        size_t places[2048] = {0}, place = 0;
        for (size_t i = 0; i < count; i++) places[from[i].id >> shift & 2047]++;
        if (places[from[0].id >> shift & 2047] == count) continue;
        for (size_t digit = 0; digit < 2048; digit++) {
            const size_t many = places[digit];
            places[digit] = place;
            place += many;
        }
        for (size_t i = 0; i < count; i++) to[places[from[i].id >> shift & 2047]++] = from[i];
        pair *other = from;
        from = to;
        to = other;
    }
    for (size_t i = 0; i < count; i++) {
        ids[i] = from[i].id;
        order[i] = from[i].at;
    }
}
