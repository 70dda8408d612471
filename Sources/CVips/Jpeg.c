/* JPEG files, most of what there is, by libjpeg itself where nothing about them is unusual. libvips makes a chain of objects
 * for each image and opens it twice, which takes longer than decoding a small one. It reads JPEG by the same library at the
 * same reduced size, so the pixels are the same, but for what Shrink.c says. What is unusual is left to it: errors and warnings, CMYK,
 * odd profiles, EXIF that is not plain, images so large that memory counts, and such as have to become larger. */
#include "CVipsInternal.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

typedef struct reader {
    struct jpeg_decompress_struct jpeg; /* first: libjpeg's pointer to it is one to all */
    struct jpeg_error_mgr errors;
    jmp_buf given_up;
    const cvips_input *input;
    int orientation;
    const void *profile; /* of other colours than sRGB; NULL where there is none, or none counts */
    size_t profile_length;
    uint8_t *pixels, *small; /* freed at the end */
} reader;

/* MARK: Errors */

static void give_up(j_common_ptr jpeg) { longjmp(((reader *)jpeg)->given_up, 1); }

static void hear(j_common_ptr jpeg, int level) {
    if (level < 0) give_up(jpeg);
}

static void say_nothing(j_common_ptr jpeg) { (void)jpeg; }

/* MARK: Header */

static unsigned number(const uint8_t *bytes, int count, bool little) {
    unsigned value = 0;
    for (int i = 0; i < count; i++) value = value << 8 | bytes[little ? count - 1 - i : i];
    return value;
}

/* The orientation in EXIF data behind their mark "Exif\0\0": 1 to 8; 0 where they are not plain. */
static int exif_orientation(const uint8_t *tiff, size_t length) {
    if (length < 14) return 0;
    bool little = memcmp(tiff, "II*\0", 4) == 0;
    if (!little && memcmp(tiff, "MM\0*", 4) != 0) return 0;
    size_t directory = number(tiff + 4, 4, little);
    if (directory < 8 || directory > length - 6) return 0;
    size_t count = number(tiff + directory, 2, little);
    if (count > (length - directory - 2) / 12) return 0;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *entry = tiff + directory + 2 + i * 12;
        if (number(entry, 2, little) != 0x0112) continue;
        bool is_short = number(entry + 2, 2, little) == 3 && number(entry + 4, 4, little) == 1;
        unsigned orientation = number(entry + 8, 2, little);
        return is_short && orientation >= 1 && orientation <= 8 ? (int)orientation : 0;
    }
    return 1;
}

/* Looks through the application segments. Whether all that counts is plain; `managed` is whether a profile counts. */
static bool take_segments(reader *r, bool managed) {
    static const char exif[] = "Exif\0", profile[] = "ICC_PROFILE";
    r->orientation = 1;
    bool has_exif = false;
    for (jpeg_saved_marker_ptr m = r->jpeg.marker_list; m; m = m->next) {
        if (m->marker == JPEG_APP0 + 1 && m->data_length >= 6 && memcmp(m->data, exif, 6) == 0) {
            r->orientation = has_exif ? 0 : exif_orientation(m->data + 6, m->data_length - 6);
            has_exif = true;
        }
        if (managed && m->marker == JPEG_APP0 + 2 && m->data_length >= 14 && memcmp(m->data, profile, 12) == 0) {
            /* Number and count of the parts of a long one. */
            if (m->data[12] != 1 || m->data[13] != 1) return false;
            if (r->profile) return false;
            if (cvips_profile_is_srgb(m->data + 14, m->data_length - 14)) continue;
            r->profile = m->data + 14;
            r->profile_length = m->data_length - 14;
        }
    }
    return r->orientation != 0;
}

/* Reads the header; whether the rest can be read here too. */
static bool begin(reader *r, bool managed) {
    struct jpeg_decompress_struct *jpeg = &r->jpeg;
    jpeg_mem_src(jpeg, (unsigned char *)r->input->data, r->input->length);
    jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xFFFF);
    if (managed) jpeg_save_markers(jpeg, JPEG_APP0 + 2, 0xFFFF);
    if (jpeg_read_header(jpeg, TRUE) != JPEG_HEADER_OK) return false;
    bool grey = jpeg->jpeg_color_space == JCS_GRAYSCALE && jpeg->num_components == 1;
    bool colour = (jpeg->jpeg_color_space == JCS_YCbCr || jpeg->jpeg_color_space == JCS_RGB) && jpeg->num_components == 3;
    if (!grey && !colour) return false;
    int64_t pixels = (int64_t)jpeg->image_width * jpeg->image_height;
    if (pixels > r->input->pixel_limit || pixels > cvips_large_pixels || !take_segments(r, managed)) return false;
    jpeg->out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
    return true;
}

static void tell(const reader *r) {
    cvips_info *info = r->input->info;
    bool swapped = r->orientation >= 5;
    info->width = (int32_t)(swapped ? r->jpeg.image_height : r->jpeg.image_width);
    info->height = (int32_t)(swapped ? r->jpeg.image_width : r->jpeg.image_height);
    info->pages = 1;
    g_strlcpy(info->format, "jpeg", sizeof info->format);
}

static void read_rows(reader *r, uint8_t *rows, size_t row_bytes, unsigned count) {
    for (unsigned y = 0; y < count; y++) {
        JSAMPROW row = rows + row_bytes * y;
        if (jpeg_read_scanlines(&r->jpeg, &row, 1) != 1) give_up((j_common_ptr)&r->jpeg);
    }
}

typedef bool (*jpeg_body)(reader *r, void *job);

/* Runs `body`, which may be left at any call of libjpeg. */
static bool with_reader(const cvips_input *input, jpeg_body body, void *job) {
    if (input->length < 3 || memcmp(input->data, "\xFF\xD8\xFF", 3) != 0) return false;
    reader r;
    memset(&r, 0, sizeof r);
    r.input = input;
    r.jpeg.err = jpeg_std_error(&r.errors);
    r.errors.error_exit = give_up;
    r.errors.emit_message = hear;
    r.errors.output_message = say_nothing;
    bool done = false;
    if (setjmp(r.given_up) == 0) {
        jpeg_create_decompress(&r.jpeg);
        done = body(&r, job);
    } else {
        done = false;
    }
    jpeg_destroy_decompress(&r.jpeg);
    g_free(r.pixels);
    g_free(r.small);
    return done;
}

/* MARK: Shrinking to a shape */

typedef struct shrink_job {
    int width, height, channels;
    uint8_t *out;
} shrink_job;

/* Turns a picture upright, as EXIF has its orientation. Grey ones give each of the job's channels their sample. */
static void turn(const uint8_t *pixels, int width, int height, int bands, int orientation, const shrink_job *job) {
    uint8_t *out = job->out;
    for (int y = 0; y < job->height; y++) {
        for (int x = 0; x < job->width; x++) {
            int across = orientation < 5 ? x : y, down = orientation < 5 ? y : x;
            bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
            bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
            if (from_right) across = width - 1 - across;
            if (from_below) down = height - 1 - down;
            const uint8_t *pixel = pixels + ((size_t)down * (size_t)width + (size_t)across) * (size_t)bands;
            for (int c = 0; c < job->channels; c++) *out++ = pixel[MIN(c, bands - 1)];
        }
    }
}

/* By how much libvips reduces while loading: what is left for the filter is a factor of two at least. */
static unsigned shrink_on_load(double width, double height, unsigned to_width, unsigned to_height) {
    double factor = MIN(width / to_width, height / to_height);
    return factor >= 16 ? 8 : factor >= 8 ? 4 : factor >= 4 ? 2 : 1;
}

/* Decodes, makes smaller and turns. What is to become larger, or grey, is left to libvips. */
static bool shrink(reader *r, void *argument) {
    const shrink_job *job = argument;
    if (!begin(r, true)) return false;
    struct jpeg_decompress_struct *jpeg = &r->jpeg;
    if (jpeg->num_components > job->channels || (r->profile && jpeg->num_components != 3)) return false;
    bool swapped = r->orientation >= 5;
    unsigned to_width = (unsigned)(swapped ? job->height : job->width);
    unsigned to_height = (unsigned)(swapped ? job->width : job->height);
    jpeg->scale_num = 1;
    jpeg->scale_denom = shrink_on_load(jpeg->image_width, jpeg->image_height, to_width, to_height);
    /* libvips leaves out a last column and row that are made of parts of pixels. Each row here begins where the one before
     * ends without them, and there is room behind the last. */
    unsigned width = MAX(1, jpeg->image_width / jpeg->scale_denom), height = MAX(1, jpeg->image_height / jpeg->scale_denom);
    if (width < to_width || height < to_height) return false;
    jpeg_start_decompress(jpeg);
    /* libjpeg-turbo 3 reads lossless JPEG too, and never at a reduced size. */
    if (jpeg->output_width > width + 1 || jpeg->output_height > height + 1) return false;
    size_t bands = (size_t)jpeg->output_components, row_bytes = width * bands;
    r->pixels = g_try_malloc_n(row_bytes + bands, (size_t)jpeg->output_height + 1);
    r->small = g_try_malloc_n((size_t)to_width * to_height, bands);
    if (!r->pixels || !r->small) return false;
    read_rows(r, r->pixels, row_bytes, jpeg->output_height);
    if (!cvips_shrink(r->pixels, (int)width, (int)height, (int)bands, (int)to_width, (int)to_height, r->small)) return false;
    turn(r->small, (int)to_width, (int)to_height, (int)bands, r->orientation, job);
    size_t pixels = (size_t)job->width * (size_t)job->height;
    if (r->profile && !cvips_profile_apply(r->profile, r->profile_length, job->out, pixels)) return false;
    /* It frees the segments, and with them the profile. */
    jpeg_finish_decompress(jpeg);
    tell(r);
    return true;
}

bool cvips_jpeg_decode(const cvips_input *input, int width, int height, int channels, uint8_t *out) {
    shrink_job job = {width, height, channels, out};
    return with_reader(input, shrink, &job);
}

bool cvips_jpeg_is_plain(const void *data, size_t length) {
    uint8_t pixels[32 * 32 * 3];
    cvips_info info;
    cvips_input input = {data, length, INT64_MAX, &info};
    return cvips_start() == CVIPS_OK && cvips_jpeg_decode(&input, 32, 32, 3, pixels);
}

/* MARK: Rows at full size */

typedef struct give_job {
    cvips_take_rows take;
    void *context;
} give_job;

static bool give(reader *r, void *argument) {
    const give_job *job = argument;
    const unsigned strip_rows = 16;
    if (!begin(r, false)) return false;
    struct jpeg_decompress_struct *jpeg = &r->jpeg;
    jpeg_start_decompress(jpeg);
    cvips_stored stored = {
        (int32_t)jpeg->output_width, (int32_t)jpeg->output_height, jpeg->output_components, r->orientation};
    size_t row_bytes = (size_t)jpeg->output_width * (unsigned)jpeg->output_components;
    r->pixels = g_try_malloc_n(row_bytes, strip_rows);
    if (!r->pixels) return false;
    for (unsigned top = 0; top < jpeg->output_height; top += strip_rows) {
        unsigned count = MIN(strip_rows, jpeg->output_height - top);
        read_rows(r, r->pixels, row_bytes, count);
        job->take(job->context, &stored, r->pixels, (int32_t)top, (int32_t)count);
    }
    jpeg_finish_decompress(jpeg);
    tell(r);
    return true;
}

bool cvips_jpeg_rows(const cvips_input *input, cvips_take_rows take, void *context) {
    give_job job = {take, context};
    return with_reader(input, give, &job);
}
