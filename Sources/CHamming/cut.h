// The remainder of a code after a substring. Inline: building tables takes it of every code.
#pragma once
#include "words.h"

// Of codes of up to 64 bits: turned so that the bit after the substring comes first.
static inline __attribute__((always_inline)) uint64_t remainder_of_word(uint64_t code, uint32_t code_bits, uint32_t end, uint32_t rest) {
    uint64_t turned = end ? code >> end | code << (code_bits - end) : code;
    return rest == 64 ? turned : turned & (((uint64_t)1 << rest) - 1);
}

// Of wide codes: written twice after one another, they can be read across the end.
static inline hamming_remainder remainder_of_wide(const hamming_cut *cut, uint32_t end, const uint8_t *code) {
    uint8_t twice[2 * HAMMING_MAX_STRIDE + 32];
    const uint32_t bytes = cut->code_bits / 8;
    memcpy(twice, code, bytes);
    memcpy(twice + bytes, code, bytes < 24 ? bytes : 24);
    memset(twice + bytes + (bytes < 24 ? bytes : 24), 0, 24);
    const uint8_t *p = twice + end / 8;
    const uint32_t shift = end & 7;
    hamming_remainder x = word_at(p) | (hamming_remainder)word_at(p + 8) << 64;
    if (shift) x = x >> shift | (hamming_remainder)p[16] << (128 - shift);
    const uint32_t rest = cut->code_bits - cut->bits, room = 8 * cut->entry_bytes;
    return x & low_bits(rest < room ? rest : room);
}

static inline hamming_remainder remainder_after(const hamming_cut *cut, uint32_t j, const uint8_t *code) {
    const uint32_t end = (cut->start[j] + cut->bits) % cut->code_bits;
    if (cut->stride > 8) return remainder_of_wide(cut, end, code);
    const uint64_t word = cut->stride == 4 ? half_at(code) : word_at(code);
    return remainder_of_word(word, cut->code_bits, end, cut->code_bits - cut->bits);
}
