import Foundation
import ImageCodes
import Synchronization
import TestSupport
import Testing

@Suite struct QueueTests {
    /// Runs bodies on threads of their own and waits for them; queues block, which Swift's own pool must not.
    private func onThreads(_ bodies: [@Sendable () -> Void]) {
        let group = DispatchGroup()
        for body in bodies {
            group.enter()
            Thread {
                body()
                group.leave()
            }.start()
        }
        group.wait()
    }

    @Test func everythingPutIsTakenOnceInOrder() {
        let queue = BoundedQueue<Int>(capacity: 3)
        let taken = Mutex<[Int]>([])
        onThreads([
            {
                for number in 0..<1_000 { queue.put(number) }
                queue.finish()
            },
            { while let number = queue.next() { taken.withLock { $0.append(number) } } },
        ])
        let all = taken.withLock { $0 }
        #expect(all == Array(0..<1_000))
    }

    @Test func aQueueHoldsNoMoreThanItsCapacity() {
        let queue = BoundedQueue<Int>(capacity: 4)
        let put = Atomic<Int>(0)
        let taken = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let producers: [@Sendable () -> Void] = (0..<3).map { _ in
            {
                for number in 0..<300 where queue.put(number) {
                    _ = put.wrappingAdd(1, ordering: .sequentiallyConsistent)
                }
            }
        }
        onThreads(
            producers + [
                {
                    for _ in 0..<900 {
                        // What producers have noted as put is at most what is in the queue and what was taken.
                        let held =
                            put.load(ordering: .sequentiallyConsistent) - taken.load(ordering: .sequentiallyConsistent)
                        most.store(max(most.load(ordering: .relaxed), held), ordering: .relaxed)
                        _ = queue.next()
                        _ = taken.wrappingAdd(1, ordering: .sequentiallyConsistent)
                    }
                }
            ])
        let mostHeld = most.load(ordering: .relaxed)
        #expect(mostHeld <= 4)
    }

    @Test func numbersComeInOrderWhicheverThreadIsFirst() {
        let queue = OrderedQueue<Int>(window: 5)
        let next = Atomic<Int>(0)
        let taken = Mutex<[Int]>([])
        let producers: [@Sendable () -> Void] = (0..<4).map { seed in
            {
                var generator = SplitMix64(seed: UInt64(seed))
                while true {
                    let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard number < 500 else { return }
                    usleep(UInt32(generator.next() % 100))
                    queue.put(number, number: number)
                }
            }
        }
        queue.finish(count: 500)
        onThreads(
            producers + [
                {
                    while true {
                        switch queue.next(within: 5) {
                        case .element(let number): taken.withLock { $0.append(number) }
                        case .nothingYet: continue
                        case .end: return
                        }
                    }
                }
            ])
        let all = taken.withLock { $0 }
        #expect(all == Array(0..<500))
    }

    @Test func elementsFarAheadWaitForTheOnesBefore() {
        let queue = OrderedQueue<Int>(window: 2)
        let isPut = Atomic<Bool>(false)
        onThreads([
            {
                queue.put(2, number: 2)
                isPut.store(true, ordering: .relaxed)
            },
            {
                queue.put(1, number: 1)
                usleep(20_000)
                let isEarly = isPut.load(ordering: .relaxed)
                #expect(!isEarly)
                queue.put(0, number: 0)
                guard case .element(0) = queue.next(within: 5) else {
                    Issue.record("the first element is there")
                    return
                }
            },
        ])
        let isPutAtLast = isPut.load(ordering: .relaxed)
        #expect(isPutAtLast)
    }

    @Test func abortingWakesAllWhoWait() {
        let full = BoundedQueue<Int>(capacity: 1)
        let empty = OrderedQueue<Int>(window: 1)
        full.put(1)
        onThreads([
            { #expect(!full.put(2)) },
            { #expect(!empty.put(5, number: 5)) },
            {
                guard case .end = empty.next(within: 60) else {
                    Issue.record("an aborted queue has ended")
                    return
                }
            },
            {
                usleep(10_000)
                full.abort()
                empty.abort()
            },
        ])
        #expect(full.next() == nil)
    }

    @Test func waitingForNothingEndsInTime() {
        let queue = BoundedQueue<Int>(capacity: 1)
        guard case .nothingYet = queue.next(within: 0.01) else {
            Issue.record("nothing was put")
            return
        }
    }
}
