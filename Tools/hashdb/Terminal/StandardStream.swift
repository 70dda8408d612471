import Foundation

/// Reading and writing of standard streams, which another program that shares them may have made such as never wait.
enum StandardStream {
    /// Tries a call of the system until it was not interrupted, and what it waits for has come. Returns what it returns.
    static func waiting(for events: Int32, of descriptor: Int32, _ call: () -> Int) -> Int {
        while true {
            let result = call()
            guard result < 0 else { return result }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                var place = pollfd(fd: descriptor, events: Int16(events), revents: 0)
                poll(&place, 1, -1)
            default: return result
            }
        }
    }
}
