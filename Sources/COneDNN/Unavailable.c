// Every function where the library's header was missing: nothing can be made, and nothing can be done.
#include "Internal.h"

#if !ONEDNN_PRESENT

bool onednn_available(void) { return false; }
void onednn_version(int64_t version[3]) { version[0] = version[1] = version[2] = 0; }

bool onednn_has_fast_bfloat16(void) { return false; }

onednn_engine *onednn_engine_create(void) { return NULL; }
void onednn_engine_free(onednn_engine *engine) {}
const char *onednn_engine_error(const onednn_engine *engine) { return "oneDNN was not there at build time"; }

#define NOTHING(name, ...) \
    name(__VA_ARGS__) { return NULL; }

onednn_layout *NOTHING(onednn_layout_plain, onednn_engine *engine, int64_t rank, const int64_t *shape, onednn_type type)
onednn_layout *NOTHING(onednn_layout_any, onednn_engine *engine, int64_t rank, const int64_t *shape, onednn_type type)
void onednn_layout_free(onednn_layout *layout) {}
bool onednn_layout_equal(const onednn_layout *one, const onednn_layout *other) { return false; }
onednn_type onednn_layout_type(const onednn_layout *layout) { return onednn_float32; }
size_t onednn_layout_bytes(const onednn_layout *layout) { return 0; }

onednn_memory *NOTHING(onednn_memory_create, onednn_engine *engine, const onednn_layout *layout, void *buffer)
void onednn_memory_free(onednn_memory *memory) {}

onednn_operation *NOTHING(onednn_reorder, onednn_engine *engine, const onednn_layout *from, const onednn_layout *to)
onednn_operation *NOTHING(
    onednn_convolution, onednn_engine *engine, bool training, const onednn_layout *source,
    const onednn_layout *weights, const onednn_layout *bias, const onednn_layout *output, const int64_t strides[2],
    const int64_t padding_before[2], const int64_t padding_after[2], bool rectified,
    bool added, bool transformed)
onednn_operation *NOTHING(
    onednn_convolution_backward_source, onednn_engine *engine, const onednn_operation *forward,
    const onednn_layout *source_gradient, const onednn_layout *weights, const onednn_layout *output_gradient)
onednn_operation *NOTHING(
    onednn_convolution_backward_weights, onednn_engine *engine, const onednn_operation *forward,
    const onednn_layout *source, const onednn_layout *weights_gradient, const onednn_layout *bias_gradient,
    const onednn_layout *output_gradient)
onednn_operation *NOTHING(
    onednn_inner_product, onednn_engine *engine, bool training, const onednn_layout *source,
    const onednn_layout *weights, const onednn_layout *bias, const onednn_layout *output, bool rectified)
onednn_operation *NOTHING(
    onednn_inner_product_backward_source, onednn_engine *engine, const onednn_operation *forward,
    const onednn_layout *source_gradient, const onednn_layout *weights, const onednn_layout *output_gradient)
onednn_operation *NOTHING(
    onednn_inner_product_backward_weights, onednn_engine *engine, const onednn_operation *forward,
    const onednn_layout *source, const onednn_layout *weights_gradient, const onednn_layout *bias_gradient,
    const onednn_layout *output_gradient)
onednn_operation *NOTHING(
    onednn_pooling, onednn_engine *engine, bool training, onednn_pooling_kind kind, const onednn_layout *source,
    const onednn_layout *output, const int64_t size[2], const int64_t strides[2], const int64_t padding_before[2],
    const int64_t padding_after[2])
onednn_operation *NOTHING(
    onednn_pooling_backward, onednn_engine *engine, const onednn_operation *forward,
    const onednn_layout *source_gradient, const onednn_layout *output_gradient)
onednn_operation *NOTHING(
    onednn_response_normalization, onednn_engine *engine, bool training, onednn_neighbourhood neighbourhood,
    const onednn_layout *layout, int64_t size, float alpha, float beta, float offset)
onednn_operation *NOTHING(
    onednn_response_normalization_backward, onednn_engine *engine, const onednn_operation *forward,
    const onednn_layout *gradient, const onednn_layout *source)
onednn_operation *NOTHING(
    onednn_batch_normalization, onednn_engine *engine, bool training, const onednn_layout *layout, float epsilon,
    bool rectified)
bool onednn_batch_normalization_backward_takes_shift(void) { return false; }
onednn_operation *NOTHING(
    onednn_batch_normalization_backward, onednn_engine *engine, const onednn_operation *forward,
    const onednn_layout *gradient, const onednn_layout *source)
onednn_operation *NOTHING(onednn_addition, onednn_engine *engine, const onednn_layout *layout)
onednn_operation *NOTHING(onednn_rectifier, onednn_engine *engine, bool training, const onednn_layout *layout)
onednn_operation *NOTHING(
    onednn_rectifier_backward, onednn_engine *engine, const onednn_operation *forward, const onednn_layout *gradient,
    const onednn_layout *output)

onednn_layout *NOTHING(
    onednn_operation_layout, onednn_engine *engine, const onednn_operation *operation, onednn_argument argument)
const char *onednn_operation_kernel(const onednn_operation *operation) { return ""; }
bool onednn_operation_run(
    onednn_engine *engine, const onednn_operation *operation, int64_t count, const int32_t *arguments,
    onednn_memory *const *memories) {
    return false;
}
void onednn_operation_free(onednn_operation *operation) {}

#endif
