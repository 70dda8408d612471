// Engine, layouts, memories, and running operations.
#define _GNU_SOURCE
#include "Internal.h"

#include <dlfcn.h>
#include <stdlib.h>

// The library links OpenMP, this target need not: the symbol is looked up in what is loaded.
void onednn_set_threads(int64_t count) {
    void (*set_threads)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (set_threads && count > 0) {
        set_threads((int)count);
    }
}

#if ONEDNN_PRESENT

bool onednn_available(void) {
    return true;
}

void onednn_version(int64_t version[3]) {
    const dnnl_version_t *loaded = dnnl_version();
    version[0] = loaded->major;
    version[1] = loaded->minor;
    version[2] = loaded->patch;
}

// Instruction sets are bits: a CPU that has more than AVX-512 with bfloat16 has that one's bits too.
bool onednn_has_fast_bfloat16(void) {
    const int wanted = dnnl_cpu_isa_avx512_core_bf16;
    return ((int)dnnl_get_effective_cpu_isa() & wanted) == wanted;
}

onednn_engine *onednn_engine_create(void) {
    onednn_engine *engine = calloc(1, sizeof *engine);
    if (!engine) {
        return NULL;
    }
    if (dnnl_engine_create(&engine->engine, dnnl_cpu, 0) != dnnl_success
        || dnnl_stream_create(&engine->stream, engine->engine, dnnl_stream_default_flags) != dnnl_success
        || dnnl_primitive_attr_create(&engine->attributes) != dnnl_success
        || dnnl_primitive_attr_set_scratchpad_mode(engine->attributes, dnnl_scratchpad_mode_user) != dnnl_success) {
        onednn_engine_free(engine);
        return NULL;
    }
    return engine;
}

void onednn_engine_free(onednn_engine *engine) {
    if (!engine) {
        return;
    }
    free(engine->scratchpad);
    if (engine->attributes) {
        dnnl_primitive_attr_destroy(engine->attributes);
    }
    if (engine->stream) {
        dnnl_stream_destroy(engine->stream);
    }
    if (engine->engine) {
        dnnl_engine_destroy(engine->engine);
    }
    free(engine);
}

const char *onednn_engine_error(const onednn_engine *engine) {
    return dnnl_status2str(engine->status);
}

bool onednn_succeeded(onednn_engine *engine, dnnl_status_t status) {
    if (status != dnnl_success) {
        engine->status = status;
    }
    return status == dnnl_success;
}

static onednn_layout *layout_with_tag(
    onednn_engine *engine, int64_t rank, const int64_t *shape, onednn_type type, dnnl_format_tag_t tag) {
    onednn_layout *layout = calloc(1, sizeof *layout);
    if (!layout) {
        engine->status = dnnl_out_of_memory;
        return NULL;
    }
    dnnl_dims_t sides = {0};
    for (int64_t side = 0; side < rank && side < DNNL_MAX_NDIMS; side++) {
        sides[side] = shape[side];
    }
    dnnl_data_type_t number = type == onednn_bfloat16 ? dnnl_bf16 : dnnl_f32;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_memory_desc_create_with_tag(&layout->descriptor, (int)rank, sides, number, tag);
#else
    dnnl_status_t status = dnnl_memory_desc_init_by_tag(&layout->descriptor, (int)rank, sides, number, tag);
#endif
    if (!onednn_succeeded(engine, status)) {
        free(layout);
        return NULL;
    }
    return layout;
}

onednn_layout *onednn_layout_plain(onednn_engine *engine, int64_t rank, const int64_t *shape, onednn_type type) {
    static const dnnl_format_tag_t tags[] = {dnnl_a, dnnl_ab, dnnl_abc, dnnl_abcd, dnnl_abcde};
    if (rank < 1 || rank > 5) {
        engine->status = dnnl_invalid_arguments;
        return NULL;
    }
    return layout_with_tag(engine, rank, shape, type, tags[rank - 1]);
}

onednn_layout *onednn_layout_any(onednn_engine *engine, int64_t rank, const int64_t *shape, onednn_type type) {
    return layout_with_tag(engine, rank, shape, type, dnnl_format_tag_any);
}

void onednn_layout_free(onednn_layout *layout) {
#if DNNL_VERSION_MAJOR >= 3
    if (layout) {
        dnnl_memory_desc_destroy(layout->descriptor);
    }
#endif
    free(layout);
}

bool onednn_layout_equal(const onednn_layout *one, const onednn_layout *other) {
    return dnnl_memory_desc_equal(DESCRIPTOR(one), DESCRIPTOR(other)) != 0;
}

onednn_type onednn_layout_type(const onednn_layout *layout) {
#if DNNL_VERSION_MAJOR >= 3
    dnnl_data_type_t number = dnnl_data_type_undef;
    dnnl_memory_desc_query(layout->descriptor, dnnl_query_data_type, &number);
#else
    dnnl_data_type_t number = layout->descriptor.data_type;
#endif
    return number == dnnl_bf16 ? onednn_bfloat16 : onednn_float32;
}

size_t onednn_layout_bytes(const onednn_layout *layout) {
    return dnnl_memory_desc_get_size(DESCRIPTOR(layout));
}

onednn_memory *onednn_memory_create(onednn_engine *engine, const onednn_layout *layout, void *buffer) {
    onednn_memory *memory = calloc(1, sizeof *memory);
    if (!memory) {
        engine->status = dnnl_out_of_memory;
        return NULL;
    }
    if (!onednn_succeeded(
            engine, dnnl_memory_create(&memory->memory, DESCRIPTOR(layout), engine->engine, buffer))) {
        free(memory);
        return NULL;
    }
    return memory;
}

void onednn_memory_free(onednn_memory *memory) {
    if (memory) {
        dnnl_memory_destroy(memory->memory);
    }
    free(memory);
}

onednn_layout *onednn_operation_layout(
    onednn_engine *engine, const onednn_operation *operation, onednn_argument argument) {
    onednn_descriptor found = dnnl_primitive_desc_query_md(operation->plan, dnnl_query_exec_arg_md, argument);
    if (!found || dnnl_memory_desc_get_size(found) == 0) {
        return NULL;
    }
    onednn_layout *layout = calloc(1, sizeof *layout);
    if (!layout) {
        engine->status = dnnl_out_of_memory;
        return NULL;
    }
#if DNNL_VERSION_MAJOR >= 3
    if (!onednn_succeeded(engine, dnnl_memory_desc_clone(&layout->descriptor, found))) {
        free(layout);
        return NULL;
    }
#else
    layout->descriptor = *found;
#endif
    return layout;
}

const char *onednn_operation_kernel(const onednn_operation *operation) {
    const char *name = NULL;
    dnnl_primitive_desc_query(operation->plan, dnnl_query_impl_info_str, 0, &name);
    return name ? name : "";
}

/// Working memory for an operation, none where it needs none; the caller destroys the memory, and the buffer stays the engine's.
static dnnl_status_t scratchpad_memory(
    onednn_engine *engine, const onednn_operation *operation, dnnl_memory_t *memory) {
    *memory = NULL;
    onednn_descriptor wanted = dnnl_primitive_desc_query_md(operation->plan, dnnl_query_scratchpad_md, 0);
    size_t bytes = wanted ? dnnl_memory_desc_get_size(wanted) : 0;
    if (bytes == 0) {
        return dnnl_success;
    }
    if (bytes > engine->scratchpad_bytes) {
        free(engine->scratchpad);
        engine->scratchpad_bytes = 0;
        if (posix_memalign(&engine->scratchpad, 4096, bytes) != 0) {
            engine->scratchpad = NULL;
            return dnnl_out_of_memory;
        }
        engine->scratchpad_bytes = bytes;
    }
    return dnnl_memory_create(memory, wanted, engine->engine, engine->scratchpad);
}

bool onednn_operation_run(
    onednn_engine *engine, const onednn_operation *operation, int64_t count, const int32_t *arguments,
    onednn_memory *const *memories) {
    dnnl_exec_arg_t bound[17];
    if (count < 0 || count > 16) {
        engine->status = dnnl_invalid_arguments;
        return false;
    }
    for (int64_t index = 0; index < count; index++) {
        bound[index] = (dnnl_exec_arg_t){arguments[index], memories[index]->memory};
    }
    dnnl_memory_t scratchpad;
    dnnl_status_t status = scratchpad_memory(engine, operation, &scratchpad);
    if (scratchpad) {
        bound[count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, scratchpad};
    }
    status = status ? status : dnnl_primitive_execute(operation->primitive, engine->stream, (int)count, bound);
    status = status ? status : dnnl_stream_wait(engine->stream);
    if (scratchpad) {
        dnnl_memory_destroy(scratchpad);
    }
    return onednn_succeeded(engine, status);
}

void onednn_operation_free(onednn_operation *operation) {
    if (!operation) {
        return;
    }
    if (operation->primitive) {
        dnnl_primitive_destroy(operation->primitive);
    }
    if (operation->plan) {
        dnnl_primitive_desc_destroy(operation->plan);
    }
    free(operation);
}

onednn_operation *onednn_finish(
    onednn_engine *engine, dnnl_status_t status, dnnl_primitive_desc_t plan, onednn_geometry geometry) {
    if (!onednn_succeeded(engine, status)) {
        return NULL;
    }
    onednn_operation *operation = calloc(1, sizeof *operation);
    if (!operation) {
        dnnl_primitive_desc_destroy(plan);
        engine->status = dnnl_out_of_memory;
        return NULL;
    }
    operation->plan = plan;
    operation->geometry = geometry;
    if (!onednn_succeeded(engine, dnnl_primitive_create(&operation->primitive, plan))) {
        onednn_operation_free(operation);
        return NULL;
    }
    return operation;
}

#if DNNL_VERSION_MAJOR < 3
dnnl_status_t onednn_plan_described(
    dnnl_primitive_desc_t *plan, dnnl_status_t status, const void *description, dnnl_primitive_attr_t attributes,
    onednn_engine *engine, const onednn_operation *forward) {
    return status ? status
                  : dnnl_primitive_desc_create(
                        plan, description, attributes ? attributes : engine->attributes, engine->engine,
                        forward ? forward->plan : NULL);
}
#endif

void onednn_copy_sides(dnnl_dims_t to, const int64_t from[2]) {
    to[0] = from[0];
    to[1] = from[1];
}

dnnl_status_t onednn_followed_by(dnnl_primitive_attr_t *attributes, bool rectified, bool added) {
    dnnl_post_ops_t operations = NULL;
    *attributes = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(attributes);
    status = status ? status : dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
    status = status ? status : dnnl_post_ops_create(&operations);
#if DNNL_VERSION_MAJOR >= 3
    if (rectified) {
        status = status ? status : dnnl_post_ops_append_eltwise(operations, dnnl_eltwise_relu, 0, 0);
    }
    if (added) {
        status = status ? status : dnnl_post_ops_append_sum(operations, 1, 0, dnnl_data_type_undef);
    }
#else
    if (rectified) {
        status = status ? status : dnnl_post_ops_append_eltwise(operations, 1, dnnl_eltwise_relu, 0, 0);
    }
    if (added) {
        status = status ? status : dnnl_post_ops_append_sum(operations, 1);
    }
#endif
    status = status ? status : dnnl_primitive_attr_set_post_ops(*attributes, operations);
    if (operations) {
        dnnl_post_ops_destroy(operations);
    }
    return status;
}

#endif
