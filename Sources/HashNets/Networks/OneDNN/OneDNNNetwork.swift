import COneDNN

/// A network as two programs of oneDNN operations, planned once for one batch size.
///
/// Convolutions choose their layouts, and values stay in those layouts from layer to layer; reorders stand only where
/// neighbours disagree. Parameters live in the layout of the forward pass. The first layer has no gradient by its input.
///
/// Inference makes normalisations a part of the weights before them, adds residual sums where convolutions write their
/// output, and has a few buffers for all values.
///
/// It computes on the calling thread alone: OpenMP's workers wait for one another after every operation, which on cores
/// that others use too makes two threads slower than one. `ParallelNetwork` uses more cores.
final class OneDNNNetwork: NetworkEngine {
    let name: String
    let parameters: [Parameter]
    let statistics: [NormalizationStatistics<Float>]
    private let engine: OneDNNEngine
    private let architecture: Architecture
    private let batch: Int
    private let arithmetic: Network.Arithmetic
    private let preparation: OneDNNProgram
    private let forwardProgram: OneDNNProgram
    private let backwardProgram: OneDNNProgram
    private let images: OneDNNTensor
    private let logits: OneDNNTensor
    private let logitsGradient: OneDNNTensor?
    private let dropout: DropoutSource
    private let outputCount: Int
    private let valueBuffers: [AlignedBuffer<Float>]
    /// Changes of parameters that the last preparation knew of; networks that share values leave it to the first.
    private var preparedChanges: Int?
    private let isPrepared: Bool

    /// Plans the network; its parameters' values are those of `other`, a network with equal plans, where there is one.
    init(
        _ architecture: Architecture, batch: Int, training: Bool, arithmetic: Network.Arithmetic,
        engine: OneDNNEngine, sharingValuesWith other: OneDNNNetwork? = nil
    ) throws {
        OneDNNEngine.setThreads(1)
        let mixed = arithmetic == .mixed && OneDNNEngine.hasFastBfloat16
        name = "\(OneDNNEngine.version), \(mixed ? "mixed" : "single") precision"
        let planner = try OneDNNPlanner(
            architecture, batch: batch, training: training, valueType: mixed ? onednn_bfloat16 : onednn_float32,
            engine: engine, sharing: other?.valueBuffers ?? [])
        logits = try planner.planForward()
        logitsGradient = training ? try planner.planBackward(from: logits) : nil
        self.engine = engine
        self.architecture = architecture
        self.batch = batch
        self.arithmetic = arithmetic
        outputCount = batch * architecture.outputs
        images = planner.images
        dropout = planner.dropout
        parameters = planner.parameters
        statistics = planner.statistics
        valueBuffers = planner.valueBuffers
        isPrepared = other != nil || planner.preparation.isEmpty
        preparation = planner.preparation
        forwardProgram = planner.forward
        backwardProgram = planner.backward
    }

    func forward(_ images: [Float], dropout generator: inout SeededGenerator?) throws -> [Float] {
        _ = self.images.buffer.pointer.update(fromContentsOf: images)
        dropout.generator = generator
        OneDNNEngine.setThreads(1)
        try prepare()
        try forwardProgram.run(in: engine)
        generator = dropout.generator
        return [Float](logits.buffer.pointer.prefix(outputCount))
    }

    /// Makes what depends on parameters alone, where they changed since.
    func prepare() throws {
        if isPrepared { return }
        let changes = (parameters + statistics.flatMap(\.parameters)).reduce(0) { $0 + $1.changes }
        if changes == preparedChanges { return }
        try preparation.run(in: engine)
        preparedChanges = changes
    }

    /// A network for inference on another thread that shares the values of this one's parameters, which may no longer change.
    func twin() throws -> OneDNNNetwork {
        try prepare()
        guard let engine = OneDNNEngine() else {
            throw HashNetsError.computationFailed(operation: "oneDNN", reason: "the library does not start")
        }
        return try OneDNNNetwork(
            architecture, batch: batch, training: false, arithmetic: arithmetic, engine: engine, sharingValuesWith: self
        )
    }

    func backward(_ outputGradient: [Float]) throws {
        _ = logitsGradient?.buffer.pointer.update(fromContentsOf: outputGradient)
        OneDNNEngine.setThreads(1)
        try backwardProgram.run(in: engine)
    }

    /// Which kernel computes each step, for logs.
    var kernels: [String] {
        forwardProgram.kernels.map { "forward \($0)" } + backwardProgram.kernels.map { "backward \($0)" }
    }
}

/// The generator that the dropout steps of a program share; they pass values on unchanged where there is none.
final class DropoutSource {
    var generator: SeededGenerator?
}
