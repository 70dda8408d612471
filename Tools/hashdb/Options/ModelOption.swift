import ArgumentParser
import Foundation
import HashDB
import HashNets
import ImageCodes
import PerceptualHashes

/// Which model turns images into codes.
struct ModelOption: ParsableArguments {
    @Option(
        name: .customLong("model"),
        help: ArgumentHelp(
            "The model whose codes are meant, of those that the store has: a weight file, the name of a shipped one, or a perceptual hash: pdq, phash or dhash; default: that of the only collection, or of the default one.",
            valueName: "model"),
        completion: .file()
    )
    var text: String?

    private var name: ModelName? { text.map { ModelName(text: $0) } }

    /// The collection of a store whose codes the model has made.
    func open(_ path: String, access: Store.Access = .readOnly) throws -> Store {
        guard let name else { return try Store.openUsual(at: path, access: access) }
        let collections = try Store.collections(at: path)
        let model = name.isThere || !collections.contains(where: name.names) ? try name.load() : nil
        let found = collections.first { collection in
            model.map { $0.identity.fingerprint == collection.model?.fingerprint } ?? name.names(collection)
        }
        if let found { return try Store.open(at: path, collection: found.name, access: access) }
        if let model, collections.count == 1 {
            throw Self.mismatch(path, collections[0].name, collections[0].model, model.identity)
        }
        let known = collections.map { "\($0.name) of \($0.model?.name ?? "no known model")" }
        throw ToolError(
            "\(path): no collection has codes of \(name.text); it has \(known.joined(separator: ", ")); "
                + "hashdb ingest --model adds one")
    }

    /// The model that made the codes of a store.
    func load(for store: Store) throws -> ImageModel {
        guard let name, name.isThere || !name.names(store.collection, store.model) else {
            return try Self.model(of: store)
        }
        return try Self.checked(try name.load(), for: store)
    }

    /// The model that made the codes of a store, found by what the store says of it.
    static func model(of store: Store) throws -> ImageModel {
        guard let identity = store.model else {
            throw withoutModel(store.path, store.collection)
        }
        if let hash = PerceptualHash(id: identity.name) {
            return try checked(.perceptual(hash), for: store)
        }
        for path in try [rememberedPath(in: store)].compactMap({ $0 }) + shipped {
            if let model = try? HashModel.load(path: path), model.fingerprint == identity.fingerprint {
                return .network(model)
            }
        }
        throw ToolError(
            "\(store.title): its codes were made by \(identity.name) (\(identity.fingerprint)); name its weight file with --model"
        )
    }

    // MARK: What does not fit

    /// The model, if it made the codes of the store.
    private static func checked(_ model: ImageModel, for store: Store) throws -> ImageModel {
        do { try store.check(model) } catch HashDBError.modelMismatch(let found, let given) {
            throw mismatch(store.path, store.collection, found, given)
        }
        return model
    }

    /// What to say where the codes of a collection are not those of the model that is named.
    private static func mismatch(
        _ path: String, _ collection: String, _ found: ModelIdentity?, _ given: ModelIdentity
    ) -> ToolError {
        guard let found else { return withoutModel(path, collection) }
        return ToolError(
            "\(path): the codes of collection \(collection) were made by \(found.name) (\(found.fingerprint)), not by "
                + "\(given.name) (\(given.fingerprint)); name that model, or add this one by hashdb ingest --model")
    }

    /// What to say where nothing turns images into codes like those of a collection.
    private static func withoutModel(_ path: String, _ collection: String) -> ToolError {
        ToolError(
            "\(path): the codes of collection \(collection) were imported without a model; look for codes with "
                + "--hex, --codes or --id, or give images a collection of their own with hashdb ingest --model")
    }

    // MARK: Shipped ones

    /// The shipped one that is taken for a new store.
    static let usualName = "photo-64"

    /// The model for a store of which nobody has said anything.
    static func usual() throws -> ImageModel {
        guard let shipped = shipped.first(where: { $0.hasSuffix("/\(usualName).safetensors") }) ?? shipped.first else {
            throw ToolError("no weight file is shipped with this tool; name one with --model")
        }
        return .network(try HashModel.load(path: shipped))
    }

    /// The weight files that are shipped: in `Tools/weights` above the tool, or `share/hashdb/weights` beside its folder.
    static var shipped: [String] {
        guard let tool = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return [] }
        var folder = tool.deletingLastPathComponent()
        while folder.path != "/" {
            for name in ["Tools/weights", "share/hashdb/weights"] {
                let weights = folder.appendingPathComponent(name).path
                let files = (try? FileManager.default.contentsOfDirectory(atPath: weights)) ?? []
                let models = files.filter { $0.hasSuffix(".safetensors") }.sorted()
                if !models.isEmpty { return models.map { weights + "/" + $0 } }
            }
            folder.deleteLastPathComponent()
        }
        return []
    }

    // MARK: The store's own

    private static let attribute = "weight-file"

    /// Where the weight file of a store was when images were last put in.
    private static func rememberedPath(in store: Store) throws -> String? {
        try store.read { try $0.attribute(attribute) }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Notes in the store where its weight file is, so that queries need not name it.
    static func remember(_ path: String, in store: Store) throws {
        let full = URL(fileURLWithPath: path).standardizedFileURL.path
        guard try rememberedPath(in: store) != full else { return }
        try store.write { try $0.setAttribute(Array(full.utf8), forKey: attribute) }
    }
}
