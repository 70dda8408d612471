// Plans of single operations. 2.x fills a description and makes a plan of it, 3.x makes the plan in one call: each
// function holds the two forms side by side.
#include "Internal.h"

#if ONEDNN_PRESENT

onednn_operation *onednn_reorder(onednn_engine *engine, const onednn_layout *from, const onednn_layout *to) {
    dnnl_primitive_desc_t plan = NULL;
    dnnl_status_t status = dnnl_reorder_primitive_desc_create(
        &plan, DESCRIPTOR(from), engine->engine, DESCRIPTOR(to), engine->engine, engine->attributes);
    return onednn_finish(engine, status, plan, (onednn_geometry){0});
}

/// Plans a convolution by one algorithm.
static dnnl_status_t plan_convolution(
    onednn_engine *engine, bool training, const onednn_geometry *geometry, const onednn_layout *source,
    const onednn_layout *weights, const onednn_layout *bias, const onednn_layout *output, dnnl_primitive_attr_t attributes,
    dnnl_primitive_desc_t *plan) {
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_convolution_forward_primitive_desc_create(
        plan, engine->engine, onednn_direction(training), geometry->algorithm, DESCRIPTOR(source), DESCRIPTOR(weights),
        onednn_optional(bias), DESCRIPTOR(output), geometry->strides, geometry->dilation, geometry->padding_before,
        geometry->padding_after, attributes);
#else
    dnnl_convolution_desc_t description;
    dnnl_status_t status = dnnl_convolution_forward_desc_init(
        &description, onednn_direction(training), geometry->algorithm, DESCRIPTOR(source), DESCRIPTOR(weights),
        onednn_optional(bias), DESCRIPTOR(output), geometry->strides, geometry->padding_before, geometry->padding_after);
    return onednn_plan_described(plan, status, &description, attributes, engine, NULL);
#endif
}

onednn_operation *onednn_convolution(
    onednn_engine *engine, bool training, const onednn_layout *source, const onednn_layout *weights,
    const onednn_layout *bias, const onednn_layout *output, const int64_t strides[2], const int64_t padding_before[2],
    const int64_t padding_after[2], bool rectified, bool added, bool transformed) {
    onednn_geometry geometry = {.algorithm = dnnl_convolution_winograd};
    onednn_copy_sides(geometry.strides, strides);
    onednn_copy_sides(geometry.padding_before, padding_before);
    onednn_copy_sides(geometry.padding_after, padding_after);
    dnnl_primitive_attr_t attributes;
    dnnl_primitive_desc_t plan = NULL;
    const dnnl_status_t followed = onednn_followed_by(&attributes, rectified, added);
    dnnl_status_t status = dnnl_unimplemented;
    if (!followed && transformed) {
        status = plan_convolution(engine, training, &geometry, source, weights, bias, output, attributes, &plan);
    }
    if (status != dnnl_success) {
        geometry.algorithm = dnnl_convolution_direct;
        status = followed
            ? followed : plan_convolution(engine, training, &geometry, source, weights, bias, output, attributes, &plan);
    }
    if (attributes) {
        dnnl_primitive_attr_destroy(attributes);
    }
    return onednn_finish(engine, status, plan, geometry);
}

onednn_operation *onednn_convolution_backward_source(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *source_gradient,
    const onednn_layout *weights, const onednn_layout *output_gradient) {
    const onednn_geometry *geometry = &forward->geometry;
    dnnl_primitive_desc_t plan = NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_convolution_backward_data_primitive_desc_create(
        &plan, engine->engine, geometry->algorithm, DESCRIPTOR(source_gradient), DESCRIPTOR(weights),
        DESCRIPTOR(output_gradient), geometry->strides, geometry->dilation, geometry->padding_before,
        geometry->padding_after, forward->plan, engine->attributes);
#else
    dnnl_convolution_desc_t description;
    dnnl_status_t status = dnnl_convolution_backward_data_desc_init(
        &description, geometry->algorithm, DESCRIPTOR(source_gradient), DESCRIPTOR(weights),
        DESCRIPTOR(output_gradient), geometry->strides, geometry->padding_before, geometry->padding_after);
    status = onednn_plan_described(&plan, status, &description, NULL, engine, forward);
#endif
    return onednn_finish(engine, status, plan, *geometry);
}

onednn_operation *onednn_convolution_backward_weights(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *source,
    const onednn_layout *weights_gradient, const onednn_layout *bias_gradient, const onednn_layout *output_gradient) {
    const onednn_geometry *geometry = &forward->geometry;
    dnnl_primitive_desc_t plan = NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_convolution_backward_weights_primitive_desc_create(
        &plan, engine->engine, geometry->algorithm, DESCRIPTOR(source), DESCRIPTOR(weights_gradient),
        onednn_optional(bias_gradient), DESCRIPTOR(output_gradient), geometry->strides, geometry->dilation,
        geometry->padding_before, geometry->padding_after, forward->plan, engine->attributes);
#else
    dnnl_convolution_desc_t description;
    dnnl_status_t status = dnnl_convolution_backward_weights_desc_init(
        &description, geometry->algorithm, DESCRIPTOR(source), DESCRIPTOR(weights_gradient), onednn_optional(bias_gradient),
        DESCRIPTOR(output_gradient), geometry->strides, geometry->padding_before, geometry->padding_after);
    status = onednn_plan_described(&plan, status, &description, NULL, engine, forward);
#endif
    return onednn_finish(engine, status, plan, *geometry);
}

onednn_operation *onednn_inner_product(
    onednn_engine *engine, bool training, const onednn_layout *source, const onednn_layout *weights,
    const onednn_layout *bias, const onednn_layout *output, bool rectified) {
    dnnl_primitive_attr_t attributes;
    dnnl_primitive_desc_t plan = NULL;
    dnnl_status_t status = onednn_followed_by(&attributes, rectified, false);
#if DNNL_VERSION_MAJOR >= 3
    status = status ? status : dnnl_inner_product_forward_primitive_desc_create(
        &plan, engine->engine, onednn_direction(training), DESCRIPTOR(source), DESCRIPTOR(weights), onednn_optional(bias),
        DESCRIPTOR(output), attributes);
#else
    dnnl_inner_product_desc_t description;
    status = status ? status : dnnl_inner_product_forward_desc_init(
        &description, onednn_direction(training), DESCRIPTOR(source), DESCRIPTOR(weights), onednn_optional(bias),
        DESCRIPTOR(output));
    status = onednn_plan_described(&plan, status, &description, attributes, engine, NULL);
#endif
    if (attributes) {
        dnnl_primitive_attr_destroy(attributes);
    }
    return onednn_finish(engine, status, plan, (onednn_geometry){0});
}

onednn_operation *onednn_inner_product_backward_source(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *source_gradient,
    const onednn_layout *weights, const onednn_layout *output_gradient) {
    dnnl_primitive_desc_t plan = NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_inner_product_backward_data_primitive_desc_create(
        &plan, engine->engine, DESCRIPTOR(source_gradient), DESCRIPTOR(weights), DESCRIPTOR(output_gradient),
        forward->plan, engine->attributes);
#else
    dnnl_inner_product_desc_t description;
    dnnl_status_t status = dnnl_inner_product_backward_data_desc_init(
        &description, DESCRIPTOR(source_gradient), DESCRIPTOR(weights), DESCRIPTOR(output_gradient));
    status = onednn_plan_described(&plan, status, &description, NULL, engine, forward);
#endif
    return onednn_finish(engine, status, plan, (onednn_geometry){0});
}

onednn_operation *onednn_inner_product_backward_weights(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *source,
    const onednn_layout *weights_gradient, const onednn_layout *bias_gradient, const onednn_layout *output_gradient) {
    dnnl_primitive_desc_t plan = NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_inner_product_backward_weights_primitive_desc_create(
        &plan, engine->engine, DESCRIPTOR(source), DESCRIPTOR(weights_gradient), onednn_optional(bias_gradient),
        DESCRIPTOR(output_gradient), forward->plan, engine->attributes);
#else
    dnnl_inner_product_desc_t description;
    dnnl_status_t status = dnnl_inner_product_backward_weights_desc_init(
        &description, DESCRIPTOR(source), DESCRIPTOR(weights_gradient), onednn_optional(bias_gradient),
        DESCRIPTOR(output_gradient));
    status = onednn_plan_described(&plan, status, &description, NULL, engine, forward);
#endif
    return onednn_finish(engine, status, plan, (onednn_geometry){0});
}

onednn_operation *onednn_pooling(
    onednn_engine *engine, bool training, onednn_pooling_kind kind, const onednn_layout *source,
    const onednn_layout *output, const int64_t size[2], const int64_t strides[2], const int64_t padding_before[2],
    const int64_t padding_after[2]) {
    onednn_geometry geometry = {
        .algorithm = kind == onednn_maximum ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding};
    onednn_copy_sides(geometry.size, size);
    onednn_copy_sides(geometry.strides, strides);
    onednn_copy_sides(geometry.padding_before, padding_before);
    onednn_copy_sides(geometry.padding_after, padding_after);
    dnnl_primitive_desc_t plan = NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_pooling_forward_primitive_desc_create(
        &plan, engine->engine, onednn_direction(training), geometry.algorithm, DESCRIPTOR(source), DESCRIPTOR(output),
        geometry.strides, geometry.size, geometry.dilation, geometry.padding_before, geometry.padding_after,
        engine->attributes);
#else
    dnnl_pooling_desc_t description;
    dnnl_status_t status = dnnl_pooling_forward_desc_init(
        &description, onednn_direction(training), geometry.algorithm, DESCRIPTOR(source), DESCRIPTOR(output),
        geometry.strides, geometry.size, geometry.padding_before, geometry.padding_after);
    status = onednn_plan_described(&plan, status, &description, NULL, engine, NULL);
#endif
    return onednn_finish(engine, status, plan, geometry);
}

onednn_operation *onednn_pooling_backward(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *source_gradient,
    const onednn_layout *output_gradient) {
    const onednn_geometry *geometry = &forward->geometry;
    dnnl_primitive_desc_t plan = NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_pooling_backward_primitive_desc_create(
        &plan, engine->engine, geometry->algorithm, DESCRIPTOR(source_gradient), DESCRIPTOR(output_gradient),
        geometry->strides, geometry->size, geometry->dilation, geometry->padding_before, geometry->padding_after,
        forward->plan, engine->attributes);
#else
    dnnl_pooling_desc_t description;
    dnnl_status_t status = dnnl_pooling_backward_desc_init(
        &description, geometry->algorithm, DESCRIPTOR(source_gradient), DESCRIPTOR(output_gradient), geometry->strides,
        geometry->size, geometry->padding_before, geometry->padding_after);
    status = onednn_plan_described(&plan, status, &description, NULL, engine, forward);
#endif
    return onednn_finish(engine, status, plan, *geometry);
}

#endif
