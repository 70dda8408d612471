#include "collector.h"
#include <stdlib.h>

void hamming_collector_init(hamming_collector *c, size_t k, uint32_t limit, uint32_t bits) {
    c->hits = NULL;
    c->count = c->capacity = c->confirmed = 0;
    c->k = k;
    c->bits = bits;
    c->limit = limit < bits ? limit : bits;
    c->out_of_memory = 0;
    c->within = 0;
    memset(c->counts, 0, 4 * (bits + 1));
}

void hamming_collector_free(hamming_collector *c) {
    free(c->hits);
    c->hits = NULL;
    c->count = c->capacity = 0;
}

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
    if (c->capacity && 2 * c->count <= c->capacity) return;
    size_t capacity = c->capacity ? 2 * c->capacity : 128;
    hamming_hit *hits = capacity > SIZE_MAX / sizeof *hits ? NULL : realloc(c->hits, capacity * sizeof *hits);
    if (!hits) {
        c->out_of_memory = 1;
        return;
    }
    c->hits = hits;
    c->capacity = capacity;
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
