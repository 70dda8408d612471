// Compares every kernel that this processor has with plain loops: scans, probes and joins. For processors that Swift's tests do not run on.
#include "CHamming.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;
static uint64_t next_random(void) {  // SplitMix64
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static const char *kernel;
static uint64_t comparisons;
static void check(int condition, const char *what, int line) {
    comparisons++;
    if (condition) return;
    fprintf(stderr, "%s: %s (line %d)\n", kernel, what, line);
    exit(1);
}
#define CHECK(condition, what) check((condition) != 0, what, __LINE__)

enum { MOST = 400 };
static uint8_t codes[MOST * HAMMING_MAX_STRIDE + HAMMING_PADDING];
static hamming_query query;

// Codes of `bits` bits, all within some way of the query.
static void draw(uint32_t bits, uint32_t stride, size_t count) {
    memset(&query, 0, sizeof query);
    query.stride = stride;
    for (uint32_t i = 0; i < bits / 8; i++) query.code[i] = (uint8_t)next_random();
    for (size_t row = 0; row < count; row++) {
        uint8_t *code = codes + row * stride;
        memcpy(code, query.code, stride);
        for (uint64_t flips = next_random() % (bits / 2 + 1); flips > 0; flips--) {
            const uint64_t bit = next_random() % bits;
            code[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static uint32_t plain_distance(const uint8_t *a, const uint8_t *b, uint32_t stride) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < 8 * stride; i++) sum += (a[i / 8] ^ b[i / 8]) >> i % 8 & 1;
    return sum;
}

static int compare_keys(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// Keys of a distance and a row, in order.
static size_t found_keys(hamming_collector *c, uint64_t *keys) {
    hamming_collector_prune(c);
    for (size_t i = 0; i < c->count; i++) keys[i] = (uint64_t)c->hits[i].distance << 32 | c->hits[i].row;
    qsort(keys, c->count, sizeof *keys, compare_keys);
    return c->count;
}

static void scans(void) {
    static uint64_t found[MOST], expected[MOST], skip[MOST / 64 + 2];
    for (uint32_t stride = 4; stride <= HAMMING_MAX_STRIDE; stride = stride == 4 ? 8 : stride + 8)
        for (size_t count = 0; count < MOST; count += count < 40 ? 1 : 89) {
            draw(8 * stride, stride, count);
            for (size_t i = 0; i < sizeof skip / sizeof *skip; i++) skip[i] = next_random() & next_random();
            for (uint32_t k = 0; k <= 20; k += 10)
                for (uint32_t limit = stride; limit <= 8 * stride; limit *= 2) {
                    hamming_collector c;
                    CHECK(hamming_collector_init(&c, k, limit, 8 * stride), "no memory");
                    hamming_scan(&query, codes, count, 0, skip, &c);
                    size_t n = 0;
                    for (size_t row = 0; row < count; row++) {
                        const uint64_t d = plain_distance(codes + row * stride, query.code, stride);
                        if (d <= limit && !(skip[row / 64] >> row % 64 & 1)) expected[n++] = d << 32 | row;
                    }
                    qsort(expected, n, sizeof *expected, compare_keys);
                    const size_t met = found_keys(&c, found);
                    if (k == 0) CHECK(met == n, "a scan finds another number of codes");
                    const size_t least = k == 0 || n < k ? n : k;
                    CHECK(met >= least && memcmp(found, expected, least * sizeof *found) == 0, "a scan finds other codes");
                    hamming_collector_free(c.counts);
                }
        }
}

static hamming_cut make_cut(uint32_t code_bits, uint32_t count, uint32_t bits) {
    hamming_cut cut = {.code_bits = code_bits, .count = count, .bits = bits, .complete = code_bits <= 128};
    cut.stride = code_bits <= 32 ? 4 : (code_bits + 63) / 64 * 8;
    cut.entry_bytes = hamming_entry_bytes(code_bits, bits);
    for (uint32_t j = 0; j < count; j++) cut.start[j] = j * (code_bits / count);
    return cut;
}

// A block of all buckets of substring j.
static uint8_t *make_block(const hamming_cut *cut, uint32_t j, size_t count) {
    const uint32_t buckets = 1u << cut->bits;
    const size_t at = hamming_block_entries_offset(cut->bits), rows_at = at + count * cut->entry_bytes;
    uint8_t *block = calloc(1, rows_at + 4 * count + HAMMING_PADDING);
    uint32_t *counts = calloc(buckets, sizeof *counts), *offsets = (uint32_t *)(block + 32);
    uint64_t *places = calloc(buckets, sizeof *places);
    hamming_bucket_count(cut, j, codes, count, counts);
    ((uint32_t *)block)[3] = (uint32_t)count;
    for (uint32_t i = 0; i < buckets; i++) {
        places[i] = offsets[i];
        offsets[i + 1] = offsets[i] + counts[i];
    }
    hamming_bucket_scatter(cut, j, codes, count, 0, 0, buckets, places, block + at, (uint32_t *)(block + rows_at));
    free(counts);
    free(places);
    return block;
}

// The masks of `radius` ones, with what is read past them.
static size_t make_masks(uint32_t bits, uint32_t radius, uint16_t *masks) {
    size_t count = 0;
    for (uint32_t mask = 0; mask < 1u << bits; mask++)
        if ((uint32_t)__builtin_popcount(mask) == radius) masks[count++] = (uint16_t)mask;
    for (size_t i = 0; i < HAMMING_LOOKAHEAD; i++) masks[count + i] = masks[0];
    return count;
}

// Every code is met by the first step that can, and each once; then all pairs within a limit are, too.
static void probes_and_joins(uint32_t code_bits, uint32_t substrings, uint32_t bits) {
    enum { COUNT = 200 };
    const hamming_cut cut = make_cut(code_bits, substrings, bits);
    draw(code_bits, cut.stride, COUNT);
    hamming_cut_query parts;
    hamming_cut_code(&cut, query.code, &parts);
    uint8_t *blocks[HAMMING_MAX_SUBSTRINGS];
    static uint8_t rows_block[32 + MOST * HAMMING_MAX_STRIDE + HAMMING_PADDING];
    memcpy(rows_block + 32, codes, sizeof codes);
    const uint8_t *row_blocks[] = {rows_block};
    const hamming_rows rows = {row_blocks, 20};
    for (uint32_t j = 0; j < substrings; j++) blocks[j] = make_block(&cut, j, COUNT);

    const uint32_t limit = code_bits / 3;
    hamming_collector c;
    CHECK(hamming_collector_init(&c, 0, code_bits, code_bits), "no memory");
    hamming_work work = {0};
    static uint16_t masks[(1 << 16) + HAMMING_LOOKAHEAD];
    static hamming_pair pairs[64];
    uint64_t pair_count = 0, pair_distances = 0;
    for (uint32_t step = 0; step < substrings * (bits + 1); step++) {
        const uint32_t radius = step / substrings, j = step % substrings;
        const size_t count = make_masks(bits, radius, masks);
        const uint8_t *block[] = {blocks[j]};
        const hamming_table table = {block, j, bits, 1};
        CHECK(hamming_probe(&cut, &parts, radius, &table, masks, 0, count, &c, &work) == count, "a probe stops");
        if (!cut.complete)
            CHECK(hamming_confirm(&cut, &query, &parts, &rows, j, radius, &c) == HAMMING_ANY_ROW, "confirming stops");
        uint64_t within = 0, sum = 0, expected = 0, expected_sum = 0;
        for (size_t i = 0; i < c.count; i++)
            if (c.hits[i].distance <= step) within++, sum += c.hits[i].distance;
        for (size_t row = 0; row < COUNT; row++) {
            const uint32_t d = plain_distance(codes + row * cut.stride, query.code, cut.stride);
            if (d <= step) expected++, expected_sum += d;
        }
        CHECK(within == expected && sum == expected_sum, "a probe misses a code, or meets one twice");

        uint32_t rank[HAMMING_MAX_SUBSTRINGS];
        for (uint32_t i = 0; i < substrings; i++) rank[i] = i;
        const uint32_t *offsets = (const uint32_t *)(blocks[j] + 32);
        const uint32_t *row_list =
            (const uint32_t *)(blocks[j] + hamming_block_entries_offset(bits) + (size_t)COUNT * cut.entry_bytes);
        for (uint32_t value = 0; value < 1u << bits; value++) {
            if (offsets[value] == offsets[value + 1]) continue;
            hamming_join join = {.pairs = pairs, .capacity = 64};
            int done;
            do {
                join.count = 0;
                done = hamming_join_buckets(&cut, rank, radius, limit, &table, value, &table, masks, count, &join);
                for (size_t i = 0; i < join.count; i++) {
                    uint32_t d = pairs[i].distance;
                    if (!cut.complete)
                        d = hamming_join_confirm(&cut, rank, j, radius, limit, codes + row_list[pairs[i].left] * cut.stride,
                                                 codes + row_list[pairs[i].right] * cut.stride);
                    if (d != HAMMING_NO_PAIR) pair_count++, pair_distances += d;
                }
            } while (!done);
        }
    }
    CHECK(c.count == COUNT, "a probe does not meet all");
    hamming_collector_free(c.counts);

    uint64_t expected = 0, expected_distances = 0, direct = 0;
    for (size_t a = 0; a < COUNT; a++)
        for (size_t b = a + 1; b < COUNT; b++) {
            const uint32_t d = plain_distance(codes + a * cut.stride, codes + b * cut.stride, cut.stride);
            if (d <= limit) expected++, expected_distances += d;
        }
    CHECK(pair_count == expected && pair_distances == expected_distances, "a join of buckets finds other pairs");
    hamming_join join = {.pairs = pairs, .capacity = 64};
    int done;
    do {
        join.count = 0;
        done = hamming_join_codes(codes, COUNT, codes, COUNT, cut.stride, limit, 1, &join);
        direct += join.count;
        for (size_t i = 0; i < join.count; i++)
            CHECK(pairs[i].distance
                      == plain_distance(codes + pairs[i].left * cut.stride, codes + pairs[i].right * cut.stride, cut.stride),
                  "a join finds another distance");
    } while (!done);
    CHECK(direct == expected, "a join of codes finds other pairs");
    for (uint32_t j = 0; j < substrings; j++) free(blocks[j]);
}

int main(void) {
    static const char *const names[] = {"portable", "neon", "avx2", "avx512"};
    // Every size of entries, with bits left out between the substrings and without.
    static const uint32_t cuts[][3] = {{8, 1, 8},  {16, 1, 9},  {24, 3, 8},  {32, 3, 5},   {48, 4, 5},   {64, 4, 6},   {56, 4, 9},
                                       {72, 3, 5}, {104, 3, 7}, {128, 3, 5}, {136, 9, 10}, {256, 4, 5},  {320, 16, 4}, {1024, 3, 5}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        kernel = names[i];
        if (!hamming_use(kernel)) continue;
        state = 1;
        comparisons = 0;
        scans();
        for (size_t cut = 0; cut < sizeof cuts / sizeof *cuts; cut++) probes_and_joins(cuts[cut][0], cuts[cut][1], cuts[cut][2]);
        printf("%s: %llu comparisons with plain loops, all equal\n", kernel, (unsigned long long)comparisons);
    }
    return 0;
}
