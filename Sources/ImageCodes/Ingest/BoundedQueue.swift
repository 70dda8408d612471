import Foundation

/// A queue between threads that holds so many elements and no more: who puts waits for room, who takes waits for an element.
package final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    /// What `next(within:)` finds.
    package enum Next {
        case element(Element)
        case nothingYet
        case end
    }

    private let condition = NSCondition()
    private var slots: [Element?]
    private var head = 0
    private var count = 0
    private var isFinished = false
    private var isAborted = false

    package init(capacity: Int) {
        precondition(capacity > 0, "room for one element at least")
        slots = Array(repeating: nil, count: capacity)
    }

    /// Adds an element, when there is room; `false` if the queue was aborted.
    @discardableResult
    package func put(_ element: Element) -> Bool {
        condition.withLock {
            while count == slots.count && !isAborted { condition.wait() }
            guard !isAborted else { return false }
            slots[(head + count) % slots.count] = element
            count += 1
            condition.broadcast()
            return true
        }
    }

    /// Says that nothing more will be put.
    package func finish() {
        condition.withLock {
            isFinished = true
            condition.broadcast()
        }
    }

    /// Drops everything, and lets nobody wait any longer.
    package func abort() {
        condition.withLock {
            isAborted = true
            slots = Array(repeating: nil, count: slots.count)
            count = 0
            condition.broadcast()
        }
    }

    /// The next element, when there is one; `nil` at the end.
    package func next() -> Element? {
        if case .element(let element) = next(until: nil) { return element }
        return nil
    }

    /// The next element, if there is one within a time.
    package func next(within seconds: Double) -> Next {
        next(until: Date(timeIntervalSinceNow: seconds))
    }

    private func next(until deadline: Date?) -> Next {
        condition.withLock {
            while true {
                if let element = takeFirst() { return .element(element) }
                if isFinished || isAborted { return .end }
                if let deadline {
                    if !condition.wait(until: deadline) { return .nothingYet }
                } else {
                    condition.wait()
                }
            }
        }
    }

    private func takeFirst() -> Element? {
        guard count > 0 else { return nil }
        let element = slots[head]
        slots[head] = nil
        head = (head + 1) % slots.count
        count -= 1
        condition.broadcast()
        return element
    }
}
