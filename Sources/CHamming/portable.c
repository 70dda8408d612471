// Kernels for any processor: one popcount instruction (or the compiler's stand-in) a word.
#include "plain_filters.h"

#define near8 plain_near8
#define near4 plain_near4
#define KERNELS hamming_portable
#define KERNELS_NAME "portable"
#include "kernels.h"
