import ArgumentParser
import CodeFiles
import HashDB

/// What a query looks for: images, or codes in one of three ways.
struct QuerySubjects: ParsableArguments {
    @Argument(help: "Image files.")
    var images: [PathArgument] = []

    @Option(
        help: ArgumentHelp(
            "All codes of a file, of any format that import reads; - is standard input.", valueName: "file"),
        completion: .file())
    var codes: String?

    @OptionGroup
    var codeFile: CodeFileArguments

    @Option(help: ArgumentHelp("A code in hexadecimal; may be repeated.", valueName: "code"))
    var hex: [String] = []

    @Option(help: ArgumentHelp("The code of an item of the store; may be repeated.", valueName: "n"))
    var id: [UInt64] = []

    @OptionGroup
    var model: ModelOption

    @OptionGroup
    var collection: CollectionOption

    @Flag(help: "Look for images turned and mirrored in all eight ways too, and say which way each was found.")
    var variants = false

    func validate() throws {
        let given = [!images.isEmpty, codes != nil, !hex.isEmpty, !id.isEmpty].filter { $0 }.count
        if given == 0 { throw ValidationError("nothing to look for: give images, --codes, --hex or --id") }
        if given > 1 { throw ValidationError("give only one of images, --codes, --hex and --id") }
        if variants, images.isEmpty { throw ValidationError("--variants: codes cannot be turned, give images") }
        for text in hex { _ = try Self.code(text) }
    }

    /// The collection that is named, by itself or by its model.
    func open(_ path: String) throws -> Store {
        try collection.collection == nil ? model.open(path) : collection.open(path)
    }

    /// The queries, checked against the store as far as they can be before the first is answered.
    func source(for store: Store) throws -> any QuerySource {
        if let codes { return try CodeFileSource(path: codes, options: codeFile.options, store: store) }
        if !id.isEmpty { return StoredItemSource(ids: id, store: store) }
        if !hex.isEmpty {
            return ListSource(try hex.map { Subject(label: .string($0), name: $0, code: try code($0, for: store)) })
        }
        return ImageSource(paths: images.map(\.path), model: try model.load(for: store), withVariants: variants)
    }

    /// Whether there may be thousands of queries, whose codes are at hand.
    var areMany: Bool { codes != nil }

    private func code(_ text: String, for store: Store) throws -> BinaryCode {
        let code = try Self.code(text)
        guard code.bitWidth == store.bitWidth else {
            throw ToolError(
                "--hex \(text): has \(code.bitWidth) bits, and the codes of \(store.path) have \(store.bitWidth)")
        }
        return code
    }

    private static func code(_ text: String) throws -> BinaryCode {
        do {
            return try BinaryCode(hex: text)
        } catch let error as HashDBError {
            throw ValidationError("--hex: \(error)")
        }
    }
}
