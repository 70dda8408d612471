#include "collector.h"
#include <stdlib.h>

// One piece of memory holds the counts and, after them, the hits. The first piece is small enough for malloc to have one at hand.
#define FIRST_CAPACITY 28

static size_t counts_size(uint32_t bits) { return (4 * ((size_t)bits + 1) + 15) & ~(size_t)15; }

static void make_capacity(hamming_collector *c, size_t capacity) {
    const size_t counts = counts_size(c->bits);
    uint32_t *memory = capacity > (SIZE_MAX - counts) / sizeof *c->hits ? NULL : realloc(c->counts, counts + capacity * sizeof *c->hits);
    if (!memory) {
        c->out_of_memory = 1;
        return;
    }
    if (!c->counts) memset(memory, 0, counts);
    c->counts = memory;
    c->hits = (hamming_hit *)((uint8_t *)memory + counts);
    c->capacity = capacity;
}

int hamming_collector_init(hamming_collector *c, size_t k, uint32_t limit, uint32_t bits) {
    *c = (hamming_collector){.k = k, .bits = bits, .limit = limit < bits ? limit : bits};
    make_capacity(c, FIRST_CAPACITY);
    return !c->out_of_memory;
}

void hamming_collector_free(uint32_t *counts) { free(counts); }

void hamming_collector_restart(hamming_collector *c) {
    c->count = c->confirmed = 0;
    c->within = 0;
    memset(c->counts, 0, 4 * (c->bits + 1));
}

void hamming_collector_prune(hamming_collector *c) {
    size_t kept = 0, confirmed = 0;
    for (size_t i = 0; i < c->count; i++) {
        if (i == c->confirmed) confirmed = kept;
        if (c->hits[i].distance <= c->limit) c->hits[kept++] = c->hits[i];
    }
    c->confirmed = c->confirmed < c->count ? confirmed : kept;
    c->count = kept;
}

void hamming_collector_make_room(hamming_collector *c) {
    hamming_collector_prune(c);
    if (2 * c->count <= c->capacity) return;
    make_capacity(c, 4 * c->capacity);
}

// One pass of sorting by the 11 bits from `shift` on; a digit that all keys share costs only its counting. Returns where the keys are then.
static uint64_t *sort_by_digit(uint64_t *from, uint64_t *to, size_t count, uint32_t shift) {
    size_t places[2048] = {0}, place = 0;
    for (size_t i = 0; i < count; i++) places[from[i] >> shift & 2047]++;
    if (places[from[0] >> shift & 2047] == count) return from;
    for (size_t digit = 0; digit < 2048; digit++) {
        size_t many = places[digit];
        places[digit] = place;
        place += many;
    }
    for (size_t i = 0; i < count; i++) to[places[from[i] >> shift & 2047]++] = from[i];
    return to;
}

void hamming_sort(uint64_t *keys, uint64_t *scratch, size_t count, uint32_t row_bits) {
    if (count < 64) {
        for (size_t i = 1; i < count; i++) {
            uint64_t key = keys[i];
            size_t at = i;
            for (; at > 0 && keys[at - 1] > key; at--) keys[at] = keys[at - 1];
            keys[at] = key;
        }
        return;
    }
    // A scan finds rows in their order.
    size_t sorted = 1;
    while (sorted < count && (uint32_t)keys[sorted - 1] <= (uint32_t)keys[sorted]) sorted++;
    uint64_t *now = keys;
    for (uint32_t shift = 0; sorted < count && shift < row_bits; shift += 11) now = sort_by_digit(now, now == keys ? scratch : keys, count, shift);
    now = sort_by_digit(now, now == keys ? scratch : keys, count, 32);
    if (now != keys) memcpy(keys, now, 8 * count);
}
