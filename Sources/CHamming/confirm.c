// The second look at hits of a cut that is not complete, whose entries know only a part of the code.
#include "collector.h"

static uint32_t distance_in(const uint8_t *difference, const hamming_cut *cut, uint32_t i) {
    return (uint32_t)__builtin_popcount(hamming_substring(difference, cut->start[i], cut->bits));
}

static int met_before(const hamming_cut *cut, const uint32_t *rank, const uint8_t *difference, uint32_t j, uint32_t radius) {
    for (uint32_t i = 0; i < cut->count; i++)
        if (i != j && distance_in(difference, cut, i) < radius + (rank[i] < rank[j])) return 1;
    return 0;
}

uint32_t hamming_confirm(const hamming_cut *cut, const hamming_query *q, const hamming_cut_query *ranks, const hamming_rows *rows,
                         uint32_t j, uint32_t radius, hamming_collector *c) {
    const uint32_t stride = cut->stride, row_mask = (1u << rows->row_bits) - 1;
    uint8_t difference[HAMMING_MAX_STRIDE];
    size_t kept = c->confirmed, i = kept;
    uint32_t missing = HAMMING_ANY_ROW;
    for (; i < c->count; i++) {
        if (i + 8 < c->count) {
            const uint32_t ahead = c->hits[i + 8].row;
            const uint8_t *block = hamming_load_pointer(&rows->blocks[ahead >> rows->row_bits]);
            if (block) __builtin_prefetch(block + 32 + (size_t)(ahead & row_mask) * stride);
        }
        hamming_hit hit = c->hits[i];
        if (hit.distance > c->limit) continue;
        const uint8_t *block = hamming_load_pointer(&rows->blocks[hit.row >> rows->row_bits]);
        if (!block) {
            missing = hit.row;
            break;
        }
        const uint8_t *code = block + 32 + (size_t)(hit.row & row_mask) * stride;
        hit.distance = 0;
        for (uint32_t at = 0; at < stride; at += 8) {
            const uint64_t word = word_at(code + at) ^ word_at(q->code + at);
            memcpy(difference + at, &word, 8);
            hit.distance += (uint32_t)__builtin_popcountll(word);
        }
        if (hit.distance > c->limit || met_before(cut, ranks->rank, difference, j, radius)) continue;
        c->hits[kept++] = hit;
        collector_count(c, hit.distance, 1);
    }
    c->confirmed = kept;
    // What has not been looked at yet moves up.
    if (i < c->count) memmove(c->hits + kept, c->hits + i, (c->count - i) * sizeof *c->hits);
    c->count = kept + (c->count - i);
    return missing;
}

uint32_t hamming_join_confirm(const hamming_cut *cut, const uint32_t *rank, uint32_t j, uint32_t radius, uint32_t limit, const uint8_t *a,
                              const uint8_t *b) {
    uint8_t difference[HAMMING_MAX_STRIDE];
    uint32_t d = 0;
    for (uint32_t at = 0; at < cut->stride; at += 8) {
        const uint64_t word = word_at(a + at) ^ word_at(b + at);
        memcpy(difference + at, &word, 8);
        d += (uint32_t)__builtin_popcountll(word);
    }
    return d > limit || met_before(cut, rank, difference, j, radius) ? HAMMING_NO_PAIR : d;
}
