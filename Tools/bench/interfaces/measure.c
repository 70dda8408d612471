/* Asks a store through the C interface what Sources/main.swift asks it, and prints the same: measure STORE NEAR RANDOM THREADS */
#include <hashdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SNAPSHOT = 1, BATCH = 2 };

static size_t bytes;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return 1e6 * time.tv_sec + 1e-3 * time.tv_nsec;
}

static void check(int status, const hashdb_error *error) {
    if (!status) return;
    fprintf(stderr, "measure: %s\n", error->message);
    exit(1);
}

static uint8_t *read_codes(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    if (!file) exit(1);
    fseek(file, 0, SEEK_END);
    size_t size = (size_t)ftell(file);
    rewind(file);
    uint8_t *codes = malloc(size + 1);
    if (fread(codes, 1, size, file) != size) exit(1);
    fclose(file);
    *count = size / bytes;
    return codes;
}

/* The sum of the distances to `count` queries, the nearest k or, for k = 0, all within 8. */
static long ask(hashdb_store *store, const uint8_t *queries, size_t count, size_t k, int threads) {
    hashdb_error error;
    long sum = 0;
    if (k > 0) {
        uint64_t one_ids[16], *ids = count == 1 ? one_ids : malloc(count * k * sizeof *ids);
        int32_t one_distances[16], *distances = count == 1 ? one_distances : malloc(count * k * sizeof *distances);
        check(hashdb_nearest(store, queries, count, k, threads, ids, distances, NULL, &error), &error);
        for (size_t i = 0; i < count * k; i++) sum += distances[i];
        if (count > 1) free(ids), free(distances);
    } else {
        hashdb_matches matches;
        check(hashdb_within(store, queries, count, 8, threads, &matches, &error), &error);
        for (size_t i = 0; i < matches.offsets[count]; i++) sum += matches.distances[i];
        hashdb_free_matches(&matches);
    }
    return sum;
}

static void measure(const char *name, hashdb_store *store, const uint8_t *queries, size_t count, size_t k, int is_batch, int threads) {
    double best = 1e300, start = now();
    long sum = 0;
    for (int passes = 0; passes < 3 || now() - start < 1e6; passes++) {
        double before = now();
        sum = 0;
        if (is_batch) sum = ask(store, queries, count, k, threads);
        else
            for (size_t i = 0; i < count; i++) sum += ask(store, queries + i * bytes, 1, k, 1);
        double time = (now() - before) / (double)count;
        if (time < best) best = time;
    }
    printf(is_batch ? "%s, batch, threads %d\t%f\t%ld\n" : "%s%.0d\t%f\t%ld\n", name, is_batch ? threads : 0, best, sum);
}

int main(int count, char **arguments) {
    if (count != 5) return 64;
    hashdb_error error;
    hashdb_options options = HASHDB_OPTIONS_INIT;
    options.read_only = 1;
    hashdb_store *store, *snapshot;
    int32_t bits;
    check(hashdb_open(arguments[1], &options, &store, &error), &error);
    check(hashdb_bits(store, &bits, &error), &error);
    bytes = (size_t)bits / 8;
    size_t near_count, random_count;
    uint8_t *near = read_codes(arguments[2], &near_count), *random = read_codes(arguments[3], &random_count);
    check(hashdb_snapshot(store, 1, &snapshot, &error), &error);
    measure("nearest 1, store", store, near, near_count, 1, 0, 1);
    measure("nearest 1, snapshot", snapshot, near, near_count, 1, 0, 1);
    measure("within 8, store", store, near, near_count, 0, 0, 1);
    measure("nearest 10, store", store, random, random_count, 10, 0, 1);
    for (int threads = 1; threads <= atoi(arguments[4]); threads++) {
        measure("within 8", store, near, near_count, 0, 1, threads);
        measure("nearest 10", store, random, random_count, 10, 1, threads);
    }
    hashdb_close(snapshot, NULL);
    hashdb_close(store, NULL);
    free(near);
    free(random);
    return 0;
}
