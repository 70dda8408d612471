import Foundation
import HashDB
import HashNets
import ImageCodes
import PerceptualHashes

/// A model as the command line names it: a weight file, the name of one that is shipped, or a perceptual hash.
struct ModelName {
    let text: String

    /// The hash that is named, if it is one.
    private var hash: PerceptualHash? { PerceptualHash(id: text) }

    /// The weight file that is shipped under this name, unless it names a file.
    private var shippedPath: String? {
        guard !FileManager.default.fileExists(atPath: text) else { return nil }
        return ModelOption.shipped.first { fileStem($0) == text }
    }

    /// Whether there is such a hash or file; else it may be the name of a collection, or of the model that made one.
    var isThere: Bool { hash != nil || FileManager.default.fileExists(atPath: text) || shippedPath != nil }

    /// The weight file that a store is to remember, because it cannot be found by itself.
    var pathToRemember: String? { hash == nil && shippedPath == nil ? text : nil }

    /// What a new collection of its codes is called.
    var collectionName: String { hash?.rawValue ?? ImageModel.collectionName(fileStem(text)) }

    func load() throws -> ImageModel {
        if let hash { return .perceptual(hash) }
        do {
            return .network(try HashModel.load(path: shippedPath ?? text))
        } catch let error as HashNetsError where !isThere {
            // It may be a name that was mistyped.
            throw ToolError("\(error), or one of the names \(Self.known.joined(separator: ", "))")
        }
    }

    /// The names that mean something whatever files there are.
    private static var known: [String] { PerceptualHash.allCases.map(\.rawValue) + ModelOption.shipped.map(fileStem) }

    /// Whether a collection has this name, or its model does.
    func names(_ collection: StoredCollection) -> Bool { names(collection.name, collection.model) }

    /// The same of its name and model.
    func names(_ collection: String, _ model: ModelIdentity?) -> Bool { collection == text || model?.name == text }
}
