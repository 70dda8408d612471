// Plans of single operations that keep the shape of their input: normalisations, rectifiers and sums.
#include "Internal.h"

#if ONEDNN_PRESENT

onednn_operation *onednn_response_normalization(
    onednn_engine *engine, bool training, onednn_neighbourhood neighbourhood, const onednn_layout *layout, int64_t size,
    float alpha, float beta, float offset) {
    onednn_geometry geometry = {
        .algorithm = neighbourhood == onednn_across_channels ? dnnl_lrn_across_channels : dnnl_lrn_within_channel,
        .size = {size}, .alpha = alpha, .beta = beta, .offset = offset};
    dnnl_primitive_desc_t plan = NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_lrn_forward_primitive_desc_create(
        &plan, engine->engine, onednn_direction(training), geometry.algorithm, DESCRIPTOR(layout), DESCRIPTOR(layout),
        size, alpha, beta, offset, engine->attributes);
#else
    dnnl_lrn_desc_t description;
    dnnl_status_t status = dnnl_lrn_forward_desc_init(
        &description, onednn_direction(training), geometry.algorithm, DESCRIPTOR(layout), size, alpha, beta,
        offset);
    status = onednn_plan_described(&plan, status, &description, NULL, engine, NULL);
#endif
    return onednn_finish(engine, status, plan, geometry);
}

onednn_operation *onednn_response_normalization_backward(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *gradient,
    const onednn_layout *source) {
    const onednn_geometry *geometry = &forward->geometry;
    dnnl_primitive_desc_t plan = NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_lrn_backward_primitive_desc_create(
        &plan, engine->engine, geometry->algorithm, DESCRIPTOR(gradient), DESCRIPTOR(gradient), DESCRIPTOR(source),
        geometry->size[0], geometry->alpha, geometry->beta, geometry->offset, forward->plan, engine->attributes);
#else
    dnnl_lrn_desc_t description;
    dnnl_status_t status = dnnl_lrn_backward_desc_init(
        &description, geometry->algorithm, DESCRIPTOR(gradient), DESCRIPTOR(source), geometry->size[0],
        geometry->alpha, geometry->beta, geometry->offset);
    status = onednn_plan_described(&plan, status, &description, NULL, engine, forward);
#endif
    return onednn_finish(engine, status, plan, *geometry);
}

onednn_operation *onednn_rectifier(onednn_engine *engine, bool training, const onednn_layout *layout) {
    dnnl_primitive_desc_t plan = NULL;
    onednn_geometry geometry = {.algorithm = dnnl_eltwise_relu_use_dst_for_bwd};
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_eltwise_forward_primitive_desc_create(
        &plan, engine->engine, onednn_direction(training), geometry.algorithm, DESCRIPTOR(layout), DESCRIPTOR(layout),
        0, 0, engine->attributes);
#else
    dnnl_eltwise_desc_t description;
    dnnl_status_t status = dnnl_eltwise_forward_desc_init(
        &description, onednn_direction(training), geometry.algorithm, DESCRIPTOR(layout), 0, 0);
    status = onednn_plan_described(&plan, status, &description, NULL, engine, NULL);
#endif
    return onednn_finish(engine, status, plan, geometry);
}

onednn_operation *onednn_rectifier_backward(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *gradient,
    const onednn_layout *output) {
    dnnl_primitive_desc_t plan = NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_eltwise_backward_primitive_desc_create(
        &plan, engine->engine, forward->geometry.algorithm, DESCRIPTOR(gradient), DESCRIPTOR(gradient),
        DESCRIPTOR(output), 0, 0, forward->plan, engine->attributes);
#else
    dnnl_eltwise_desc_t description;
    dnnl_status_t status = dnnl_eltwise_backward_desc_init(
        &description, forward->geometry.algorithm, DESCRIPTOR(gradient), DESCRIPTOR(output), 0, 0);
    status = onednn_plan_described(&plan, status, &description, NULL, engine, forward);
#endif
    return onednn_finish(engine, status, plan, forward->geometry);
}

onednn_operation *onednn_batch_normalization(
    onednn_engine *engine, bool training, const onednn_layout *layout, float epsilon, bool rectified) {
    onednn_geometry geometry = {.alpha = epsilon, .flags = dnnl_use_scale | dnnl_use_shift};
    geometry.flags |= training ? 0 : dnnl_use_global_stats;
    geometry.flags |= rectified ? dnnl_fuse_norm_relu : 0;
    dnnl_primitive_desc_t plan = NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_batch_normalization_forward_primitive_desc_create(
        &plan, engine->engine, onednn_direction(training), DESCRIPTOR(layout), DESCRIPTOR(layout), epsilon,
        geometry.flags, engine->attributes);
#else
    dnnl_batch_normalization_desc_t description;
    dnnl_status_t status = dnnl_batch_normalization_forward_desc_init(
        &description, onednn_direction(training), DESCRIPTOR(layout), epsilon, geometry.flags);
    status = onednn_plan_described(&plan, status, &description, NULL, engine, NULL);
#endif
    return onednn_finish(engine, status, plan, geometry);
}

bool onednn_batch_normalization_backward_takes_shift(void) {
    return DNNL_VERSION_MAJOR < 3;
}

onednn_operation *onednn_batch_normalization_backward(
    onednn_engine *engine, const onednn_operation *forward, const onednn_layout *gradient,
    const onednn_layout *source) {
    const onednn_geometry *geometry = &forward->geometry;
    dnnl_primitive_desc_t plan = NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_batch_normalization_backward_primitive_desc_create(
        &plan, engine->engine, dnnl_backward, DESCRIPTOR(gradient), DESCRIPTOR(gradient), DESCRIPTOR(source),
        geometry->alpha, geometry->flags, forward->plan, engine->attributes);
#else
    dnnl_batch_normalization_desc_t description;
    dnnl_status_t status = dnnl_batch_normalization_backward_desc_init(
        &description, dnnl_backward, DESCRIPTOR(gradient), DESCRIPTOR(source), geometry->alpha, geometry->flags);
    status = onednn_plan_described(&plan, status, &description, NULL, engine, forward);
#endif
    return onednn_finish(engine, status, plan, *geometry);
}

onednn_operation *onednn_addition(onednn_engine *engine, const onednn_layout *layout) {
    onednn_geometry geometry = {.algorithm = dnnl_binary_add};
    dnnl_primitive_desc_t plan = NULL;
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_binary_primitive_desc_create(
        &plan, engine->engine, geometry.algorithm, DESCRIPTOR(layout), DESCRIPTOR(layout), DESCRIPTOR(layout),
        engine->attributes);
#else
    dnnl_binary_desc_t description;
    dnnl_status_t status = dnnl_binary_desc_init(
        &description, geometry.algorithm, DESCRIPTOR(layout), DESCRIPTOR(layout), DESCRIPTOR(layout));
    status = onednn_plan_described(&plan, status, &description, NULL, engine, NULL);
#endif
    return onednn_finish(engine, status, plan, geometry);
}

#endif
