import COneDNN

/// A planned computation.
///
/// The makers below hold on to all objects whose handles they pass, which Swift may otherwise free before the call.
final class OneDNNOperation {
    let handle: OpaquePointer
    let name: String

    /// Takes over what `plan` makes; throws where it makes nothing.
    private init(
        _ name: String, in engine: OneDNNEngine, keeping objects: [AnyObject], _ plan: () -> OpaquePointer?
    ) throws {
        guard let handle = withExtendedLifetime(objects, plan) else { throw engine.failure(name) }
        self.handle = handle
        self.name = name
    }

    deinit {
        onednn_operation_free(handle)
    }

    /// The kernel that the library chose.
    var kernel: String { String(cString: onednn_operation_kernel(handle)) }

    /// Whether the kernel is not one of those that are there to be compared with.
    var isFast: Bool { !kernel.contains("ref") }

    /// The layout that the operation chose for an argument; nil where it has no such argument.
    func layout(of argument: onednn_argument, in engine: OneDNNEngine) -> OneDNNLayout? {
        onednn_operation_layout(engine.handle, handle, argument).map(OneDNNLayout.init(handle:))
    }

    /// A copy from one layout to another.
    static func reorder(
        from: OneDNNLayout, to: OneDNNLayout, in engine: OneDNNEngine
    ) throws -> OneDNNOperation {
        try OneDNNOperation("reorder", in: engine, keeping: [from, to]) {
            onednn_reorder(engine.handle, from.handle, to.handle)
        }
    }
}

/// Layouts of the four tensors of an operation that learns.
struct LearningLayouts {
    let source: OneDNNLayout
    let weights: OneDNNLayout
    let bias: OneDNNLayout?
    let output: OneDNNLayout

    /// The same but for the output's layout, where one is given.
    func with(output: OneDNNLayout?) -> LearningLayouts {
        LearningLayouts(source: source, weights: weights, bias: bias, output: output ?? self.output)
    }

    fileprivate var objects: [AnyObject] { [source, weights, output] + (bias.map { [$0] } ?? []) }
}

/// Operations that learn.
extension OneDNNOperation {
    /// A convolution whose weights are made of others (`transformed`) may have them in an order of its own.
    static func convolution(
        _ convolution: Architecture.Convolution, _ layouts: LearningLayouts, training: Bool, rectified: Bool,
        added: Bool, transformed: Bool, in engine: OneDNNEngine
    ) throws -> OneDNNOperation {
        let strides = [Int64](repeating: Int64(convolution.stride), count: 2)
        let padding = [Int64](repeating: Int64(convolution.padding), count: 2)
        return try OneDNNOperation("convolution \(convolution.name)", in: engine, keeping: layouts.objects) {
            onednn_convolution(
                engine.handle, training, layouts.source.handle, layouts.weights.handle, layouts.bias?.handle,
                layouts.output.handle, strides, padding, padding, rectified, added, transformed)
        }
    }

    static func innerProduct(
        _ name: String, _ layouts: LearningLayouts, training: Bool, rectified: Bool, in engine: OneDNNEngine
    ) throws -> OneDNNOperation {
        try OneDNNOperation("inner product \(name)", in: engine, keeping: layouts.objects) {
            onednn_inner_product(
                engine.handle, training, layouts.source.handle, layouts.weights.handle, layouts.bias?.handle,
                layouts.output.handle, rectified)
        }
    }

    /// Gradients of a convolution or inner product by weights and bias.
    static func weightsGradient(
        of forward: OneDNNOperation, isConvolution: Bool, _ layouts: LearningLayouts, in engine: OneDNNEngine
    ) throws -> OneDNNOperation {
        let plan = isConvolution ? onednn_convolution_backward_weights : onednn_inner_product_backward_weights
        return try OneDNNOperation(
            "weights' gradient of \(forward.name)", in: engine, keeping: layouts.objects + [forward]
        ) {
            plan(
                engine.handle, forward.handle, layouts.source.handle, layouts.weights.handle, layouts.bias?.handle,
                layouts.output.handle)
        }
    }

    /// Gradient of a convolution or inner product by its source.
    static func sourceGradient(
        of forward: OneDNNOperation, isConvolution: Bool, _ layouts: LearningLayouts, in engine: OneDNNEngine
    ) throws -> OneDNNOperation {
        let plan = isConvolution ? onednn_convolution_backward_source : onednn_inner_product_backward_source
        return try OneDNNOperation(
            "source's gradient of \(forward.name)", in: engine, keeping: layouts.objects + [forward]
        ) {
            plan(
                engine.handle, forward.handle, layouts.source.handle, layouts.weights.handle, layouts.output.handle)
        }
    }
}

/// Operations without parameters.
extension OneDNNOperation {
    static func pooling(
        _ kind: Architecture.PoolingKind, _ window: PoolingWindow, overhang: [Int], source: OneDNNLayout,
        output: OneDNNLayout, training: Bool, in engine: OneDNNEngine
    ) throws -> OneDNNOperation {
        try OneDNNOperation("pooling", in: engine, keeping: [source, output]) {
            onednn_pooling(
                engine.handle, training, kind == .maximum ? onednn_maximum : onednn_average_inside, source.handle,
                output.handle, [Int64(window.height), Int64(window.width)],
                [Int64(window.strideDown), Int64(window.strideAcross)], [0, 0], overhang.map(Int64.init))
        }
    }

    static func poolingGradient(
        of forward: OneDNNOperation, source: OneDNNLayout, output: OneDNNLayout, in engine: OneDNNEngine
    ) throws -> OneDNNOperation {
        try OneDNNOperation("pooling's gradient", in: engine, keeping: [forward, source, output]) {
            onednn_pooling_backward(engine.handle, forward.handle, source.handle, output.handle)
        }
    }

    static func responseNormalization(
        _ window: ResponseWindow, layout: OneDNNLayout, training: Bool, in engine: OneDNNEngine
    ) throws -> OneDNNOperation {
        try OneDNNOperation("response normalisation", in: engine, keeping: [layout]) {
            onednn_response_normalization(
                engine.handle, training, window.neighbourhood, layout.handle, Int64(window.size), window.alpha,
                window.beta, window.offset)
        }
    }

    static func responseNormalizationGradient(
        of forward: OneDNNOperation, layout: OneDNNLayout, in engine: OneDNNEngine
    ) throws -> OneDNNOperation {
        try OneDNNOperation("response normalisation's gradient", in: engine, keeping: [forward, layout]) {
            onednn_response_normalization_backward(engine.handle, forward.handle, layout.handle, layout.handle)
        }
    }

    static func batchNormalization(
        _ normalization: Architecture.BatchNormalization, layout: OneDNNLayout, training: Bool, rectified: Bool,
        in engine: OneDNNEngine
    ) throws -> OneDNNOperation {
        try OneDNNOperation("batch normalisation \(normalization.name)", in: engine, keeping: [layout]) {
            onednn_batch_normalization(engine.handle, training, layout.handle, normalization.epsilon, rectified)
        }
    }

    static func batchNormalizationGradient(
        of forward: OneDNNOperation, layout: OneDNNLayout, in engine: OneDNNEngine
    ) throws -> OneDNNOperation {
        try OneDNNOperation("gradient of \(forward.name)", in: engine, keeping: [forward, layout]) {
            onednn_batch_normalization_backward(engine.handle, forward.handle, layout.handle, layout.handle)
        }
    }

    /// Two tensors' sum, which may replace one of them.
    static func addition(layout: OneDNNLayout, in engine: OneDNNEngine) throws -> OneDNNOperation {
        try OneDNNOperation("addition", in: engine, keeping: [layout]) {
            onednn_addition(engine.handle, layout.handle)
        }
    }

    static func rectifier(layout: OneDNNLayout, in engine: OneDNNEngine) throws -> OneDNNOperation {
        try OneDNNOperation("rectifier", in: engine, keeping: [layout]) {
            onednn_rectifier(engine.handle, true, layout.handle)
        }
    }

    static func rectifierGradient(
        of forward: OneDNNOperation, layout: OneDNNLayout, in engine: OneDNNEngine
    ) throws -> OneDNNOperation {
        try OneDNNOperation("rectifier's gradient", in: engine, keeping: [forward, layout]) {
            onednn_rectifier_backward(engine.handle, forward.handle, layout.handle, layout.handle)
        }
    }
}
