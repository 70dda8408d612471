import ArgumentParser
import CodeFiles
import HashDB
import ImageCodes

struct Verdict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remember that images are not duplicates of one another.",
        discussion: """
            Every two of the named images are remembered as different, by what they hold: names and places may change. \
            hashdb duplicates never puts them into one group again. Files of the same bytes cannot be told apart. --list \
            prints the pairs, with a path of each, or the hash of its bytes where it has none any more. --forget takes these \
            hashes too, and paths of files that are gone.

            With --json, too, a line is an object for a pair; what has no path in the store any more has null in its place:
              {"a": "/p/1.jpg", "a_content": "08c4ce26dcca663d33c760b2891f87da",
               "b": null, "b_content": "293d447777378d17cf967723ba7dcc1a"}
            """
    )

    @Argument(help: "The store.")
    var store: String

    @Argument(help: "Two or more images of the store.")
    var images: [PathArgument] = []

    @Flag(help: "Forget it again.")
    var forget = false

    @Flag(help: "Print all pairs that are remembered.")
    var list = false

    @Flag(help: "With --list: print JSON, an object a line.")
    var json = false

    func validate() throws {
        if json, !list { throw ValidationError("--json goes with --list") }
        if list ? !images.isEmpty || forget : images.count < 2 {
            throw ValidationError("name two or more images, or --list alone")
        }
    }

    func run() throws {
        if list { return try printAll() }
        let collections = try open(.readWrite)
        let contents = try images.map { try content(of: $0, collections) }
        try checkAreDifferent(contents)
        let count = try Store.setAreDifferent(contents, !forget, in: collections)
        StandardError.note(
            "\(counted(count, "pair")) \(forget ? "forgotten" : "remembered as different")")
    }

    /// The collections that images are in.
    private func open(_ access: Store.Access) throws -> [Store] {
        let all = try Store.allOfModels(at: store, access: access)
        return try all.isEmpty ? [Store.openUsual(at: store, access: access)] : all
    }

    private func content(of image: PathArgument, _ collections: [Store]) throws -> ImageContent {
        let path = forget ? image.path.resolvedAsFarAsThere() : try image.path.resolved()
        for collection in collections {
            if let found = try collection.read({ try $0.image(at: path) }) { return found.record.content }
        }
        guard forget else { throw ToolError("\(image.path): not in \(store); run hashdb ingest before") }
        if let hash = ContentHash(hexadecimal: image.path.string) {
            for collection in collections {
                let pairs = try collection.read { try $0.verdicts() }
                if let found = pairs.lazy.flatMap({ [$0, $1] }).first(where: { $0.hash == hash }) { return found }
            }
        }
        throw ToolError(
            "\(image.path): no path of an image in \(store), nor a hash that hashdb verdict \(store) --list prints")
    }

    /// Says which images hold the same bytes: nothing can be remembered of two of those.
    private func checkAreDifferent(_ contents: [ImageContent]) throws {
        var firsts: [ImageContent: ImagePath] = [:]
        var equal: [String] = []
        for (content, image) in zip(contents, images) {
            if let first = firsts[content] {
                equal.append("\(first) and \(image.path) are equal, byte for byte: there is nothing to tell apart")
            } else {
                firsts[content] = image.path
            }
        }
        if firsts.count == 1 { throw ToolError("\(equal[0]); to keep both, mark both keep in the report") }
        for message in equal where !forget { StandardError.warn(message) }
    }

    private func printAll() throws {
        let collections = try open(.readOnly)
        var told: Set<Set<ImageContent>> = []
        for collection in collections {
            for (a, b) in try collection.read({ try $0.verdicts() }) where told.insert([a, b]).inserted {
                let pair = try [a, b].map { Listed(content: $0, path: try path(of: $0, collections)) }
                try StandardOutput.writeLine(json ? Self.json(of: pair).description : Self.text(of: pair))
            }
        }
    }

    /// A content, and a path of it, if it has one still.
    private struct Listed {
        let content: ImageContent
        let path: ImagePath?
    }

    private static func text(of pair: [Listed]) -> String {
        pair.map { $0.path?.description ?? "\($0.content.hash)" }.joined(separator: "\t")
    }

    private static func json(of pair: [Listed]) -> JSONValue {
        .object(
            zip(["a", "b"], pair).flatMap { name, listed -> [JSONValue.Member] in
                [
                    .init(name, listed.path.map { .text($0.bytes) } ?? .null),
                    .init(name + "_content", .string("\(listed.content.hash)")),
                ]
            })
    }

    private func path(of content: ImageContent, _ collections: [Store]) throws -> ImagePath? {
        for collection in collections {
            let path = try collection.read { snapshot in
                try snapshot.image(with: content).flatMap { try snapshot.imageRoots().paths(of: $0.record).first }
            }
            if let path { return path }
        }
        return nil
    }
}
