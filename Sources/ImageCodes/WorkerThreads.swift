import Foundation

/// Threads of our own for work that keeps a core busy or waits for a disk, which would starve Swift's own pool.
package final class WorkerThreads: Sendable {
    private let group = DispatchGroup()

    /// Starts `count` threads that each run `body` with their number, from 0.
    package init(count: Int, name: String, _ body: @escaping @Sendable (Int) -> Void) {
        for index in 0..<count {
            group.enter()
            let thread = Thread { [group] in
                // The system is told the name of a running thread only.
                Thread.current.name = name
                body(index)
                ImageDecoder.leaveThread()
                group.leave()
            }
            // Image decoders and their colour transforms keep large arrays on the stack.
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Waits until all have ended.
    package func join() {
        group.wait()
    }

    /// Waits until all have ended, or for a time; whether they have.
    func join(within seconds: Double) -> Bool {
        group.wait(timeout: .now() + seconds) == .success
    }

    /// One thread a core.
    package static var processorCount: Int { ProcessInfo.processInfo.activeProcessorCount }
}
