#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "collector.h"

struct flat_codes {
    void *codes;  // count × words × 8 bytes, or count × 2
    size_t count;
    uint32_t words, bits;
    flat_collector collector;
    flat_match *ordered;
    size_t ordered_capacity;
};

flat_codes *flat_codes_create(const uint64_t *codes, size_t count, uint32_t words, uint32_t bits) {
    flat_codes *f = calloc(1, sizeof *f);
    if (!f) return NULL;
    const size_t huge = 1 << 21, bytes = count * (bits <= 16 ? 2 : 8 * words);
    if (posix_memalign(&f->codes, huge, (bytes + huge) / huge * huge) != 0) return free(f), NULL;
#ifdef MADV_HUGEPAGE
    madvise(f->codes, (bytes + huge) / huge * huge, MADV_HUGEPAGE);  // what NumPy does for arrays of this size
#endif
    if (bits <= 16)
        for (size_t i = 0; i < count; i++) ((uint16_t *)f->codes)[i] = (uint16_t)codes[i * words];
    else
        memcpy(f->codes, codes, bytes);
    f->count = count;
    f->words = words;
    f->bits = bits;
    return f;
}

void flat_codes_free(flat_codes *f) {
    if (!f) return;
    free(f->codes);
    free(f->collector.found);
    free(f->ordered);
    free(f);
}

int flat_collector_reserve(flat_collector *c, size_t n) {
    if (c->capacity - c->count >= n) return 1;
    size_t capacity = 2 * c->capacity + 4096 + n;
    flat_match *found = realloc(c->found, capacity * sizeof *found);
    if (!found) return !(c->out_of_memory = 1);
    c->found = found;
    c->capacity = capacity;
    return 1;
}

void flat_scan_portable(const uint64_t *codes, size_t first, size_t n, uint32_t words, const uint64_t *query, flat_collector *c) {
    for (size_t row = first; row < first + n; row++) {
        uint32_t distance = 0;
        for (uint32_t w = 0; w < words; w++) distance += (uint32_t)__builtin_popcountll(codes[row * words + w] ^ query[w]);
        if (distance < c->limit && flat_collector_reserve(c, 1)) flat_collector_offer(c, (uint32_t)row, distance);
    }
}

void flat_scan16_portable(const uint16_t *codes, size_t first, size_t n, uint16_t query, flat_collector *c) {
    for (size_t row = first; row < first + n; row++) {
        uint32_t distance = (uint32_t)__builtin_popcount(codes[row] ^ query);
        if (distance < c->limit && flat_collector_reserve(c, 1)) flat_collector_offer(c, (uint32_t)row, distance);
    }
}

static int has_avx2(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2");
#else
    return 0;
#endif
}

const char *flat_kernel_name(void) { return has_avx2() ? "avx2" : "portable"; }

static void scan(flat_codes *f, const uint64_t *query) {
#if defined(__x86_64__)
    if (has_avx2()) {
        if (f->bits <= 16) return flat_scan16_avx2(f->codes, f->count, (uint16_t)*query, &f->collector);
        if (f->words == 1) return flat_scan1_avx2(f->codes, f->count, *query, &f->collector);
        if (f->words == 4) return flat_scan4_avx2(f->codes, f->count, query, &f->collector);
    }
#endif
    if (f->bits <= 16) return flat_scan16_portable(f->codes, 0, f->count, (uint16_t)*query, &f->collector);
    flat_scan_portable(f->codes, 0, f->count, f->words, query, &f->collector);
}

// Matches come by row, so that a stable order by distance is the order of answers.
static size_t search(flat_codes *f, const uint64_t *query, size_t k, uint32_t limit, const flat_match **matches) {
    flat_collector *c = &f->collector;
    memset(c->counts, 0, sizeof c->counts);
    c->k = k;
    c->limit = limit;
    c->below = c->count = 0;
    c->out_of_memory = 0;
    scan(f, query);
    size_t place[FLAT_MAX_BITS + 2], total = 0;
    for (uint32_t d = 0; d <= f->bits; d++) {
        place[d] = total;
        if (d <= c->limit) total += c->counts[d];  // the k-th match lies at the limit
    }
    if (total > f->ordered_capacity) {
        free(f->ordered);
        f->ordered = malloc(total * sizeof *f->ordered);
        f->ordered_capacity = f->ordered ? total : 0;
    }
    if (c->out_of_memory || (total && !f->ordered)) return SIZE_MAX;
    for (size_t i = 0; i < c->count; i++)
        if (c->found[i].distance <= c->limit) f->ordered[place[c->found[i].distance]++] = c->found[i];
    *matches = f->ordered;
    return total < k ? total : k;
}

size_t flat_nearest(flat_codes *f, const uint64_t *query, size_t k, const flat_match **matches) {
    return search(f, query, k, f->bits + 1, matches);
}

size_t flat_within(flat_codes *f, const uint64_t *query, uint32_t radius, const flat_match **matches) {
    return search(f, query, SIZE_MAX, (radius < f->bits ? radius : f->bits) + 1, matches);
}
