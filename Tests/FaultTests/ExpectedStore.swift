import HashDB
import StoreHistories
import Testing

/// A history's store as it must be, step by step.
struct ExpectedStore {
    let history: StoreHistory
    /// The last step that is known to be in the store.
    private(set) var step = 0
    private(set) var model = StoreModel()

    init(_ history: StoreHistory) {
        self.history = history
    }

    /// Takes over all steps up to one.
    mutating func advance(to number: Int) {
        while step < number {
            step += 1
            model.apply(history.step(step))
        }
    }

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
}
