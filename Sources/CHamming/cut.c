// Cutting codes into a substring's value and the remainder after it, and putting them together again.
#include "cut.h"

uint32_t hamming_entry_bytes(uint32_t code_bits, uint32_t substring_bits) {
    uint32_t rest = code_bits - substring_bits;
    return rest == 0 ? 0 : rest <= 32 ? 4 : rest <= 48 ? 6 : rest <= 64 ? 8 : 16;
}

// Reads byte by byte near the end so as never to pass the code's last byte.
uint32_t hamming_substring(const uint8_t *code, uint32_t start, uint32_t bits) {
    uint64_t x = 0;
    uint32_t first = start / 8, last = (start + bits - 1) / 8;
    for (uint32_t i = last + 1; i-- > first;) x = x << 8 | code[i];
    return (uint32_t)(x >> (start & 7)) & (uint32_t)(((uint64_t)1 << bits) - 1);
}

void hamming_cut_code(const hamming_cut *cut, const uint8_t *code, hamming_cut_query *out) {
    for (uint32_t j = 0; j < cut->count; j++) {
        hamming_remainder rest = remainder_after(cut, j, code);
        out->rank[j] = out->order[j] = j;
        out->value[j] = hamming_substring(code, cut->start[j], cut->bits);
        out->remainder[j][0] = (uint64_t)rest;
        out->remainder[j][1] = (uint64_t)(rest >> 64);
    }
}

void hamming_restore(const hamming_cut *cut, uint32_t j, uint32_t value, const uint8_t *entry, uint8_t *code) {
    const uint32_t q = cut->code_bits, end = (cut->start[j] + cut->bits) % q;
    hamming_remainder x = entry_at(entry, cut->entry_bytes) | (hamming_remainder)value << (q - cut->bits);
    if (end) x = (x << end | x >> (q - end)) & low_bits(q);
    memcpy(code, &x, 16);
}

uint32_t hamming_distance(const uint8_t *a, const uint8_t *b, size_t bytes) {
    uint32_t d = 0;
    size_t i = 0;
    for (; i + 8 <= bytes; i += 8) d += (uint32_t)__builtin_popcountll(word_at(a + i) ^ word_at(b + i));
    for (; i < bytes; i++) d += (uint32_t)__builtin_popcount((unsigned)(a[i] ^ b[i]));
    return d;
}
