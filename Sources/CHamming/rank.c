// The order in which a query's substrings are probed. The search may take them in any: with the emptiest buckets first, those that are
// probed at a greater radius than the rest when the search ends are the cheap ones.
#include "words.h"

size_t hamming_rank(const hamming_cut *cut, hamming_cut_query *q, const hamming_table *tables) {
    uint32_t sizes[HAMMING_MAX_SUBSTRINGS];
    size_t all = 0;
    for (uint32_t j = 0; j < cut->count; j++) {
        const uint32_t bits = tables[j].bucket_bits, bucket = q->value[j] & ((1u << bits) - 1);
        const uint8_t *block = hamming_load_pointer(&tables[j].blocks[q->value[j] >> bits]);
        sizes[j] = 0;
        if (block) {
            const uint32_t begin = half_at(block + 32 + 4 * bucket);
            sizes[j] = half_at(block + 36 + 4 * bucket) - begin;
            __builtin_prefetch(block + hamming_block_entries_offset(bits) + (size_t)begin * cut->entry_bytes);
        }
        all += sizes[j];
        uint32_t place = j;
        for (; place > 0 && sizes[q->order[place - 1]] > sizes[j]; place--) q->order[place] = q->order[place - 1];
        q->order[place] = j;
    }
    for (uint32_t i = 0; i < cut->count; i++) q->rank[q->order[i]] = i;
    return all;
}
