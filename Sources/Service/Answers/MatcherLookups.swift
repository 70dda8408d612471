import CodeFiles
import HashDB
import ImageCodes

// The look-ups of ThreatExchange's hasher-matcher-actioner, for PDQ: each store of such codes is a bank, and each item a content of it. What is
// inserted is matched from the commit on, and what is deleted is not; an index that would have to be built there is none.

extension StoreService {
    /// In how many bits a PDQ hash may differ to match there.
    private static let matchRadius = 31

    /// `GET /m/lookup`: by bank the contents that match, nearest first. The distance is a string there.
    func lookup(_ request: HTTPRequest, _ deadline: Deadline) throws -> HTTPResponse {
        HTTPResponse(200, Self.banks(try matches(request, deadline)))
    }

    /// `POST /m/lookup`: the same for an image that the client has sent.
    func lookupUpload(_ request: HTTPRequest, _ deadline: Deadline) throws -> HTTPResponse {
        let code = try pdq(of: request)
        try deadline.check()
        return HTTPResponse(200, ["pdq": Self.banks(try matches(of: code, request, deadline))])
    }

    /// `POST /h/hash`: the hash of an image that the client has sent.
    func hashUpload(_ request: HTTPRequest) throws -> HTTPResponse {
        HTTPResponse(200, ["pdq": .string(try pdq(of: request).hex)])
    }

    /// Of the one file in the form, which is called `photo` there.
    private func pdq(of request: HTTPRequest) throws -> BinaryCode {
        let files = try MultipartForm(request).parts.filter(\.isFile)
        guard let file = files.first else { throw ServiceError(400, "Missing multipart/form-data file upload") }
        guard files.count == 1 else { throw ServiceError(400, "Only one file allowed per request") }
        guard file.name == "photo" else { throw ServiceError(400, "no such content_type: '\(file.name.prefix(80))'") }
        return try ImageModel.perceptual(.pdq).code(
            of: Array(file.bytes), named: ImagePath("photo"), limits: imageLimits
        ).code
    }

    private static func banks(_ found: [(bank: String, matches: [Match])]) -> JSONValue {
        .object(
            found.filter { !$0.matches.isEmpty }.map { bank, matches in .init(bank, .array(matches.map(content))) })
    }

    /// `GET /m/raw_lookup`: the contents that match, with distances on request.
    func rawLookup(_ request: HTTPRequest, _ deadline: Deadline) throws -> HTTPResponse {
        let hasDistance = try bool(request, "include_distance")
        let all = try matches(request, deadline).flatMap(\.matches)
        return HTTPResponse(
            200, ["matches": .array(all.map { hasDistance ? Self.content($0) : .unsigned($0.id) })])
    }

    /// `GET /m/index/status`: how many hashes are live. As `built_to` the number of the last commit is told.
    func indexStatus(_ request: HTTPRequest) throws -> HTTPResponse {
        if let type = request.parameter("signal_type"), type != "pdq" {
            throw ServiceError(400, "No such signal type '\(type.prefix(80))'")
        }
        var (size, commit) = (0, UInt64(0))
        for store in stores where store.holdsPDQ {
            let (count, number) = try store.store.read { ($0.count, $0.commitNumber) }
            size += count
            commit = max(commit, number)
        }
        return HTTPResponse(
            200, ["pdq": ["built_to": .unsigned(commit), "present": .bool(size > 0), "size": .integer(size)]])
    }

    private static func content(_ match: Match) -> JSONValue {
        ["bank_content_id": .unsigned(match.id), "distance": .string("\(match.distance)")]
    }

    private func bool(_ request: HTTPRequest, _ name: String) throws(ServiceError) -> Bool {
        switch request.parameter(name)?.lowercased() {
        case nil, "false"?, "0"?: false
        case "true"?, "1"?: true
        default: throw ServiceError(400, "invalid boolean parameter - prefer true/false")
        }
    }

    private func matches(
        _ request: HTTPRequest, _ deadline: Deadline
    ) throws -> [(bank: String, matches: [Match])] {
        if request.parameter("url").map({ !$0.isEmpty }) ?? false {
            throw ServiceError(403, "Hashing is disabled: this service fetches nothing; give signal and signal_type")
        }
        guard let signal = request.parameter("signal"), let type = request.parameter("signal_type") else {
            throw ServiceError(400, "Either url or both signal and signal_type are required")
        }
        guard type == "pdq" else { throw ServiceError(400, "No such SignalType '\(type.prefix(80))'") }
        guard signal.utf8.count == 64, let code = try? BinaryCode(hex: signal) else {
            throw ServiceError(400, "invalid signal: a PDQ hash is 64 hexadecimal digits")
        }
        return try matches(of: code, request, deadline)
    }

    private func matches(
        of code: BinaryCode, _ request: HTTPRequest, _ deadline: Deadline
    ) throws -> [(bank: String, matches: [Match])] {
        let banks = request.parameter("banks").flatMap {
            $0.isEmpty ? nil : Set($0.split(separator: ",").map(String.init))
        }
        var found: [(bank: String, matches: [Match])] = []
        var room = limits.results
        for store in stores where store.holdsPDQ && banks?.contains(store.name) ?? true {
            try deadline.check()
            let matches = try store.store.read { try $0.within(radius: Self.matchRadius, of: code, atMost: room) }
            room -= matches.count
            guard room >= 0 else {
                throw ServiceError(422, "more than \(limits.results) contents match (--max-results)")
            }
            found.append((store.name, matches))
        }
        return found
    }
}
