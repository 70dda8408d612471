import CodeFiles
import HashDB
import ImageCodes
import PerceptualHashes

extension StoreService {
    /// The neighbours of an image that the client has sent.
    func searchImage(_ store: ServedStore, _ request: HTTPRequest, _ deadline: Deadline) throws -> HTTPResponse {
        guard let model = store.model else {
            throw ServiceError(
                422, "the codes of the store \(store.name) do not come from images, as far as the service knows")
        }
        let parameters = try QueryParameters(request, known: ["k", "radius", "variants"])
        let k = try parameters.number("k", in: 1...limits.neighbours)
        let radius = try parameters.number("radius", in: 0...store.store.bitWidth)
        if k != nil, radius != nil { throw ServiceError(400, "give k or radius, not both") }
        let count = k ?? min(10, limits.neighbours)
        let withVariants = try parameters.bool("variants")
        guard !request.body.isEmpty else { throw ServiceError(400, "the body must be the bytes of an image file") }
        var codes: [(variant: ImageVariant, code: BinaryCode)]
        var quality: UInt8?
        let name = ImagePath("image")
        if withVariants {
            codes = try model.variants(of: request.body, named: name, limits: imageLimits)
        } else {
            let one = try model.code(of: request.body, named: name, limits: imageLimits)
            (codes, quality) = ([(.original, one.code)], one.quality)
        }
        try deadline.check()
        return try store.store.read { snapshot in
            var best: [UInt64: (distance: Int, variant: ImageVariant)] = [:]
            for (variant, code) in codes {
                try deadline.check()
                let matches: [Match]
                if let radius {
                    matches = try snapshot.within(radius: radius, of: code, atMost: limits.results)
                } else {
                    matches = try snapshot.nearest(to: code, count: count)
                }
                try limits.check(items: matches.count)
                // Of equally near variants the first counts.
                for match in matches where match.distance < best[match.id]?.distance ?? .max {
                    best[match.id] = (match.distance, variant)
                }
                if radius != nil { try limits.check(items: best.count) }
            }
            let all = best.map { Match(id: $0.key, distance: $0.value.distance) }.sorted()
            let found = radius == nil ? Array(all.prefix(count)) : all
            let describer = try ItemDescriber(snapshot)
            var list: [JSONValue] = []
            for match in found {
                var members = Self.members(of: match)
                if withVariants, let variant = best[match.id]?.variant {
                    members.append(.init("variant", .string(variant.rawValue)))
                }
                list.append(.object(members + (try describer.members(of: match.id, snapshot))))
            }
            var members: [JSONValue.Member] = [
                .init("commit", .unsigned(snapshot.commitNumber)), .init("code", .string(codes[0].code.hex)),
            ]
            if let quality { members.append(.init("quality", .integer(Int(quality)))) }
            return HTTPResponse(200, .object(members + [.init("neighbors", .array(list))]))
        }
    }

    /// An item: its code, and what the store has beside it.
    func item(_ text: String, of store: ServedStore) throws -> HTTPResponse {
        let id = try Self.id(text)
        return try store.store.read { snapshot in
            guard let code = try snapshot.code(of: id) else { throw HashDBError.unknownID(id) }
            var members: [JSONValue.Member] = [.init("id", .unsigned(id)), .init("code", .string(code.hex))]
            members += try ItemDescriber(snapshot).members(of: id, snapshot)
            if let record = try snapshot.imageRecord(of: id) {
                members += [
                    .init("width", .integer(record.width)), .init("height", .integer(record.height)),
                    .init("bytes", .unsigned(record.size)), .init("content", .string("\(record.contentHash)")),
                ]
            }
            return HTTPResponse(200, .object(members))
        }
    }

    /// A small picture of an image that the store knows, made of a file that still is as it was recorded.
    func thumbnail(_ text: String, of store: ServedStore, _ request: HTTPRequest) throws -> HTTPResponse {
        let id = try Self.id(text)
        let side = try QueryParameters(request, known: ["side"]).number("side", in: 16...2048) ?? 240
        let (record, roots) = try store.store.read { (try $0.imageRecord(of: id), try $0.imageRoots()) }
        guard let record else { throw ServiceError(404, "id \(id) is not an image of the store") }
        do {
            let file = try RecordedFile(of: record, below: roots, limits: imageLimits)
            let thumbnail = try ImageThumbnail(of: file.bytes, named: file.path, side: side, limits: imageLimits)
            var response = HTTPResponse(200, type: "image/jpeg", thumbnail.jpeg)
            response.headers.removeAll { $0.name == "Cache-Control" }
            response.headers.append(("Cache-Control", "private, max-age=300"))
            return response
        } catch let error as ImageDecodingError {
            throw ServiceError(404, "there is no picture of id \(id): \(error.reason)")
        }
    }

    var imageLimits: ImageDecoder.Limits {
        var limits = ImageDecoder.Limits()
        limits.pixels = self.limits.pixels
        return limits
    }

    private static func id(_ text: String) throws(ServiceError) -> UInt64 {
        guard let id = UInt64(text), "\(id)" == text else {
            throw ServiceError(404, "an item is named by its id, a whole number")
        }
        return id
    }
}
