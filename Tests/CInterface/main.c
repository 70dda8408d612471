/* Tests of the C interface: main FOLDER [SEED]. Prints the seed; the exit status is 1 if anything is not as it should be. */
#include "support.h"

int failures;
const char *folder;

int main(int count, char **arguments) {
    if (count < 2) return 64;
    folder = arguments[1];
    uint64_t number = count > 2 ? strtoull(arguments[2], NULL, 0) : 20261126;
    printf("C interface %s, seed %llu\n", hashdb_version(), (unsigned long long)number);
    seed(number);
    CHECK(strcmp(hashdb_version(), HASHDB_VERSION) == 0);
    CHECK(strcmp(hashdb_status_name(HASHDB_DISK_FULL), "DISK_FULL") == 0);
    CHECK(strcmp(hashdb_status_name(-3), "UNKNOWN_STATUS") == 0);
    test_answers();
    test_writes();
    test_errors();
    test_snapshots();
    test_processes();
    printf("C interface: %d failures\n", failures);
    return failures != 0;
}
