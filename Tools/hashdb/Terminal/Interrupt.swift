import Dispatch
import Foundation
import Synchronization

/// Ctrl-C as a request to finish: the first one sets a flag that long work asks for, the second ends the tool at once.
final class Interrupt: Sendable {
    private let requested = Atomic<Int32>(0)

    /// Starts to listen for SIGINT and SIGTERM, says so, and calls `action` at the first.
    ///
    /// What listens is never taken back, as a command lasts as long as the process.
    init(
        _ message: String = "stopping, what is done will be kept (Ctrl-C again: stop at once)",
        action: @escaping @Sendable () -> Void = {}
    ) {
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global(qos: .userInitiated))
            source.setEventHandler { [self] in
                if requested.exchange(number, ordering: .relaxed) != 0 { _exit(130) }
                StandardError.write("\nhashdb: \(message)\n")
                action()
            }
            source.resume()
            sources.append(source)
        }
    }

    /// Whether the user has asked to stop.
    var isRequested: Bool { signalNumber != 0 }

    /// The signal by which; 0 if none has come.
    var signalNumber: Int32 { requested.load(ordering: .relaxed) }

    // Only to keep them alive; changed by the initializer alone.
    private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []
}
