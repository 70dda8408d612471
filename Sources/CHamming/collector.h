// Adding to a collector. Inline: it is the tail of every kernel.
#pragma once
#include "words.h"

void hamming_collector_make_room(hamming_collector *c);

// A hit's distance is counted, as often as there are rows of it, and the limit follows the k-th.
static inline void collector_count(hamming_collector *c, uint32_t distance, uint32_t rows) {
    if (!c->k) return;
    c->counts[distance] += rows;
    c->within += rows;
    while (c->within - c->counts[c->limit] >= c->k) c->within -= c->counts[c->limit--];
}

// Room for one more hit; null when there is no memory for it. Call with a distance within the limit.
static inline hamming_hit *collector_add(hamming_collector *c, uint32_t distance, uint32_t row) {
    if (UNLIKELY(c->count == c->capacity)) {
        hamming_collector_make_room(c);
        if (c->out_of_memory) return NULL;
    }
    hamming_hit *hit = &c->hits[c->count++];
    hit->distance = distance;
    hit->row = row;
    return hit;
}

// The same for an entry of a table.
static inline hamming_hit *collector_add_entry(hamming_collector *c, uint32_t distance, const uint8_t *entry, uint32_t bucket,
                                               uint32_t substring) {
    hamming_hit *hit = collector_add(c, distance, HAMMING_ANY_ROW);
    if (!hit) return NULL;
    hit->entry = entry;
    hit->bucket = bucket;
    hit->substring = substring;
    return hit;
}

// The least distance that comes too late where rows come in order: of hits as far as the k-th, the first are enough, unless all are wanted.
static inline uint32_t collector_bound(const hamming_collector *c) {
    return c->limit + (c->keeps_ties || !(c->k && c->within >= c->k));
}
