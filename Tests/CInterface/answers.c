/* Answers are those of a plain loop, whatever the width, the number of queries and threads, and the way the items came in. */
#include "support.h"

/* Codes near one another as well as far apart, so that there are ties and small distances. */
static void fill_codes(uint8_t *codes, size_t count, size_t bytes) {
    for (size_t i = 0; i < count; i++) {
        fill_random(codes + i * bytes, bytes);
        if (i > 0 && random_below(2)) {
            memcpy(codes + i * bytes, codes + random_below(i) * bytes, bytes);
            for (size_t flips = random_below(4); flips > 0; flips--) codes[i * bytes + random_below(bytes)] ^= 1 << random_below(8);
        }
    }
}

/* Each row is the beginning of the plain loop's, and what follows it when that ends. */
static void check_rows(const model *items, const uint8_t *queries, size_t count, size_t k, const uint64_t *ids, const int32_t *distances) {
    for (size_t i = 0; i < count; i++) {
        found *all = ranking(items, queries + i * (size_t)items->bytes);
        size_t expected = k < items->count ? k : items->count, same = 0;
        for (size_t j = 0; j < k; j++)
            same += j < expected ? ids[i * k + j] == all[j].id && distances[i * k + j] == all[j].distance
                                 : ids[i * k + j] == UINT64_MAX && distances[i * k + j] == -1;
        CHECK(same == k);
        free(all);
    }
}

static void check_nearest(
    hashdb_store *store, const hashdb_filter *filter, const model *items, const uint8_t *queries, size_t count, size_t k, int threads) {
    /* Of exactly the size that is promised to be enough, so that the sanitizer sees a byte too many. */
    uint64_t *ids = malloc(count * k * sizeof *ids);
    int32_t *distances = malloc(count * k * sizeof *distances);
    size_t *counts = malloc(count * sizeof *counts);
    WORKS(hashdb_nearest_among(store, filter, queries, count, k, threads, ids, distances, counts, &error));
    check_rows(items, queries, count, k, ids, distances);
    for (size_t i = 0; i < count; i++) CHECK(counts[i] == (k < items->count ? k : items->count));
    if (!filter) {
        memset(ids, 0xA5, count * k * sizeof *ids);
        memset(distances, 0xA5, count * k * sizeof *distances);
        WORKS(hashdb_nearest(store, queries, count, k, threads, ids, distances, NULL, &error));
        check_rows(items, queries, count, k, ids, distances);
    }
    free(ids);
    free(distances);
    free(counts);
}

static void check_within(
    hashdb_store *store, const hashdb_filter *filter, const model *items, const uint8_t *queries, size_t count, int radius, int threads) {
    hashdb_matches matches;
    if (filter)
        WORKS(hashdb_within_among(store, filter, queries, count, radius, threads, &matches, &error));
    else
        WORKS(hashdb_within(store, queries, count, radius, threads, &matches, &error));
    CHECK(matches.query_count == count && matches.offsets[0] == 0);
    for (size_t i = 0; i < count; i++) {
        found *all = ranking(items, queries + i * (size_t)items->bytes);
        size_t expected = 0, same = 0;
        while (expected < items->count && all[expected].distance <= radius) expected++;
        CHECK(matches.offsets[i + 1] - matches.offsets[i] == expected);
        for (size_t j = 0, at = matches.offsets[i]; j < expected && at < matches.offsets[i + 1]; j++, at++)
            same += matches.ids[at] == all[j].id && matches.distances[at] == all[j].distance;
        CHECK(same == expected);
        free(all);
    }
    hashdb_free_matches(&matches);
    hashdb_free_matches(&matches);
}

static void check_searches(hashdb_store *store, const hashdb_filter *filter, const model *items, int bits) {
    size_t bytes = (size_t)items->bytes;
    uint8_t *queries = malloc(40 * bytes + 1);
    /* At an odd address, too. */
    uint8_t *odd = queries + 1;
    fill_random(odd, 40 * bytes);
    if (items->count > 0) memcpy(odd, items->codes, bytes);
    static const size_t counts[] = {1, 7, 40};
    for (int i = 0; i < 3; i++)
        for (int threads = 0; threads < 4; threads++) {
            check_nearest(store, filter, items, odd, counts[i], 1 + random_below(12), threads);
            check_within(store, filter, items, odd, counts[i], bits * (int)random_below(8) / 16, threads);
        }
    check_nearest(store, filter, items, odd, 2, items->count + 3, 1);
    check_within(store, filter, items, odd, 9, INT32_MAX, 2);
    free(queries);
}

/* Among the items of some ids, few or many, and among those of all others. */
static void check_filters(hashdb_store *store, const model *items, int bits) {
    size_t bytes = (size_t)items->bytes, count = items->count == 0 ? 0 : random_below(2) ? items->count / 2 : random_below(9);
    uint64_t *ids = malloc((count + 2) * sizeof *ids);
    model only = new_model(bits), others = new_model(bits);
    for (size_t i = 0; i < count; i++) ids[i] = items->ids[random_below(items->count)];
    ids[count] = UINT64_MAX - 7; /* not there */
    ids[count + 1] = ids[0];
    for (size_t i = 0; i < items->count; i++) {
        size_t j = 0;
        while (j < count && ids[j] != items->ids[i]) j++;
        model_put(j < count ? &only : &others, items->ids[i], items->codes + i * bytes);
    }
    hashdb_filter filter = {HASHDB_ONLY, count + 2, ids};
    check_searches(store, &filter, &only, bits);
    filter.kind = HASHDB_EXCLUDING;
    check_searches(store, &filter, &others, bits);
    hashdb_filter nothing = {HASHDB_ONLY, 0, NULL}, everything = {HASHDB_EXCLUDING, 0, NULL};
    check_nearest(store, &everything, items, items->codes, items->count > 0, 3, 1);
    model none = new_model(bits);
    check_nearest(store, &nothing, &none, items->codes, items->count > 0, 3, 1);
    free(ids);
    free_model(&only);
    free_model(&others);
}

static void check_all(hashdb_store *store, const model *items, int bits) {
    check_searches(store, NULL, items, bits);
    check_filters(store, items, bits);
}

/* The codes by id and in the order of ids. */
static void check_items(hashdb_store *store, const model *items) {
    size_t bytes = (size_t)items->bytes, count = 0, same = 0, capacity = 100, total = 0;
    WORKS(hashdb_count(store, &count, &error));
    CHECK(count == items->count);
    uint8_t *codes = malloc((items->count + 1) * bytes), *there = malloc(items->count + 1);
    uint64_t *ids = malloc((items->count + 1) * sizeof *ids);
    WORKS(hashdb_codes(store, items->ids, items->count, codes, NULL, &error));
    CHECK(items->count == 0 || memcmp(codes, items->codes, items->count * bytes) == 0);
    if (items->count > 0) memcpy(ids, items->ids, items->count * sizeof *ids);
    ids[items->count] = UINT64_MAX - 7;
    WORKS(hashdb_codes(store, ids, items->count + 1, codes, there, &error));
    for (size_t i = 0; i < items->count; i++) same += there[i] == 1;
    CHECK(same == items->count && there[items->count] == 0);
    GIVES(HASHDB_UNKNOWN_ID, hashdb_codes(store, ids, items->count + 1, codes, NULL, &error));
    free(there);
    free(codes);
    free(ids);

    ids = malloc(capacity * sizeof *ids);
    codes = malloc(capacity * bytes);
    uint64_t first = 0;
    do {
        WORKS(hashdb_items(store, first, capacity, ids, codes, &count, &error));
        same = 0;
        for (size_t i = 0; i < count; i++)
            for (size_t j = 0; j < items->count; j++)
                same += items->ids[j] == ids[i] && memcmp(items->codes + j * bytes, codes + i * bytes, bytes) == 0 &&
                        ids[i] >= first && (i == 0 || ids[i] > ids[i - 1]);
        CHECK(same == count);
        total += count;
        if (count > 0) first = ids[count - 1] + 1;
    } while (count == capacity && first != 0);
    CHECK(total == items->count);
    WORKS(hashdb_items(store, 0, capacity, ids, NULL, &count, &error));
    free(ids);
    free(codes);
}

static void load(hashdb_store *store, model *items, size_t count, size_t ids_below) {
    size_t bytes = (size_t)items->bytes;
    uint64_t *ids = malloc(count * sizeof *ids), first = 7;
    uint8_t *codes = malloc(count * bytes);
    fill_codes(codes, count, bytes);
    for (size_t i = 0; i < count; i++) {
        ids[i] = random_below(ids_below);
        model_put(items, ids[i], codes + i * bytes);
    }
    WORKS(hashdb_load(store, ids, codes, count, &first, &error));
    CHECK(first == 0);
    free(ids);
    free(codes);
}

void test_answers(void) {
    static const int widths[] = {8, 48, 64, 128, 256, 1024};
    for (int w = 0; w < 6; w++) {
        int bits = widths[w];
        hashdb_store *store = new_store(new_path(), bits);
        model items = new_model(bits);
        int32_t stored = 0;
        WORKS(hashdb_bits(store, &stored, &error));
        CHECK(stored == bits);
        check_all(store, &items, bits);
        load(store, &items, bits == 64 ? 3000 : 500, 100000);
        check_all(store, &items, bits);
        check_items(store, &items);
        load(store, &items, 200, 100000);
        check_all(store, &items, bits);
        uint64_t gone[50];
        size_t expected = 0, deleted = 0;
        for (int i = 0; i < 50; i++) {
            gone[i] = items.ids[random_below(items.count)];
            expected += (size_t)model_remove(&items, gone[i]);
        }
        WORKS(hashdb_delete(store, gone, 50, &deleted, &error));
        CHECK(deleted == expected);
        check_all(store, &items, bits);
        WORKS(hashdb_fold(store, &error));
        check_all(store, &items, bits);
        check_items(store, &items);
        hashdb_store *snapshot;
        WORKS(hashdb_snapshot(store, 2, &snapshot, &error));
        WORKS(hashdb_close(store, &error));
        check_all(snapshot, &items, bits);
        check_items(snapshot, &items);
        WORKS(hashdb_close(snapshot, &error));
        free_model(&items);
    }
}
