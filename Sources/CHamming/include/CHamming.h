// The inner loops of the search: Hamming distances over packed codes, chosen at run time for the processor.
//
// Codes lie back to back, `stride` bytes each: 4, 8 or a multiple of 8, unused high bytes zero. Nothing here allocates but
// the collector, and nothing knows of LMDB, files or Swift. Every kernel of every processor gives the same answers.
#pragma once
#include <stddef.h>
#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || __SIZEOF_POINTER__ != 8
#error "hashdb runs on 64-bit little-endian processors: codes and the store's blocks are read in place"
#endif

#define HAMMING_MAX_STRIDE 128
#define HAMMING_MAX_BITS 1024
#define HAMMING_MAX_SUBSTRINGS 16
// Buckets are read 16 entries at a time: this many bytes past the last entry of a block must be readable.
#define HAMMING_PADDING 256

// A code that is searched for.
typedef struct {
    uint32_t stride;
    uint8_t code[HAMMING_MAX_STRIDE] __attribute__((aligned(8)));
} hamming_query;

// ---- How codes are cut (cut.c) ----

// Substring j is the `bits` bits from bit start[j] on; substrings do not overlap. The remainder of a code after substring j is the
// bits that follow it, going round from the last to the first, as far as they fit into entry_bytes. Codes of up to 128 bits
// have complete cuts: a substring's value and the remainder after it are the code.
typedef struct {
    uint32_t code_bits, stride;
    uint32_t count, bits;
    uint32_t entry_bytes;  // 0, 4, 6, 8 or 16
    uint32_t complete;
    uint32_t start[HAMMING_MAX_SUBSTRINGS];
} hamming_cut;

typedef unsigned __int128 hamming_remainder;

// A query cut up, and the order in which its substrings are probed: rank[j] is the place of substring j, and order[rank[j]] is j.
typedef struct {
    uint32_t value[HAMMING_MAX_SUBSTRINGS];
    uint32_t rank[HAMMING_MAX_SUBSTRINGS], order[HAMMING_MAX_SUBSTRINGS];
    uint64_t remainder[HAMMING_MAX_SUBSTRINGS][2];  // low word, high word
} hamming_cut_query;

uint32_t hamming_entry_bytes(uint32_t code_bits, uint32_t substring_bits);
uint32_t hamming_substring(const uint8_t *code, uint32_t start, uint32_t bits);
void hamming_cut_code(const hamming_cut *cut, const uint8_t *code, hamming_cut_query *out);
// The code, 16 bytes, whose substring j and remainder these are. Only for a complete cut.
void hamming_restore(const hamming_cut *cut, uint32_t j, uint32_t value, const uint8_t *entry, uint8_t *code);
uint32_t hamming_distance(const uint8_t *a, const uint8_t *b, size_t bytes);

// ---- What a search has found (collector.c) ----

// Either a row, or an entry of a table of complete entries, which may stand for several rows.
#define HAMMING_ANY_ROW 0xFFFFFFFFu
typedef struct {
    const uint8_t *entry;  // where row is HAMMING_ANY_ROW
    uint32_t bucket;       // the entry's, of this substring
    uint32_t substring;
    uint32_t distance;
    uint32_t row;
} hamming_hit;

// k > 0: at least all that is no farther than the k-th nearest hit. k = 0: all within the limit.
typedef struct {
    hamming_hit *hits;
    size_t count, capacity, k;
    uint32_t bits;           // of a code: no distance is more
    uint32_t limit;          // only distances <= limit can still matter
    uint32_t out_of_memory;  // 1: something was lost; the answer must not be used
    uint32_t keeps_ties;     // 1: a scan finds all that is as far as the k-th nearest, not only the first rows of it
    size_t confirmed;        // the first of the hits whose distances are not known exactly yet (hamming_confirm)
    uint64_t within;         // hits no farther than limit
    uint32_t *counts;        // hits by distance, 0 to bits; they lie before the hits
} hamming_collector;

// Returns 0 if there is no memory: then nothing may be offered to it.
int hamming_collector_init(hamming_collector *c, size_t k, uint32_t limit, uint32_t bits);
// Frees a collector's memory, which is where its counts are.
void hamming_collector_free(uint32_t *counts);
// Forgets the hits; the limit stays.
void hamming_collector_restart(hamming_collector *c);
// Leaves only hits within the limit.
void hamming_collector_prune(hamming_collector *c);

// Sorts keys of a distance << 32 | a row that is less than 2^row_bits. scratch: room for as many.
void hamming_sort(uint64_t *keys, uint64_t *scratch, size_t count, uint32_t row_bits);

// ---- Searching (kernels.h) ----

// Offers `count` codes that lie at `codes` as rows first_row, first_row + 1, ... to the collector. Call in the order of rows: of equally
// far ones the first k are enough.
// skip: a bit for each row (bit row % 64 of word row / 64), 1 = as if it were not there; or null.
void hamming_scan(const hamming_query *q, const uint8_t *codes, size_t count, uint32_t first_row, const uint64_t *skip,
                  hamming_collector *c);

// The buckets of substring j. A block holds 2^bucket_bits buckets; block i those whose value >> bucket_bits is i.
// A block: 32 bytes of header with the number n of entries as u32 at byte 12 and flags as u32 at byte 28; u32 offsets[2^bucket_bits + 1],
// padded to a multiple of 8 bytes; n entries, which are remainders; then what belongs to the entries: where the cut is not complete,
// u32 rows[n]; else if the block is grouped, u8 counts[n] of the rows that have the entry, 255 for more.
#define HAMMING_GROUPED 0x10000u
typedef struct {
    const uint8_t *const *blocks;  // null: not at hand yet
    uint32_t substring;
    uint32_t bucket_bits;
    uint32_t lines;  // cache lines of a usual bucket
} hamming_table;

typedef struct {
    uint64_t probes, candidates;
    uint64_t near;  // candidates within the limit when they were met
} hamming_work;

size_t hamming_block_entries_offset(uint32_t bucket_bits);

// Asks ahead for the places of the buckets with a query's values. Returns the first substring whose block is null, or the number of
// substrings if none is.
uint32_t hamming_reach(const hamming_cut *cut, const hamming_cut_query *q, const hamming_table *tables);
// Ranks a query's substrings by the sizes of the buckets with their values, the smallest first, and asks for those buckets' entries ahead.
// The blocks must be at hand. Returns the number of entries in the buckets.
size_t hamming_rank(const hamming_cut *cut, hamming_cut_query *q, const hamming_table *tables);

// Probes the buckets value[j] ^ masks[from ..< count], whose masks all have `radius` ones, and collects entries but those that an
// earlier step has met: steps go by radius, then by the rank of the substring. masks has HAMMING_LOOKAHEAD further readable entries. Returns the index
// of the first mask whose block is null, or count when done. Where the cut is not complete, hamming_confirm must follow.
#define HAMMING_LOOKAHEAD 32
size_t hamming_probe(const hamming_cut *cut, const hamming_cut_query *q, uint32_t radius, const hamming_table *table,
                     const uint16_t *masks, size_t from, size_t count, hamming_collector *c, hamming_work *work);

// Codes by row: block i holds rows i << row_bits on, its codes from byte 32 on.
typedef struct {
    const uint8_t *const *blocks;  // null: not at hand yet
    uint32_t row_bits;
} hamming_rows;

// Looks at the whole codes of the hits that hamming_probe has left unconfirmed: drops what is too far or was met before. Returns
// HAMMING_ANY_ROW when done, or a row whose block is null: bring it and call again.
uint32_t hamming_confirm(const hamming_cut *cut, const hamming_query *q, const hamming_cut_query *ranks, const hamming_rows *rows,
                         uint32_t j, uint32_t radius, hamming_collector *c);

// ---- The rows of codes and hits (lookup.c), where the cut is complete ----

// Rows as u32 numbers that may lie at any address.
typedef struct {
    const uint8_t *rows;
    uint32_t count;
} hamming_row_list;

// The rows that have a code, by the table of substring 0, whose entries ascend within a bucket. None where its block is null.
hamming_row_list hamming_rows_of_code(const hamming_cut *cut, const hamming_table *table, const uint8_t *code);
// The rows of a hit that names none, likewise; tables: those of all substrings.
hamming_row_list hamming_rows_of_hit(const hamming_cut *cut, const hamming_table *tables, const hamming_hit *hit);
// Writes the code of a hit that names no row, 16 bytes.
void hamming_restore_hit(const hamming_cut *cut, const hamming_hit *hit, uint8_t *code);
// Looks for the query's code itself. Returns 1, with its rows collected if there are any, where nothing farther can matter; else 0, with nothing
// collected.
int hamming_probe_equal(const hamming_cut *cut, const hamming_cut_query *q, const hamming_table *table, hamming_collector *c);
// Asks ahead for what hamming_rows_of_hit will read for each of these hits, so that the misses overlap. A few dozen at a time, or
// the first are gone again when they are read.
void hamming_ask_for_rows(const hamming_cut *cut, const hamming_table *tables, const hamming_hit *hits, size_t count);
// The position of an entry among a bucket's entries, which ascend; count if it is not there. Bits beyond the code's are not looked at.
size_t hamming_find_entry(const hamming_cut *cut, const uint8_t *entries, size_t count, const uint8_t *entry);

// ---- Pairs (join.h) ----

typedef struct {
    uint32_t left, right;  // numbers within their runs or blocks
    uint32_t bucket;       // the right one's, if it is of one
    uint32_t distance;
} hamming_pair;

// Pairs found, and where a join that had no room for more goes on: set count to 0 and call again. Begin with zeros.
#define HAMMING_LEAST_PAIRS 32
typedef struct {
    hamming_pair *pairs;
    size_t count, capacity;  // capacity >= HAMMING_LEAST_PAIRS
    size_t mask;
    uint32_t tile, left, right;
} hamming_join;

// All pairs of a code of one run and a code of the other within the limit; is_same: both are one run, each pair once. Returns 1 when done, 0 when
// there is no room for more pairs.
int hamming_join_codes(const uint8_t *left, uint32_t left_count, const uint8_t *right, uint32_t right_count, uint32_t stride,
                       uint32_t limit, int is_same, hamming_join *join);

// The same with the entries of one bucket of `left` and those of the buckets value ^ masks[0 ..< count] of `right`, a table of the same
// substring of the same or another set of codes; masks as in hamming_probe. Where both tables are one, only buckets from `value` on count. Leaves
// out pairs that an earlier step meets; where the cut is not complete, hamming_join_confirm must tell them apart. Blocks must be at hand.
int hamming_join_buckets(const hamming_cut *cut, const uint32_t *rank, uint32_t radius, uint32_t limit, const hamming_table *left,
                         uint32_t value, const hamming_table *right, const uint16_t *masks, size_t count, hamming_join *join);

// The distance of two codes that step (radius, j) is the first to meet, or HAMMING_NO_PAIR if it is not or they are farther than the limit.
#define HAMMING_NO_PAIR 0xFFFFFFFFu
uint32_t hamming_join_confirm(const hamming_cut *cut, const uint32_t *rank, uint32_t j, uint32_t radius, uint32_t limit, const uint8_t *a,
                              const uint8_t *b);

// ---- Building segments (buckets.c) ----

// Sorts ids, and writes to order where each was before. Equal ids stay in their order. scratch: 24 bytes for each id.
void hamming_sort_ids(uint64_t *ids, uint32_t *order, size_t count, void *scratch);

// counts[value of substring j] += 1 for every code.
void hamming_bucket_count(const hamming_cut *cut, uint32_t j, const uint8_t *codes, size_t count, uint32_t *counts);
// Writes the remainder of each code whose value v lies in first ..< last to entry place[v - first]++, and its row to rows if not null.
void hamming_bucket_scatter(const hamming_cut *cut, uint32_t j, const uint8_t *codes, size_t count, uint32_t first_row, uint32_t first,
                            uint32_t last, uint64_t *place, uint8_t *entries, uint32_t *rows);
// How many entries of a bucket are other than one of them: in a large one, where one is more than half of all, other than that.
size_t hamming_bucket_others(const uint8_t *entries, size_t count, uint32_t entry_bytes);
// Sorts a bucket, whose rows ascend, by entry, then by row, and leaves each entry once; sizes[i] becomes the number of rows of entry i. rows may
// be null. With n for hamming_bucket_others, sizes has room for n + 1 and scratch for 48 n bytes. Returns the number of entries that are left.
size_t hamming_bucket_group(uint8_t *entries, uint32_t *rows, uint32_t *sizes, size_t count, uint32_t entry_bytes, void *scratch);

// ---- For several threads ----

// Pointers that several threads fill in and read: a pointer is published with what it points to.
static inline const uint8_t *hamming_load_pointer(const uint8_t *const *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline void hamming_store_pointer(const uint8_t **p, const uint8_t *x) { __atomic_store_n(p, x, __ATOMIC_RELEASE); }

// The kernels by name ("avx512", "avx2", "neon", "portable"), for tests and benchmarks. hamming_use returns 0 if this processor lacks it.
const char *hamming_kernel_name(void);
int hamming_use(const char *name);
