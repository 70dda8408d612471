#include "hashdb.h"

#include <stdlib.h>
#include <string.h>

const char *hashdb_version(void) { return HASHDB_VERSION; }

const char *hashdb_status_name(int status) {
    switch (status) {
    case HASHDB_OK: return "OK";
    case HASHDB_INVALID_ARGUMENT: return "INVALID_ARGUMENT";
    case HASHDB_CLOSED: return "CLOSED";
    case HASHDB_NOT_FOUND: return "NOT_FOUND";
    case HASHDB_EXISTS: return "EXISTS";
    case HASHDB_NOT_A_STORE: return "NOT_A_STORE";
    case HASHDB_UNSUPPORTED_VERSION: return "UNSUPPORTED_VERSION";
    case HASHDB_DAMAGED: return "DAMAGED";
    case HASHDB_BUSY: return "BUSY";
    case HASHDB_READ_ONLY: return "READ_ONLY";
    case HASHDB_DISK_FULL: return "DISK_FULL";
    case HASHDB_SYSTEM: return "SYSTEM";
    case HASHDB_DUPLICATE_ID: return "DUPLICATE_ID";
    case HASHDB_UNKNOWN_ID: return "UNKNOWN_ID";
    case HASHDB_IDS_EXHAUSTED: return "IDS_EXHAUSTED";
    case HASHDB_MODEL_MISMATCH: return "MODEL_MISMATCH";
    case HASHDB_REMOVED: return "REMOVED";
    case HASHDB_TOO_MANY: return "TOO_MANY";
    case HASHDB_OUT_OF_MEMORY: return "OUT_OF_MEMORY";
    case HASHDB_UNEXPECTED: return "UNEXPECTED";
    default: return "UNKNOWN_STATUS";
    }
}

void hashdb_free_matches(hashdb_matches *matches) {
    if (!matches) return;
    free(matches->offsets);
    free(matches->ids);
    free(matches->distances);
    memset(matches, 0, sizeof *matches);
}
