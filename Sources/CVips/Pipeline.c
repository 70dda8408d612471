#include "CVipsInternal.h"

#include <string.h>

/* MARK: Header */

/* The formats that are read. libvips knows more (text matrices, PDF, SVG, scientific arrays …): those are not photographs,
 * or not safe with foreign data. Asking it which loader fits takes longer than decoding a small image, so the first bytes
 * are looked at here. */
typedef struct image_format {
    const char *name;
    bool (*begins)(const uint8_t *data, size_t length);
    int (*load)(VipsSource *source, VipsImage **image, ...);
} image_format;

static bool has(const uint8_t *data, size_t length, size_t offset, const char *text, size_t count) {
    return length >= offset + count && memcmp(data + offset, text, count) == 0;
}

static bool is_jpeg(const uint8_t *data, size_t length) { return has(data, length, 0, "\xFF\xD8\xFF", 3); }

static bool is_png(const uint8_t *data, size_t length) { return has(data, length, 0, "\x89PNG\r\n\x1A\n", 8); }

static bool is_gif(const uint8_t *data, size_t length) { return has(data, length, 0, "GIF8", 4); }

static bool is_webp(const uint8_t *data, size_t length) {
    return has(data, length, 0, "RIFF", 4) && has(data, length, 8, "WEBP", 4);
}

/* 42 is TIFF, 43 its large sister, in either byte order. */
static bool is_tiff(const uint8_t *data, size_t length) {
    return has(data, length, 0, "II*\0", 4) || has(data, length, 0, "MM\0*", 4) || has(data, length, 0, "II+\0", 4)
        || has(data, length, 0, "MM\0+", 4);
}

static bool is_heif(const uint8_t *data, size_t length) {
    static const char brands[][5] = {
        "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1", "avif", "avis"};
    if (!has(data, length, 4, "ftyp", 4)) return false;
    for (size_t i = 0; i < G_N_ELEMENTS(brands); i++) {
        if (has(data, length, 8, brands[i], 4)) return true;
    }
    return false;
}

/* A bare codestream, or the box that files begin with. */
static bool is_jxl(const uint8_t *data, size_t length) {
    return has(data, length, 0, "\xFF\x0A", 2) || has(data, length, 0, "\0\0\0\x0CJXL \r\n\x87\n", 12);
}

/* PBM, PGM and PPM, as text or binary: P1 to P6, white space, then a number or a comment. */
static bool is_ppm(const uint8_t *data, size_t length) {
    if (length < 3 || data[0] != 'P' || data[1] < '1' || data[1] > '6' || !g_ascii_isspace(data[2])) return false;
    size_t i = 3;
    while (i < length && g_ascii_isspace(data[i])) i++;
    return i < length && (g_ascii_isdigit(data[i]) || data[i] == '#');
}

static const image_format formats[] = {
    {"jpeg", is_jpeg, vips_jpegload_source}, {"png", is_png, vips_pngload_source},
    {"gif", is_gif, vips_gifload_source},    {"webp", is_webp, vips_webpload_source},
    {"tiff", is_tiff, vips_tiffload_source}, {"heif", is_heif, vips_heifload_source},
    {"jxl", is_jxl, vips_jxlload_source},    {"ppm", is_ppm, vips_ppmload_source},
};

const char *cvips_format_name(size_t index) { return index < G_N_ELEMENTS(formats) ? formats[index].name : NULL; }

static const image_format *format_of(const uint8_t *data, size_t length) {
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (formats[i].begins(data, length)) return &formats[i];
    }
    return NULL;
}

/* Whether a PNG says that further frames follow its image: libvips does not read them. */
static bool is_animated_png(const uint8_t *data, size_t length) {
    for (size_t at = 8; is_png(data, length) && length - at >= 12;) {
        if (has(data, length, at + 4, "acTL", 4)) return true;
        if (has(data, length, at + 4, "IDAT", 4)) return false;
        size_t count = (size_t)data[at] << 24 | (size_t)data[at + 1] << 16 | (size_t)data[at + 2] << 8 | data[at + 3];
        if (count > length - at - 12) return false;
        at += count + 12;
    }
    return false;
}

/* The brands of films in the containers of HEIC and AVIF. */
static bool is_heif_sequence(const uint8_t *data, size_t length) {
    static const char brands[][5] = {"hevc", "hevx", "hevm", "hevs", "msf1", "avis"};
    for (size_t i = 0; is_heif(data, length) && i < G_N_ELEMENTS(brands); i++) {
        if (has(data, length, 8, brands[i], 4)) return true;
    }
    return false;
}

static int32_t pages_of(const cvips_input *input, VipsImage *image) {
    if (is_animated_png(input->data, input->length) || is_heif_sequence(input->data, input->length)) return 2;
    int pages = 1;
    if (!vips_image_get_typeof(image, VIPS_META_N_PAGES) || vips_image_get_int(image, VIPS_META_N_PAGES, &pages)) return 1;
    return pages;
}

cvips_status cvips_open_header(const cvips_input *input, VipsImage **image) {
    memset(input->info, 0, sizeof *input->info);
    const image_format *format = format_of(input->data, input->length);
    if (!format) return CVIPS_UNKNOWN_FORMAT;
    g_strlcpy(input->info->format, format->name, sizeof input->info->format);
    VipsSource *source = vips_source_new_from_memory(input->data, input->length);
    if (!source) return CVIPS_DAMAGED;
    int failed = format->load(
        source, image, "access", VIPS_ACCESS_SEQUENTIAL, "fail-on", VIPS_FAIL_ON_ERROR, NULL);
    VIPS_UNREF(source);
    if (failed) return CVIPS_DAMAGED;

    int64_t pixels = (int64_t)(*image)->Xsize * (*image)->Ysize;
    bool swapped = vips_image_get_orientation_swap(*image);
    input->info->width = swapped ? (*image)->Ysize : (*image)->Xsize;
    input->info->height = swapped ? (*image)->Xsize : (*image)->Ysize;
    input->info->pages = pages_of(input, *image);
    return pixels > input->pixel_limit ? CVIPS_TOO_MANY_PIXELS : CVIPS_OK;
}

/* MARK: Pixels */

/* Whether the image carries an ICC profile of another colour space than sRGB. */
static bool has_foreign_profile(VipsImage *image) {
    const void *profile;
    size_t length;
    if (!vips_image_get_typeof(image, VIPS_META_ICC_NAME)) return false;
    if (vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &length)) return false;
    return !cvips_profile_is_srgb(profile, length);
}

VipsImage *cvips_flattened(VipsImage *image, VipsObject *scope, int channels, bool managed) {
    VipsImage **made = (VipsImage **)vips_object_local_array(scope, 6);
    VipsImage *at = image;
    /* A profile that does not fit its image (a grey image with one for RGB) is not a reason to refuse the image. */
    if (managed && has_foreign_profile(at)
        && vips_icc_transform(at, &made[0], "srgb", "embedded", TRUE, "depth", 8, NULL) == 0) {
        at = made[0];
    }
    if (at->Type != VIPS_INTERPRETATION_sRGB && at->Type != VIPS_INTERPRETATION_B_W) {
        if (vips_colourspace(at, &made[1], VIPS_INTERPRETATION_sRGB, NULL)) return NULL;
        at = made[1];
    }
    if (at->BandFmt != VIPS_FORMAT_UCHAR) {
        if (vips_cast_uchar(at, &made[2], NULL)) return NULL;
        at = made[2];
    }
    if (vips_image_hasalpha(at)) {
        double white = 255;
        VipsArrayDouble *background = vips_array_double_new(&white, 1);
        int failed = vips_flatten(at, &made[3], "background", background, NULL);
        vips_area_unref(VIPS_AREA(background));
        if (failed) return NULL;
        at = made[3];
    }
    VipsInterpretation space = channels == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
    if (at->Bands != channels || at->Type != space) {
        if (vips_colourspace(at, &made[4], space, NULL)) return NULL;
        at = made[4];
    }
    /* More bands than the colour space has: a scientific TIFF, say. The first ones are its picture. */
    if (at->Bands > channels) {
        if (vips_extract_band(at, &made[5], 0, "n", channels, NULL)) return NULL;
        at = made[5];
    }
    return at;
}

/* Shrinks or grows while loading, turns, converts to sRGB, then flattens. */
static cvips_status open_resized(
    const cvips_input *input, int width, int height, VipsSize rule, int channels, VipsImage **image) {
    VipsImage *resized = NULL;
    VipsSource *source = vips_source_new_from_memory(input->data, input->length);
    if (!source) return CVIPS_DAMAGED;
    /* The property "fail-on" of vips_thumbnail_source does not reach the loader (libvips 8.14), its options do. */
    int failed = vips_thumbnail_source(
        source, &resized, width, "height", height, "size", rule, "option-string", "[fail-on=error]", NULL);
    VIPS_UNREF(source);
    if (failed) return CVIPS_DAMAGED;
    VipsImage *scope = vips_image_new();
    VipsImage *plain = cvips_flattened(resized, VIPS_OBJECT(scope), channels, true);
    if (plain) g_object_ref(plain);
    VIPS_UNREF(scope);
    VIPS_UNREF(resized);
    *image = plain;
    return plain ? CVIPS_OK : CVIPS_DAMAGED;
}

/* Nothing to be done but to decode: the pictures of data sets are like this, and a third of the work. */
static bool is_as_wanted(VipsImage *image, int width, int height, int channels) {
    return image->Xsize == width && image->Ysize == height && image->Bands == channels
        && image->BandFmt == VIPS_FORMAT_UCHAR && image->Coding == VIPS_CODING_NONE
        && image->Type == (channels == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB)
        && vips_image_get_orientation(image) <= 1 && !vips_image_get_typeof(image, VIPS_META_ICC_NAME);
}

cvips_status cvips_open(const cvips_input *input, int width, int height, int channels, VipsImage **image) {
    cvips_status status = cvips_open_header(input, image);
    if (status == CVIPS_OK && is_as_wanted(*image, width, height, channels)) return CVIPS_OK;
    VIPS_UNREF(*image);
    if (status != CVIPS_OK) return status;
    return open_resized(input, width, height, VIPS_SIZE_FORCE, channels, image);
}

cvips_status cvips_open_within(const cvips_input *input, int side, VipsImage **image) {
    cvips_status status = cvips_open_header(input, image);
    VIPS_UNREF(*image);
    if (status != CVIPS_OK) return status;
    return open_resized(input, side, side, VIPS_SIZE_DOWN, 3, image);
}

cvips_status cvips_open_stored(const cvips_input *input, cvips_stored *stored, VipsImage **image) {
    VipsImage *loaded = NULL;
    cvips_status status = cvips_open_header(input, &loaded);
    if (status != CVIPS_OK) {
        VIPS_UNREF(loaded);
        return status;
    }
    bool grey = loaded->Type == VIPS_INTERPRETATION_B_W;
    int channels = grey ? 1 : 3;
    *stored = (cvips_stored){loaded->Xsize, loaded->Ysize, channels, vips_image_get_orientation(loaded)};
    VipsImage *scope = vips_image_new();
    VipsImage *plain =
        cvips_flattened(loaded, VIPS_OBJECT(scope), channels, !grey && loaded->Type != VIPS_INTERPRETATION_sRGB);
    if (plain) g_object_ref(plain);
    VIPS_UNREF(scope);
    VIPS_UNREF(loaded);
    *image = plain;
    return plain ? CVIPS_OK : CVIPS_DAMAGED;
}

/* By strips from top to bottom, as the sequential loaders ask for, and without libvips' thread pool: handing a small
 * image to another thread costs more than decoding it. */
static int render(
    VipsImage *image, const cvips_stored *stored, uint8_t *out, cvips_take_rows take, void *context) {
    const int strip_rows = 16;
    size_t row_bytes = VIPS_IMAGE_SIZEOF_LINE(image);
    VipsRegion *region = vips_region_new(image);
    if (!region) return -1;
    int failed = 0;
    for (int top = 0; !failed && top < image->Ysize; top += strip_rows) {
        VipsRect strip = {0, top, image->Xsize, VIPS_MIN(strip_rows, image->Ysize - top)};
        failed = vips_region_prepare(region, &strip);
        if (failed) break;
        uint8_t *rows = take ? out : out + row_bytes * top;
        for (int y = 0; y < strip.height; y++) {
            memcpy(rows + row_bytes * y, VIPS_REGION_ADDR(region, 0, top + y), row_bytes);
        }
        if (take) take(context, stored, rows, top, strip.height);
    }
    VIPS_UNREF(region);
    return failed;
}

int cvips_render(VipsImage *image, uint8_t *out) { return render(image, NULL, out, NULL, NULL); }

int cvips_render_rows(VipsImage *image, const cvips_stored *stored, cvips_take_rows take, void *context) {
    uint8_t *strip = g_try_malloc_n(VIPS_IMAGE_SIZEOF_LINE(image), 16);
    if (!strip) return -1;
    int failed = render(image, stored, strip, take, context);
    g_free(strip);
    return failed;
}
