/* The pipeline from bytes to pixels, shared by the jobs of CVips.c. */
#pragma once

#include "CVips.h"

#include <stdbool.h>
#include <vips/vips.h>

/* The image file of a job, and where its header goes. */
typedef struct cvips_input {
    const void *data;
    size_t length;
    int64_t pixel_limit;
    cvips_info *info;
} cvips_input;

/* Opens the image as its loader gives it, without decoding pixels, and fills the header in. */
cvips_status cvips_open_header(const cvips_input *input, VipsImage **image);

/* The name of the format of that number; NULL after the last. */
const char *cvips_format_name(size_t index);

/* Opens a pipeline that ends in exactly `width` x `height` pixels of `channels` bytes. */
cvips_status cvips_open(const cvips_input *input, int width, int height, int channels, VipsImage **image);

/* Opens a pipeline that ends in sRGB within `side` x `side`, keeping the shape. */
cvips_status cvips_open_within(const cvips_input *input, int side, VipsImage **image);

/* Opens a pipeline that ends in grey or sRGB bytes at full size, not turned, and says what they are. */
cvips_status cvips_open_stored(const cvips_input *input, cvips_stored *stored, VipsImage **image);

/* Images of more pixels are decoded one at a time: some formats are decoded into memory as a whole. */
static const int64_t cvips_large_pixels = 32 << 20;

/* To 8-bit sRGB (or grey) without alpha: what is transparent is laid on white. `managed` is whether a profile counts. `scope`
 * owns what is made on the way. */
VipsImage *cvips_flattened(VipsImage *image, VipsObject *scope, int channels, bool managed);

/* Decodes a JPEG file as cvips_decode does, and fills the header in; false where that is better left to libvips. */
bool cvips_jpeg_decode(const cvips_input *input, int width, int height, int channels, uint8_t *out);

/* Decodes a JPEG file as cvips_rows does, likewise. */
bool cvips_jpeg_rows(const cvips_input *input, cvips_take_rows take, void *context);

/* Whether an ICC profile describes sRGB itself. */
bool cvips_profile_is_srgb(const void *data, size_t length);

/* Turns RGB pixels of an ICC profile into sRGB, as vips_icc_transform does; false, with the pixels as they were, where that is better
 * left to libvips. */
bool cvips_profile_apply(const void *profile, size_t length, uint8_t *pixels, size_t count);

/* Makes a picture of 8-bit samples smaller in both directions, as vips_resize does; false where it does not get smaller, or memory is
 * short. Rows follow one another without gaps. */
bool cvips_shrink(const uint8_t *pixels, int width, int height, int bands, int to_width, int to_height, uint8_t *out);

/* Computes the pixels of an image of 8-bit samples, on this thread. 0, or -1 with the reason in libvips' error text. */
int cvips_render(VipsImage *image, uint8_t *out);

/* The same, with the rows given away some at a time. */
int cvips_render_rows(VipsImage *image, const cvips_stored *stored, cvips_take_rows take, void *context);
