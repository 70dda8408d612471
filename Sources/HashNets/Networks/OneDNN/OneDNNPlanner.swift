import COneDNN

/// Turns an architecture into a forward and a backward program.
///
/// Forward planning walks the layers and notes for each how its backward pass is planned; backward planning then calls
/// these notes in reverse, each taking the tensor of the output's gradient and giving that of the input's.
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
    /// Buffers of the parameters' values, in order: those of another network as far as there are any.
    private(set) var valueBuffers: [AlignedBuffer<Float>] = []
    private let sharedBuffers: [AlignedBuffer<Float>]
    private var backwardPlans: [BackwardPlan] = []

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
        var values = images
        var index = 0
        while index < architecture.layers.count {
            let rectified = index + 1 < architecture.layers.count && architecture.layers[index + 1] == .rectifier
            var plan: BackwardPlan
            switch architecture.layers[index] {
            case .convolution(let convolution):
                (values, plan) = try planConvolution(convolution, layer: index, source: values, rectified: rectified)
                if rectified { index += 1 }
            case .innerProduct(let heads):
                (values, plan) = try planInnerProduct(heads, layer: index, source: values, rectified: rectified)
                if rectified { index += 1 }
            case .rectifier:
                (values, plan) = try planRectifier(source: values)
            case .pooling(let kind, let size, let stride):
                let window = PoolingWindow(height: size, width: size, strideDown: stride, strideAcross: stride)
                (values, plan) = try planPooling(kind, window, layer: index, source: values)
            case .globalAveragePooling:
                let shape = architecture.inputShape(ofLayer: index)
                let window = PoolingWindow(
                    height: shape.height, width: shape.width, strideDown: shape.height, strideAcross: shape.width)
                (values, plan) = try planPooling(.average, window, layer: index, source: values)
            case .localResponseNormalization(let size, let alpha, let beta):
                (values, plan) = try planNormalization(size: size, alpha: alpha, beta: beta, source: values)
            case .dropout(let rate):
                plan = planDropout(rate: rate, values: values)
            case .dividedInnerProduct(let head):
                (values, plan) = try planDividedInnerProduct(head, source: values)
            }
            backwardPlans.append(plan)
            index += 1
        }
        return try forward.arranged(values, as: .plain(values.shape, in: engine), in: engine)
    }

    /// Plans all layers in reverse and returns the row-major tensor that takes the logits' gradient.
    func planBackward(from logits: OneDNNTensor) throws -> OneDNNTensor {
        let logitsGradient = try gradient(like: logits)
        var gradient: OneDNNTensor? = logitsGradient
        for plan in backwardPlans.reversed() {
            guard let outputGradient = gradient else { break }
            gradient = try plan(outputGradient)
        }
        return logitsGradient
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

    /// A tensor whose gradient has the tensor's own layout.
    func gradient(like tensor: OneDNNTensor) throws -> OneDNNTensor {
        try OneDNNTensor(tensor.layout, shape: tensor.shape, in: engine)
    }
}

/// Height, width and strides of a pooling window.
struct PoolingWindow {
    let height: Int
    let width: Int
    let strideDown: Int
    let strideAcross: Int
}
