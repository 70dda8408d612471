// A thin layer over oneDNN (libdnnl) that is the same for its 2.x and 3.x interfaces, and that Swift can import:
// opaque pointers, 64-bit sizes, no macros.
//
// Functions that make something return NULL where they fail; `onednn_engine_error` then says why. Where the library's
// header was missing at build time everything compiles, `onednn_available` is false, and every function fails.
// One engine and what was made with it are used by one thread at a time.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Whether the library was there when this was built.
bool onednn_available(void);

/// Major, minor and patch version of the library that is loaded.
void onednn_version(int64_t version[3]);

/// Whether this CPU has instructions for bfloat16 that the library uses.
bool onednn_has_fast_bfloat16(void);

/// Sets how many OpenMP threads the calling thread's operations use; plans made from now on expect that many.
/// No effect where the library runs without OpenMP.
void onednn_set_threads(int64_t count);

/// A CPU with its queue of work.
typedef struct onednn_engine onednn_engine;
/// Shape, number type and order in memory of a tensor.
typedef struct onednn_layout onednn_layout;
/// A layout with the buffer that holds the numbers; the buffer stays the caller's.
typedef struct onednn_memory onednn_memory;
/// A planned computation.
typedef struct onednn_operation onednn_operation;

typedef enum { onednn_float32 = 0, onednn_bfloat16 = 1 } onednn_type;

/// What a memory is for an operation; the numbers are the library's.
typedef enum {
    onednn_source = 1,
    onednn_other_source = 2,
    onednn_output = 17,
    onednn_weights = 33,
    onednn_bias = 41,
    onednn_mean = 49,
    onednn_variance = 50,
    onednn_scale = 51,
    onednn_shift = 52,
    onednn_workspace = 64,
    onednn_source_gradient = 129,
    onednn_output_gradient = 145,
    onednn_weights_gradient = 161,
    onednn_bias_gradient = 169,
    onednn_scale_gradient = 255,
    onednn_shift_gradient = 256,
} onednn_argument;

onednn_engine *onednn_engine_create(void);
void onednn_engine_free(onednn_engine *engine);
/// The last failure's reason, in the library's words.
const char *onednn_engine_error(const onednn_engine *engine);

/// Row-major order.
onednn_layout *onednn_layout_plain(onednn_engine *engine, int64_t rank, const int64_t *shape, onednn_type type);
/// The operation that is planned with this layout chooses the order.
onednn_layout *onednn_layout_any(onednn_engine *engine, int64_t rank, const int64_t *shape, onednn_type type);
void onednn_layout_free(onednn_layout *layout);
bool onednn_layout_equal(const onednn_layout *one, const onednn_layout *other);
onednn_type onednn_layout_type(const onednn_layout *layout);
/// Bytes of a buffer in this layout, padding included.
size_t onednn_layout_bytes(const onednn_layout *layout);

/// Binds a buffer, aligned to 64 bytes, that outlives the memory.
onednn_memory *onednn_memory_create(onednn_engine *engine, const onednn_layout *layout, void *buffer);
void onednn_memory_free(onednn_memory *memory);

/// Copies between two layouts of one shape.
onednn_operation *onednn_reorder(onednn_engine *engine, const onednn_layout *from, const onednn_layout *to);

/// Convolution, with bias where its layout is not NULL, of (batch, channels, rows, columns) by (outputs, inputs, rows, columns), or
/// by (groups, outputs of a group, inputs of a group, rows, columns); `rectified` lets max(0, x) follow, and `added` then the sum
/// with what the output held. Strides and paddings are for rows and columns. `transformed` allows Winograd's algorithm (Lavin and
/// Gray, CVPR 2016) where the library has it for the shape and the CPU: less than half the time, values equal to about 1e-6 of them,
/// and weights in a layout that row-major ones can be put into, but not taken out of.
onednn_operation *onednn_convolution(
    onednn_engine *engine, bool training, const onednn_layout *source, const onednn_layout *weights,
    const onednn_layout *bias, const onednn_layout *output, const int64_t strides[2], const int64_t padding_before[2],
    const int64_t padding_after[2], bool rectified, bool added, bool transformed);
/// Gradient by the source of a planned convolution.
onednn_operation *onednn_convolution_backward_source(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *source_gradient,
    const onednn_layout *weights, const onednn_layout *output_gradient);
/// Gradients by weights and bias of a planned convolution.
onednn_operation *onednn_convolution_backward_weights(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *source,
    const onednn_layout *weights_gradient, const onednn_layout *bias_gradient, const onednn_layout *output_gradient);

/// Full connection, with bias where its layout is not NULL; the weights' shape is (outputs, shape of one source).
onednn_operation *onednn_inner_product(
    onednn_engine *engine, bool training, const onednn_layout *source, const onednn_layout *weights,
    const onednn_layout *bias, const onednn_layout *output, bool rectified);
onednn_operation *onednn_inner_product_backward_source(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *source_gradient,
    const onednn_layout *weights, const onednn_layout *output_gradient);
onednn_operation *onednn_inner_product_backward_weights(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *source,
    const onednn_layout *weights_gradient, const onednn_layout *bias_gradient, const onednn_layout *output_gradient);

typedef enum { onednn_maximum, onednn_average_inside } onednn_pooling_kind;

/// Pooling over windows; averages count only values inside the image. Maximum pooling in training has a workspace.
onednn_operation *onednn_pooling(
    onednn_engine *engine, bool training, onednn_pooling_kind kind, const onednn_layout *source,
    const onednn_layout *output, const int64_t size[2], const int64_t strides[2], const int64_t padding_before[2],
    const int64_t padding_after[2]);
onednn_operation *onednn_pooling_backward(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *source_gradient,
    const onednn_layout *output_gradient);

typedef enum { onednn_within_channel, onednn_across_channels } onednn_neighbourhood;

/// Local response normalisation x (offset + alpha/n Σ x²)^-beta over n neighbours: size² in the same channel, or size channels at
/// the same place.
onednn_operation *onednn_response_normalization(
    onednn_engine *engine, bool training, onednn_neighbourhood neighbourhood, const onednn_layout *layout, int64_t size,
    float alpha, float beta, float offset);
onednn_operation *onednn_response_normalization_backward(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *gradient,
    const onednn_layout *source);

/// Batch normalisation with scale and shift of (batch, channels, …): training gives mean and variance, otherwise they are
/// arguments. `rectified` lets max(0, x) follow, which in training has a workspace.
onednn_operation *onednn_batch_normalization(
    onednn_engine *engine, bool training, const onednn_layout *layout, float epsilon, bool rectified);
/// Gradients by source, scale and shift. 2.x wants the shift among the arguments, 3.x refuses it.
bool onednn_batch_normalization_backward_takes_shift(void);
onednn_operation *onednn_batch_normalization_backward(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *gradient,
    const onednn_layout *source);

/// The sum of two tensors; the output may be one of them.
onednn_operation *onednn_addition(onednn_engine *engine, const onednn_layout *layout);

/// max(0, x), whose backward pass takes the output (so it may run in place).
onednn_operation *onednn_rectifier(onednn_engine *engine, bool training, const onednn_layout *layout);
onednn_operation *onednn_rectifier_backward(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *gradient, const onednn_layout *output);

/// The layout that the operation chose or was given for an argument; NULL where it has none.
onednn_layout *onednn_operation_layout(
    onednn_engine *engine, const onednn_operation *operation, onednn_argument argument);
/// The kernel that the library chose, for logs.
const char *onednn_operation_kernel(const onednn_operation *operation);
/// Runs to the end; false where it failed.
bool onednn_operation_run(
    onednn_engine *engine, const onednn_operation *operation, int64_t count, const int32_t *arguments,
    onednn_memory *const *memories);
void onednn_operation_free(onednn_operation *operation);
