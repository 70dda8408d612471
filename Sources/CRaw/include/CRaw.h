/* LibRaw for Swift: the picture in a camera's raw file, as a file that any decoder reads.
 *
 * Cameras put a JPEG of the photograph into their raw files, developed as the photographer saw it, often at full size; that is what
 * catalogues of raw files show. Where there is none that is large enough the sensor's data are developed, at half their size, by the camera's white balance.
 *
 * Where LibRaw's header was missing at build time everything compiles and `craw_version` is NULL. Any number of threads may call at once.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum craw_status {
    CRAW_OK = 0,
    CRAW_UNAVAILABLE,     /* built without LibRaw */
    CRAW_TOO_MANY_PIXELS, /* the header promises more pixels than the limit; nothing was decoded */
    CRAW_DAMAGED          /* LibRaw cannot read it: broken, or of a camera that it does not know */
} craw_status;

/* Pixels of the photograph as it is shown. */
typedef struct craw_info {
    int32_t width, height;
} craw_info;

/* Room that an error text needs, its closing zero included. */
#define CRAW_ERROR_SIZE 256

/* The version of LibRaw that is loaded, as "0.20.2-Release"; NULL where there is none. */
const char *craw_version(void);

/* Finds the picture in the raw file in `data`: `*out` is a JPEG, whose EXIF says how it is turned (the camera's, or one
 * that says what the raw file does where it has none), or a PPM or PGM that is turned already. It is to be released with
 * craw_free.
 *
 * `info` is filled as soon as the header is read, `error` (CRAW_ERROR_SIZE bytes) where the status is CRAW_DAMAGED. */
craw_status craw_picture(
    const void *data, size_t length, int64_t pixel_limit, uint8_t **out, size_t *out_length, craw_info *info,
    char *error);

void craw_free(void *memory);
