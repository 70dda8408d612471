import Synchronization

/// A network on one thread, planned twice: for what a single query needs, and for as many images as make good use of weights
/// that a core's cache does not hold.
package final class NetworkEncoder: Encoder {
    package var groupSize: Int { networks.manyImages }
    private let networks: NetworkFamily
    /// By the images of a pass; each made when it is first wanted.
    private var planned: [Int: Network] = [:]

    package init(_ networks: NetworkFamily) {
        self.networks = networks
    }

    private func network(for count: Int) throws -> Network {
        let batch = count < groupSize ? networks.fewImages : groupSize
        if let planned = planned[batch] { return planned }
        let network = try networks.member(batch: batch)
        planned[batch] = network
        return network
    }

    package func encode(_ images: [[Float]]) throws -> [[Float]] {
        var numbers: [[Float]] = []
        while numbers.count < images.count {
            let network = try network(for: images.count - numbers.count)
            let taken = images[numbers.count...].prefix(network.batch)
            var batch: [Float] = []
            let count = network.batch * network.architecture.input.count
            batch.reserveCapacity(count)
            for image in taken { batch += image }
            batch += repeatElement(0, count: count - batch.count)
            let outputs = try network.forward(batch)
            let width = network.architecture.outputs
            numbers += (0..<taken.count).map { Array(outputs[$0 * width..<($0 + 1) * width]) }
        }
        return numbers
    }
}

/// Networks with the weights of one file, which they share: one for each thread and number of images.
package final class NetworkFamily: Sendable {
    /// Images of a pass where there are only a few.
    let fewImages: Int
    /// Images of a pass where many are waiting.
    let manyImages: Int
    private let file: WeightFile
    private let plan: @Sendable (_ batch: Int) throws -> Network
    /// By the images of a pass; the next ones are made with their values.
    private let firsts: Mutex<[Int: First]>

    private struct First {
        let network: Network
        var isTaken = false
    }

    /// Throws where tensors are missing, too many, or of another shape, before there is memory for them.
    package init(_ architecture: Architecture, _ file: WeightFile, _ arithmetic: Network.Arithmetic) throws {
        let plan: @Sendable (Int) throws -> Network = { batch in
            try Network(architecture, batch: batch, initialization: .zero, arithmetic: arithmetic, threads: 1)
        }
        try architecture.checkWeights(in: file)
        // Winograd's algorithm adds in another order for one image than for two or more.
        let pair = architecture.layers.contains(where: \.isNormalized) ? try plan(2) : nil
        let transformed = pair.flatMap { $0.kernels.contains { $0.contains("wino") } ? $0 : nil }
        let first = try transformed ?? plan(1)
        let names = Set((first.parameters + first.statistics).map(\.name))
        try first.load(file.tensors, from: file.path)
        if let stranger = file.tensors.keys.filter({ !names.contains($0) }).min() {
            throw HashNetsError.tensorUnexpected(path: file.path, tensor: stranger)
        }
        self.file = file
        self.plan = plan
        fewImages = first.batch
        manyImages = architecture.manyImages ?? fewImages
        firsts = Mutex([first.batch: First(network: first)])
    }

    /// A network that only the caller computes with.
    func member(batch: Int) throws -> Network {
        try firsts.withLock { firsts in
            if let first = firsts[batch], first.isTaken { return try first.network.twin() }
            nonisolated(unsafe) let network: Network
            if let first = firsts[batch] {
                network = first.network
            } else {
                network = try plan(batch)
                try network.load(file.tensors, from: file.path)
            }
            try network.prepare()
            firsts[batch] = First(network: network, isTaken: true)
            return network
        }
    }
}

extension Architecture.Layer {
    /// Whether a convolution of it is followed by a normalisation, which becomes a part of its weights.
    fileprivate var isNormalized: Bool {
        switch self {
        case .batchNormalization: true
        case .residual(let layers): layers.contains(where: \.isNormalized)
        default: false
        }
    }
}
