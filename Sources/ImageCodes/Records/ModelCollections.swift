import HashDB
import HashNets
import PerceptualHashes

// One file holds codes of several models, those of each model in a collection of their own.

extension Store {
    /// Opens the collection of a model's codes, or makes it.
    ///
    /// The first model makes the file, and has its default collection. Each other gets one that is named after it: codes of two models are
    /// never mixed. What people have said of images in the other collections counts in each,
    /// unless such a collection is damaged: it keeps nobody from the others.
    /// - Parameter name: what a new collection is called unless the name is taken; `ImageModel.collectionName` if `nil`.
    /// - Throws: as `Store.open` and `create`.
    public static func forImages(
        at path: String, model: ImageModel, named name: String? = nil, options: Options = Options()
    ) throws -> Store {
        var collections: [StoredCollection] = []
        do { collections = try Store.collections(at: path, options: options) } catch HashDBError.storeNotFound {}
        let own = collections.first { $0.model?.fingerprint == model.identity.fingerprint }
        let store: Store
        if let own {
            store = try open(at: path, collection: own.name, options: options)
            try store.check(model)
        } else {
            let taken = Set(collections.map(\.name))
            store = try create(
                at: path, collection: taken.isEmpty ? defaultCollection : freeName(name ?? model.collectionName, taken),
                bitWidth: 8 * model.codeBytes, model: model.identity, options: options)
            try model.describe(in: store)
        }
        let others = collections.filter { $0.model != nil && $0.name != store.collection }
        try store.takeOverVerdicts(
            of: others.compactMap {
                do { return try open(at: path, collection: $0.name, options: options) } catch HashDBError.damaged {
                    return nil
                }
            })
        return store
    }

    /// Opens the collection of a model's codes, or makes it.
    ///
    /// - Throws: as `Store.open` and `create`.
    public static func forImages(at path: String, model: HashModel, options: Options = Options()) throws -> Store {
        try forImages(at: path, model: .network(model), options: options)
    }

    /// Opens all collections of a file whose codes were made by models.
    ///
    /// - Throws: as `Store.open`.
    public static func allOfModels(
        at path: String, access: Access = .readWrite, options: Options = Options()
    ) throws -> [Store] {
        try collections(at: path, options: options).filter { $0.model != nil }.map {
            try open(at: path, collection: $0.name, access: access, options: options)
        }
    }

    /// The name, or with a number if there is a collection of that name.
    private static func freeName(_ name: String, _ taken: Set<String>) -> String {
        guard taken.contains(name) || name == defaultCollection else { return name }
        var number = 2
        while taken.contains("\(name.prefix(36))-\(number)") { number += 1 }
        return "\(name.prefix(36))-\(number)"
    }
}

extension ImageModel {
    /// What a collection of its codes is called: the hash's name, or the network's in what a name may have.
    public var collectionName: String {
        switch self {
        case .network(let model): Self.collectionName(model.name)
        case .perceptual(let hash): hash.rawValue
        }
    }

    /// A collection's name made of any text: small letters, digits, dots and underscores stay, all else becomes hyphens.
    public static func collectionName(_ text: String) -> String {
        var name = ""
        for character in text.lowercased() {
            let isKept = Store.isCollectionName("a\(character)")
            if isKept && character != "-" { name.append(character) } else if !name.hasSuffix("-") { name.append("-") }
        }
        name = String(name.drop { !Store.isCollectionName("\($0)") }.prefix(40))
        while name.hasSuffix("-") { name.removeLast() }
        return name.isEmpty ? "model" : name
    }
}

extension StoredCollection {
    /// Which perceptual hash its codes are; `nil` for others.
    public var perceptualHash: PerceptualHash? { model?.perceptualHash }
}

extension ModelIdentity {
    /// Which perceptual hash the model is, in whatever version; `nil` for others.
    package var perceptualHash: PerceptualHash? {
        PerceptualHash.allCases.first { name == $0.rawValue || name.hasPrefix($0.rawValue + "/") }
    }
}
