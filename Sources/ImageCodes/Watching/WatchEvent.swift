/// What a `TreeWatch` tells.
public enum WatchEvent: Sendable {
    /// What goes on while the store is brought up to date. A file that gives no code, and a directory that cannot be entered, are told once,
    /// and again when they were touched.
    case ingest(IngestEvent)
    /// The store is up to date, for now.
    case updated(WatchUpdate)
    /// A directory is not there any more, or what was mounted there is not. Its images are kept, and it is looked for.
    case gone(ImagePath)
    /// A directory is there again, or another one is in its place; what lies below it is looked at.
    case back(ImagePath)
    /// Another process has been writing to the store for long; it is waited for.
    case waitingForWriter
    /// More has changed than the system could tell, so everything is looked at.
    case overflow
    /// The system does not tell of changes, so that everything is looked at once in this time.
    case polling(every: Duration, PollingReason)
}

/// What was done to bring a store up to date.
public struct WatchUpdate: Sendable {
    /// What was met and what was done, in each of the collections. Of a part of the tree, counts are of that part.
    public var summaries: [IngestSummary]
    /// Whether all was looked at, as `Ingest` does.
    public var isWhole: Bool
    /// Whether it is the one that a watch begins with.
    public var isFirst: Bool
    /// Whether it is of interest: anything was done, or something was told.
    public var isNews: Bool

    /// What was met and what was done; of several collections, in the first.
    public var summary: IngestSummary { summaries.first ?? IngestSummary() }
}

/// Why changes are looked for, and not waited for.
public enum PollingReason: Error, Hashable, Sendable, CustomStringConvertible {
    /// That was asked for.
    case asked
    /// This is not Linux.
    case notOffered
    /// The system has as many watches, or users of them, as its setting of this name allows.
    case limit(String)
    /// The system refuses; its words.
    case system(String)

    /// The reason, with the way out.
    public var description: String {
        switch self {
        case .asked: "as asked for"
        case .notOffered: "this system tells of no changes"
        case .limit(let setting):
            "no more folders can be watched here; sysctl \(setting) says how many, raise it (as root: sysctl \(setting)=524288)"
        case .system(let message): "changes cannot be watched for: \(message)"
        }
    }
}
