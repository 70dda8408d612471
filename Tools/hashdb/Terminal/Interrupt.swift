import Dispatch
import Foundation
import Synchronization

/// Ctrl-C as a request to finish: the first one sets a flag that long work asks for, the second ends the tool at once.
final class Interrupt: Sendable {
    private let requested = Atomic<Int32>(0)
    /// When the first one came, in nanoseconds; 0 before.
    private let first = Atomic<UInt64>(0)
    /// What follows it within this time is the same: `timeout` sends a signal to the process and to its group, of which it is.
    private static let echo: UInt64 = 300_000_000

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
                let now = DispatchTime.now().uptimeNanoseconds
                let (isFirst, before) = first.compareExchange(expected: 0, desired: now, ordering: .relaxed)
                guard isFirst else {
                    if now > before &+ Self.echo { _exit(130) }
                    return
                }
                requested.store(number, ordering: .relaxed)
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
