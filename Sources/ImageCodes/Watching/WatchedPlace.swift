/// A directory that is watched, and may be taken away with its disk: a root, or what something was mounted at below one.
///
/// What is away is looked for now and then; nothing tells when it is mounted again.
struct WatchedPlace: Sendable {
    /// What has become of it.
    enum Finding: Hashable, Sendable {
        /// Nothing new.
        case same
        /// It is not there any more.
        case gone
        /// It is there again, or another directory has taken its place.
        case back
    }

    let path: ImagePath
    let isRoot: Bool
    private(set) var isAway = false
    /// Of the directory when it was there.
    private var number: FileNumber?
    /// Of what is there instead: the directory that a disk is mounted at, which need not be empty.
    private var substitute: FileNumber?

    /// A directory that is there.
    init(root path: ImagePath) {
        self.path = path
        isRoot = true
        number = present
    }

    /// One that something was mounted at until now.
    init(unmounted path: ImagePath) {
        self.path = path
        isRoot = false
        isAway = true
        substitute = present
    }

    /// Looks whether it is there.
    mutating func look() -> Finding {
        let now = present
        if isAway {
            guard let now, now == number || (now != substitute && path.holdsEntries) else { return .same }
            (isAway, number) = (false, now)
            return .back
        }
        if now == number, now != nil { return .same }
        // On the same disk it was replaced by somebody; a disk that was taken away leaves another one's directory, or none.
        if let now, now.device == number?.device {
            number = now
            return .back
        }
        (isAway, substitute) = (true, now)
        return .gone
    }

    private var present: FileNumber? {
        guard let status = path.status(followsLinks: false), FileKind(mode: status.st_mode) == .directory else {
            return nil
        }
        return FileNumber(status)
    }
}
