import Foundation
import HashNets
import Testing

@Suite struct ComputeThreadTests {
    private struct Failure: Error, Equatable {}

    @Test func runsOnOneThreadOtherThanTheCallers() {
        let thread = ComputeThread()
        let first = thread.run { ObjectIdentifier(Thread.current) }
        #expect(first == thread.run { ObjectIdentifier(Thread.current) })
        #expect(first != ObjectIdentifier(Thread.current))
    }

    @Test func handsOnErrors() {
        let thread = ComputeThread()
        #expect(throws: Failure()) { try thread.run { throw Failure() } }
        #expect(thread.run { 7 } == 7)
    }

    @Test func runsNestedWorkAtOnce() {
        let thread = ComputeThread()
        #expect(thread.run { thread.run { thread.run { 3 } + 1 } } == 4)
    }

    @Test func runsManyCallersOneAfterTheOther() async {
        let thread = ComputeThread()
        nonisolated(unsafe) var count = 0  // touched on the thread alone
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<500 { thread.run { count += 1 } } }
            }
        }
        #expect(thread.run { count } == 4000)
    }
}
