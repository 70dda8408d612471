import Foundation
import HashDB
import StoreHistories
import Testing

/// A history's store as it must be, step by step.
struct ExpectedStore {
    let history: StoreHistory
    /// The last step that is known to be in the store.
    private(set) var step = 0
    private(set) var model = StoreModel()
    /// What the store's last copy holds, if there is one.
    private var copy: StoreModel?

    init(_ history: StoreHistory) {
        self.history = history
    }

    /// Takes over all steps up to one.
    mutating func advance(to number: Int) {
        while step < number {
            step += 1
            let next = history.step(step)
            if case .backup = next { copy = model }
            model.apply(next)
        }
    }

    /// Applies a step out of turn.
    mutating func apply(_ number: Int) { model.apply(history.step(number)) }

    /// Checks that the store holds every step up to the last acknowledged one, and that of the next it holds all or nothing.
    ///
    /// Steps that were found are taken over.
    mutating func check(_ store: Store, acknowledged: Int, _ comment: @autoclosure () -> String) throws {
        advance(to: acknowledged)
        let found = try StoreModel(readingAllOf: store)
        if found == model { return }
        let next = model.after(history.step(step + 1))
        let isNext = found == next
        #expect(isNext, "step \(acknowledged) was acknowledged; \(comment())")
        if isNext { advance(to: step + 1) }
    }

    /// Checks that a copy of the store is the one of the last step that made one, or of the step after the last that was acknowledged; or
    /// that there is none, where that step has just removed it.
    func checkCopy(of path: String, _ comment: @autoclosure () -> String) throws {
        let path = StoreHistory.backupPath(of: path)
        let isMade = if case .backup = history.step(step + 1) { true } else { false }
        guard access(path, F_OK) == 0 else {
            #expect(isMade || copy == nil, "the copy is missing; \(comment())")
            return
        }
        let found = try StoreModel(readingAllOf: Store.open(at: path, access: .readOnly))
        let isRight = found == copy || isMade && found == model
        #expect(isRight, "the copy is another; \(comment())")
    }
}
