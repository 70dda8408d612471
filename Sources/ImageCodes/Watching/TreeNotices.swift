#if os(Linux)
    import Foundation
    import Synchronization

    /// Tells a queue of what happens in directories: a thread of its own empties the system's queue, so that little is lost while the
    /// store is written.
    final class TreeNotices: Sendable {
        private struct State {
            var directories: WatchedDirectories
            var failure: PollingReason?
            var isOpen = true
        }

        private let notices: INotify
        private let alarm: Alarm
        private let queue: ChangeQueue
        private let followsLinks: Bool
        private let limit: Int
        // Watches are added and dropped under this lock too: a number stands for the same directory on both sides.
        private let state: Mutex<State>
        private let thread: Mutex<WorkerThreads?> = Mutex(nil)

        /// - Parameter limit: the most directories, fewer than the system allows, for tests.
        /// - Throws: `PollingReason`.
        init(
            roots: [ImagePath], walking: DirectoryWalker.Options, queue: ChangeQueue, limit: Int = .max
        ) throws(PollingReason) {
            do {
                notices = try INotify()
            } catch {
                throw error.code == EMFILE ? .limit("fs.inotify.max_user_instances") : .system(error.description)
            }
            guard let alarm = Alarm() else {
                notices.close()
                throw .system(SystemError(code: errno).description)
            }
            self.alarm = alarm
            self.queue = queue
            self.limit = limit
            followsLinks = walking.followsLinks
            state = Mutex(State(directories: WatchedDirectories(roots: roots, walking: walking)))
            thread.withLock { $0 = WorkerThreads(count: 1, name: "watch") { [self] _ in listen() } }
        }

        /// Why not all directories are watched, if that is so.
        var failure: PollingReason? { state.withLock { $0.failure } }

        /// Asks for notices about a directory, before anybody looks at what is in it: what comes later is told.
        func watch(_ directory: ImagePath) {
            state.withLock { state in
                guard state.isOpen, state.failure == nil else { return }
                do throws(SystemError) {
                    guard state.directories.count < limit else { throw SystemError(code: ENOSPC) }
                    let watch = try notices.add(directory, followsLink: followsLinks)
                    state.directories.add(directory, watch: watch)
                } catch {
                    // Others may not be read, or are gone: the walk says so.
                    if error.code == ENOSPC { state.failure = .limit("fs.inotify.max_user_watches") }
                }
            }
        }

        /// Ends the thread, and gives back what the system holds.
        func stop() {
            alarm.ring()
            thread.withLock { $0 }?.join()
            state.withLock { state in
                if state.isOpen { notices.close() }
                state.isOpen = false
            }
        }

        private func listen() {
            while alarm.waits(for: notices.descriptor) {
                do {
                    for event in try notices.read() {
                        queue.note(
                            state.withLock { state in
                                let (changes, dropped) = state.directories.take(event)
                                for watch in dropped { notices.remove(watch) }
                                return changes
                            })
                    }
                } catch {
                    state.withLock { $0.failure = .system(error.description) }
                    return queue.note([.overflow])
                }
            }
        }
    }

    /// Wakes a thread that waits for a descriptor.
    private final class Alarm: Sendable {
        private let ends: (read: Int32, write: Int32)

        /// `nil`, with the reason in `errno`, if the system has no more descriptors.
        init?() {
            var descriptors: [Int32] = [-1, -1]
            guard pipe(&descriptors) == 0 else { return nil }
            for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
            ends = (descriptors[0], descriptors[1])
        }

        deinit {
            close(ends.read)
            close(ends.write)
        }

        func ring() {
            var byte: UInt8 = 0
            _ = write(ends.write, &byte, 1)
        }

        /// Waits until there is something to read; `false` when the alarm has rung.
        func waits(for descriptor: Int32) -> Bool {
            var descriptors = [descriptor, ends.read].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            while poll(&descriptors, nfds_t(descriptors.count), -1) < 0 {
                guard errno == EINTR else { return false }
            }
            return descriptors[1].revents == 0
        }
    }
#endif
