import ArgumentParser
import CodeFiles
import HashDB

/// Loads a file into a new store, in a process of its own so that its memory can be told.
struct ImportOnce: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "import-once", shouldDisplay: false)

    @Option var codes: String
    @Option var store: String

    struct Figures: Codable {
        let count: Int
        /// Of the bulk load with its commit, without reading the file.
        let seconds: Double
        let processorSeconds: Double
        let fileBytes: Int
        /// The most memory during the load that was no file's.
        let anonymousPeak: Int?
        /// "m × w" of each segment.
        let shape: String
    }

    func run() throws {
        var reader = try CodeReader(path: codes)
        let count = reader.count
        let store = try Store.create(at: store, bitWidth: reader.bitWidth)
        var reading = Times()
        let clock = ContinuousClock.now
        let processor = ProcessMemory.processorSeconds
        let (_, anonymousPeak) = try MemoryWatch.during {
            try store.bulkLoad { loader in
                while let batch = try reading.measure({ try reader.next(upTo: 1 << 16) }) {
                    try loader.append(packedCodes: batch)
                }
            }
        }
        let seconds = (ContinuousClock.now - clock) / .seconds(1) - reading.total / 1e6
        let processorSeconds = ProcessMemory.processorSeconds - processor - reading.total / 1e6
        let statistics = try store.read { try $0.statistics() }
        let shape = statistics.segments.map { "\($0.substrings) × \($0.substringBits)" }.joined(separator: ", ")
        try Subprocess.report(
            Figures(
                count: count, seconds: seconds, processorSeconds: max(0, processorSeconds),
                fileBytes: statistics.fileBytes, anonymousPeak: anonymousPeak, shape: shape))
    }
}
