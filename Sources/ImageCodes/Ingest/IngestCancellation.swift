import Synchronization

/// Asks a run of `Ingest` or of `TreeWatch` to stop; may be used from any thread.
public final class IngestCancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    private let actions = Mutex<[@Sendable () -> Void]>([])

    /// Nothing is cancelled yet.
    public init() {}

    /// The run finishes the images at hand, commits them and returns.
    public func cancel() {
        let actions = actions.withLock { actions in
            flag.store(true, ordering: .relaxed)
            defer { actions = [] }
            return actions
        }
        for action in actions { action() }
    }

    /// Calls `action` once when this is cancelled, at once if it is already.
    func whenCancelled(_ action: @escaping @Sendable () -> Void) {
        let isCancelled = actions.withLock { actions in
            if !flag.load(ordering: .relaxed) { actions.append(action) }
            return flag.load(ordering: .relaxed)
        }
        if isCancelled { action() }
    }

    /// Whether `cancel` was called.
    public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}
