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
        let opened = try Store.open(at: store)
        let contents = try opened.read { snapshot in
            try images.map { image in
                guard let found = try snapshot.image(at: try image.path.resolved()) else {
                    throw ToolError("\(image.path): not in \(store); run hashdb ingest before")
                }
                return found.record.content
            }
        }
        var count = 0
        try opened.write { transaction in
            for (number, a) in contents.enumerated() {
                for b in contents[..<number] where a != b {
                    try transaction.setAreDifferent(a, b, !forget)
                    count += 1
                }
            }
        }
        StandardError.note(
            "\(count) \(count == 1 ? "pair" : "pairs") \(forget ? "forgotten" : "remembered as different")")
    }

    private func printAll() throws {
        try Store.open(at: store, access: .readOnly).read { snapshot in
            let roots = try snapshot.imageRoots()
            for (a, b) in try snapshot.verdicts() {
                try StandardOutput.writeLine("\(try name(of: a, snapshot, roots))\t\(try name(of: b, snapshot, roots))")
            }
        }
    }

    /// A path of the content, or its hash where it has none any more.
    private func name(
        of content: ImageContent, _ snapshot: borrowing Snapshot, _ roots: ImageRoots
    ) throws -> String {
        let image = try snapshot.image(with: content)
        return image.flatMap { roots.paths(of: $0.record).first?.description } ?? "\(content.hash)"
    }
}
