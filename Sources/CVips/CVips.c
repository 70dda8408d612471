#include "CVipsInternal.h"

#include <vips/vector.h>

/* MARK: Start */

/* Set while this thread is in libvips: what GLib's object system has to say then is about a damaged header. */
static _Thread_local bool decoding_here;

static void hear_message(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data) {
    if (!decoding_here) g_log_default_handler(domain, level, message, data);
}

static void ignore_message(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data) {
    (void)domain, (void)level, (void)message, (void)data;
}

static gpointer start(gpointer unused) {
    (void)unused;
    g_log_set_handler("VIPS", G_LOG_LEVEL_MASK | G_LOG_FLAG_RECURSION, ignore_message, NULL);
    g_log_set_handler("GLib-GObject", G_LOG_LEVEL_WARNING, hear_message, NULL);
    if (vips_init("hashdb") != 0) return GINT_TO_POINTER(CVIPS_UNAVAILABLE);
    /* Callers decode many images at once: threads within an image would only get in their way. */
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    /* The same pixels on every CPU; and compiling vector code anew for each image costs more than it saves on small ones. */
    vips_vector_set_enabled(FALSE);
#if VIPS_MAJOR_VERSION > 8 || (VIPS_MAJOR_VERSION == 8 && VIPS_MINOR_VERSION >= 13)
    vips_block_untrusted_set(TRUE);
    /* A line of header and raw samples: the simplest of formats, and what tools make that know no other. */
    vips_operation_block_set("VipsForeignLoadPpm", FALSE);
    /* libjxl is fuzzed as the others are; libvips holds it back as it is young. */
    vips_operation_block_set("VipsForeignLoadJxl", FALSE);
#endif
    return GINT_TO_POINTER(CVIPS_OK);
}

cvips_status cvips_start(void) {
    static GOnce once = G_ONCE_INIT;
    return (cvips_status)GPOINTER_TO_INT(g_once(&once, start, NULL));
}

void cvips_free(void *memory) { g_free(memory); }

void cvips_thread_end(void) {
    if (cvips_start() == CVIPS_OK) vips_thread_shutdown();
}

const char *cvips_version(void) { return vips_version_string(); }

/* MARK: Errors */

/* libvips collects the errors of all threads in one text. So an image that fails is tried a second time with no other
 * running, and the text is then its own. Failures are rare enough, and most fail early, for this to cost little. */
static GRWLock decoding;

typedef cvips_status (*attempt_function)(void *job);

/* Copies what libvips says to `error`, as one line: the parts of several lines joined by "; ". */
static void take_error(char *error) {
    char *text = vips_error_buffer_copy();
    g_strstrip(text);
    char **lines = g_strsplit(text, "\n", -1);
    char *joined = g_strjoinv("; ", lines);
    g_strlcpy(error, *joined ? joined : "libvips gives no reason", CVIPS_ERROR_SIZE);
    for (char *c = error; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 127) *c = ' ';
    }
    g_free(joined);
    g_strfreev(lines);
    g_free(text);
}

static cvips_status attempt_alone(attempt_function function, void *job, char *error) {
    g_rw_lock_writer_lock(&decoding);
    vips_error_clear();
    cvips_status status = function(job);
    if (status == CVIPS_DAMAGED) take_error(error);
    vips_error_clear();
    g_rw_lock_writer_unlock(&decoding);
    return status;
}

static cvips_status attempt(attempt_function function, void *job, char *error) {
    error[0] = 0;
    if (cvips_start() != CVIPS_OK) {
        g_strlcpy(error, "libvips does not start", CVIPS_ERROR_SIZE);
        return CVIPS_UNAVAILABLE;
    }
    decoding_here = true;
    g_rw_lock_reader_lock(&decoding);
    cvips_status status = function(job);
    g_rw_lock_reader_unlock(&decoding);
    if (status == CVIPS_DAMAGED) status = attempt_alone(function, job, error);
    decoding_here = false;
    return status;
}

/* MARK: Jobs */

static GMutex decoding_large;

static int render(const cvips_input *input, VipsImage *image, uint8_t *out) {
    bool large = (int64_t)input->info->width * input->info->height > cvips_large_pixels;
    if (large) g_mutex_lock(&decoding_large);
    int failed = cvips_render(image, out);
    if (large) g_mutex_unlock(&decoding_large);
    return failed;
}

typedef struct decode_job {
    cvips_input input;
    int width, height, channels;
    uint8_t *out;
} decode_job;

static cvips_status decode_once(void *argument) {
    decode_job *job = argument;
    if (cvips_jpeg_decode(&job->input, job->width, job->height, job->channels, job->out)) return CVIPS_OK;
    VipsImage *image = NULL;
    cvips_status status = cvips_open(&job->input, job->width, job->height, job->channels, &image);
    if (status == CVIPS_OK && render(&job->input, image, job->out) != 0) status = CVIPS_DAMAGED;
    VIPS_UNREF(image);
    return status;
}

cvips_status cvips_decode(
    const void *data, size_t length, int width, int height, int channels, int64_t pixel_limit,
    uint8_t *out, cvips_info *info, char *error) {
    decode_job job = {{data, length, pixel_limit, info}, width, height, channels, out};
    return attempt(decode_once, &job, error);
}

typedef struct rows_job {
    cvips_input input;
    cvips_take_rows take;
    void *context;
} rows_job;

static cvips_status rows_once(void *argument) {
    rows_job *job = argument;
    if (cvips_jpeg_rows(&job->input, job->take, job->context)) return CVIPS_OK;
    VipsImage *image = NULL;
    cvips_stored stored;
    cvips_status status = cvips_open_stored(&job->input, &stored, &image);
    if (status != CVIPS_OK) return status;
    bool large = (int64_t)stored.width * stored.height > cvips_large_pixels;
    if (large) g_mutex_lock(&decoding_large);
    if (cvips_render_rows(image, &stored, job->take, job->context) != 0) status = CVIPS_DAMAGED;
    if (large) g_mutex_unlock(&decoding_large);
    VIPS_UNREF(image);
    return status;
}

cvips_status cvips_rows(
    const void *data, size_t length, int64_t pixel_limit, cvips_take_rows take, void *context,
    cvips_info *info, char *error) {
    rows_job job = {{data, length, pixel_limit, info}, take, context};
    return attempt(rows_once, &job, error);
}

static cvips_status header_once(void *argument) {
    VipsImage *image = NULL;
    cvips_status status = cvips_open_header(argument, &image);
    VIPS_UNREF(image);
    return status;
}

cvips_status cvips_header(const void *data, size_t length, int64_t pixel_limit, cvips_info *info, char *error) {
    cvips_input input = {data, length, pixel_limit, info};
    return attempt(header_once, &input, error);
}

typedef struct thumbnail_job {
    cvips_input input;
    int side, quality;
    uint8_t **out;
    size_t *out_length;
} thumbnail_job;

static cvips_status thumbnail_once(void *argument) {
    thumbnail_job *job = argument;
    VipsImage *image = NULL, *pixels = NULL;
    cvips_status status = cvips_open_within(&job->input, job->side, &image);
    if (status != CVIPS_OK) return status;
    size_t size = (size_t)image->Xsize * image->Ysize * 3;
    uint8_t *memory = g_try_malloc(size);
    void *file = NULL;
    if (!memory || render(&job->input, image, memory) != 0
        || !(pixels = vips_image_new_from_memory(memory, size, image->Xsize, image->Ysize, 3, VIPS_FORMAT_UCHAR))
        || vips_jpegsave_buffer(pixels, &file, job->out_length, "Q", job->quality, "strip", TRUE, NULL) != 0) {
        status = CVIPS_DAMAGED;
    }
    *job->out = file;
    VIPS_UNREF(pixels);
    VIPS_UNREF(image);
    g_free(memory);
    return status;
}

cvips_status cvips_thumbnail(
    const void *data, size_t length, int side, int quality, int64_t pixel_limit,
    uint8_t **out, size_t *out_length, cvips_info *info, char *error) {
    thumbnail_job job = {{data, length, pixel_limit, info}, side, quality, out, out_length};
    *out = NULL;
    *out_length = 0;
    return attempt(thumbnail_once, &job, error);
}

typedef struct encode_job {
    const void *pixels;
    int width, height, bands, bytes_per_sample, cmyk, orientation;
    const char *suffix;
    uint8_t **out;
    size_t *out_length;
} encode_job;

static cvips_status encode_once(void *argument) {
    encode_job *job = argument;
    size_t size = (size_t)job->width * job->height * job->bands * job->bytes_per_sample;
    VipsBandFormat format = job->bytes_per_sample == 2 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
    VipsImage *image = vips_image_new_from_memory(job->pixels, size, job->width, job->height, job->bands, format);
    if (!image) return CVIPS_DAMAGED;
    bool wide = job->bytes_per_sample == 2;
    image->Type = job->cmyk ? VIPS_INTERPRETATION_CMYK
        : job->bands < 3    ? (wide ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_B_W)
                            : (wide ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB);
    if (job->orientation) vips_image_set_int(image, VIPS_META_ORIENTATION, job->orientation);
    void *file = NULL;
    int failed = vips_image_write_to_buffer(image, job->suffix, &file, job->out_length, NULL);
    VIPS_UNREF(image);
    *job->out = file;
    return failed ? CVIPS_DAMAGED : CVIPS_OK;
}

cvips_status cvips_encode(
    const void *pixels, int width, int height, int bands, int bytes_per_sample, int cmyk, int orientation,
    const char *suffix, uint8_t **out, size_t *out_length, char *error) {
    encode_job job = {pixels, width, height, bands, bytes_per_sample, cmyk, orientation, suffix, out, out_length};
    *out = NULL;
    *out_length = 0;
    return attempt(encode_once, &job, error);
}
