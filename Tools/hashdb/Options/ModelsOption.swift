import ArgumentParser
import HashDB
import ImageCodes

/// Which models turn images into codes: each has a collection of the store.
struct ModelsOption: ParsableArguments {
    @Option(
        name: .customLong("model"),
        help: ArgumentHelp(
            "A weight file, the name of a shipped one, or a perceptual hash: pdq, phash or dhash; may be repeated. Each model has a collection of the store, which is added if need be; default: the models of all collections, for a new store \(ModelOption.usualName), which is shipped.",
            valueName: "model"),
        completion: .file()
    )
    var texts: [String] = []

    private typealias Target = ImageCodes.Ingest.Target

    /// The collections of the models, made where they are not there; of an existing store without a word all. Nothing is made before all
    /// models are loaded, and if one of the folders is not there.
    func open(_ path: String, for directories: [PathArgument]) throws -> [ImageCodes.Ingest.Target] {
        for directory in directories { _ = try directory.path.resolved() }
        let before = try existing(path)
        guard !texts.isEmpty else {
            guard !before.isEmpty else {
                let model = try ModelOption.usual()
                return [try Target(store: try made(path, model), model: model)]
            }
            var stores = try Store.allOfModels(at: path)
            if stores.isEmpty { stores = [try Store.openUsual(at: path)] }
            return try stores.map { try Target(store: $0, model: try ModelOption.model(of: $0)) }
        }
        let models = try texts.map { text in
            let name = ModelName(text: text)
            return (name: name, model: try load(name, path, before))
        }
        var known = Set(before.map(\.name))
        var targets: [Target] = []
        for (name, model) in models {
            let store = try made(path, model, named: name.collectionName)
            if !known.isEmpty, known.insert(store.collection).inserted {
                StandardError.note(
                    "\(path): new collection \(store.collection) for the codes of \(model.identity.name)")
            }
            known.insert(store.collection)
            if let file = name.pathToRemember, name.isThere { try ModelOption.remember(file, in: store) }
            if !targets.contains(where: { $0.store.collection == store.collection }) {
                targets.append(try Target(store: store, model: model))
            }
        }
        return targets
    }

    /// The collection of a model, made if need be.
    private func made(_ path: String, _ model: ImageModel, named name: String? = nil) throws -> Store {
        try Store.openedOrMade { try Store.forImages(at: path, model: model, named: name) }
    }

    private func existing(_ path: String) throws -> [StoredCollection] {
        do { return try Store.collections(at: path) } catch HashDBError.storeNotFound { return [] }
    }

    /// A model by its own name, or by that of its collection.
    private func load(_ name: ModelName, _ path: String, _ collections: [StoredCollection]) throws -> ImageModel {
        guard !name.isThere, let collection = collections.first(where: name.names) else { return try name.load() }
        return try ModelOption.model(of: try Store.open(at: path, collection: collection.name))
    }
}
