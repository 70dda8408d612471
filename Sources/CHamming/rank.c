// The order in which a query's substrings are probed. The search may take them in any: with the emptiest buckets first, those that are
// probed at a greater radius than the rest when the search ends are the cheap ones.
#include "words.h"

size_t hamming_rank(const hamming_cut *cut, hamming_cut_query *q, const hamming_table *tables) {
    const uint8_t *offsets[HAMMING_MAX_SUBSTRINGS], *entries[HAMMING_MAX_SUBSTRINGS];
    uint32_t sizes[HAMMING_MAX_SUBSTRINGS];
    size_t all = 0;
    // Each pass asks for what the next one reads, so that the misses of all tables overlap.
    for (uint32_t j = 0; j < cut->count; j++) {
        const uint32_t bits = tables[j].bucket_bits, bucket = q->value[j] & ((1u << bits) - 1);
        const uint8_t *block = hamming_load_pointer(&tables[j].blocks[q->value[j] >> bits]);
        offsets[j] = block ? block + 32 + 4 * (size_t)bucket : NULL;
        entries[j] = block ? block + hamming_block_entries_offset(bits) : NULL;
        if (block) __builtin_prefetch(offsets[j]);
    }
    for (uint32_t j = 0; j < cut->count; j++) {
        const uint32_t begin = offsets[j] ? half_at(offsets[j]) : 0;
        sizes[j] = offsets[j] ? half_at(offsets[j] + 4) - begin : 0;
        all += sizes[j];
        if (!sizes[j]) continue;
        const uint8_t *p = entries[j] + (size_t)begin * cut->entry_bytes;
        for (uint32_t line = 0; line < tables[j].lines; line++) __builtin_prefetch(p + 64 * line);
    }
    // Of buckets that are about as full, the first table's is the best: it knows the rows.
    sizes[0] -= sizes[0] / 4;
    for (uint32_t j = 0; j < cut->count; j++) {
        uint32_t place = j;
        for (; place > 0 && sizes[q->order[place - 1]] > sizes[j]; place--) q->order[place] = q->order[place - 1];
        q->order[place] = j;
    }
    for (uint32_t i = 0; i < cut->count; i++) q->rank[q->order[i]] = i;
    return all;
}
