/* Whatever can be told to be wrong is an error with a message, and harms nothing. */
#include "support.h"

static void handles(hashdb_store *store) {
    size_t count;
    hashdb_store *closed, *strange[] = {NULL, (hashdb_store *)(uintptr_t)-1, (hashdb_store *)&count};
    hashdb_matches matches;
    uint64_t id = 1, code = 1;
    int32_t distance;
    WORKS(hashdb_snapshot(store, 1, &closed, &error));
    WORKS(hashdb_close(closed, &error));
    GIVES(HASHDB_CLOSED, hashdb_close(closed, &error));
    for (int i = -1; i < 3; i++) {
        hashdb_store *none = i < 0 ? closed : strange[i];
        GIVES(HASHDB_CLOSED, hashdb_close(none, &error));
        GIVES(HASHDB_CLOSED, hashdb_count(none, &count, &error));
        GIVES(HASHDB_CLOSED, hashdb_nearest(none, &code, 1, 1, 1, &id, &distance, NULL, &error));
        GIVES(HASHDB_CLOSED, hashdb_within(none, &code, 1, 1, 1, &matches, &error));
        CHECK(matches.offsets == NULL && matches.query_count == 0);
        hashdb_free_matches(&matches);
        GIVES(HASHDB_CLOSED, hashdb_insert(none, &id, &code, 1, &error));
        GIVES(HASHDB_CLOSED, hashdb_load(none, &id, &code, 1, NULL, &error));
        GIVES(HASHDB_CLOSED, hashdb_codes(none, &id, 1, &code, NULL, &error));
        GIVES(HASHDB_CLOSED, hashdb_items(none, 0, 1, &id, &code, &count, &error));
        GIVES(HASHDB_CLOSED, hashdb_fold(none, &error));
        GIVES(HASHDB_CLOSED, hashdb_snapshot(none, 1, &closed, &error));
        CHECK(closed == NULL);
    }
    CHECK(hashdb_close(NULL, NULL) == HASHDB_CLOSED);
    hashdb_free_matches(NULL);
}

static void arguments(hashdb_store *store) {
    uint64_t id = 1, code = 1;
    int32_t distance;
    size_t count, huge[] = {(size_t)-1, SIZE_MAX / 2, SIZE_MAX / 8 + 1};
    hashdb_matches matches;
    hashdb_store *other;
    hashdb_change change = {HASHDB_INSERT, 1, NULL, &code}, unknown = {4, 1, &id, &code}, none = {HASHDB_DELETE, 1, NULL, NULL};
    for (int i = 0; i < 3; i++) {
        GIVES(HASHDB_INVALID_ARGUMENT, hashdb_insert(store, &id, &code, huge[i], &error));
        GIVES(HASHDB_INVALID_ARGUMENT, hashdb_append(store, &code, huge[i], NULL, &error));
        GIVES(HASHDB_INVALID_ARGUMENT, hashdb_load(store, NULL, &code, huge[i], NULL, &error));
        GIVES(HASHDB_INVALID_ARGUMENT, hashdb_delete(store, &id, huge[i], NULL, &error));
        GIVES(HASHDB_INVALID_ARGUMENT, hashdb_apply(store, &change, huge[i], NULL, &error));
        GIVES(HASHDB_INVALID_ARGUMENT, hashdb_codes(store, &id, huge[i], &code, NULL, &error));
        GIVES(HASHDB_INVALID_ARGUMENT, hashdb_items(store, 0, huge[i], &id, &code, &count, &error));
        GIVES(HASHDB_INVALID_ARGUMENT, hashdb_nearest(store, &code, huge[i], 1, 1, &id, &distance, NULL, &error));
        GIVES(HASHDB_INVALID_ARGUMENT, hashdb_nearest(store, &code, 1, huge[i], 1, &id, &distance, NULL, &error));
        GIVES(HASHDB_INVALID_ARGUMENT, hashdb_within(store, &code, huge[i], 1, 1, &matches, &error));
    }
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_insert(store, NULL, &code, 1, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_insert(store, &id, NULL, 1, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_upsert(store, NULL, &code, 1, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_append(store, NULL, 1, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_delete(store, NULL, 1, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_apply(store, NULL, 1, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_apply(store, &unknown, 1, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_apply(store, &none, 1, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_load(store, NULL, NULL, 1, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_codes(store, NULL, 1, &code, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_codes(store, &id, 1, NULL, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_items(store, 0, 1, NULL, NULL, &count, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_items(store, 0, 1, &id, NULL, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_nearest(store, NULL, 1, 1, 1, &id, &distance, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_nearest(store, &code, 1, 1, 1, NULL, &distance, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_nearest(store, &code, 1, 1, 1, &id, NULL, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_nearest(store, &code, 1, 0, 1, &id, &distance, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_nearest(store, &code, 1, 1, -1, &id, &distance, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_within(store, NULL, 1, 1, 1, &matches, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_within(store, &code, 1, -1, 1, &matches, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_within(store, &code, 1, 1, 1, NULL, &error));
    hashdb_filter filter = {HASHDB_ONLY, 1, NULL};
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_nearest_among(store, &filter, &code, 1, 1, 1, &id, &distance, NULL, &error));
    filter.count = SIZE_MAX;
    filter.ids = &id;
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_within_among(store, &filter, &code, 1, 1, 1, &matches, &error));
    filter.count = 1;
    for (filter.kind = -1; filter.kind < 4; filter.kind++)
        if (filter.kind != HASHDB_ONLY && filter.kind != HASHDB_EXCLUDING)
            GIVES(HASHDB_INVALID_ARGUMENT, hashdb_within_among(store, &filter, &code, 1, 1, 1, &matches, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_count(store, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_bits(store, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_commit_number(store, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_model(store, NULL, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_snapshot(store, -1, &other, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_snapshot(store, 257, &other, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_snapshot(store, 1, NULL, &error));

    /* For nothing, no address is needed. */
    WORKS(hashdb_insert(store, NULL, NULL, 0, &error));
    WORKS(hashdb_delete(store, NULL, 0, NULL, &error));
    WORKS(hashdb_apply(store, NULL, 0, NULL, &error));
    WORKS(hashdb_codes(store, NULL, 0, NULL, NULL, &error));
    WORKS(hashdb_items(store, 0, 0, NULL, NULL, &count, &error));
    WORKS(hashdb_nearest(store, NULL, 0, 3, 0, NULL, NULL, NULL, &error));
    WORKS(hashdb_within(store, NULL, 0, 3, 0, &matches, &error));
    CHECK(matches.query_count == 0 && matches.offsets[0] == 0);
    hashdb_free_matches(&matches);
    WORKS(hashdb_count(store, &count, &error));
    CHECK(count == 0);
}

static void opening(void) {
    char path[4096], name[1100], long_path[3000], note[4096];
    hashdb_store *store;
    hashdb_options options = HASHDB_OPTIONS_INIT;
    strcpy(path, new_path());
    GIVES(HASHDB_NOT_FOUND, hashdb_open(path, NULL, &store, &error));
    CHECK(store == NULL);
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_open(NULL, NULL, &store, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_open("\xff\xfe", NULL, &store, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_open(path, NULL, NULL, &error));
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_create(path, NULL, 64, NULL, &error));
    static const int widths[] = {0, -8, 7, 65, 1032, INT32_MIN, INT32_MAX};
    for (int i = 0; i < 7; i++) GIVES(HASHDB_INVALID_ARGUMENT, hashdb_create(path, NULL, widths[i], &store, &error));
    options.size = 3;
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_create(path, &options, 64, &store, &error));
    options.size = sizeof options;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    options.model_name = options.model_fingerprint = name;
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_create(path, &options, 64, &store, &error));
    GIVES(HASHDB_NOT_FOUND, hashdb_open(path, NULL, &store, &error));

    snprintf(note, sizeof note, "%s/note.txt", folder);
    FILE *file = fopen(note, "w");
    for (int i = 0; i < 1000; i++) fputs("this is no store, and must not become one\n", file);
    fclose(file);
    GIVES(HASHDB_NOT_A_STORE, hashdb_open(note, NULL, &store, &error));
    GIVES(HASHDB_EXISTS, hashdb_create(note, NULL, 64, &store, &error));
    GIVES(HASHDB_SYSTEM, hashdb_create("/proc/no/such/folder", NULL, 64, &store, &error));

    /* A message is cut between two characters, and has its zero. */
    for (size_t shift = 0; shift < 3; shift++) {
        hashdb_error error;
        size_t at = shift;
        memset(long_path, 'x', shift);
        while (at + 3 < sizeof long_path) {
            memcpy(long_path + at, "\xe2\x82\xac", 3);
            at += 3;
        }
        long_path[at] = 0;
        CHECK(hashdb_open(long_path, NULL, &store, &error) != HASHDB_OK);
        size_t length = strlen(error.message);
        CHECK(length > 1012 && length < sizeof error.message && (length - shift) % 3 == 0);
        CHECK(strncmp(error.message, long_path, length) == 0);
    }
    CHECK(hashdb_open(path, NULL, &store, NULL) == HASHDB_NOT_FOUND);
}

void test_errors(void) {
    hashdb_store *store = new_store(new_path(), 64);
    handles(store);
    arguments(store);
    WORKS(hashdb_close(store, &error));
    opening();
}
