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
            "The model's weight file, or a perceptual hash: pdq, phash or dhash; default: the store's own, or a weight file that is shipped.",
            valueName: "file")
    )
    var name: String?

    /// The hash that is named, if it is one.
    private var hash: PerceptualHash? { name.flatMap { PerceptualHash(id: $0) } }
    /// The weight file that is named, if it is one.
    private var path: String? { hash == nil ? name : nil }

    /// The model for a new store.
    func load() throws -> ImageModel {
        if let hash { return .perceptual(hash) }
        if let path { return .network(try HashModel.load(path: path)) }
        guard let shipped = Self.shipped.first(where: { $0.hasSuffix("/\(Self.defaultName)") }) ?? Self.shipped.first
        else {
            throw ToolError("no weight file is shipped with this tool; name one with --model")
        }
        return .network(try HashModel.load(path: shipped))
    }

    /// The model that made the codes of a store.
    func load(for store: Store) throws -> ImageModel {
        if name != nil {
            let model = try load()
            try store.check(model)
            return model
        }
        guard let identity = store.model else {
            throw ToolError("\(store.path): its codes come from no known model, so that images cannot be looked for")
        }
        if let hash = PerceptualHash(id: identity.name) {
            try store.check(.perceptual(hash))
            return .perceptual(hash)
        }
        for path in try [Self.rememberedPath(in: store)].compactMap({ $0 }) + Self.shipped {
            if let model = try? HashModel.load(path: path), model.fingerprint == identity.fingerprint {
                return .network(model)
            }
        }
        throw ToolError(
            "\(store.path): its codes were made by \(identity.name) (\(identity.fingerprint)); name its weight file with --model"
        )
    }

    /// A store with its model; one that is not there is made. Folders that are not there are an error before a store is made for them.
    func open(_ path: String, for directories: [PathArgument]) throws -> (Store, ImageModel) {
        for directory in directories { _ = try directory.path.resolved() }
        do {
            let store = try Store.open(at: path)
            return (store, try load(for: store))
        } catch HashDBError.storeNotFound {
            let model = try load()
            return (try Store.forImages(at: path, model: model), model)
        }
    }

    private static let defaultName = "photo-64.safetensors"

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
    func remember(in store: Store) throws {
        guard let path else { return }
        let full = URL(fileURLWithPath: path).standardizedFileURL.path
        guard try Self.rememberedPath(in: store) != full else { return }
        try store.write { try $0.setAttribute(Self.attribute, Array(full.utf8)) }
    }
}
