#include "CVipsInternal.h"

#include <string.h>

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
