import Foundation

/// A queue that gives out in the order of their numbers what threads put in when each is ready.
///
/// It takes only elements whose numbers are less than `window` ahead of the next to be given out; others wait. The thread with the
/// next one never waits, so there is always somebody who can go on.
package final class OrderedQueue<Element: Sendable>: @unchecked Sendable {
    private let window: Int
    private let condition = NSCondition()
    private var slots: [Element?]
    private var nextNumber = 0
    private var end: Int?
    private var isAborted = false

    package init(window: Int) {
        precondition(window > 0, "room for one element at least")
        self.window = window
        slots = Array(repeating: nil, count: window)
    }

    /// Adds the element of a number, each number once; `false` if the queue was aborted.
    @discardableResult
    package func put(_ element: Element, number: Int) -> Bool {
        condition.withLock {
            while number >= nextNumber + window && !isAborted { condition.wait() }
            guard !isAborted else { return false }
            slots[number % window] = element
            condition.broadcast()
            return true
        }
    }

    /// Says that there are no numbers from `count` on.
    package func finish(count: Int) {
        condition.withLock {
            end = count
            condition.broadcast()
        }
    }

    /// Drops everything, and lets nobody wait any longer.
    package func abort() {
        condition.withLock {
            isAborted = true
            slots = Array(repeating: nil, count: window)
            condition.broadcast()
        }
    }

    /// The element of the next number, if it comes within a time.
    package func next(within seconds: Double) -> BoundedQueue<Element>.Next {
        let deadline = Date(timeIntervalSinceNow: seconds)
        return condition.withLock {
            while true {
                if isAborted || nextNumber == end { return .end }
                if let element = slots[nextNumber % window] {
                    slots[nextNumber % window] = nil
                    nextNumber += 1
                    condition.broadcast()
                    return .element(element)
                }
                if !condition.wait(until: deadline) { return .nothingYet }
            }
        }
    }
}
