#include "CRaw.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if __has_include(<libraw/libraw.h>)

#include <libraw/libraw.h>

/* A preview of as many pixels on its longer side as this, or as the photograph has, is large enough. */
static const int enough_pixels = 512;

/* Developing takes many times the memory of what comes out: one at a time. */
static pthread_mutex_t developing = PTHREAD_MUTEX_INITIALIZER;

const char *craw_version(void) { return libraw_version(); }

static int longer(int a, int b) { return a > b ? a : b; }

static craw_status damaged(int code, char *error) {
    snprintf(error, CRAW_ERROR_SIZE, "%s", code > 0 ? strerror(code) : libraw_strerror(code));
    return CRAW_DAMAGED;
}

/* The bytes of a JPEG as they are, or those of pixels behind the line that makes them a PPM or PGM. */
static craw_status take(libraw_processed_image_t *image, uint8_t **out, size_t *out_length) {
    char head[64] = "";
    if (image->type == LIBRAW_IMAGE_JPEG && (image->data_size < 3 || memcmp(image->data, "\xFF\xD8\xFF", 3) != 0)) {
        return CRAW_DAMAGED;
    }
    if (image->type == LIBRAW_IMAGE_BITMAP) {
        if (image->bits != 8 || (image->colors != 1 && image->colors != 3)) return CRAW_DAMAGED;
        snprintf(head, sizeof head, "P%c\n%d %d\n255\n", image->colors == 3 ? '6' : '5', image->width, image->height);
    }
    size_t head_length = strlen(head);
    *out = malloc(head_length + image->data_size);
    if (!*out) return CRAW_DAMAGED;
    memcpy(*out, head, head_length);
    memcpy(*out + head_length, image->data, image->data_size);
    *out_length = head_length + image->data_size;
    return CRAW_OK;
}

static craw_status take_and_clear(libraw_processed_image_t *image, int code, uint8_t **out, size_t *out_length, char *error) {
    if (!image) return damaged(code, error);
    craw_status status = take(image, out, out_length);
    libraw_dcraw_clear_mem(image);
    if (status != CRAW_OK) snprintf(error, CRAW_ERROR_SIZE, "a picture of an unknown kind");
    return status;
}

/* The largest preview, if it is a JPEG of so many pixels on its longer side. */
static craw_status preview(libraw_data_t *raw, int least, uint8_t **out, size_t *out_length, char *error) {
    int code = libraw_unpack_thumb(raw);
    if (code != LIBRAW_SUCCESS) return damaged(code, error);
    const libraw_thumbnail_t *found = &raw->thumbnail;
    if (found->tformat != LIBRAW_THUMBNAIL_JPEG || longer(found->twidth, found->theight) < least) {
        snprintf(error, CRAW_ERROR_SIZE, "no preview that is large enough");
        return CRAW_DAMAGED;
    }
    return take_and_clear(libraw_dcraw_make_mem_thumb(raw, &code), code, out, out_length, error);
}

static craw_status develop(libraw_data_t *raw, uint8_t **out, size_t *out_length, char *error) {
    raw->params.half_size = 1;
    raw->params.use_camera_wb = 1;
    int code = libraw_unpack(raw);
    if (code == LIBRAW_SUCCESS) code = libraw_dcraw_process(raw);
    if (code != LIBRAW_SUCCESS) return damaged(code, error);
    return take_and_clear(libraw_dcraw_make_mem_image(raw, &code), code, out, out_length, error);
}

static craw_status picture(
    libraw_data_t *raw, const void *data, size_t length, int64_t pixel_limit, uint8_t **out, size_t *out_length,
    craw_info *info, char *error) {
    /* Without a handler LibRaw writes to standard error. */
    libraw_set_dataerror_handler(raw, NULL, NULL);
    int code = libraw_open_buffer(raw, (void *)data, length);
    if (code != LIBRAW_SUCCESS) return damaged(code, error);
    const libraw_image_sizes_t *sizes = &raw->sizes;
    int on_its_side = sizes->flip & 4;
    info->width = on_its_side ? sizes->height : sizes->width;
    info->height = on_its_side ? sizes->width : sizes->height;
    if (info->width < 1 || info->height < 1) return damaged(LIBRAW_FILE_UNSUPPORTED, error);
    if ((int64_t)sizes->raw_width * sizes->raw_height > pixel_limit) return CRAW_TOO_MANY_PIXELS;

    int largest = longer(info->width, info->height);
    int least = largest < enough_pixels ? largest : enough_pixels;
    if (preview(raw, least, out, out_length, error) == CRAW_OK) return CRAW_OK;
    pthread_mutex_lock(&developing);
    craw_status status = develop(raw, out, out_length, error);
    pthread_mutex_unlock(&developing);
    if (status == CRAW_OK) return CRAW_OK;
    /* A camera that LibRaw does not know yet: a small preview is better than none. What is said is why it was not developed. */
    char unsaid[CRAW_ERROR_SIZE];
    return preview(raw, 1, out, out_length, unsaid) == CRAW_OK ? CRAW_OK : CRAW_DAMAGED;
}

craw_status craw_picture(
    const void *data, size_t length, int64_t pixel_limit, uint8_t **out, size_t *out_length, craw_info *info,
    char *error) {
    *out = NULL;
    *out_length = 0;
    *info = (craw_info){0, 0};
    error[0] = 0;
    libraw_data_t *raw = libraw_init(0);
    if (!raw) {
        snprintf(error, CRAW_ERROR_SIZE, "no memory");
        return CRAW_DAMAGED;
    }
    craw_status status = picture(raw, data, length, pixel_limit, out, out_length, info, error);
    libraw_close(raw);
    return status;
}

#else

const char *craw_version(void) { return NULL; }

craw_status craw_picture(
    const void *data, size_t length, int64_t pixel_limit, uint8_t **out, size_t *out_length, craw_info *info,
    char *error) {
    (void)data, (void)length, (void)pixel_limit;
    *out = NULL;
    *out_length = 0;
    *info = (craw_info){0, 0};
    error[0] = 0;
    return CRAW_UNAVAILABLE;
}

#endif

void craw_free(void *memory) { free(memory); }
