import ArgumentParser
import Foundation
import HashDB

/// Inserts codes into a new store, commit after commit, and measures beside it what the file system's own sync costs.
struct InsertOnce: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "insert-once", shouldDisplay: false)

    @Option var store: String
    @Option var commits: Int
    @Option var perCommit = 1000
    @Flag var synchronous = false

    struct Figures: Codable {
        let codes: Int
        let seconds: Double
        let commits: Times.Summary?
        /// Writing as many bytes to a plain file and syncing it, as often as there were commits.
        let plainSeconds: Double?
    }

    func run() throws {
        var options = Store.Options()
        options.synchronous = synchronous
        let db = try Store.create(at: store, bitWidth: 64, options: options)
        var generator = Xoshiro(named: "inserts")
        var codes = CodeArray(bitWidth: 64)
        for _ in 0..<commits * perCommit { codes.appendUniform(&generator) }
        let all = try (0..<codes.count).map { try codes.code($0) }
        var times = Times()
        for commit in 0..<commits {
            try times.measure {
                try db.write { transaction in
                    for row in commit * perCommit..<(commit + 1) * perCommit {
                        try transaction.insert(UInt64(row), code: all[row])
                    }
                }
            }
        }
        try Subprocess.report(
            Figures(
                codes: codes.count, seconds: times.total / 1e6, commits: times.summary,
                plainSeconds: synchronous ? try plainSeconds(codes) : nil))
    }

    private func plainSeconds(_ codes: CodeArray) throws -> Double {
        let path = store + ".plain"
        defer { unlink(path) }
        let file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw BenchError("\(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var times = Times()
        for commit in 0..<commits {
            let bytes = codes.packed(commit * perCommit..<(commit + 1) * perCommit)
            // Id and code of each.
            times.measure {
                _ = write(file, bytes, bytes.count)
                _ = write(file, bytes, bytes.count)
                #if os(Linux)
                    fdatasync(file)
                #else
                    fsync(file)
                #endif
            }
        }
        return times.total / 1e6
    }
}
