// Two threads count. With the argument "guarded" a Mutex is around it; without, it is a race, which ThreadSanitizer has to report.

import Foundation
import Synchronization

@main enum Race {
    nonisolated(unsafe) static var count = 0
    static let guarded = Mutex(0)

    static func main() {
        let isGuarded = CommandLine.arguments.dropFirst().first == "guarded"
        let ends = DispatchSemaphore(value: 0)
        // Each sleeps between, or while it has the Mutex, so that they meet even on one processor.
        let threads = (0..<2).map { _ in
            Thread {
                for _ in 0..<30 {
                    if isGuarded { guarded.withLock { $0 += add() } } else { add() }
                }
                ends.signal()
            }
        }
        for thread in threads { thread.start() }
        for _ in threads { ends.wait() }
        print(count)
    }

    @discardableResult static func add() -> Int {
        count &+= 1
        usleep(1000)
        return 1
    }
}
