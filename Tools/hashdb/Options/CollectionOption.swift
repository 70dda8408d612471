import ArgumentParser
import CodeFiles
import Foundation
import HashDB

/// Which collection of a store a command is about.
struct CollectionOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Which of the store's collections; default: its only one, or the one named default.", valueName: "name"))
    var collection: String?

    func validate() throws { try Self.check(collection) }

    /// The collection that is meant.
    func open(_ path: String, access: Store.Access = .readOnly) throws -> Store {
        try Self.open(path, collection, access: access)
    }

    /// The collection of a name, or without one that which is usually meant.
    static func open(_ path: String, _ collection: String?, access: Store.Access = .readOnly) throws -> Store {
        guard let collection else { return try Store.openUsual(at: path, access: access) }
        return try Store.open(at: path, collection: collection, access: access)
    }
}

/// Which collection of a store a command is about that else takes the one whose codes suit the tier of duplicates.
struct SuitedCollectionOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Which of the store's collections; default: its only one, or the one whose codes suit the tier.",
            valueName: "name"))
    var collection: String?

    func validate() throws { try CollectionOption.check(collection) }

    /// The collection that is meant where none suits the tier better.
    func open(_ path: String) throws -> Store { try CollectionOption.open(path, collection) }
}

/// Which collections of a store a command is about that acts on all of them unless it is told otherwise.
struct CollectionsOption: ParsableArguments {
    @Option(help: ArgumentHelp("Only this one of the store's collections.", valueName: "name"))
    var collection: String?

    func validate() throws { try CollectionOption.check(collection) }

    /// The collections that are meant.
    func open(_ path: String, access: Store.Access = .readOnly) throws -> [Store] {
        let names = try collection.map { [$0] } ?? Store.collections(at: path).map(\.name)
        return try names.map { try Store.open(at: path, collection: $0, access: access) }
    }
}

extension JSONValue {
    /// What is said of each collection as one object: that of the only one, or all of them.
    static func ofCollections(_ objects: [JSONValue]) -> JSONValue {
        objects.count == 1 ? objects[0] : ["collections": .array(objects)]
    }
}

extension CollectionOption {
    /// Throws where an option names what cannot be a collection.
    static func check(_ name: String?, as option: String = "--collection") throws {
        if let name, !Store.isCollectionName(name) {
            throw ValidationError("\(option): \(HashDBError.invalidCollectionName(name))")
        }
    }
}

extension Store {
    /// The only collection of a store, or of several the default one.
    static func openUsual(at path: String, access: Access = .readWrite) throws -> Store {
        do {
            return try open(at: path, access: access)
        } catch HashDBError.unknownCollection(_, _, let existing) where existing.count == 1 {
            return try open(at: path, collection: existing[0], access: access)
        }
    }

    /// Runs what opens a store or makes it, again where another process has made it meanwhile.
    static func openedOrMade<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch let error as HashDBError {
            switch error {
            case .storeExists, .collectionExists: return try body()
            default: throw error
            }
        }
    }

    /// What a message calls it: the file, and the collection if it is another than the default one.
    var title: String { collection == Store.defaultCollection ? path : "\(path), \(collection)" }
}
