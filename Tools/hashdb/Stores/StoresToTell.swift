import HashDB
import ImageCodes

/// Stores that are to hear what became of files. What matters is the files: a store that cannot be opened is named once, and left out; one
/// that cannot be told is named once for each reason, and is told of the next file again.
struct StoresToTell {
    /// What follows from not being told.
    let advice: String
    /// The collections of each.
    private var opened: [ImagePath: [Store]] = [:]
    private var warnings: Set<String> = []

    init(advice: String) {
        self.advice = advice
    }

    mutating func tell(_ path: ImagePath, _ note: (Store) throws -> Void) {
        do {
            for store in try stores(at: path) { try note(store) }
        } catch {
            if case HashDBError.busy = error { opened[path] = try? open(path, busyTimeout: .seconds(1)) }
            if warnings.insert("\(error)").inserted { StandardError.warn("\(error); \(advice)") }
        }
    }

    private mutating func stores(at path: ImagePath) throws -> [Store] {
        if let stores = opened[path] { return stores }
        do {
            let stores = try open(path)
            opened[path] = stores
            return stores
        } catch {
            if case HashDBError.busy = error { throw error }
            opened[path] = []
            throw error
        }
    }

    private func open(_ path: ImagePath, busyTimeout: Duration? = nil) throws -> [Store] {
        var options = Store.Options()
        if let busyTimeout { options.busyTimeout = busyTimeout }
        return try Store.allOfModels(at: path.string, options: options)
    }
}
