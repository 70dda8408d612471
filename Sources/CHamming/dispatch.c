// Chooses the kernels.
#include "dispatch.h"
#include <string.h>

static const hamming_kernels *chosen;

static int available(const hamming_kernels *k) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (k == &hamming_avx512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512vbmi")
            && __builtin_cpu_supports("bmi2");
    if (k == &hamming_avx2) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi2");
#elif defined(__aarch64__)
    if (k == &hamming_neon) return 1;
#endif
    return k == &hamming_portable;
}

static const hamming_kernels *const all[] = {
#if defined(__x86_64__)
    &hamming_avx512, &hamming_avx2,
#elif defined(__aarch64__)
    &hamming_neon,
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

void hamming_scan(const hamming_query *q, const uint8_t *codes, size_t count, uint32_t first_row, const uint64_t *skip,
                  hamming_collector *c) {
    kernels()->scan(q, codes, count, first_row, skip, c);
}

size_t hamming_probe(const hamming_cut *cut, const hamming_cut_query *q, uint32_t radius, const hamming_table *table,
                     const uint16_t *masks, size_t from, size_t count, hamming_collector *c, hamming_work *work) {
    return kernels()->probe(cut, q, radius, table, masks, from, count, c, work);
}

int hamming_join_codes(const uint8_t *left, uint32_t left_count, const uint8_t *right, uint32_t right_count, uint32_t stride,
                       uint32_t limit, int is_same, hamming_join *join) {
    return kernels()->join_codes(left, left_count, right, right_count, stride, limit, is_same, join);
}

int hamming_join_buckets(const hamming_cut *cut, const uint32_t *rank, uint32_t radius, uint32_t limit, const hamming_table *left,
                         uint32_t value, const hamming_table *right, const uint16_t *masks, size_t count, hamming_join *join) {
    return kernels()->join_buckets(cut, rank, radius, limit, left, value, right, masks, count, join);
}
