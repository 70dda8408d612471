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
    /// What has to be done once after parameters change.
    var preparation = OneDNNProgram()
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
    /// Buffers of values that inference is done with.
    private var freeBuffers: [AlignedBuffer<Float>] = []
    /// Row-major weights on the way to an operation's layout.
    private var foldingBuffer = AlignedBuffer<Float>(count: 0)

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

    /// Plans layers that follow one another. Where the last is a convolution that can do so, its output is added to what
    /// `sum` holds, and is that tensor; in inference only.
    func plan(
        _ layers: [Architecture.Layer], input: ImageShape, source: OneDNNTensor, sum: OneDNNTensor? = nil
    ) throws -> (OneDNNTensor, BackwardPlan) {
        var values = source
        var plans: [BackwardPlan] = []
        var shape = input
        var index = 0
        while index < layers.count {
            let layer = layers[index]
            var place = LayerPlace(
                layer, input: shape, followers: layers[(index + 1)...], isFirst: values === images, training: training)
            index += place.layerCount
            if index == layers.count, values !== sum { place.sum = sum }
            let (output, plan) = try self.plan(layer, at: place, source: values)
            if output !== values { release(values) }
            values = output
            plans.append(plan)
            shape = place.output
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
            try planResponseNormalization(
                ResponseWindow(
                    neighbourhood: onednn_within_channel, size: size, alpha: alpha, beta: beta, offset: 1),
                source: source)
        case .crossChannelNormalization(let size, let alpha, let beta, let offset):
            try planResponseNormalization(
                ResponseWindow(
                    neighbourhood: onednn_across_channels, size: size, alpha: alpha * Float(size), beta: beta,
                    offset: offset),
                source: source)
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

    /// A tensor for the output of an operation, in inference where an earlier layer's output was if there is room.
    func output(of operation: OneDNNOperation, shape: [Int]) throws -> OneDNNTensor {
        let layout = try layout(of: onednn_output, in: operation)
        let fitting = freeBuffers.indices.filter { freeBuffers[$0].pointer.count >= layout.wordCount }
        let tightest = fitting.min { freeBuffers[$0].pointer.count < freeBuffers[$1].pointer.count }
        return try OneDNNTensor(
            layout, shape: shape, in: engine, buffer: tightest.map { freeBuffers.remove(at: $0) })
    }

    /// Lets later layers have the buffer of values that inference needs no longer.
    func release(_ values: OneDNNTensor) {
        if !training, values !== images, !isShared(values) { freeBuffers.append(values.buffer) }
    }

    /// A row-major tensor whose values last until the next such tensor of the preparation is filled.
    func foldingTensor(shape: [Int]) throws -> OneDNNTensor {
        let layout = try OneDNNLayout.plain(shape, in: engine)
        if foldingBuffer.pointer.count < layout.wordCount { foldingBuffer = AlignedBuffer(count: layout.wordCount) }
        return try OneDNNTensor(layout, shape: shape, in: engine, buffer: foldingBuffer)
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
