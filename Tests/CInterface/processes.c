/* A forked child is refused its parent's handles, opens its own, and its end does not disturb the parent's snapshot. */
#include "support.h"

#include <sys/wait.h>
#include <unistd.h>

static int child(const char *path, hashdb_store *store, hashdb_store *snapshot) {
    int before = failures;
    size_t count;
    uint64_t codes[20] = {0}, ids[40];
    int32_t distances[40];
    GIVES(HASHDB_SYSTEM, hashdb_count(store, &count, &error));
    GIVES(HASHDB_SYSTEM, hashdb_nearest(store, codes, 20, 2, 2, ids, distances, NULL, &error));
    GIVES(HASHDB_SYSTEM, hashdb_append(store, codes, 1, NULL, &error));
    GIVES(HASHDB_SYSTEM, hashdb_count(snapshot, &count, &error));
    GIVES(HASHDB_SYSTEM, hashdb_nearest(snapshot, codes, 20, 2, 2, ids, distances, NULL, &error));
    WORKS(hashdb_close(snapshot, &error));
    WORKS(hashdb_close(store, &error));
    WORKS(hashdb_open(path, NULL, &store, &error));
    WORKS(hashdb_nearest(store, codes, 20, 2, 2, ids, distances, NULL, &error));
    WORKS(hashdb_append(store, codes, 20, NULL, &error));
    WORKS(hashdb_close(store, &error));
    return failures != before;
}

void test_processes(void) {
    char path[4096];
    strcpy(path, new_path());
    hashdb_store *store = new_store(path, 64), *snapshot;
    uint64_t codes[500], seen[500], ids[500];
    fill_random(codes, sizeof codes);
    WORKS(hashdb_append(store, codes, 500, NULL, &error));
    for (uint64_t i = 0; i < 500; i++) ids[i] = i;
    WORKS(hashdb_snapshot(store, 1, &snapshot, &error));
    fflush(NULL);
    pid_t process = fork();
    if (process == 0) _exit(child(path, store, snapshot));
    int status = -1;
    CHECK(process > 0 && waitpid(process, &status, 0) == process && status == 0);

    /* If the child had given up the snapshot, its pages would be written over now. */
    for (uint64_t round = 0; round < 60; round++) {
        for (size_t i = 0; i < 500; i++) seen[i] = round * 1000 + i;
        WORKS(hashdb_upsert(store, ids, seen, 500, &error));
    }
    WORKS(hashdb_codes(snapshot, ids, 500, seen, NULL, &error));
    CHECK(memcmp(seen, codes, sizeof codes) == 0);
    size_t count;
    WORKS(hashdb_count(store, &count, &error));
    CHECK(count == 520);
    WORKS(hashdb_close(snapshot, &error));
    WORKS(hashdb_close(store, &error));
}
