#include "collector.h"
#include <stdlib.h>

void hamming_collector_init(hamming_collector *c, size_t k, uint32_t limit) {
    *c = (hamming_collector){.k = k, .limit = limit};
}

void hamming_collector_free(hamming_collector *c) {
    free(c->keys);
    c->keys = NULL;
    c->count = c->capacity = 0;
}

void hamming_collector_grow(hamming_collector *c) {
    size_t capacity = c->capacity ? 2 * c->capacity : 64;
    if (c->k && capacity > c->k) capacity = c->k;
    uint64_t *keys = capacity > SIZE_MAX / 8 ? NULL : realloc(c->keys, 8 * capacity);
    if (!keys) {
        c->out_of_memory = 1;
        return;
    }
    c->keys = keys;
    c->capacity = capacity;
}

static void sift_down(uint64_t *keys, size_t count, size_t i) {
    uint64_t key = keys[i];
    for (size_t child; (child = 2 * i + 1) < count; i = child) {
        if (child + 1 < count && keys[child + 1] > keys[child]) child++;
        if (keys[child] <= key) break;
        keys[i] = keys[child];
    }
    keys[i] = key;
}

static void tighten(hamming_collector *c) {
    uint32_t worst = (uint32_t)(c->keys[0] >> 32);
    if (worst < c->limit) c->limit = worst;
}

void hamming_collector_heapify(hamming_collector *c) {
    for (size_t i = c->count / 2; i-- > 0;) sift_down(c->keys, c->count, i);
    tighten(c);
}

void hamming_collector_replace_top(hamming_collector *c, uint64_t key) {
    c->keys[0] = key;
    sift_down(c->keys, c->count, 0);
    tighten(c);
}
