// What the files of this target share: the structures behind the opaque pointers, and the differences of 2.x and 3.x.
#pragma once

#include "COneDNN.h"

#if __has_include(<oneapi/dnnl/dnnl.h>)
#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>
#define ONEDNN_PRESENT 1
#else
#define ONEDNN_PRESENT 0
#endif

#if ONEDNN_PRESENT

// 2.x hands memory descriptors around by address of a structure, 3.x as handles.
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t onednn_descriptor;
#define DESCRIPTOR(layout) ((layout)->descriptor)
#else
typedef const dnnl_memory_desc_t *onednn_descriptor;
#define DESCRIPTOR(layout) (&(layout)->descriptor)
#endif

struct onednn_engine {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_status_t status;
    /// Plans made with these leave their working memory to us.
    ///
    /// The library's own belongs to the thread that makes an operation, and is counted on the thread that frees it: where
    /// those differ, it vanishes under operations that still need it.
    dnnl_primitive_attr_t attributes;
    /// Working memory of the operation that runs, as large as the largest that ran.
    void *scratchpad;
    size_t scratchpad_bytes;
};

struct onednn_layout {
    dnnl_memory_desc_t descriptor;
};

struct onednn_memory {
    dnnl_memory_t memory;
};

/// The descriptor, or none where there is no layout.
static inline onednn_descriptor onednn_optional(const struct onednn_layout *layout) {
    return layout ? DESCRIPTOR(layout) : NULL;
}

/// Windows of convolution and pooling, or the constants of a normalisation: what a backward plan repeats.
typedef struct {
    dnnl_alg_kind_t algorithm;
    dnnl_dims_t size, strides, dilation, padding_before, padding_after;
    float alpha, beta, offset;
    unsigned flags;
} onednn_geometry;

struct onednn_operation {
    dnnl_primitive_desc_t plan;
    dnnl_primitive_t primitive;
    onednn_geometry geometry;
};

/// Records a status; true where it is success.
bool onednn_succeeded(onednn_engine *engine, dnnl_status_t status);

/// Makes the operation of a plan that `status` says was made, and owns the plan; NULL and freed where anything failed.
onednn_operation *onednn_finish(
    onednn_engine *engine, dnnl_status_t status, dnnl_primitive_desc_t plan, onednn_geometry geometry);

#if DNNL_VERSION_MAJOR < 3
/// Makes a plan of a 2.x description that `status` says was filled, with the engine's attributes where there are none.
dnnl_status_t onednn_plan_described(
    dnnl_primitive_desc_t *plan, dnnl_status_t status, const void *description, dnnl_primitive_attr_t attributes,
    onednn_engine *engine, const onednn_operation *forward);
#endif

/// Two sides from the caller's integers.
void onednn_copy_sides(dnnl_dims_t to, const int64_t from[2]);

/// Attributes as the engine's that let max(0, x), and then a sum with what the output held, follow an operation where asked
/// for. The caller destroys them, whatever the status.
dnnl_status_t onednn_followed_by(dnnl_primitive_attr_t *attributes, bool rectified, bool added);

static inline dnnl_prop_kind_t onednn_direction(bool training) {
    return training ? dnnl_forward_training : dnnl_forward_inference;
}

#endif
