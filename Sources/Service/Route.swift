/// What a path stands for.
struct Route {
    /// The parts of the interface, by the names that metrics have for them.
    enum Endpoint: String, CaseIterable {
        case nearest, within, nearestImage = "nearest-image", item, thumbnail, duplicates
        case insert, delete, verdict
        case stats, stores, health, metrics, page
        case lookup, hash, rawLookup = "raw-lookup", indexStatus = "index-status", matcherStatus = "matcher-status"
        case unknown

        /// Which methods it takes.
        var methods: [String] {
            switch self {
            case .nearest, .within, .nearestImage, .insert, .delete, .verdict, .hash: ["POST"]
            case .lookup: ["GET", "HEAD", "POST"]
            default: ["GET", "HEAD"]
            }
        }

        /// Whether it needs the token.
        var changesStore: Bool { [.insert, .delete, .verdict].contains(self) }

        /// Whether it is answered at once, from memory.
        var isQuick: Bool { [.page, .health, .metrics, .matcherStatus, .unknown].contains(self) }

        /// Whether the work on it is broken off when its time is over. A report of duplicates is kept for whoever asks again.
        var isBrokenOff: Bool { self != .duplicates }
    }

    let endpoint: Endpoint
    /// Which store is named, if one is.
    let store: String?
    /// The item, or the file of the page, that is named.
    let subject: String

    /// Whether it is of the interface of ThreatExchange's matcher.
    var isOfMatcher: Bool { [.lookup, .hash, .rawLookup, .indexStatus, .matcherStatus].contains(endpoint) }

    init(_ request: HTTPRequest) {
        let path = request.path
        var (store, subject, endpoint) = (String?.none, "", Endpoint.unknown)
        switch path.first {
        case nil: (endpoint, subject) = (.page, "page.html")
        case "v1"?:
            var rest = path.dropFirst()
            if rest.count > 2, rest.first == "stores" {
                store = rest[rest.startIndex + 1]
                rest = rest.dropFirst(2)
            }
            (endpoint, subject) = Self.endpoint(of: Array(rest), isNamed: store != nil)
        default:
            switch path {
            case ["page.css"], ["page.js"]: (endpoint, subject) = (.page, path[0])
            case ["healthz"]: endpoint = .health
            case ["metrics"]: endpoint = .metrics
            case ["m", "lookup"]: endpoint = .lookup
            case ["h", "hash"]: endpoint = .hash
            case ["m", "raw_lookup"]: endpoint = .rawLookup
            case ["m", "index", "status"]: endpoint = .indexStatus
            case ["status"]: endpoint = .matcherStatus
            default: break
            }
        }
        (self.endpoint, self.store, self.subject) = (endpoint, store, subject)
    }

    private static func endpoint(of path: [String], isNamed: Bool) -> (Endpoint, String) {
        switch path.count {
        case 1 where path[0] == "stores" && !isNamed: return (.stores, "")
        case 1:
            let ofStores: [Endpoint] = [
                .nearest, .within, .nearestImage, .duplicates, .insert, .delete, .verdict, .stats,
            ]
            return (ofStores.first { $0.rawValue == path[0] } ?? .unknown, "")
        case 2 where path[0] == "items": return (.item, path[1])
        case 3 where path[0] == "items" && path[2] == "thumbnail": return (.thumbnail, path[1])
        default: return (.unknown, "")
        }
    }
}
