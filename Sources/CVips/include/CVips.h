/* libvips for Swift: its functions are variadic and do not import, and its errors are global to the process.
 *
 * One call decodes one image on the calling thread, start to end; any number of threads may call at once. Nothing is
 * ever printed: errors come back as a status and a line of text.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum cvips_status {
    CVIPS_OK = 0,
    CVIPS_UNAVAILABLE,     /* libvips did not start */
    CVIPS_UNKNOWN_FORMAT,  /* no loader that is trusted with foreign data knows these bytes */
    CVIPS_TOO_MANY_PIXELS, /* the header promises more pixels than the limit; nothing was decoded */
    CVIPS_DAMAGED          /* a loader knows the format but cannot decode the image */
} cvips_status;

/* What the header says. */
typedef struct cvips_info {
    int32_t width;  /* pixels, as shown: after the EXIF rotation */
    int32_t height;
    int32_t pages; /* pages or frames, of which only the first is decoded; 2 stands for several that are not counted */
    char format[16]; /* "jpeg", "png", "gif", "webp", "tiff", "heif", "jxl", "ppm" */
} cvips_info;

/* Room that an error text needs, its closing zero included. */
#define CVIPS_ERROR_SIZE 256

/* Starts libvips, once in a process however often it is called (the decoding functions call it themselves): one thread
 * to an image, no cache of operations, only loaders that libvips trusts with foreign data, and those of PPM and JPEG XL. */
cvips_status cvips_start(void);

/* Decodes the image in `data` to `width` x `height` pixels of `channels` (3: sRGB, 1: grey) interleaved bytes in `out`.
 *
 * The image is turned as EXIF says, resized to fill the rectangle whatever its shape was (shrinking while loading where
 * the format can), converted to sRGB through its ICC profile where it has one, and laid on white where it has alpha; of
 * several pages or frames it is the first. Same bytes, same pixels.
 *
 * `info` is filled as soon as the header is read, `error` (CVIPS_ERROR_SIZE bytes) whenever the status is not CVIPS_OK.
 * `data` is not used after the return. */
cvips_status cvips_decode(
    const void *data, size_t length, int width, int height, int channels, int64_t pixel_limit,
    uint8_t *out, cvips_info *info, char *error);

/* An image as its file has it: `channels` is 1 (grey) or 3 (sRGB), `orientation` 1 to 8 says how EXIF turns it to be shown. */
typedef struct cvips_stored {
    int32_t width, height, channels, orientation;
} cvips_stored;

/* Takes `count` rows from the row `top` on, without gaps between them. They come in order; `top` 0 begins the image,
 * again for each further attempt. */
typedef void (*cvips_take_rows)(
    void *context, const cvips_stored *image, const uint8_t *rows, int32_t top, int32_t count);

/* Decodes the image in `data` at its full size, without turning it, and gives its rows to `take` on this thread. The
 * samples of grey and RGB images are given as they are, whatever profile there is; all else is as in cvips_decode. Memory does not grow with the image where its format allows. */
cvips_status cvips_rows(
    const void *data, size_t length, int64_t pixel_limit, cvips_take_rows take, void *context,
    cvips_info *info, char *error);

/* Reads the header only. */
cvips_status cvips_header(const void *data, size_t length, int64_t pixel_limit, cvips_info *info, char *error);

/* Makes a JPEG file of at most `side` x `side` pixels that keeps the shape of the image in `data` and is never larger
 * than it. `*out` is to be released with cvips_free. */
cvips_status cvips_thumbnail(
    const void *data, size_t length, int side, int quality, int64_t pixel_limit,
    uint8_t **out, size_t *out_length, cvips_info *info, char *error);

/* Writes pixels as an image file in memory; tests make their images with it.
 *
 * `pixels` holds `height` rows of `width` pixels of `bands` samples, each of `bytes_per_sample` 1 or 2 (native order).
 * `suffix` names the format and its options as libvips spells them (".jpg[Q=90]"); `cmyk` reads four bands as CMYK
 * instead of RGB with alpha; `orientation` 1 to 8 is written as EXIF, 0 writes none. */
cvips_status cvips_encode(
    const void *pixels, int width, int height, int bands, int bytes_per_sample, int cmyk, int orientation,
    const char *suffix, uint8_t **out, size_t *out_length, char *error);

/* For tests: whether the file is a plain JPEG, which cvips_decode makes into 32 x 32 pixels of 3 channels without libvips. No
 * file is of which a side has less than 32 pixels. */
_Bool cvips_jpeg_is_plain(const void *data, size_t length);

/* Told a format by its name ("jpeg"), and whether the installed libvips decodes it. */
typedef void (*cvips_format_function)(const char *name, _Bool is_read, void *context);

/* Calls `function` for each format that would be decoded. */
cvips_status cvips_formats(cvips_format_function function, void *context);

void cvips_free(void *memory);

/* A thread that decoded calls this before it ends, so that libvips releases what it keeps for the thread. */
void cvips_thread_end(void);

/* The version of libvips, as "8.14.1". */
const char *cvips_version(void);
