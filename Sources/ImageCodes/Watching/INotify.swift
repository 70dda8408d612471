#if os(Linux)
    import Foundation

    /// The system's notices about entries of directories: inotify(7).
    struct INotify: Sendable {
        /// One notice.
        struct Event: Hashable, Sendable {
            /// Which directory it is about; -1 for none.
            var watch: Int32
            /// What has happened, in bits.
            var mask: UInt32
            /// Of the entry; empty for the directory itself.
            var name: [UInt8] = []

            func has(_ bits: Int32...) -> Bool {
                bits.contains { mask & UInt32(truncatingIfNeeded: $0) != 0 }
            }
        }

        let descriptor: Int32

        /// - Throws: the system's error: EMFILE if the user has as many as `fs.inotify.max_user_instances` allows.
        init() throws(SystemError) {
            descriptor = inotify_init1(O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else { throw SystemError(code: errno) }
        }

        func close() {
            _ = Foundation.close(descriptor)
        }

        /// Asks for notices about a directory; one that is watched already keeps its number.
        ///
        /// That a file is written is told when it is closed, and not each time.
        /// - Throws: the system's error: ENOSPC if there are as many as `fs.inotify.max_user_watches` allows.
        func add(_ directory: ImagePath, followsLink: Bool) throws(SystemError) -> Int32 {
            let told =
                IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF
                | IN_MOVE_SELF
            let how = IN_ONLYDIR | IN_EXCL_UNLINK | (followsLink ? 0 : IN_DONT_FOLLOW)
            let watch = directory.withCString {
                inotify_add_watch(descriptor, $0, UInt32(truncatingIfNeeded: told) | UInt32(truncatingIfNeeded: how))
            }
            guard watch >= 0 else { throw SystemError(code: errno) }
            return watch
        }

        func remove(_ watch: Int32) {
            inotify_rm_watch(descriptor, watch)
        }

        /// The notices that there are.
        ///
        /// - Throws: the system's error.
        func read() throws(SystemError) -> [Event] {
            var failure: Int32 = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                let got = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
                if got < 0, errno != EAGAIN, errno != EINTR { failure = errno }
                count = max(0, got)
            }
            guard failure == 0 else { throw SystemError(code: failure) }
            return INotify.events(in: bytes)
        }

        /// Each is number and bits, four bytes of no interest here, the length of the name with zeros after it, and the name.
        private static func events(in bytes: [UInt8]) -> [Event] {
            var events: [Event] = []
            var position = 0
            bytes.withUnsafeBytes { bytes in
                while bytes.count - position >= 16 {
                    let watch = bytes.loadUnaligned(fromByteOffset: position, as: Int32.self)
                    let mask = bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self)
                    let length = Int(bytes.loadUnaligned(fromByteOffset: position + 12, as: UInt32.self))
                    let name = bytes[(position + 16)...].prefix(length).prefix { $0 != 0 }
                    events.append(Event(watch: watch, mask: mask, name: Array(name)))
                    position += 16 + length
                }
            }
            return events
        }
    }
#endif
