#include "CLMDBGuard.h"
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

// Where the call that this thread is in goes on if an assertion fails. Lookups take no lock and allocate nothing, and hold no cursor of
// their own that the transaction would know of: nothing of theirs is left over. Calls that change something do.
static _Thread_local jmp_buf *way_out;

static void leave(MDB_env *environment, const char *assertion) {
    (void)environment;
    (void)assertion;
    if (way_out) longjmp(*way_out, 1);
}

void clmdbguard_begin(MDB_env *environment) { mdb_env_set_assert(environment, leave); }

int clmdbguard_get(MDB_txn *transaction, MDB_dbi database, MDB_val *key, MDB_val *value) {
    jmp_buf here;
    if (_setjmp(here)) {
        way_out = NULL;
        return MDB_CORRUPTED;
    }
    way_out = &here;
    int code = mdb_get(transaction, database, key, value);
    way_out = NULL;
    return code;
}

int clmdbguard_cursor_get(MDB_cursor *cursor, MDB_val *key, MDB_val *value, MDB_cursor_op operation) {
    jmp_buf here;
    if (_setjmp(here)) {
        way_out = NULL;
        return MDB_CORRUPTED;
    }
    way_out = &here;
    int code = mdb_cursor_get(cursor, key, value, operation);
    way_out = NULL;
    return code;
}

// A page begins with its number, 8 bytes, 2 that are unused, and 2 of flags. Of the first page of a long value 4 more count its pages, and
// the value follows.
enum { flags_offset = 10, count_offset = 12, header_size = 16, is_of_long_value = 4 };

int clmdbguard_is_within_page(MDB_val bytes, size_t page_size) {
    size_t offset = (uintptr_t)bytes.mv_data % page_size;
    if (offset != header_size) return bytes.mv_size <= page_size - offset;
    const char *page = (const char *)bytes.mv_data - header_size;
    uint16_t flags;
    uint32_t count;
    memcpy(&flags, page + flags_offset, sizeof flags);
    memcpy(&count, page + count_offset, sizeof count);
    return flags & is_of_long_value && bytes.mv_size <= count * page_size - header_size && count > 0;
}
