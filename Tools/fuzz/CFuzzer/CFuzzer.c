#include "CFuzzer.h"

/* Tools/fuzz/run links it; ordinary builds do without. */
extern int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*take)(const uint8_t *, size_t)) __attribute__((weak));

int cfuzzer_run(int argc, char **argv, int (*take)(const uint8_t *data, size_t length)) {
    return LLVMFuzzerRunDriver ? LLVMFuzzerRunDriver(&argc, &argv, take) : -1;
}
