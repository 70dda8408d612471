/* A snapshot stays as it is, whatever is written and whoever asks it at once, and outlives the handle that it was made of. */
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>

enum { ITEMS = 2000, QUERIES = 64, K = 5 };

typedef struct {
    hashdb_store *store;
    const uint64_t *queries;
    const uint64_t *ids; /* the answers as they were at first */
    const int32_t *distances;
    atomic_int *stop;
    int rounds;
} work;

static void *write_all_the_time(void *argument) {
    work *work = argument;
    for (uint64_t round = 0; !atomic_load(work->stop); round++) {
        uint64_t ids[50], codes[50];
        for (uint64_t i = 0; i < 50; i++) {
            ids[i] = (round * 50 + i) % (2 * ITEMS);
            codes[i] = ~round * 0x9e3779b97f4a7c15 + i;
        }
        WORKS(hashdb_upsert(work->store, ids, codes, 50, &error));
        if (round % 3 == 0) WORKS(hashdb_delete(work->store, ids, 20, NULL, &error));
        work->rounds++;
    }
    return NULL;
}

static void *ask_all_the_time(void *argument) {
    work *work = argument;
    uint64_t ids[QUERIES * K];
    int32_t distances[QUERIES * K];
    for (int round = 0; round < work->rounds; round++) {
        size_t first = (size_t)round % QUERIES, count = round % 4 == 0 ? QUERIES - first : 1;
        WORKS(hashdb_nearest(work->store, work->queries + first, count, K, 1 + round % 3, ids, distances, NULL, &error));
        CHECK(memcmp(ids, work->ids + first * K, count * K * sizeof *ids) == 0);
        CHECK(memcmp(distances, work->distances + first * K, count * K * sizeof *distances) == 0);
    }
    return NULL;
}

/* Answers on a store that is being written: each call sees one commit, so rows are in order and full. */
static void *ask_what_changes(void *argument) {
    work *work = argument;
    hashdb_matches matches;
    while (!atomic_load(work->stop)) {
        WORKS(hashdb_within(work->store, work->queries, QUERIES, 64, 2, &matches, &error));
        size_t sorted = 0;
        for (size_t i = 1; i < QUERIES; i++)
            CHECK(matches.offsets[i + 1] - matches.offsets[i] == matches.offsets[1]);
        for (size_t i = 1; i < matches.offsets[1]; i++) sorted += matches.distances[i] >= matches.distances[i - 1];
        CHECK(matches.offsets[1] < 2 || sorted == matches.offsets[1] - 1);
        hashdb_free_matches(&matches);
    }
    return NULL;
}

/* One commit puts all items in, the next takes all out. */
static void *fill_and_empty(void *argument) {
    work *work = argument;
    uint64_t ids[ITEMS], codes[ITEMS];
    for (uint64_t i = 0; i < ITEMS; i++) ids[i] = codes[i] = i;
    for (int round = 0; round < work->rounds; round++) {
        WORKS(hashdb_upsert(work->store, ids, codes, ITEMS, &error));
        WORKS(hashdb_delete(work->store, ids, ITEMS, NULL, &error));
    }
    atomic_store(work->stop, 1);
    return NULL;
}

/* A commit between the beginnings of a call's threads makes it begin again: what came of the first commit, be it more than of the second, is
 * not among the answers, nor behind them in memory. */
static void test_commits_between(void) {
    uint64_t queries[QUERIES] = {0};
    atomic_int stop = 0;
    hashdb_store *store = new_store(new_path(), 64);
    work writer = {store, queries, NULL, NULL, &stop, 100};
    pthread_t writing;
    pthread_create(&writing, NULL, fill_and_empty, &writer);
    while (!atomic_load(&stop)) {
        hashdb_matches matches;
        size_t ascending = 0;
        WORKS(hashdb_within(store, queries, QUERIES, 64, 8, &matches, &error));
        size_t total = matches.offsets[QUERIES], each = matches.offsets[1];
        CHECK(total == 0 || total == (size_t)QUERIES * ITEMS);
        for (size_t i = 1; i < each; i++) ascending += matches.distances[i] >= matches.distances[i - 1];
        CHECK(each == 0 || ascending == each - 1);
        hashdb_free_matches(&matches);
    }
    pthread_join(writing, NULL);
    WORKS(hashdb_close(store, &error));
}

static void *ask_until_closed(void *argument) {
    work *work = argument;
    uint64_t ids[QUERIES * K];
    int32_t distances[QUERIES * K];
    int status = HASHDB_OK;
    while (status == HASHDB_OK)
        status = hashdb_nearest(work->store, work->queries, QUERIES, K, 2, ids, distances, NULL, NULL);
    CHECK(status == HASHDB_CLOSED);
    return NULL;
}

void test_snapshots(void) {
    test_commits_between();
    uint64_t codes[ITEMS], queries[QUERIES], ids[QUERIES * K], later[QUERIES * K];
    int32_t distances[QUERIES * K], later_distances[QUERIES * K];
    atomic_int stop = 0;
    fill_random(codes, sizeof codes);
    fill_random(queries, sizeof queries);
    hashdb_store *store = new_store(new_path(), 64), *snapshot, *nested;
    WORKS(hashdb_append(store, codes, ITEMS, NULL, &error));
    WORKS(hashdb_snapshot(store, 2, &snapshot, &error));
    WORKS(hashdb_nearest(snapshot, queries, QUERIES, K, 0, ids, distances, NULL, &error));
    GIVES(HASHDB_READ_ONLY, hashdb_append(snapshot, codes, 1, NULL, &error));
    GIVES(HASHDB_READ_ONLY, hashdb_load(snapshot, NULL, codes, 1, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_snapshot(snapshot, 1, &nested, &error));

    work writer = {store, queries, ids, distances, &stop, 0}, watcher = writer;
    work asker = {snapshot, queries, ids, distances, &stop, 300};
    pthread_t writing, watching, asking[4];
    pthread_create(&writing, NULL, write_all_the_time, &writer);
    pthread_create(&watching, NULL, ask_what_changes, &watcher);
    for (int i = 0; i < 4; i++) pthread_create(&asking[i], NULL, ask_all_the_time, &asker);
    for (int i = 0; i < 4; i++) pthread_join(asking[i], NULL);
    atomic_store(&stop, 1);
    pthread_join(writing, NULL);
    pthread_join(watching, NULL);
    CHECK(writer.rounds > 0);

    uint64_t before, after;
    size_t count;
    WORKS(hashdb_commit_number(snapshot, &before, &error));
    WORKS(hashdb_commit_number(store, &after, &error));
    CHECK(after > before);
    WORKS(hashdb_count(snapshot, &count, &error));
    CHECK(count == ITEMS);
    WORKS(hashdb_fold(store, &error));
    WORKS(hashdb_nearest(snapshot, queries, QUERIES, K, 2, later, later_distances, NULL, &error));
    CHECK(memcmp(ids, later, sizeof ids) == 0 && memcmp(distances, later_distances, sizeof distances) == 0);

    for (int i = 0; i < 2; i++) pthread_create(&asking[i], NULL, ask_until_closed, &asker);
    for (int i = 2; i < 4; i++) pthread_create(&asking[i], NULL, ask_until_closed, &writer);
    WORKS(hashdb_close(store, &error));
    WORKS(hashdb_close(snapshot, &error));
    for (int i = 0; i < 4; i++) pthread_join(asking[i], NULL);
}
