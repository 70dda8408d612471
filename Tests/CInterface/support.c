#include "support.h"

static uint64_t state;

void seed(uint64_t number) { state = number; }

uint64_t next_random(void) {
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

size_t random_below(size_t bound) { return next_random() % bound; }

void fill_random(void *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) ((uint8_t *)bytes)[i] = (uint8_t)next_random();
}

const char *new_path(void) {
    static char path[4096];
    static int number;
    snprintf(path, sizeof path, "%s/%d.hashdb", folder, number++);
    return path;
}

hashdb_store *new_store(const char *path, int bits) {
    hashdb_options options = HASHDB_OPTIONS_INIT;
    hashdb_store *store = NULL;
    options.asynchronous = 1;
    WORKS(hashdb_create(path, &options, bits, &store, &error));
    return store;
}

model new_model(int bits) {
    model items = {bits / 8, 0, NULL, NULL};
    return items;
}

void free_model(model *items) {
    free(items->ids);
    free(items->codes);
    memset(items, 0, sizeof *items);
}

static size_t place(const model *items, uint64_t id) {
    size_t i = 0;
    while (i < items->count && items->ids[i] != id) i++;
    return i;
}

void model_put(model *items, uint64_t id, const uint8_t *code) {
    size_t i = place(items, id);
    if (i == items->count) {
        items->count++;
        items->ids = realloc(items->ids, items->count * sizeof *items->ids);
        items->codes = realloc(items->codes, items->count * (size_t)items->bytes);
    }
    items->ids[i] = id;
    memcpy(items->codes + i * (size_t)items->bytes, code, (size_t)items->bytes);
}

int model_remove(model *items, uint64_t id) {
    size_t i = place(items, id), last = items->count - 1;
    if (i == items->count) return 0;
    items->ids[i] = items->ids[last];
    memmove(items->codes + i * (size_t)items->bytes, items->codes + last * (size_t)items->bytes, (size_t)items->bytes);
    items->count--;
    return 1;
}

static int by_distance(const void *a, const void *b) {
    const found *x = a, *y = b;
    if (x->distance != y->distance) return x->distance < y->distance ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

found *ranking(const model *items, const uint8_t *query) {
    found *all = malloc((items->count + 1) * sizeof *all);
    for (size_t i = 0; i < items->count; i++) {
        all[i].id = items->ids[i];
        all[i].distance = 0;
        for (int b = 0; b < items->bytes; b++)
            for (int bits = items->codes[i * (size_t)items->bytes + (size_t)b] ^ query[b]; bits; bits &= bits - 1) all[i].distance++;
    }
    qsort(all, items->count, sizeof *all, by_distance);
    return all;
}
