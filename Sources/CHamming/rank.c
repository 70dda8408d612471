// The order in which a query's substrings are probed. The search may take them in any: with the emptiest buckets first, those that are
// probed at a greater radius than the rest when the search ends are the cheap ones.
#include "bucket.h"

uint32_t hamming_reach(const hamming_cut *cut, const hamming_cut_query *q, const hamming_table *tables) {
    for (uint32_t j = 0; j < cut->count; j++) {
        const bucket_place place = bucket_of(&tables[j], q->value[j]);
        if (!place.block) return j;
        __builtin_prefetch(place.offset);
    }
    return cut->count;
}

size_t hamming_rank(const hamming_cut *cut, hamming_cut_query *q, const hamming_table *tables) {
    const uint8_t *entries[HAMMING_MAX_SUBSTRINGS];
    uint32_t sizes[HAMMING_MAX_SUBSTRINGS];
    size_t all = 0;
    for (uint32_t j = 0; j < cut->count; j++) {
        const bucket_place place = bucket_of(&tables[j], q->value[j]);
        const uint32_t begin = half_at(place.offset);
        sizes[j] = half_at(place.offset + 4) - begin;
        all += sizes[j];
        entries[j] = place.entries + (size_t)begin * cut->entry_bytes;
        uint32_t at = j;
        for (; at > 0 && sizes[q->order[at - 1]] > sizes[j]; at--) q->order[at] = q->order[at - 1];
        q->order[at] = j;
    }
    for (uint32_t i = 0; i < cut->count; i++) {
        const uint32_t j = q->order[i];
        q->rank[j] = i;
        if (!sizes[j]) continue;
        for (uint32_t line = 0; line < tables[j].lines; line++) __builtin_prefetch(entries[j] + 64 * line);
    }
    return all;
}
