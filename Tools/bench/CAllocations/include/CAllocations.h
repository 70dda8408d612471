// How often a thread asks for memory. With glibc the program's malloc and its kin count and hand on; elsewhere nothing is counted.
#pragma once
#include <stdint.h>

// Whether allocations are counted here at all.
int allocations_are_counted(void);

// How often the calling thread has asked for memory so far.
uint64_t allocations_of_this_thread(void);
