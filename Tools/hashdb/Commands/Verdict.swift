import ArgumentParser
import HashDB
import ImageCodes

struct Verdict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remember that images are not duplicates of one another.",
        discussion: """
            Every two of the named images are remembered as different, by what they hold: names and places may change. \
            hashdb duplicates never puts them into one group again. --list prints the pairs, with a path of each.
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

    func validate() throws {
        if list ? !images.isEmpty || forget : images.count < 2 {
            throw ValidationError("name two or more images, or --list alone")
        }
    }

    func run() throws {
        if list { return try printAll() }
        let collections = try open(.readWrite)
        let contents = try images.map { try content(of: $0, collections) }
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
        let path = try image.path.resolved()
        for collection in collections {
            if let found = try collection.read({ try $0.image(at: path) }) { return found.record.content }
        }
        throw ToolError("\(image.path): not in \(store); run hashdb ingest before")
    }

    private func printAll() throws {
        let collections = try open(.readOnly)
        var told: Set<Set<ImageContent>> = []
        for collection in collections {
            for (a, b) in try collection.read({ try $0.verdicts() }) where told.insert([a, b]).inserted {
                try StandardOutput.writeLine("\(try name(of: a, collections))\t\(try name(of: b, collections))")
            }
        }
    }

    /// A path of the content, or its hash where it has none any more.
    private func name(of content: ImageContent, _ collections: [Store]) throws -> String {
        for collection in collections {
            let path = try collection.read { snapshot in
                try snapshot.image(with: content).flatMap { try snapshot.imageRoots().paths(of: $0.record).first }
            }
            if let path { return path.description }
        }
        return "\(content.hash)"
    }
}
