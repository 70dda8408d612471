/* hashdb: an embedded, on-disk database for binary codes, with exact nearest neighbours in Hamming space.
 *
 *     hashdb_store *store;
 *     hashdb_error error;
 *     if (hashdb_create("codes.hashdb", NULL, 64, &store, &error)) { puts(error.message); return 1; }
 *     hashdb_insert(store, ids, codes, count, &error);
 *     hashdb_nearest(store, queries, query_count, 10, 0, found_ids, found_distances, NULL, &error);
 *     hashdb_close(store, &error);
 *
 * Codes. A code of `bits` bits (a multiple of 8 from 8 to 1024) is bits / 8 bytes. Many codes lie one after the other without gaps, at any
 * address. Which bit of a byte is the first does not matter to distances.
 *
 * Results. Every function that can fail returns an enum hashdb_status: 0 (HASHDB_OK), or why it did nothing. The last argument may be
 * NULL, or a hashdb_error of the caller's that is filled in. What a failed call was to fill in is zero or as it was, but
 * arrays may be filled in part; nothing needs to be freed.
 *
 * Threads. All functions may be called from any threads at once, with the same handles too; a handle may be closed meanwhile, and calls that are
 * under way finish. Nothing is called back. Threads that a call starts have ended when it returns, and take no signals.
 *
 * Processes. Any number of processes may have a file open; one writes at a time. After fork, the child has to open its own
 * handles; the parent's give HASHDB_SYSTEM there.
 *
 * What is checked: handles (one that is closed, or never was one, is HASHDB_CLOSED), NULL pointers, sizes, widths, counts, texts. What is the
 * caller's duty: that buffers have the sizes that are stated here, and are not written to by others during the call. A pointer for no
 * elements may be NULL.
 *
 * Signals. A store is mapped into memory. Who cuts its file short from outside makes reads end in SIGBUS, as with every mapped file.
 */
#ifndef HASHDB_H
#define HASHDB_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Semantic version of this interface and of the library: what is compiled with this header runs with a library of the same major version (while
 * that is 0: the same minor one too) that is not older. */
#define HASHDB_VERSION_MAJOR 0
#define HASHDB_VERSION_MINOR 1
#define HASHDB_VERSION_PATCH 0
#define HASHDB_VERSION "0.1.0"

/* The version of the library that is running, such as "0.1.0". */
const char *hashdb_version(void);

/* What became of a call. Values stay what they are; later versions may add some. */
typedef enum hashdb_status {
    HASHDB_OK = 0,
    HASHDB_INVALID_ARGUMENT = 1,    /* NULL where that is not allowed, or a size, width, count, radius or name that cannot be */
    HASHDB_CLOSED = 2,              /* the handle is closed, or never was one */
    HASHDB_NOT_FOUND = 3,           /* no file at the path, or no collection of the name in it */
    HASHDB_EXISTS = 4,              /* a store or collection was to be made where there is one, or a file */
    HASHDB_NOT_A_STORE = 5,         /* the file is something else */
    HASHDB_UNSUPPORTED_VERSION = 6, /* the file is of another version of the format */
    HASHDB_DAMAGED = 7,             /* a part of the file is not what was written */
    HASHDB_BUSY = 8,                /* other writers did not give way in time */
    HASHDB_READ_ONLY = 9,           /* a write to what can, or may, only be read */
    HASHDB_DISK_FULL = 10,          /* the device or a quota is full; the store is as of its last commit */
    HASHDB_SYSTEM = 11,             /* the system refused something; system_code is its errno */
    HASHDB_DUPLICATE_ID = 12,       /* an item of that id is there already */
    HASHDB_UNKNOWN_ID = 13,         /* no item of that id is there */
    HASHDB_IDS_EXHAUSTED = 14,      /* the largest possible id is taken, so that there is no next one */
    HASHDB_MODEL_MISMATCH = 15,     /* the store's codes were made by another model */
    HASHDB_REMOVED = 16,            /* the collection was removed, or made anew, since it was opened */
    HASHDB_TOO_MANY = 17,           /* the file has as many collections as it can have */
    HASHDB_OUT_OF_MEMORY = 18,      /* no memory for the answer */
    HASHDB_UNEXPECTED = 99          /* something else; the message says what */
} hashdb_status;

/* The name of a status without "HASHDB_", such as "NOT_FOUND"; "UNKNOWN_STATUS" for other numbers. */
const char *hashdb_status_name(int status);

/* Why a call failed. Filled in by every call that it is given to, also by one that succeeds. */
typedef struct hashdb_error {
    int32_t status;      /* an enum hashdb_status */
    int32_t system_code; /* the errno, with HASHDB_SYSTEM; else 0 */
    char message[1016];  /* one line of UTF-8 that names the thing and says what to do; "" after success; cut if need be */
} hashdb_error;

/* A store that is open, or a snapshot of one. The value is a handle's number and no address; numbers are not used again. */
typedef struct hashdb_store hashdb_store;

/* ---- Opening and closing ---- */

/* How a store is opened. Start from HASHDB_OPTIONS_INIT; zero is the usual in all fields but the first. NULL for the whole means the same. */
typedef struct hashdb_options {
    size_t size;                   /* sizeof(hashdb_options) */
    const char *collection;        /* which collection of the file; NULL: "default" */
    const char *model_name;        /* which model makes the codes, and a digest of all that they depend on; both or none. A new store */
    const char *model_fingerprint; /*     keeps them; for one that exists they must be what it has. At most 1,024 bytes each */
    int64_t busy_timeout_ms;       /* how long a write waits for other writers; 0: 10 s; negative: not at all */
    int32_t read_only;             /* hashdb_open: not 0 for queries only */
    int32_t asynchronous;          /* not 0: commits do not wait for the device, so that a loss of power can damage the store. The first to
                                    * open a file in a process decides */
} hashdb_options;
#define HASHDB_OPTIONS_INIT { sizeof(hashdb_options), NULL, NULL, NULL, 0, 0, 0 }

/* Makes an empty store for codes of `bits` bits: a file at `path` (UTF-8), or a further collection in the file there. Opens it. */
int hashdb_create(const char *path, const hashdb_options *options, int32_t bits, hashdb_store **store, hashdb_error *error);

/* Opens a store. A file that is open in the process already is shared. */
int hashdb_open(const char *path, const hashdb_options *options, hashdb_store **store, hashdb_error *error);

/* A snapshot: a handle on the store as of its last commit, in which later commits do not show. All functions that read take it; those that
 * write give HASHDB_READ_ONLY. Close it with hashdb_close; it may outlive the handle it was made of.
 *
 * `threads` (0: one for each core; at most 256) is how many threads can search it at once, be it those of one call or of many; others wait for
 * one another. Keep it short: the space of what is deleted or replaced meanwhile is used again only when it is closed. While any snapshot is
 * open in the process, its file is not exchanged for another that has taken its name, and a write for which that would have to be, or for
 * which the reserved address space (1 TiB on Linux) would have to grow, gives HASHDB_SYSTEM. */
int hashdb_snapshot(hashdb_store *store, int threads, hashdb_store **snapshot, hashdb_error *error);

/* Closes a store or a snapshot. Calls on other threads that use it finish. */
int hashdb_close(hashdb_store *store, hashdb_error *error);

/* ---- What a store is ---- */

/* The number of bits of a code. */
int hashdb_bits(hashdb_store *store, int32_t *bits, hashdb_error *error);

/* The number of items. */
int hashdb_count(hashdb_store *store, size_t *count, hashdb_error *error);

/* How many commits so far have changed something. Equal numbers mean equal contents, unless everything was replaced between: by hashdb receive
 * --replace, which takes over the number of the other store, or by another file under the name. */
int hashdb_commit_number(hashdb_store *store, uint64_t *number, hashdb_error *error);

/* A model's name or fingerprint with its closing zero takes so many bytes at most. */
#define HASHDB_MODEL_BYTES 1025

/* Which model made the codes, as two texts with closing zeros, both "" where the store was told none. */
int hashdb_model(hashdb_store *store, char name[HASHDB_MODEL_BYTES], char fingerprint[HASHDB_MODEL_BYTES], hashdb_error *error);

/* ---- Writing: each call is one transaction, all of it or nothing ---- */

/* Adds `count` items. HASHDB_DUPLICATE_ID if one of the ids is there, or twice in `ids`. */
int hashdb_insert(hashdb_store *store, const uint64_t *ids, const void *codes, size_t count, hashdb_error *error);

/* Adds `count` items under the ids that follow the largest ever used, in order. `first_id` (may be NULL) gets the first of them. */
int hashdb_append(hashdb_store *store, const void *codes, size_t count, uint64_t *first_id, hashdb_error *error);

/* Adds `count` items, or replaces those of the same ids; a replaced item loses its payload. */
int hashdb_upsert(hashdb_store *store, const uint64_t *ids, const void *codes, size_t count, hashdb_error *error);

/* Removes the items of these ids. Ids that are not there are no error; `deleted` (may be NULL) gets the number of those that were. */
int hashdb_delete(hashdb_store *store, const uint64_t *ids, size_t count, size_t *deleted, hashdb_error *error);

/* What hashdb_apply is to do. */
typedef enum hashdb_change_kind { HASHDB_INSERT = 1, HASHDB_UPSERT = 2, HASHDB_DELETE = 3 } hashdb_change_kind;
typedef struct hashdb_change {
    int32_t kind;        /* an enum hashdb_change_kind */
    size_t count;        /* how many ids, and codes */
    const uint64_t *ids; /* for HASHDB_INSERT NULL means: those that follow the largest */
    const void *codes;   /* not looked at for HASHDB_DELETE */
} hashdb_change;

/* Carries out several changes, one after the other, in one transaction. `deleted` (may be NULL) gets the number of items removed. */
int hashdb_apply(hashdb_store *store, const hashdb_change *changes, size_t count, size_t *deleted, hashdb_error *error);

/* Takes in many codes at once, in one commit, straight into the index and in memory that does not grow with their number; the others keep what
 * they are given in memory. An id that is there already, or comes twice, is replaced, and loses its payload. Without ids (NULL) those that
 * follow the largest are taken, and `first_id` (may be NULL) gets the first; with ids it gets 0. Best from some ten thousand codes on. */
int hashdb_load(
    hashdb_store *store, const uint64_t *ids, const void *codes, size_t count, uint64_t *first_id, hashdb_error *error);

/* Merges everything into one segment and leaves out what is deleted, which makes queries as fast as can be. It happens by itself, little by
 * little, as a store grows. */
int hashdb_fold(hashdb_store *store, hashdb_error *error);

/* ---- Reading: each call sees one commit ---- */

/* The codes of `count` ids, into `codes` (count * bits / 8 bytes). `found` gets 1 for each id that is there, and 0 for each that is not,
 * whose code is then zeros; with NULL for it, a missing id is HASHDB_UNKNOWN_ID. */
int hashdb_codes(
    hashdb_store *store, const uint64_t *ids, size_t count, void *codes, uint8_t *found, hashdb_error *error);

/* The items in the order of ids, from the id `first` on, `capacity` of them at most. `codes` may be NULL. `count` gets how many there were;
 * fewer than `capacity` means that there are no more. Several calls see one commit if they are made on a snapshot. */
int hashdb_items(
    hashdb_store *store, uint64_t first, size_t capacity, uint64_t *ids, void *codes, size_t *count, hashdb_error *error);

/* For each of `query_count` codes the `k` (at least 1) items nearest to it, by distance and then by id. Exact.
 *
 * Row i of `ids` and `distances` (query_count * k elements each) gets the answer to query i, and counts[i] (`counts` may be NULL) how many
 * that are: k, or all items of a smaller store. The rest of the row is filled with UINT64_MAX and -1.
 *
 * `threads` (0: one for each core) answer the queries, all as of one commit. Many queries in one call take less time each than one by one, on
 * one thread too: those for which a scan is the best plan share it. */
int hashdb_nearest(
    hashdb_store *store, const void *queries, size_t query_count, size_t k, int threads, uint64_t *ids, int32_t *distances,
    size_t *counts, hashdb_error *error);

/* Items that were found for several queries. Those of query i are the elements offsets[i] to offsets[i + 1] - 1 of the two others. */
typedef struct hashdb_matches {
    size_t query_count;
    size_t *offsets; /* query_count + 1 */
    uint64_t *ids;
    int32_t *distances;
} hashdb_matches;

/* For each of `query_count` codes all items within `radius` bits of it, the radius included, by distance and then by id. Exact.
 * Fills in *matches, whatever it held; give it to hashdb_free_matches. `threads` as for hashdb_nearest. */
int hashdb_within(
    hashdb_store *store, const void *queries, size_t query_count, int32_t radius, int threads, hashdb_matches *matches,
    hashdb_error *error);

/* Which items a search may find, by their ids. */
typedef enum hashdb_filter_kind { HASHDB_ONLY = 1, HASHDB_EXCLUDING = 2 } hashdb_filter_kind;
typedef struct hashdb_filter {
    int32_t kind;        /* an enum hashdb_filter_kind: items of these ids only, or of all other ids */
    size_t count;        /* how many ids */
    const uint64_t *ids; /* in any order, best ascending; ids that are not there, or come twice, are no error */
} hashdb_filter;

/* As hashdb_nearest and hashdb_within, among the items that the filter lets through: the answers are exact, and a row of the first has fewer than
 * k items only where no more pass. NULL lets all through. Each query is answered by itself. */
int hashdb_nearest_among(
    hashdb_store *store, const hashdb_filter *filter, const void *queries, size_t query_count, size_t k, int threads, uint64_t *ids,
    int32_t *distances, size_t *counts, hashdb_error *error);
int hashdb_within_among(
    hashdb_store *store, const hashdb_filter *filter, const void *queries, size_t query_count, int32_t radius, int threads,
    hashdb_matches *matches, hashdb_error *error);

/* Frees what hashdb_within and hashdb_within_among have filled in, and sets all to zero, so that a second call does nothing. NULL is nothing to do. */
void hashdb_free_matches(hashdb_matches *matches);

#ifdef __cplusplus
}
#endif

#endif
