// A set of kernels for one kind of processor, and the sets that were compiled.
#pragma once
#include "CHamming.h"

typedef struct {
    const char *name;
    void (*scan)(const hamming_query *, const uint8_t *, size_t, uint32_t, const uint64_t *, hamming_collector *);
    size_t (*probe)(const hamming_cut *, const hamming_cut_query *, uint32_t, const hamming_table *, const uint16_t *, size_t, size_t,
                    hamming_collector *, hamming_work *);
    int (*join_codes)(const uint8_t *, uint32_t, const uint8_t *, uint32_t, uint32_t, uint32_t, int, hamming_join *);
    int (*join_buckets)(const hamming_cut *, const uint32_t *, uint32_t, uint32_t, const hamming_table *, uint32_t, const hamming_table *,
                        const uint16_t *, size_t, hamming_join *);
} hamming_kernels;

extern const hamming_kernels hamming_portable;
#if defined(__x86_64__)
extern const hamming_kernels hamming_avx2, hamming_avx512;
#elif defined(__aarch64__)
extern const hamming_kernels hamming_neon;
#endif
