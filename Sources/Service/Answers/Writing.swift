import CodeFiles
import HashDB
import ImageCodes

extension StoreService {
    /// Adds items, all or none.
    func insert(into store: ServedStore, _ request: HTTPRequest) throws -> HTTPResponse {
        var fields = try RequestFields(request.body)
        let replaces = try fields.bool("replace")
        let model = try fields.text("model").map { String(decoding: $0, as: UTF8.self) }
        var items: [NewItem] = []
        if let values = try fields.array("items") {
            items = try values.map { value in
                guard case .object(let members) = value else {
                    throw ServiceError(400, "\"items\" must be an array of objects")
                }
                var item = RequestFields(members)
                return try NewItem(&item, bits: store.store.bitWidth, isWhole: true)
            }
        } else {
            items = [try NewItem(&fields, bits: store.store.bitWidth, isWhole: false)]
        }
        try fields.finish()
        try Self.checkModel(model, of: store)
        let (ids, commit) = try store.store.write { transaction in
            let ids = try items.map { item in
                guard let id = item.id else {
                    return try transaction.insert(code: item.code, payload: item.payload)
                }
                if replaces {
                    if try transaction.payload(of: id).map(Self.isRecord) ?? false {
                        throw ServiceError(
                            409, "id \(id) is an image of the store \(store.name), which only an ingest replaces")
                    }
                    try transaction.upsert(id, code: item.code, payload: item.payload)
                } else {
                    try transaction.insert(id, code: item.code, payload: item.payload)
                }
                return id
            }
            return (ids, transaction.commitNumber)
        }
        return written(commit, [.init("ids", .array(ids.map { .unsigned($0) }))])
    }

    /// Refuses codes that may not be of the collection's model, as `hashdb import` does: foreign ones would be among the model's.
    private static func checkModel(_ model: String?, of store: ServedStore) throws(ServiceError) {
        guard let own = store.store.model else {
            guard model != nil else { return }
            throw ServiceError(
                409, "the codes of the store \(store.name) came without a model; others are not mixed with them")
        }
        // Networks of one shape have one name; who wants to be sure gives the fingerprint.
        guard model == own.name || model == own.fingerprint else {
            throw ServiceError(
                409,
                "the store \(store.name) has the codes of \(own.name), with which others are not mixed; of such a code say "
                    + "\"model\": \"\(own.fingerprint)\"")
        }
    }

    /// Whether a payload tells of an image, of which another code would not be.
    private static func isRecord(_ payload: [UInt8]) -> Bool {
        do { _ = try ImageRecord(decoding: payload) } catch { return error != .notARecord }
        return true
    }

    /// Removes items; ids that are not there are told.
    func delete(from store: ServedStore, _ request: HTTPRequest) throws -> HTTPResponse {
        var fields = try RequestFields(request.body)
        guard let ids = try fields.ids("ids") else { throw ServiceError(400, "give the \"ids\" to delete, an array") }
        try fields.finish()
        var missing: [JSONValue] = []
        let (deleted, commit) = try store.store.write { transaction in
            var deleted = 0
            for id in ids {
                if try transaction.delete(id) { deleted += 1 } else { missing.append(.unsigned(id)) }
            }
            return (deleted, transaction.commitNumber)
        }
        return written(commit, [.init("deleted", .integer(deleted)), .init("missing", .array(missing))])
    }

    /// Remembers that images are no duplicates of one another, or forgets it.
    func setVerdict(in store: ServedStore, _ request: HTTPRequest) throws -> HTTPResponse {
        var fields = try RequestFields(request.body)
        let forgets = try fields.bool("forget")
        guard let ids = try fields.ids("ids"), ids.count > 1, ids.count <= 100 else {
            throw ServiceError(400, "give the \"ids\" of 2 to 100 images")
        }
        try fields.finish()
        let contents = try store.store.read { snapshot in
            try ids.map { id in
                guard let record = try snapshot.imageRecord(of: id) else {
                    throw ServiceError(404, "id \(id) is not an image of the store")
                }
                return record.content
            }
        }
        // Each collection that has a model is written to; an answer is about this one.
        var commit = try store.store.read { $0.commitNumber }
        let pairs = try Store.setAreDifferent(contents, !forgets, in: Store.allOfModels(at: store.store.path)) {
            if $0 == store.store.collection { commit = $1 }
        }
        return written(commit, [.init("pairs", .integer(pairs))])
    }

    /// What was done, and the commit that did it: the last one, if nothing had to be done.
    private func written(_ commit: UInt64, _ members: [JSONValue.Member]) -> HTTPResponse {
        HTTPResponse(200, .object([.init("commit", .unsigned(commit))] + members))
    }
}

/// An item to be added.
private struct NewItem {
    let id: UInt64?
    let code: BinaryCode
    let payload: [UInt8]?

    /// - Parameter isWhole: whether nothing else may be among the fields.
    init(_ fields: inout RequestFields, bits: Int, isWhole: Bool) throws {
        guard let code = try fields.code("code", bits: bits) else {
            throw ServiceError(400, "an item needs a \"code\" in hexadecimal")
        }
        self.code = code
        id = try fields.id("id")
        payload = try fields.text("name").map { CodeName(bytes: $0).encoded }
        if isWhole { try fields.finish() }
    }
}
