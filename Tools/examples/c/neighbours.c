/* Makes a store of four codes and prints the two nearest to another: neighbours FILE */
#include <hashdb.h>
#include <stdio.h>

int main(int count, char **arguments) {
    if (count != 2) return 64;
    hashdb_error error;
    hashdb_store *store;
    if (hashdb_create(arguments[1], NULL, 64, &store, &error)) {
        fprintf(stderr, "neighbours: %s\n", error.message);
        return 1;
    }

    /* One transaction: all of it or nothing. */
    uint64_t ids[] = {1, 2, 3, 4}, codes[] = {0x00, 0x07, 0xff, 0xffff};
    int status = hashdb_insert(store, ids, codes, 4, &error);

    uint64_t query = 0x03, found[2];
    int32_t distances[2];
    if (!status) status = hashdb_nearest(store, &query, 1, 2, 1, found, distances, NULL, &error);
    if (status) fprintf(stderr, "neighbours: %s\n", error.message);
    else
        for (int i = 0; i < 2; i++) printf("id %llu at distance %d\n", (unsigned long long)found[i], distances[i]);

    if (hashdb_insert(store, ids, codes, 1, &error)) printf("refused: %s\n", error.message);
    hashdb_close(store, NULL);
    return status != 0;
}
