import COneDNN

/// Turns an architecture into a forward and a backward program.
///
/// Forward planning walks the layers and notes for each how its backward pass is planned; backward planning then calls
/// these notes in reverse, each taking the tensor of the output's gradient and giving that of the input's, or nothing
/// where the input is the images.
final class OneDNNPlanner {
    typealias BackwardPlan = (_ outputGradient: OneDNNTensor) throws -> OneDNNTensor?

    let engine: OneDNNEngine
    let architecture: Architecture
    let batch: Int
    let training: Bool
    /// Type of values, of their gradients, and of the weights that operations read; sums are single precision anyway.
    let valueType: onednn_type
    let images: OneDNNTensor
    let dropout = DropoutSource()
    var forward = OneDNNProgram()
    var backward = OneDNNProgram()
    var parameters: [Parameter] = []
    var statistics: [NormalizationStatistics<Float>] = []
    /// Buffers of values and gradients that more than one layer reads: none may change them in place.
    var shared: Set<ObjectIdentifier> = []
    /// Buffers of the parameters' values, in order: those of another network as far as there are any.
    private(set) var valueBuffers: [AlignedBuffer<Float>] = []
    private let sharedBuffers: [AlignedBuffer<Float>]
    private var backwardPlan: BackwardPlan = { $0 }

    init(
        _ architecture: Architecture, batch: Int, training: Bool, valueType: onednn_type, engine: OneDNNEngine,
        sharing sharedBuffers: [AlignedBuffer<Float>] = []
    ) throws {
        self.engine = engine
        self.architecture = architecture
        self.batch = batch
        self.training = training
        self.valueType = valueType
        self.sharedBuffers = sharedBuffers
        let shape = [batch, architecture.input.channels, architecture.input.height, architecture.input.width]
        images = try OneDNNTensor(.plain(shape, in: engine), shape: shape, in: engine)
    }

    /// Plans all layers and returns the row-major logits.
    func planForward() throws -> OneDNNTensor {
        let values: OneDNNTensor
        (values, backwardPlan) = try plan(architecture.layers, input: architecture.input, source: images)
        return try forward.arranged(values, as: .plain(values.shape, in: engine), in: engine)
    }

    /// Plans all layers in reverse and returns the row-major tensor that takes the logits' gradient.
    func planBackward(from logits: OneDNNTensor) throws -> OneDNNTensor {
        let logitsGradient = try gradient(like: logits)
        _ = try backwardPlan(logitsGradient)
        return logitsGradient
    }

    /// Plans layers that follow one another.
    func plan(
        _ layers: [Architecture.Layer], input: ImageShape, source: OneDNNTensor
    ) throws -> (OneDNNTensor, BackwardPlan) {
        var values = source
        var plans: [BackwardPlan] = []
        var shape = input
        var index = 0
        while index < layers.count {
            let layer = layers[index]
            let place = LayerPlace(
                layer, input: shape, followers: layers[(index + 1)...], isFirst: values === images)
            let plan: BackwardPlan
            (values, plan) = try self.plan(layer, at: place, source: values)
            plans.append(plan)
            shape = place.output
            index += place.isRectified ? 2 : 1
        }
        let reversed = Array(plans.reversed())
        return (values, { try reversed.reduce($0) { gradient, plan in try gradient.flatMap(plan) } })
    }

    private func plan(
        _ layer: Architecture.Layer, at place: LayerPlace, source: OneDNNTensor
    ) throws -> (OneDNNTensor, BackwardPlan) {
        switch layer {
        case .convolution(let convolution):
            try planConvolution(convolution, at: place, source: source)
        case .innerProduct(let heads):
            try planInnerProduct(heads, at: place, source: source)
        case .batchNormalization(let normalization):
            try planBatchNormalization(normalization, at: place, source: source)
        case .residual(let layers):
            try planResidual(layers, at: place, source: source)
        case .rectifier:
            try planRectifier(source: source)
        case .pooling(let kind, let size, let stride):
            try planPooling(
                kind, PoolingWindow(height: size, width: size, strideDown: stride, strideAcross: stride), at: place,
                source: source)
        case .globalAveragePooling:
            try planPooling(.average, PoolingWindow(whole: place.input), at: place, source: source)
        case .globalMaximumPooling:
            try planPooling(.maximum, PoolingWindow(whole: place.input), at: place, source: source)
        case .localResponseNormalization(let size, let alpha, let beta):
            try planNormalization(size: size, alpha: alpha, beta: beta, source: source)
        case .dropout(let rate):
            try planDropout(rate: rate, source: source)
        case .dividedInnerProduct(let head):
            try planDividedInnerProduct(head, source: source)
        }
    }

    /// A new tensor in the layout that an operation chose for an argument.
    func tensor(for argument: onednn_argument, of operation: OneDNNOperation, shape: [Int]) throws -> OneDNNTensor {
        try OneDNNTensor(layout(of: argument, in: operation), shape: shape, in: engine)
    }

    /// The layout that an operation chose for an argument that it must have.
    func layout(of argument: onednn_argument, in operation: OneDNNOperation) throws -> OneDNNLayout {
        guard let layout = operation.layout(of: argument, in: engine) else {
            throw HashNetsError.computationFailed(operation: operation.name, reason: "argument \(argument) is missing")
        }
        return layout
    }

    /// The buffer of the next parameter's values.
    func nextValueBuffer(count: Int) -> AlignedBuffer<Float> {
        let index = valueBuffers.count
        let buffer = index < sharedBuffers.count ? sharedBuffers[index] : AlignedBuffer(count: count)
        precondition(buffer.pointer.count == count, "networks that share values have equal plans")
        valueBuffers.append(buffer)
        return buffer
    }

    /// Memory that the forward pass leaves for the backward pass, where the operation wants one.
    func workspace(of operation: OneDNNOperation) throws -> [(onednn_argument, OneDNNTensor)] {
        guard let layout = operation.layout(of: onednn_workspace, in: engine) else { return [] }
        return [(onednn_workspace, try OneDNNTensor(layout, shape: [], in: engine))]
    }

    /// Whether another layer reads the tensor too.
    func isShared(_ tensor: OneDNNTensor) -> Bool {
        shared.contains(ObjectIdentifier(tensor.buffer))
    }

    /// A tensor whose gradient has the tensor's own layout.
    func gradient(like tensor: OneDNNTensor) throws -> OneDNNTensor {
        try OneDNNTensor(tensor.layout, shape: tensor.shape, in: engine)
    }
}

/// What planning a layer needs to know beside the layer.
struct LayerPlace {
    let input: ImageShape
    let output: ImageShape
    /// Whether the layer does the work of the rectifier that follows it.
    let isRectified: Bool
    /// Whether the layer's input are the images, whose gradient nobody needs.
    let isFirst: Bool
    /// Whether its output are the logits, but for normalisation.
    let isLast: Bool

    init(
        _ layer: Architecture.Layer, input: ImageShape, followers: ArraySlice<Architecture.Layer>, isFirst: Bool
    ) {
        self.input = input
        output = layer.outputShape(of: input) ?? input  // architectures check that layers fit
        let takesRectifier =
            switch layer {
            case .convolution, .innerProduct: true
            case .batchNormalization(let normalization): normalization.channels == nil && input.area > 1
            default: false
            }
        isRectified = takesRectifier && followers.first == .rectifier
        self.isFirst = isFirst
        isLast = followers.allSatisfy(\.isBatchNormalization)
    }
}

/// Height, width and strides of a pooling window.
struct PoolingWindow {
    let height: Int
    let width: Int
    let strideDown: Int
    let strideAcross: Int

    init(height: Int, width: Int, strideDown: Int, strideAcross: Int) {
        self.height = height
        self.width = width
        self.strideDown = strideDown
        self.strideAcross = strideAcross
    }

    /// One window over all of an image.
    init(whole image: ImageShape) {
        self.init(height: image.height, width: image.width, strideDown: image.height, strideAcross: image.width)
    }
}
