// What a scan has found so far. k nearest are kept by counting: nothing is ordered before the end.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "CFlatScan.h"

#define FLAT_MAX_BITS 1024

typedef struct {
    size_t k;         // SIZE_MAX: all below the limit
    uint32_t limit;   // only distances below it still matter
    size_t below;     // how many matches lie below it
    size_t counts[FLAT_MAX_BITS + 2];
    flat_match *found;
    size_t count, capacity;
    int out_of_memory;
} flat_collector;

// Makes room for `n` more matches; 0: there is none.
int flat_collector_reserve(flat_collector *c, size_t n);

// Takes the row if its distance lies below the limit, without a branch for it. There must be room.
static inline void flat_collector_offer(flat_collector *c, uint32_t row, uint32_t distance) {
    size_t taken = distance < c->limit;
    c->found[c->count] = (flat_match){row, distance};
    c->count += taken;
    c->counts[distance] += taken;
    c->below += taken;
    while (c->below >= c->k) c->below -= c->counts[--c->limit];
}

// Offers rows first ..< first + n of the codes.
void flat_scan_portable(const uint64_t *codes, size_t first, size_t n, uint32_t words, const uint64_t *query, flat_collector *c);
void flat_scan16_portable(const uint16_t *codes, size_t first, size_t n, uint16_t query, flat_collector *c);
#if defined(__x86_64__)
void flat_scan1_avx2(const uint64_t *codes, size_t n, uint64_t query, flat_collector *c);
void flat_scan4_avx2(const uint64_t *codes, size_t n, const uint64_t *query, flat_collector *c);
void flat_scan16_avx2(const uint16_t *codes, size_t n, uint16_t query, flat_collector *c);
#endif
