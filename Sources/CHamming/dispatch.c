// Chooses the kernels, and the parts that need no choice.
#include "dispatch.h"
#include <string.h>

static const hamming_kernels *chosen;

static int available(const hamming_kernels *k) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (k == &hamming_avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("bmi2");
    if (k == &hamming_avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi2");
#endif
    return k == &hamming_portable;
}

static const hamming_kernels *const all[] = {
#if defined(__x86_64__)
    &hamming_avx512, &hamming_avx2,
#endif
    &hamming_portable,
};

static const hamming_kernels *kernels(void) {
    const hamming_kernels *k = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
    if (__builtin_expect(k != NULL, 1)) return k;
    size_t i = 0;
    while (!available(all[i])) i++;
    __atomic_store_n(&chosen, all[i], __ATOMIC_RELAXED);
    return all[i];
}

const char *hamming_kernel_name(void) { return kernels()->name; }

int hamming_use(const char *name) {
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i]->name, name) && available(all[i])) {
            __atomic_store_n(&chosen, all[i], __ATOMIC_RELAXED);
            return 1;
        }
    return 0;
}

void hamming_scan(const hamming_query *q, const uint8_t *codes, size_t count, uint32_t first_row, const uint64_t *dead,
                  hamming_collector *c) {
    kernels()->scan(q, codes, count, first_row, dead, c);
}

size_t hamming_probe(const hamming_query *q, const hamming_substrings *s, uint32_t j, uint32_t radius, const hamming_table *table,
                     const uint32_t *masks, size_t from, size_t count, const uint64_t *dead, hamming_collector *c,
                     hamming_work *work) {
    return kernels()->probe(q, s, j, radius, table, masks, from, count, dead, c, work);
}

uint32_t hamming_distance(const uint8_t *a, const uint8_t *b, size_t bytes) {
    uint32_t d = 0;
    size_t i = 0;
    for (; i + 8 <= bytes; i += 8) {
        uint64_t x, y;
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        d += (uint32_t)__builtin_popcountll(x ^ y);
    }
    for (; i < bytes; i++) d += (uint32_t)__builtin_popcount((unsigned)(a[i] ^ b[i]));
    return d;
}
