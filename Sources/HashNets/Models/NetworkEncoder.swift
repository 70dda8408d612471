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
    /// Pixels of an image up to which several at a time are worth it; the values of larger ones fill the cache by themselves.
    private static let smallArea = 64 * 64

    /// Images of a pass where there are only a few.
    let fewImages: Int
    /// Images of a pass where many are waiting.
    let manyImages: Int
    private let make: @Sendable (_ batch: Int) throws -> Network
    /// By the images of a pass; others are made with their values.
    private let firsts: Mutex<[Int: Network]>

    /// Throws where tensors are missing, too many, or of another shape.
    package init(_ architecture: Architecture, _ file: WeightFile, _ arithmetic: Network.Arithmetic) throws {
        make = { batch in
            let network = try Network(
                architecture, batch: batch, initialization: .zero, arithmetic: arithmetic, threads: 1)
            try network.load(file.tensors, from: file.path)
            return network
        }
        let single = try make(1)
        let names = Set((single.parameters + single.statistics).map(\.name))
        if let stranger = file.tensors.keys.filter({ !names.contains($0) }).min() {
            throw HashNetsError.tensorUnexpected(path: file.path, tensor: stranger)
        }
        // Winograd's algorithm adds in another order for one image than for two or more.
        let isTransformed = single.kernels.contains { $0.contains("wino") }
        fewImages = isTransformed ? 2 : 1
        manyImages = architecture.input.area <= Self.smallArea ? 16 : fewImages
        firsts = Mutex([:])
    }

    /// A network that only the caller computes with.
    func member(batch: Int) throws -> Network {
        try firsts.withLock { firsts in
            nonisolated(unsafe) let member = try firsts[batch]?.twin() ?? make(batch)
            if firsts[batch] == nil {
                try member.prepare()
                firsts[batch] = member
            }
            return member
        }
    }
}
