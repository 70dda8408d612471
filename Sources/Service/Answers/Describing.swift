import CodeFiles
import HashDB

extension StoreService {
    /// What a store is and holds.
    func statistics(of store: ServedStore) throws -> HTTPResponse {
        let statistics = try store.store.read { try $0.statistics() }
        var members = Self.summary(store, items: statistics.itemCount, commit: statistics.commitNumber)
        members += [
            .init("collection", .string(statistics.collection)),
            .init("file_bytes", .integer(statistics.fileBytes)),
            .init("bytes_per_code", .number(statistics.bytesPerCode)),
            .init("segments", .integer(statistics.segments.count)),
            .init("delta_entries", .integer(statistics.deltaCount)),
            .init("deleted_entries", .integer(statistics.tombstones)),
            .init("readers", .integer(statistics.readers)),
        ]
        return HTTPResponse(200, .object(members))
    }

    /// All stores.
    func listStores() throws -> HTTPResponse {
        let list = try stores.map { store in
            let (items, commit) = try store.store.read { ($0.count, $0.commitNumber) }
            return JSONValue.object(Self.summary(store, items: items, commit: commit))
        }
        return HTTPResponse(200, ["stores": .array(list)])
    }

    private static func summary(_ store: ServedStore, items: Int, commit: UInt64) -> [JSONValue.Member] {
        [
            .init("store", .string(store.name)), .init("bits", .integer(store.store.bitWidth)),
            .init("model", store.store.model.map { .string($0.name) } ?? .null),
            .init("fingerprint", store.store.model.map { .string($0.fingerprint) } ?? .null),
            .init("items", .integer(items)),
            .init("commit", .unsigned(commit)), .init("takes_images", .bool(store.model != nil)),
        ]
    }

    /// Whether all stores can be read.
    func health() -> HTTPResponse {
        for store in stores {
            do {
                _ = try store.store.count
            } catch {
                return HTTPResponse(
                    503, ["status": "failing", "error": .string(ServiceError(error, store: store.name).message)])
            }
        }
        return HTTPResponse(200, ["status": "ok"])
    }
}
