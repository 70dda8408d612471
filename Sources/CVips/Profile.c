#include "CVipsInternal.h"

#include <string.h>

#include <lcms2.h>

/* An ICC profile is a header of 128 bytes, a big-endian count of tags, and for each tag its name, offset and size. */

static uint32_t big_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Finds a tag's data; NULL if there is none, or if it does not lie within the profile. */
static const uint8_t *find_tag(const uint8_t *profile, size_t length, const char *name, size_t *size) {
    if (length < 132) return NULL;
    size_t count = big_endian(profile + 128);
    for (size_t i = 0; i < count && 132 + (i + 1) * 12 <= length; i++) {
        const uint8_t *entry = profile + 132 + i * 12;
        if (memcmp(entry, name, 4) != 0) continue;
        size_t offset = big_endian(entry + 4);
        *size = big_endian(entry + 8);
        return offset <= length && *size <= length - offset ? profile + offset : NULL;
    }
    return NULL;
}

/* Most profiles in photographs are the standard's own, and applying them changes nothing but the time: libvips and lcms
 * build the transform anew for each image, which takes longer than decoding it. They are known by their description,
 * "sRGB IEC61966-2.1", kept as ASCII (version 2) or UTF-16 (version 4), and by having no look-up tables. */
bool cvips_profile_is_srgb(const void *data, size_t length) {
    static const char name[] = "sRGB IEC61966-2.1";
    const size_t characters = sizeof name - 1;
    const uint8_t *profile = data;
    size_t size, unused;
    const uint8_t *description = find_tag(profile, length, "desc", &size);
    if (!description || find_tag(profile, length, "A2B0", &unused)) return false;
    if (size >= 12 + characters && memcmp(description, "desc", 4) == 0) {
        return memcmp(description + 12, name, characters) == 0;
    }
    /* "mluc": count and size of records at 8 and 12, then the first record, whose text begins at its last field. */
    if (size < 28 || memcmp(description, "mluc", 4) != 0) return false;
    size_t offset = big_endian(description + 24);
    if (offset > size || size - offset < 2 * characters) return false;
    for (size_t i = 0; i < characters; i++) {
        const uint8_t *unit = description + offset + 2 * i;
        if (unit[0] != 0 || unit[1] != (uint8_t)name[i]) return false;
    }
    return true;
}

/* MARK: Transforms */

/* Making a transform takes longer than decoding a small image, and the photographs of a camera have one profile in common. So the first
 * transforms are kept, as long as the program runs; they may be used on many threads at a time. */
typedef struct kept_transform {
    void *profile;
    size_t length;
    cmsHTRANSFORM transform; /* NULL where none can be made */
} kept_transform;

static kept_transform kept[16];
static size_t kept_count;
static GMutex keeping;

static cmsHTRANSFORM make_transform(const void *profile, size_t length) {
    cmsHTRANSFORM transform = NULL;
    VipsBlob *standard = NULL;
    cmsHPROFILE from = cmsOpenProfileFromMem(profile, (cmsUInt32Number)length);
    if (from && cmsGetColorSpace(from) == cmsSigRgbData && vips_profile_load("srgb", &standard, NULL) == 0 && standard) {
        size_t size;
        const void *bytes = vips_blob_get(standard, &size);
        cmsHPROFILE to = cmsOpenProfileFromMem(bytes, (cmsUInt32Number)size);
        if (to) {
            transform = cmsCreateTransform(
                from, TYPE_RGB_8, to, TYPE_RGB_8, INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE);
            cmsCloseProfile(to);
        }
    }
    if (standard) vips_area_unref(VIPS_AREA(standard));
    if (from) cmsCloseProfile(from);
    return transform;
}

static cmsHTRANSFORM transform_of(const void *profile, size_t length) {
    cmsHTRANSFORM found = NULL;
    g_mutex_lock(&keeping);
    size_t i = 0;
    while (i < kept_count && (kept[i].length != length || memcmp(kept[i].profile, profile, length) != 0)) i++;
    if (i == kept_count && i < G_N_ELEMENTS(kept)) {
        void *copy = g_try_malloc(length);
        if (copy) {
            memcpy(copy, profile, length);
            kept[kept_count++] = (kept_transform){copy, length, make_transform(profile, length)};
        }
    }
    if (i < kept_count) found = kept[i].transform;
    g_mutex_unlock(&keeping);
    return found;
}

bool cvips_profile_apply(const void *profile, size_t length, uint8_t *pixels, size_t count) {
    size_t unused;
    /* Profiles with look-up tables may lack the wanted intent, large ones are not for keeping. */
    if (length > 1 << 16 || find_tag(profile, length, "A2B0", &unused)) return false;
    cmsHTRANSFORM transform = transform_of(profile, length);
    if (transform) cmsDoTransform(transform, pixels, pixels, (cmsUInt32Number)count);
    return transform != NULL;
}
