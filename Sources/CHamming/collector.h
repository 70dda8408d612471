// Adding to a collector. Inline: it is the tail of every kernel.
#pragma once
#include "CHamming.h"

void hamming_collector_grow(hamming_collector *c);
void hamming_collector_replace_top(hamming_collector *c, uint64_t key);
void hamming_collector_heapify(hamming_collector *c);

static inline int collector_wants(const hamming_collector *c, uint64_t key) {
    return key >> 32 <= c->limit && (c->k == 0 || c->count < c->k || key < c->keys[0]);
}

// Call only with a key that collector_wants.
static inline void collector_add(hamming_collector *c, uint64_t key) {
    if (c->k && c->count == c->k) {
        hamming_collector_replace_top(c, key);
        return;
    }
    if (c->count == c->capacity) {
        hamming_collector_grow(c);
        if (c->out_of_memory) return;
    }
    c->keys[c->count++] = key;
    if (c->count == c->k) hamming_collector_heapify(c);
}

static inline int is_dead(const uint64_t *dead, uint32_t row) { return dead && dead[row >> 6] >> (row & 63) & 1; }
