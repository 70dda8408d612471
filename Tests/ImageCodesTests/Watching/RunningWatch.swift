import Foundation
import HashDB
import ImageCodes
import Synchronization
import Testing

/// A watch over `photos` on a thread of its own, with short times.
final class RunningWatch: Sendable {
    private struct State {
        var updates: [WatchUpdate] = []
        var told: [String] = []
        var error: (any Error)?
    }

    private let state = Mutex(State())
    private let cancellation = IngestCancellation()
    private let end = DispatchGroup()

    init(_ bench: IngestBench, _ configure: (inout TreeWatch.Options) -> Void = { _ in }) throws {
        var options = TreeWatch.Options()
        options.quiet = .milliseconds(20)
        options.longestWait = .milliseconds(100)
        options.settling = .milliseconds(50)
        options.awayInterval = .milliseconds(20)
        options.pollingInterval = .milliseconds(20)
        configure(&options)
        let watch = try TreeWatch(store: bench.store, encoder: StubEncoder(), options: options)
        let root = bench.directory["photos"]
        end.enter()
        let thread = Thread { [self] in
            do {
                try watch.run([root], cancellation: cancellation, observe: note)
            } catch {
                state.withLock { $0.error = error }
            }
            end.leave()
        }
        thread.start()
        try wait("the first update") { !updates.isEmpty }
    }

    private func note(_ event: WatchEvent) {
        state.withLock { state in
            switch event {
            case .updated(let update): state.updates.append(update)
            case .ingest(.failed(let error)): state.told.append("failed \(error.path.string)")
            case .ingest(.keptVanished): state.told.append("kept")
            case .ingest: break
            case .gone: state.told.append("gone")
            case .back: state.told.append("back")
            case .waitingForWriter: state.told.append("busy")
            case .overflow: state.told.append("overflow")
            case .polling(_, let reason): state.told.append("polling \(reason)")
            }
        }
    }

    /// Each time that the store was brought up to date.
    var updates: [WatchUpdate] { state.withLock { $0.updates } }
    /// What else was told, in words.
    var told: [String] { state.withLock { $0.told } }

    /// Waits until something has come about; fails after a minute.
    func wait(_ what: String, until condition: () throws -> Bool) throws {
        for _ in 0..<12_000 {
            if try condition() { return }
            if let error = state.withLock({ $0.error }) { throw error }
            usleep(5_000)
        }
        throw TimedOut(what: what, told: told)
    }

    struct TimedOut: Error {
        let what: String
        let told: [String]
    }

    /// Waits until a store is what a fresh one would be, as long as nobody changes the tree.
    func waitUntilCurrent(_ bench: IngestBench) throws {
        let fresh = try IngestBench.makeStore(in: bench.directory, name: "fresh-\(UUID().uuidString).hashdb")
        _ = try Ingest(store: fresh, encoder: StubEncoder()).run([bench.directory["photos"]])
        let expected = try RunningWatch.files(in: fresh)
        do {
            try wait("the state of the tree") { try RunningWatch.files(in: bench.store) == expected }
        } catch let error as TimedOut {
            let found = try RunningWatch.files(in: bench.store)
            #expect(found == expected, "\(error)")
            throw error
        }
    }

    /// All that is recorded of files, and their codes.
    private static func files(in store: Store) throws -> [ImagePath: [String]] {
        try store.read { snapshot in
            try snapshot.checkInvariants()
            let roots = try snapshot.imageRoots()
            var files: [ImagePath: [String]] = [:]
            try snapshot.forEachImage { image, code in
                for place in image.record.places {
                    let path = try #require(roots.path(of: place))
                    let file = ["\(image.record.content)", "\(place.modificationTime)", "\(place.inode)", code.hex]
                    #expect(files.updateValue(file, forKey: path) == nil)
                }
                return true
            }
            return files
        }
    }

    /// Ends it, as a signal does.
    func stop() throws {
        cancellation.cancel()
        guard end.wait(timeout: .now() + 60) == .success else { throw TimedOut(what: "the end", told: told) }
        if let error = state.withLock({ $0.error }) { throw error }
    }
}
