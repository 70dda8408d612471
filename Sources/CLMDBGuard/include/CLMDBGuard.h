// LMDB's lookups, for files that may be damaged.
#ifndef CLMDBGUARD_H
#define CLMDBGUARD_H

#include <lmdb.h>
#include <stddef.h>

// From now on an assertion of LMDB's that fails within one of the calls below ends the call, with MDB_CORRUPTED. Anywhere else it still ends
// the process.
void clmdbguard_begin(MDB_env *environment);

// mdb_get.
int clmdbguard_get(MDB_txn *transaction, MDB_dbi database, MDB_val *key, MDB_val *value);

// mdb_cursor_get.
int clmdbguard_cursor_get(MDB_cursor *cursor, MDB_val *key, MDB_val *value, MDB_cursor_op operation);

// Whether the bytes lie on one page of the map, where LMDB keeps what is shorter than half a page, or fill the pages of a value of its own.
// LMDB believes the lengths that it reads. Not for what a write transaction has changed: that lies elsewhere.
int clmdbguard_is_within_page(MDB_val bytes, size_t page_size);

#endif
