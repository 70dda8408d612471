import CodeFiles
import HashDB

/// Answers requests about stores. It knows nothing of sockets: a request goes in, a response comes out, on the thread that calls.
///
///     let service = try StoreService(stores: [ServedStore(name: "photos", store: store)])
///     let response = service.respond(to: request, by: Deadline(in: .seconds(30)))
///
/// Any number of threads may call it at once. Answers are those of the engine, each as of one commit.
package final class StoreService: Sendable {
    /// The stores, the first of which is meant where none is named.
    package let stores: [ServedStore]
    /// What requests may ask for.
    package let limits: Limits
    /// What was counted.
    package let metrics: Metrics
    /// What a client must know to write; nil where nobody may.
    private let token: String?
    /// The names that the service answers to; nil for any.
    private let hosts: Set<String>?
    /// The room for what is held of streamed answers.
    let streamRoom: StreamRoom
    private let log: @Sendable (String) -> Void

    /// A service of some stores.
    ///
    /// - Parameters:
    ///   - stores: at least one, of different names.
    ///   - limits: what requests may ask for.
    ///   - token: what a client must know to write; without, nobody may.
    ///   - hosts: names in `Host` that are answered to beside `localhost` and addresses, against pages of others that have their own name lead
    ///     here; nil for any.
    ///   - log: gets a line for each answer whose cause clients are not told.
    package init(
        stores: [ServedStore], limits: Limits = Limits(), token: String? = nil, hosts: Set<String>? = nil,
        log: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.stores = stores
        self.limits = limits
        self.token = token
        self.hosts = hosts
        self.log = log
        streamRoom = StreamRoom(items: limits.streamed)
        metrics = Metrics()
    }

    /// The answer to a request, counted; errors are answers too.
    package func respond(to request: HTTPRequest, by deadline: Deadline) -> HTTPResponse {
        let response = answer(to: request, by: deadline)
        count(response, to: request, by: deadline)
        return response
    }

    /// The answer to a request, for callers that count it when the client gets it.
    package func answer(to request: HTTPRequest, by deadline: Deadline) -> HTTPResponse {
        answer(request, Route(request), deadline)
    }

    /// Counts an answer that a client gets.
    package func count(_ response: HTTPResponse, to request: HTTPRequest, by deadline: Deadline) {
        metrics.count(Route(request).endpoint, status: response.status, seconds: deadline.elapsed)
    }

    /// Whether a request is answered at once, so that it need not wait for a thread: what keeps watch of a busy service must be answered too.
    package static func isQuick(_ request: HTTPRequest) -> Bool {
        Route(request).endpoint.isQuick
    }

    /// Whether the work on a request is to be broken off when its time is over.
    package static func isBrokenOff(_ request: HTTPRequest) -> Bool {
        Route(request).endpoint.isBrokenOff
    }

    /// The answer to a request that was given up, not counted.
    package func refusal(_ error: ServiceError, of request: HTTPRequest) -> HTTPResponse {
        response(error, Route(request))
    }

    /// The answer where no request could be read, counted.
    package func refuse(_ error: ServiceError) -> HTTPResponse {
        metrics.count(.unknown, status: error.status, seconds: nil)
        return response(error, nil)
    }

    private func answer(_ request: HTTPRequest, _ route: Route, _ deadline: Deadline) -> HTTPResponse {
        var name: String?
        do {
            try checkHost(of: request)
            guard route.endpoint != .unknown else {
                throw ServiceError(404, "there is nothing at this path; the documentation lists what there is")
            }
            guard route.endpoint.methods.contains(request.method) else {
                throw ServiceError(405, "this takes \(route.endpoint.methods.joined(separator: " or ")) only")
            }
            if route.endpoint.changesStore { try checkToken(of: request) }
            let store = try store(named: route.store)
            name = store.name
            try deadline.check()
            return try answer(request, route, store, deadline)
        } catch {
            let error = ServiceError(error, store: name)
            note(error, of: Self.name(of: request))
            return response(error, route)
        }
    }

    private func answer(
        _ request: HTTPRequest, _ route: Route, _ store: ServedStore, _ deadline: Deadline
    ) throws -> HTTPResponse {
        switch route.endpoint {
        case .nearest: try search(store, request, isRange: false, deadline)
        case .within: try search(store, request, isRange: true, deadline)
        case .nearestImage: try searchImage(store, request, deadline)
        case .item: try item(route.subject, of: store)
        case .thumbnail: try thumbnail(route.subject, of: store, request)
        case .duplicates: try duplicates(of: store, request)
        case .insert: try insert(into: store, request)
        case .delete: try delete(from: store, request)
        case .verdict: try setVerdict(in: store, request)
        case .stats: try statistics(of: store)
        case .stores: try listStores()
        case .health: health()
        case .metrics: metricsPage()
        case .page: WebPage.file(route.subject)
        case .lookup:
            try request.method == "POST" ? lookupUpload(request, deadline) : lookup(request, deadline)
        case .hash: try hashUpload(request)
        case .rawLookup: try rawLookup(request, deadline)
        case .indexStatus: try indexStatus(request)
        case .matcherStatus: HTTPResponse(200, type: "text/plain", Array("I-AM-ALIVE\n".utf8))
        case .unknown: throw ServiceError(404, "there is nothing at this path")
        }
    }

    private func response(_ error: ServiceError, _ route: Route?) -> HTTPResponse {
        // Matchers of ThreatExchange call it so.
        let name = route?.isOfMatcher == true ? "message" : "error"
        var response = HTTPResponse(error.status, .object([.init(name, .string(error.message))]))
        switch error.status {
        case 401: response.headers.append(("WWW-Authenticate", "Bearer realm=\"hashdb\""))
        case 405: response.headers.append(("Allow", (route?.endpoint.methods ?? []).joined(separator: ", ")))
        case 503: response.headers.append(("Retry-After", "1"))
        default: break
        }
        return response
    }

    /// What the log calls a request.
    static func name(of request: HTTPRequest) -> String { "\(request.method) /\(request.path.joined(separator: "/"))" }

    /// Tells the log what a client is not told.
    func note(_ error: ServiceError, of request: String) {
        if let cause = error.cause { log("\(request): \(cause)") }
    }

    private func store(named name: String?) throws(ServiceError) -> ServedStore {
        guard let name else {
            guard let first = stores.first else { throw ServiceError(404, "no store is served") }
            return first
        }
        guard let store = stores.first(where: { $0.name == name }) else {
            throw ServiceError(404, "there is no store of that name; /v1/stores lists them")
        }
        return store
    }

    // MARK: Who may ask

    private func checkToken(of request: HTTPRequest) throws(ServiceError) {
        guard let token else {
            throw ServiceError(403, "this service is read-only; --token-file lets clients write that know the token")
        }
        let given = request.header("authorization").flatMap { value in
            value.lowercased().hasPrefix("bearer ") ? value.dropFirst(7).drop { $0 == " " } : nil
        }
        guard let given else { throw ServiceError(401, "writing needs the header Authorization: Bearer TOKEN") }
        guard Self.areEqual(Array(given.utf8), Array(token.utf8)) else { throw ServiceError(401, "the token is wrong") }
    }

    /// In a time that does not tell where they differ.
    private static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.count == b.count && zip(a, b).reduce(0) { $0 | $1.0 ^ $1.1 } == 0
    }

    private func checkHost(of request: HTTPRequest) throws(ServiceError) {
        guard let hosts, let header = request.header("host") else { return }
        let host: Substring
        if header.hasPrefix("[") {
            host = header.dropFirst().prefix { $0 != "]" }
        } else {
            host = header.prefix { $0 != ":" }
        }
        let isAddress =
            header.hasPrefix("[") && host.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
            || host.split(separator: ".", omittingEmptySubsequences: false).count == 4
                && host.allSatisfy { ("0"..."9").contains($0) || $0 == "." }
        guard isAddress || host.lowercased() == "localhost" || hosts.contains(host.lowercased()) else {
            throw ServiceError(421, "the service does not go by the name in Host; --server-name tells it another")
        }
    }
}

extension HTTPResponse {
    /// JSON, one value on a line.
    init(_ status: Int, _ value: JSONValue) {
        self.init(status, type: "application/json", Array((value.description + "\n").utf8))
    }
}
