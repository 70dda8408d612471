/// Which troubles with files were told already: a file that is damaged is so at every look, and nobody wants to read it each time.
struct ToldTroubles {
    private var told: [ImagePath: String] = [:]
    private var met: [ImagePath: String] = [:]
    private var hasNews = false

    /// Begins a look at some paths, or at everything.
    mutating func begin(_ paths: Set<ImagePath>?) {
        met = [:]
        guard let paths else { return }
        for path in paths { told[path] = nil }
    }

    /// Whether anything was told since this was asked last.
    mutating func takeNews() -> Bool {
        defer { hasNews = false }
        return hasNews
    }

    /// Whether an event is to be told.
    mutating func isToBeTold(_ event: IngestEvent) -> Bool {
        let (path, trouble): (ImagePath, String)
        switch event {
        case .progress: return true
        case .failed(let error): (path, trouble) = (error.path, error.reason.description)
        case .passedOver(let place, let reason): (path, trouble) = (place, reason.description)
        case .keptVanished(let directory): (path, trouble) = (directory, "")
        }
        met[path] = trouble
        guard told.updateValue(trouble, forKey: path) != trouble else { return false }
        hasNews = true
        return true
    }

    /// After a look at everything: what was not met is no trouble any more.
    mutating func endWhole() {
        told = met
    }
}
