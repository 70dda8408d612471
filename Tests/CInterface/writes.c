/* A write is all of it or nothing, and stays when the store is opened again. */
#include "support.h"

static size_t count_of(hashdb_store *store) {
    size_t count = 12345;
    WORKS(hashdb_count(store, &count, &error));
    return count;
}

static uint64_t commit_of(hashdb_store *store) {
    uint64_t number = 12345;
    WORKS(hashdb_commit_number(store, &number, &error));
    return number;
}

static uint64_t code_of(hashdb_store *store, uint64_t id) {
    uint64_t code = 0;
    WORKS(hashdb_codes(store, &id, 1, &code, NULL, &error));
    return code;
}

static void transactions(void) {
    char path[4096];
    strcpy(path, new_path());
    hashdb_store *store = new_store(path, 64);
    uint64_t ids[] = {5, 3, UINT64_MAX - 5}, codes[] = {1, 2, 3}, others[] = {7, 8, 9}, first = 0;
    size_t deleted = 9;
    WORKS(hashdb_insert(store, ids, codes, 3, &error));
    uint64_t before = commit_of(store);
    CHECK(count_of(store) == 3 && code_of(store, 3) == 2);

    uint64_t twice[] = {10, 11, 10}, known[] = {20, 3, 21};
    GIVES(HASHDB_DUPLICATE_ID, hashdb_insert(store, twice, codes, 3, &error));
    GIVES(HASHDB_DUPLICATE_ID, hashdb_insert(store, known, codes, 3, &error));
    CHECK(count_of(store) == 3 && commit_of(store) == before);

    WORKS(hashdb_upsert(store, ids, others, 2, &error));
    CHECK(count_of(store) == 3 && code_of(store, 5) == 7 && code_of(store, 3) == 8 && code_of(store, UINT64_MAX - 5) == 3);
    CHECK(commit_of(store) == before + 1);

    WORKS(hashdb_append(store, others, 2, &first, &error));
    CHECK(first == UINT64_MAX - 4 && code_of(store, UINT64_MAX - 3) == 8);
    WORKS(hashdb_append(store, others, 0, &first, &error));
    uint64_t too_many[4] = {0};
    GIVES(HASHDB_IDS_EXHAUSTED, hashdb_append(store, too_many, 4, &first, &error));
    CHECK(count_of(store) == 5);
    WORKS(hashdb_append(store, too_many, 3, &first, &error));
    CHECK(first == UINT64_MAX - 2);
    GIVES(HASHDB_IDS_EXHAUSTED, hashdb_append(store, too_many, 1, &first, &error));
    GIVES(HASHDB_IDS_EXHAUSTED, hashdb_load(store, NULL, too_many, 1, &first, &error));

    /* Several kinds of change in one commit; the last of them fails, and nothing has happened. */
    uint64_t commit = commit_of(store);
    size_t count = count_of(store);
    hashdb_change changes[] = {
        {HASHDB_DELETE, 2, ids, NULL}, {HASHDB_INSERT, 2, ids, codes}, {HASHDB_UPSERT, 1, twice, codes}, {HASHDB_INSERT, 1, twice, codes}};
    GIVES(HASHDB_DUPLICATE_ID, hashdb_apply(store, changes, 4, &deleted, &error));
    CHECK(commit_of(store) == commit && count_of(store) == count && code_of(store, 5) == 7);
    WORKS(hashdb_apply(store, changes, 3, &deleted, &error));
    CHECK(commit_of(store) == commit + 1 && count_of(store) == count + 1 && code_of(store, 5) == 1 && deleted == 2);
    WORKS(hashdb_apply(store, changes, 0, &deleted, &error));
    WORKS(hashdb_delete(store, twice, 3, NULL, &error));
    WORKS(hashdb_delete(store, twice, 3, &deleted, &error));
    CHECK(deleted == 0 && count_of(store) == count);

    WORKS(hashdb_close(store, &error));
    hashdb_options options = HASHDB_OPTIONS_INIT;
    options.read_only = 1;
    WORKS(hashdb_open(path, &options, &store, &error));
    CHECK(count_of(store) == count && code_of(store, 3) == 2);
    GIVES(HASHDB_READ_ONLY, hashdb_insert(store, twice, codes, 1, &error));
    GIVES(HASHDB_READ_ONLY, hashdb_fold(store, &error));
    WORKS(hashdb_close(store, &error));
}

/* More than is folded at once, in one transaction and loaded, with ids that the store gives. */
static void many(void) {
    size_t count = 30000;
    uint64_t *codes = malloc(count * sizeof *codes), first = 5;
    fill_random(codes, count * sizeof *codes);
    hashdb_store *store = new_store(new_path(), 64);
    WORKS(hashdb_append(store, codes, count, &first, &error));
    CHECK(first == 0 && code_of(store, 29999) == codes[29999]);
    WORKS(hashdb_load(store, NULL, codes, count, &first, &error));
    CHECK(first == count && count_of(store) == 2 * count && code_of(store, count + 17) == codes[17]);
    WORKS(hashdb_load(store, NULL, NULL, 0, &first, &error));
    CHECK(count_of(store) == 2 * count);
    WORKS(hashdb_close(store, &error));
    free(codes);
}

static void collections_and_models(void) {
    char path[4096], name[HASHDB_MODEL_BYTES], fingerprint[HASHDB_MODEL_BYTES];
    strcpy(path, new_path());
    hashdb_store *first = new_store(path, 64), *second, *again;
    hashdb_options options = HASHDB_OPTIONS_INIT;
    options.collection = "pdq";
    options.model_name = "PDQ";
    options.model_fingerprint = "abc";
    WORKS(hashdb_create(path, &options, 256, &second, &error));
    GIVES(HASHDB_EXISTS, hashdb_create(path, &options, 256, &again, &error));
    CHECK(again == NULL);
    WORKS(hashdb_model(second, name, fingerprint, &error));
    CHECK(strcmp(name, "PDQ") == 0 && strcmp(fingerprint, "abc") == 0);
    WORKS(hashdb_model(first, name, fingerprint, &error));
    CHECK(name[0] == 0 && fingerprint[0] == 0);
    WORKS(hashdb_open(path, &options, &again, &error));
    WORKS(hashdb_close(again, &error));
    options.model_fingerprint = "abd";
    GIVES(HASHDB_MODEL_MISMATCH, hashdb_open(path, &options, &again, &error));
    options.model_fingerprint = NULL;
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_open(path, &options, &again, &error));
    options.model_name = NULL;
    options.collection = "learned";
    GIVES(HASHDB_NOT_FOUND, hashdb_open(path, &options, &again, &error));
    options.collection = "no such name!";
    GIVES(HASHDB_INVALID_ARGUMENT, hashdb_open(path, &options, &again, &error));
    CHECK(count_of(first) == 0 && count_of(second) == 0);
    WORKS(hashdb_close(first, &error));
    WORKS(hashdb_close(second, &error));
}

void test_writes(void) {
    transactions();
    many();
    collections_and_models();
}
