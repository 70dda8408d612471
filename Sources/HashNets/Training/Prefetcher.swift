import Foundation
import Synchronization

/// Makes the values of numbers that are asked for in order, each while its predecessor is in use.
final class Prefetcher<Value: Sendable>: Sendable {
    private let make: @Sendable (Int) -> Value
    private let ahead = Mutex<(number: Int, pending: Pending)?>(nil)
    private let queue = DispatchQueue(label: "hashnets.batches")

    /// A value that is being made.
    private final class Pending: Sendable {
        let isReady = DispatchSemaphore(value: 0)
        let value = Mutex<Value?>(nil)
    }

    init(_ make: @escaping @Sendable (Int) -> Value) {
        self.make = make
    }

    /// The value of a number; `next`, where given, is made meanwhile.
    func value(_ number: Int, next: Int?) -> Value {
        let pending = ahead.withLock { $0 }
        var value: Value?
        if let pending, pending.number == number {
            pending.pending.isReady.wait()
            value = pending.pending.value.withLock { $0 }
        }
        ahead.withLock { $0 = next.map { ($0, start($0)) } }
        return value ?? make(number)
    }

    private func start(_ number: Int) -> Pending {
        let pending = Pending()
        queue.async { [make] in
            let value = make(number)
            pending.value.withLock { $0 = value }
            pending.isReady.signal()
        }
        return pending
    }
}
