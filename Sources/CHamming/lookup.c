// The rows of a code, which the table of substring 0 knows.
#include "bucket.h"
#include "collector.h"
#include "cut.h"

// Entries are asked for around the guessed one as far as most lie from where evenly spread ones would.
#define LINES_AROUND 1

// Where an entry would be if its bucket's entries were evenly spread.
static inline size_t guess(const hamming_cut *cut, size_t count, hamming_remainder entry) {
    const uint32_t rest = cut->code_bits - cut->bits, kept = rest < 32 ? rest : 32;
    return (size_t)(((uint64_t)(entry >> (rest - kept)) * count) >> kept);
}

static inline void ask_around(const uint8_t *entry) {
    for (int line = -LINES_AROUND; line <= LINES_AROUND; line++) __builtin_prefetch(entry + 64 * line);
}

static size_t find_entry(const hamming_cut *cut, const uint8_t *entries, size_t count, hamming_remainder entry) {
    const uint32_t size = cut->entry_bytes;
    // Away from the guess in growing steps until the entry lies between, then by bisection.
    size_t low = 0, high = count, step = 8, at = guess(cut, count, entry);
    if (count > 0 && entry_at(entries + at * size, size) < entry) {
        low = at + 1;
        for (; low + step < high; step *= 2) {
            if (entry_at(entries + (low + step) * size, size) >= entry) {
                high = low + step + 1;
                break;
            }
            low += step + 1;
        }
    } else {
        high = at < count ? at + 1 : count;
        for (; step < high; step *= 2) {
            if (entry_at(entries + (high - 1 - step) * size, size) < entry) {
                low = high - step;
                break;
            }
            high -= step;
        }
    }
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (entry_at(entries + middle * size, size) < entry) low = middle + 1;
        else high = middle;
    }
    return low < count && entry_at(entries + low * size, size) == entry ? low : count;
}

size_t hamming_find_entry(const hamming_cut *cut, const uint8_t *entries, size_t count, const uint8_t *entry) {
    // A damaged block's entry may have bits that no remainder has, and would lie anywhere.
    const hamming_remainder known = entry_at(entry, cut->entry_bytes) & low_bits(cut->code_bits - cut->bits);
    return find_entry(cut, entries, count, known);
}

// The rows of the entry at a position among all of a block of substring 0.
static hamming_row_list rows_at(const hamming_cut *cut, const bucket_place *place, size_t position) {
    const size_t all = half_at(place->block + 12);
    const uint8_t *after = place->entries + all * cut->entry_bytes;
    if (!(half_at(place->block + 28) & HAMMING_GROUPED)) return (hamming_row_list){after + 4 * position, 1};
    after += (all + 3) & ~(size_t)3;
    const size_t first = half_at(after + 4 * position), end = half_at(after + 4 * position + 4);
    return (hamming_row_list){after + 4 * (all + 1 + first), (uint32_t)(end - first)};
}

// Asks for an entry and what rows_at will read of it first, where they are likely to be. The places of the bucket's entries are at hand.
static size_t ask_for_entry(const hamming_cut *cut, const bucket_place *place, hamming_remainder entry) {
    const size_t begin = half_at(place->offset), all = half_at(place->block + 12);
    const size_t likely = begin + guess(cut, half_at(place->offset + 4) - begin, entry);
    const uint8_t *after = place->entries + all * cut->entry_bytes;
    if (half_at(place->block + 28) & HAMMING_GROUPED) after += (all + 3) & ~(size_t)3;
    ask_around(place->entries + likely * cut->entry_bytes);
    __builtin_prefetch(after + 4 * likely);
    return begin;
}

static const uint8_t *find(const hamming_cut *cut, const hamming_table *table, uint32_t value, hamming_remainder entry, bucket_place *place) {
    *place = bucket_of(table, value);
    if (!place->block) return NULL;
    const size_t begin = ask_for_entry(cut, place, entry), count = half_at(place->offset + 4) - begin;
    const uint8_t *entries = place->entries + begin * cut->entry_bytes;
    const size_t found = find_entry(cut, entries, count, entry);
    return found < count ? entries + found * cut->entry_bytes : NULL;
}

static size_t position_of(const hamming_cut *cut, const bucket_place *place, const uint8_t *entry) {
    // Codes that are all substring have entries of no size: there is one in each bucket.
    return cut->entry_bytes ? (size_t)(entry - place->entries) / cut->entry_bytes : half_at(place->offset);
}

hamming_row_list hamming_rows_of_code(const hamming_cut *cut, const hamming_table *table, const uint8_t *code) {
    bucket_place place;
    const uint32_t value = hamming_substring(code, cut->start[0], cut->bits);
    const uint8_t *entry = find(cut, table, value, remainder_after(cut, 0, code), &place);
    return entry ? rows_at(cut, &place, position_of(cut, &place, entry)) : (hamming_row_list){0};
}

int hamming_probe_equal(const hamming_cut *cut, const hamming_cut_query *q, const hamming_table *table, hamming_collector *c) {
    bucket_place place;
    const hamming_remainder remainder = q->remainder[0][0] | (hamming_remainder)q->remainder[0][1] << 64;
    const uint8_t *entry = find(cut, table, q->value[0], remainder, &place);
    const uint32_t rows = entry ? rows_at(cut, &place, position_of(cut, &place, entry)).count : 0;
    if (c->limit > 0 && (c->k == 0 || rows < c->k)) return 0;
    if (rows && collector_add_entry(c, 0, entry, q->value[0], 0)) collector_count(c, 0, rows);
    return 1;
}

void hamming_restore_hit(const hamming_cut *cut, const hamming_hit *hit, uint8_t *code) {
    hamming_restore(cut, hit->substring, hit->bucket, hit->entry, code);
}

hamming_row_list hamming_rows_of_hit(const hamming_cut *cut, const hamming_table *tables, const hamming_hit *hit) {
    if (hit->substring == 0) {
        const bucket_place place = bucket_of(tables, hit->bucket);
        return rows_at(cut, &place, position_of(cut, &place, hit->entry));
    }
    uint8_t code[16];
    hamming_restore_hit(cut, hit, code);
    return hamming_rows_of_code(cut, tables, code);
}

void hamming_ask_for_rows(const hamming_cut *cut, const hamming_table *tables, const hamming_hit *hits, size_t count) {
    uint8_t code[16];
    for (size_t i = 0; i < count; i++) {
        if (hits[i].row != HAMMING_ANY_ROW) continue;
        if (hits[i].substring == 0) {
            const bucket_place place = bucket_of(tables, hits[i].bucket);
            __builtin_prefetch(rows_at(cut, &place, position_of(cut, &place, hits[i].entry)).rows);
            continue;
        }
        hamming_restore_hit(cut, &hits[i], code);
        const bucket_place place = bucket_of(tables, hamming_substring(code, cut->start[0], cut->bits));
        if (place.block) __builtin_prefetch(place.offset);
    }
    for (size_t i = 0; i < count; i++) {
        if (hits[i].row != HAMMING_ANY_ROW || hits[i].substring == 0) continue;
        hamming_restore_hit(cut, &hits[i], code);
        const bucket_place place = bucket_of(tables, hamming_substring(code, cut->start[0], cut->bits));
        if (place.block) ask_for_entry(cut, &place, remainder_after(cut, 0, code));
    }
}
