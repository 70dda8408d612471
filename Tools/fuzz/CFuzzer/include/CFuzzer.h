#pragma once

#include <stddef.h>
#include <stdint.h>

/* Runs libFuzzer with the arguments of its command line; -1 where the program was built without it. */
int cfuzzer_run(int argc, char **argv, int (*take)(const uint8_t *data, size_t length));
