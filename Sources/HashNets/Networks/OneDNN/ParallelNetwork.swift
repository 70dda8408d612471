import Foundation

/// Networks side by side, each computing an equal part of every batch on a thread of its own.
///
/// All have the same values of parameters, in the same memory; gradients are summed after each backward pass. Batch
/// normalisation in training takes the statistics of each lane's own part of the batch, so results depend on the number
/// of lanes; running averages take those of the whole batch, in the order of the lanes. The lanes
/// meet twice a step, where threads inside the library would meet after each of some sixty operations.
final class ParallelNetwork: NetworkEngine {
    private struct Lane {
        let thread: ComputeThread
        let network: OneDNNNetwork
    }

    /// Fewer images than this make a lane spend its time on converting weights.
    private static let fewestImages = 8

    let name: String
    private let lanes: [Lane]

    /// The first lane's, whose gradients become the sums.
    var parameters: [Parameter] { lanes[0].network.parameters }

    var statistics: [NormalizationStatistics<Float>] { lanes[0].network.statistics }

    func updateStatistics() {
        for index in statistics.indices {
            NormalizationStatistics.update(from: lanes.map { $0.network.statistics[index] })
        }
    }

    var kernels: [String] { lanes[0].network.kernels }

    /// As many lanes as divide the batch into equal parts that are worth it, at most `threads`; 0 means one for each
    /// core.
    static func laneCount(threads: Int, batch: Int) -> Int {
        let limit = threads > 0 ? threads : ProcessInfo.processInfo.activeProcessorCount
        return (1...max(1, limit)).last { batch.isMultiple(of: $0) && batch / $0 >= fewestImages } ?? 1
    }

    init(
        _ architecture: Architecture, batch: Int, training: Bool, arithmetic: Network.Arithmetic, lanes count: Int
    ) throws {
        var lanes: [Lane] = []
        for _ in 0..<count {
            let thread = ComputeThread()
            let network = try thread.run {
                guard let engine = OneDNNEngine() else {
                    throw HashNetsError.computationFailed(operation: "oneDNN", reason: "the library does not start")
                }
                return try OneDNNNetwork(
                    architecture, batch: batch / count, training: training, arithmetic: arithmetic, engine: engine,
                    sharingValuesWith: lanes.first?.network)
            }
            lanes.append(Lane(thread: thread, network: network))
        }
        self.lanes = lanes
        name = "\(lanes[0].network.name), \(count) threads"
    }

    func forward(_ images: [Float], dropout generator: inout SeededGenerator?) throws -> [Float] {
        let part = images.count / lanes.count
        try lanes[0].thread.run { try lanes[0].network.prepare() }
        let seeds = lanes.map { _ in generator?.next() }
        var logits = [[Float]](repeating: [], count: lanes.count)
        try logits.withUnsafeMutableBufferPointer { logits in
            try onEachLane { number, network in
                var own = seeds[number].map(SeededGenerator.init(seed:))
                logits[number] = try network.forward(
                    Array(images[number * part..<(number + 1) * part]), dropout: &own)
            }
        }
        return Array(logits.joined())
    }

    func backward(_ outputGradient: [Float]) throws {
        let part = outputGradient.count / lanes.count
        try onEachLane { number, network in
            try network.backward(Array(outputGradient[number * part..<(number + 1) * part]))
        }
        try onEachLane { number, _ in sumGradients(part: number) }
    }

    /// Adds one part of all lanes' gradients to the first lane's.
    private func sumGradients(part: Int) {
        for (index, parameter) in parameters.enumerated() {
            let sum = parameter.gradient
            let positions = part * sum.count / lanes.count..<(part + 1) * sum.count / lanes.count
            for lane in lanes.dropFirst() {
                let addend = lane.network.parameters[index].gradient
                for position in positions { sum[position] += addend[position] }
            }
        }
    }

    private func onEachLane(_ body: (Int, OneDNNNetwork) throws -> Void) throws {
        try ComputeThread.runTogether(lanes.map(\.thread)) { try body($0, lanes[$0].network) }
    }
}
