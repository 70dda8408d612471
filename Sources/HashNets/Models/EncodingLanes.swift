import Synchronization

/// Encoders of one model side by side, each with a thread of its own.
///
/// Many networks on one thread each finish more images a second than one network on many threads, whose every layer
/// waits for the slowest; and the codes do not depend on how many cores there are. Lanes are made when a call has
/// enough images to use them, so that asking for one code makes one.
final class EncodingLanes: Sendable {
    private final class Lane: Sendable {
        let thread = ComputeThread()
        /// Used on the thread alone.
        nonisolated(unsafe) let encoder: any Encoder

        init(_ make: () throws -> any Encoder) throws {
            encoder = try thread.run(make)
        }
    }

    /// Images that make another lane worth its start.
    private static let imagesPerLane = 8

    private let make: @Sendable () throws -> any Encoder
    private let limit: Int
    private let lanes: Mutex<[Lane]>

    /// Makes the first lane, and later at most `limit`.
    init(limit: Int, _ make: @escaping @Sendable () throws -> any Encoder) throws {
        self.make = make
        self.limit = limit
        lanes = Mutex([try Lane(make)])
    }

    /// Calls `body(encoder, indices)` until it has had every index below `count`, each time on the thread of some lane with at
    /// most as many as `groupSize` says of the encoder; throws the first error after all lanes have stopped.
    func forEachGroup(
        of count: Int, size groupSize: (any Encoder) -> Int, _ body: (any Encoder, Range<Int>) throws -> Void
    ) throws {
        let lanes = try lanes(for: count)
        let size = groupSize(lanes[0].encoder)
        let next = Atomic(0)
        try ComputeThread.runTogether(lanes.map(\.thread)) { number in
            while case let start = next.add(size, ordering: .relaxed).oldValue, start < count {
                try body(lanes[number].encoder, start..<min(start + size, count))
            }
        }
    }

    /// As many lanes as are worth it for so many images.
    private func lanes(for count: Int) throws -> [Lane] {
        let wanted = min(limit, max(1, count / Self.imagesPerLane))
        return try lanes.withLock { lanes in
            while lanes.count < wanted { lanes.append(try Lane(make)) }
            return Array(lanes.prefix(wanted))
        }
    }
}
