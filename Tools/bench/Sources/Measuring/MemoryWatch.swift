import Foundation
import Synchronization

/// Watches how much memory this process has that is no file's, every 20 ms; its peak is nowhere else to be had.
final class MemoryWatch: Sendable {
    private let peak = Mutex<Int?>(nil)
    private let isOver = Atomic<Bool>(false)

    /// The most anonymous memory during `body`, in bytes; nil where the system does not tell.
    static func during<R>(_ body: () throws -> R) rethrows -> (R, anonymousPeak: Int?) {
        let watch = MemoryWatch()
        Thread.detachNewThread {
            while !watch.isOver.load(ordering: .relaxed), watch.look() { Thread.sleep(forTimeInterval: 0.02) }
        }
        defer { watch.isOver.store(true, ordering: .relaxed) }
        let result = try body()
        _ = watch.look()
        return (result, watch.peak.withLock { $0 })
    }

    private func look() -> Bool {
        guard let now = ProcessMemory.now else { return false }
        peak.withLock { $0 = max($0 ?? 0, now.anonymous) }
        return true
    }
}
