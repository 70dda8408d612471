import Synchronization

/// The open connections, and until when each may go on with what it is doing.
final class ConnectionWatch: Sendable {
    private struct State {
        var connections: [Int: OpenConnection] = [:]
        var last = 0
        var isStopping = false
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.connections.count } }
    var isEmpty: Bool { count == 0 }
    var isStopping: Bool { state.withLock { $0.isStopping } }

    func stop() {
        state.withLock { $0.isStopping = true }
    }

    /// Starts a connection's task.
    func start(_ body: @escaping @Sendable (OpenConnection) async -> Void) {
        let connection = OpenConnection(of: self)
        let number = state.withLock { state in
            state.last += 1
            state.connections[state.last] = connection
            return state.last
        }
        connection.begin(
            Task {
                await body(connection)
                _ = self.state.withLock { $0.connections.removeValue(forKey: number) }
            })
    }

    /// Ends those whose time is over.
    func cancelLate() {
        let now = ContinuousClock.now
        for connection in all where connection.deadline.map({ $0 <= now }) ?? false { connection.cancel() }
    }

    /// Ends those that wait for a request.
    func cancelIdle() {
        for connection in all where connection.isIdle { connection.cancel() }
    }

    func cancelAll() {
        for connection in all { connection.cancel() }
    }

    private var all: [OpenConnection] { state.withLock { Array($0.connections.values) } }
}

/// What the watch knows of a connection.
final class OpenConnection: Sendable {
    private struct State {
        var task: Task<Void, Never>?
        var deadline: ContinuousClock.Instant?
        var isIdle = true
    }

    private let state = Mutex(State())
    private let watch: ConnectionWatch

    init(of watch: ConnectionWatch) {
        self.watch = watch
    }

    func begin(_ task: Task<Void, Never>) {
        state.withLock { $0.task = task }
    }

    /// Until when what begins now may take; nil if somebody else sees to that.
    func mayTake(_ time: Duration?, isIdle: Bool = false) {
        let deadline = time.map { ContinuousClock.now + $0 }
        state.withLock {
            $0.deadline = deadline
            $0.isIdle = isIdle
        }
    }

    var deadline: ContinuousClock.Instant? { state.withLock { $0.deadline } }
    var isIdle: Bool { state.withLock { $0.isIdle } }
    /// Whether the connection shall end after the request under way.
    var isStopping: Bool { watch.isStopping }

    func cancel() {
        state.withLock { $0.task }?.cancel()
    }
}
