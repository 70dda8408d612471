import ArgumentParser
import CodeFiles
import HashDB
import ImageCodes

struct Dump: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the items of a store, a line each, in the order of ids.",
        discussion: """
            As text: id, code in hexadecimal and the paths of an image's files, separated by tabs. With --json: an object a line. \
            With --buckets a line is a bucket of the index: segment, substring, its bits, its value in hexadecimal, and the \
            items that have it, each as id:code; new items that are not in the index yet are in no bucket.
            """
    )

    @Argument(help: "The store.", completion: .file())
    var store: String

    @OptionGroup
    var collection: CollectionOption

    @Flag(help: "Print JSON, an object a line.")
    var json = false

    @Flag(help: "Print the buckets of the index instead of the items.")
    var buckets = false

    func run() throws {
        try collection.open(store).read { snapshot in
            if buckets {
                try snapshot.forEachBucket { bucket in
                    try StandardOutput.writeLine(json ? Self.json(of: bucket).description : Self.text(of: bucket))
                    return true
                }
            } else {
                let roots = try snapshot.imageRoots()
                try snapshot.forEachItem { item in
                    let record = StoredRecord(item.payload, roots)
                    try StandardOutput.writeLine(json ? record.json(of: item).description : record.text(of: item))
                    return true
                }
            }
        }
    }

    private static func text(of bucket: Bucket) -> String {
        let bits = "\(bucket.bits.lowerBound)-\(bucket.bits.upperBound - 1)"
        let items = bucket.items.map { "\($0.id):\($0.code.hex)" }.joined(separator: " ")
        return "\(bucket.segment)\t\(bucket.substring)\t\(bits)\t\(String(bucket.value, radix: 16))\t\(items)"
    }

    private static func json(of bucket: Bucket) -> JSONValue {
        [
            "segment": .unsigned(bucket.segment),
            "substring": .integer(bucket.substring),
            "first_bit": .integer(bucket.bits.lowerBound),
            "bits": .integer(bucket.bits.count),
            "value": .integer(bucket.value),
            "items": .array(bucket.items.map { ["id": .unsigned($0.id), "code": .string($0.code.hex)] }),
        ]
    }
}
