// Kernels for any processor: one popcount instruction (or the compiler's stand-in) a word.
#include "plain_filters.h"

#define near4 plain_near4
#define near6 plain_near6
#define near8 plain_near8
#define near16 plain_near16
#define near32 plain_near32
NONE_BY_NEAR

#define KERNELS hamming_portable
#define KERNELS_NAME "portable"
#include "kernels.h"
