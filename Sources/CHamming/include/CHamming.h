// The inner loops of the search: Hamming distances over packed codes, chosen at run time for the processor.
//
// Codes lie back to back, `stride` bytes each: 4, 8 or a multiple of 8, unused high bytes zero. Nothing here allocates but
// the collector, and nothing knows of LMDB, files or Swift. Every kernel of every processor gives the same answers.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define HAMMING_MAX_STRIDE 128
#define HAMMING_MAX_SUBSTRINGS 16

// A code that is searched for.
typedef struct {
    uint32_t stride;
    uint8_t code[HAMMING_MAX_STRIDE] __attribute__((aligned(8)));
} hamming_query;

// What a search has found: keys are distance << 32 | row, so that their order is (distance, row).
// k > 0: the k smallest keys, as a heap with the largest first. k = 0: all within the limit, in no order.
typedef struct {
    uint64_t *keys;
    size_t count, capacity, k;
    uint32_t limit;          // only distances <= limit can still matter
    uint32_t out_of_memory;  // 1: something was lost; the answer must not be used
} hamming_collector;

void hamming_collector_init(hamming_collector *c, size_t k, uint32_t limit);
void hamming_collector_free(hamming_collector *c);

uint32_t hamming_distance(const uint8_t *a, const uint8_t *b, size_t bytes);

// Offers `count` codes that lie at `codes` as rows first_row, first_row + 1, ... to the collector.
// dead: a bit for each row (bit row % 64 of word row / 64), 1 = skip; or null.
void hamming_scan(const hamming_query *q, const uint8_t *codes, size_t count, uint32_t first_row, const uint64_t *dead,
                  hamming_collector *c);

// How a code is cut: substring j is the `bits` bits from bit start[j] on. Substrings do not overlap.
typedef struct {
    uint32_t count, bits;
    uint32_t start[HAMMING_MAX_SUBSTRINGS];
} hamming_substrings;

// The buckets of one substring. A block holds 2^bucket_bits buckets; block i those whose value >> bucket_bits is i.
// A block: 32 bytes of header with the number of codes as u32 at byte 12; u32 offsets[2^bucket_bits + 1], padded to a multiple of
// 8 bytes; the codes; their rows as u32.
typedef struct {
    const uint8_t *const *blocks;  // null: not at hand yet
    uint32_t bucket_bits;
    uint32_t wide;  // 1: most buckets take more than two cache lines
} hamming_table;

typedef struct {
    uint64_t probes, candidates;
} hamming_work;

size_t hamming_block_codes_offset(uint32_t bucket_bits);
uint32_t hamming_substring(const uint8_t *code, uint32_t start, uint32_t bits);

// Probes the buckets `value of substring j` ^ masks[from ..< count], whose masks all have `radius` ones, and offers their codes
// but those that an earlier step has met: steps go by radius, then by substring. masks has HAMMING_LOOKAHEAD further readable
// entries. Returns the index of the first mask whose block is null, or count when done.
#define HAMMING_LOOKAHEAD 32
size_t hamming_probe(const hamming_query *q, const hamming_substrings *s, uint32_t j, uint32_t radius, const hamming_table *table,
                     const uint32_t *masks, size_t from, size_t count, const uint64_t *dead, hamming_collector *c,
                     hamming_work *work);

// Grouping codes into buckets. counts[value] += 1 for the substring of every code.
void hamming_bucket_count(const uint8_t *codes, size_t count, uint32_t stride, uint32_t start, uint32_t bits, uint32_t *counts);
// Copies each code whose substring value lies in first ..< last to place[value - first]++ of out_codes and its row to out_rows.
void hamming_bucket_scatter(const uint8_t *codes, size_t count, uint32_t stride, uint32_t start, uint32_t bits, uint32_t first,
                            uint32_t last, uint32_t first_row, uint64_t *place, uint8_t *out_codes, uint32_t *out_rows);

// Pointers that several threads fill in and read: a pointer is published with what it points to.
static inline const uint8_t *hamming_load_pointer(const uint8_t *const *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline void hamming_store_pointer(const uint8_t **p, const uint8_t *x) { __atomic_store_n(p, x, __ATOMIC_RELEASE); }

// The kernels by name ("avx512", "avx2", "portable"), for tests and benchmarks. hamming_use returns 0 if this processor lacks it.
const char *hamming_kernel_name(void);
int hamming_use(const char *name);
