#include "CVipsInternal.h"

#include <string.h>

/* Whether libvips has this operation, and does not hold it back from foreign data. */
static bool is_there(const char *operation) {
    const VipsObjectClass *class = vips_class_find("VipsForeignLoad", operation);
    if (!class) return false;
#if VIPS_MAJOR_VERSION > 8 || (VIPS_MAJOR_VERSION == 8 && VIPS_MINOR_VERSION >= 13)
    if (VIPS_OPERATION_CLASS(class)->flags & VIPS_OPERATION_BLOCKED) return false;
#endif
    return true;
}

cvips_status cvips_formats(cvips_format_function function, void *context) {
    if (cvips_start() != CVIPS_OK) return CVIPS_UNAVAILABLE;
    const char *name;
    for (size_t i = 0; (name = cvips_format_name(i)) != NULL; i++) {
        char operation[64];
        g_snprintf(operation, sizeof operation, "%sload_source", name);
        function(name, is_there(operation), context);
    }
    return CVIPS_OK;
}
