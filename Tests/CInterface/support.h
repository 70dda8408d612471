/* What the tests of the C interface share: checks that count, a generator with a seed, and the plain loop that answers are compared with. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include <hashdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern int failures;
extern const char *folder; /* where tests make their files */

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            failures++; \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
        } \
    } while (0)

/* Checks that a call gives that status, and that what it says of it fits. */
#define GIVES(expected, call) \
    do { \
        hashdb_error error = {-1, -1, "unchanged"}; \
        int status = (call); \
        if (status != (expected) || error.status != status || (status == 0) != (error.message[0] == 0) || \
            (status == HASHDB_SYSTEM) != (error.system_code != 0)) { \
            failures++; \
            fprintf(stderr, "%s:%d: %s instead of %s (%s): %s\n", __FILE__, __LINE__, hashdb_status_name(status), \
                    hashdb_status_name(expected), error.message, #call); \
        } \
    } while (0)
#define WORKS(call) GIVES(HASHDB_OK, call)

void seed(uint64_t number);
uint64_t next_random(void);
size_t random_below(size_t bound);
void fill_random(void *bytes, size_t count);

/* A name for a new file in the folder; to be used before the next call. */
const char *new_path(void);
hashdb_store *new_store(const char *path, int bits);

/* A list of items: what a store should hold. */
typedef struct {
    int bytes;
    size_t count;
    uint64_t *ids;
    uint8_t *codes;
} model;

typedef struct {
    int32_t distance;
    uint64_t id;
} found;

model new_model(int bits);
void free_model(model *items);
void model_put(model *items, uint64_t id, const uint8_t *code);
int model_remove(model *items, uint64_t id);

/* All items by distance from a code, then by id. The caller frees it. */
found *ranking(const model *items, const uint8_t *query);

void test_answers(void);
void test_writes(void);
void test_errors(void);
void test_snapshots(void);
void test_processes(void);

#endif
