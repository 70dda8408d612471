/// A network that computes logits of images and, in training, gradients of a loss by its parameters.
///
/// Plans are made for one batch size. Use a network from one thread at a time.
package final class Network {
    /// Who computes.
    package enum Backend: Hashable, Sendable {
        /// oneDNN where it is there, otherwise the reference.
        case automatic
        /// Plain Swift loops.
        case reference
    }

    /// What values and products are computed in. Weights are kept, and sums made, in single precision always.
    package enum Arithmetic: Hashable, Sendable {
        /// Single precision.
        case single
        /// bfloat16 where the CPU is faster at that, otherwise single: for training.
        case mixed
    }

    /// What the network computes.
    package let architecture: Architecture
    /// Images per pass.
    package let batch: Int
    /// Whether backward passes were planned.
    package let training: Bool
    /// Whether forward passes drop values as the architecture says; true at first in training.
    package var dropsValues: Bool
    /// Whether forward passes in training move the running averages of normalisations towards the batch's values.
    package var updatesStatistics = true
    /// State of the generator of dropout; keep it in checkpoints.
    package var dropoutState: UInt64

    private let engine: any NetworkEngine

    /// Builds a network with weights drawn from `seed`; equal seeds give equal weights with every backend.
    ///
    /// oneDNN computes on `threads` threads where the batch can be divided among so many, on all cores where that is 0.
    package convenience init(
        _ architecture: Architecture, batch: Int, training: Bool = false, backend: Backend = .automatic,
        initialization: Initialization = .he, seed: UInt64 = 0, arithmetic: Arithmetic = .single,
        threads: Int = 0
    ) throws {
        precondition(batch >= 1)
        let engine = try makeEngine(
            architecture, batch: batch, training: training, backend: backend, arithmetic: arithmetic, threads: threads)
        self.init(architecture, batch: batch, training: training, seed: seed, engine: engine)
        try initialize(initialization, seed: seed)
    }

    private init(
        _ architecture: Architecture, batch: Int, training: Bool, seed: UInt64, engine: any NetworkEngine
    ) {
        self.architecture = architecture
        self.batch = batch
        self.training = training
        self.engine = engine
        dropsValues = training
        dropoutState = ~seed
    }

    /// Makes what inference reads beside the parameters, if they changed since; the next forward pass would otherwise.
    func prepare() throws {
        try (engine as? OneDNNNetwork)?.prepare()
    }

    /// A network for another thread to do inference with that has the same values, and where oneDNN computes reads them
    /// where this one has them: they may no longer change.
    package func twin() throws -> Network {
        precondition(!training)
        if let engine = engine as? OneDNNNetwork {
            return Network(architecture, batch: batch, training: false, seed: 0, engine: try engine.twin())
        }
        let copy = try Network(architecture, batch: batch, initialization: .zero, threads: 1)
        try copy.load(tensors())
        return copy
    }

    /// Which backend computes, with its version, for logs.
    package var engineName: String { engine.name }

    /// Which kernel computes each step, for logs; empty for the reference.
    package var kernels: [String] { engine.kernels }

    /// What the network learns, in the order of the layers. The objects stay the same for the network's life.
    package var parameters: [Parameter] { engine.parameters }

    /// What normalisations keep beside their parameters, namely running averages of means and variances.
    package var statistics: [Parameter] { engine.statistics.flatMap(\.parameters) }

    /// Logits of exactly `batch` images (normalised; batch × channels × rows × columns): batch × outputs.
    package func forward(_ images: [Float]) throws -> [Float] {
        precondition(images.count == batch * architecture.input.count, "as many images as the network was planned for")
        var generator = dropsValues ? SeededGenerator(seed: dropoutState) : nil
        defer { dropoutState = generator?.state ?? dropoutState }
        let logits = try engine.forward(images, dropout: &generator)
        if training, updatesStatistics { engine.updateStatistics() }
        return logits
    }

    /// Replaces the gradients of all parameters by those of the loss whose gradient by the last forward pass's logits
    /// is given (batch × outputs).
    package func backward(_ outputGradient: [Float]) throws {
        precondition(training && outputGradient.count == batch * architecture.outputs)
        try engine.backward(outputGradient)
    }

    /// Replaces the values of all parameters and statistics; throws `tensorMissing` or `tensorShape`. Other tensors are
    /// ignored.
    package func load(_ tensors: [String: Tensor], from path: String = "memory") throws {
        for parameter in parameters + statistics {
            guard let tensor = tensors[parameter.name] else {
                throw HashNetsError.tensorMissing(path: path, tensor: parameter.name)
            }
            guard tensor.shape == parameter.shape else {
                throw HashNetsError.tensorShape(
                    path: path, tensor: parameter.name, expected: parameter.shape, found: tensor.shape)
            }
            try parameter.setValues(tensor.values)
        }
    }

    /// Copies of all parameters' and statistics' values in row-major order: what weight files and checkpoints hold.
    package func tensors() throws -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for parameter in parameters + statistics {
            tensors[parameter.name] = Tensor(shape: parameter.shape, values: try parameter.values())
        }
        return tensors
    }

    private func initialize(_ initialization: Initialization, seed: UInt64) throws {
        let deviations = architecture.deviations(initialization)
        var generator = SeededGenerator(seed: seed)
        for parameter in parameters + engine.statistics.map(\.runningVariance) {
            if parameter.role == .scale || parameter.role == .statistic {
                try parameter.setValues([Float](repeating: 1, count: parameter.count))
            }
            guard let deviation = deviations[parameter.name] else { continue }
            try parameter.setValues((0..<parameter.count).map { _ in Float(deviation * generator.nextNormal()) })
        }
    }
}

/// What computes a network's passes.
protocol NetworkEngine: AnyObject {
    var name: String { get }
    var kernels: [String] { get }
    var parameters: [Parameter] { get }
    var statistics: [NormalizationStatistics<Float>] { get }
    func forward(_ images: [Float], dropout: inout SeededGenerator?) throws -> [Float]
    func backward(_ outputGradient: [Float]) throws
    /// Moves running averages to the values of the last forward pass.
    func updateStatistics()
}

extension NetworkEngine {
    func updateStatistics() {
        for kept in statistics { NormalizationStatistics.update(from: [kept]) }
    }
}

private func makeEngine(
    _ architecture: Architecture, batch: Int, training: Bool, backend: Network.Backend, arithmetic: Network.Arithmetic,
    threads: Int
) throws -> any NetworkEngine {
    guard backend == .automatic, let engine = OneDNNEngine() else {
        return ReferenceEngine(architecture, training: training)
    }
    let lanes = ParallelNetwork.laneCount(threads: threads, batch: batch)
    if lanes > 1 {
        return try ParallelNetwork(
            architecture, batch: batch, training: training, arithmetic: arithmetic, lanes: lanes)
    }
    return try OneDNNNetwork(
        architecture, batch: batch, training: training, arithmetic: arithmetic, engine: engine)
}

/// The reference network in single precision.
private final class ReferenceEngine: NetworkEngine {
    let name = "reference"
    let kernels: [String] = []
    private let network: ReferenceNetwork<Float>

    init(_ architecture: Architecture, training: Bool) {
        network = ReferenceNetwork(architecture, training: training)
    }

    var parameters: [Parameter] { network.parameters }
    var statistics: [NormalizationStatistics<Float>] { network.statistics }

    func forward(_ images: [Float], dropout: inout SeededGenerator?) -> [Float] {
        network.forward(images, dropout: &dropout)
    }

    func backward(_ outputGradient: [Float]) {
        network.backward(outputGradient)
    }
}
