import CodeFiles
import HashDB

/// The statistics of a store for people and for programs.
struct StatisticsReport {
    private let statistics: Statistics

    private let layout: CodeLayout
    private let sizes: StoreSizes

    init(_ statistics: Statistics, layout: CodeLayout, sizes: StoreSizes) {
        self.statistics = statistics
        self.layout = layout
        self.sizes = sizes
    }

    /// A table of names and values.
    var text: String {
        (facts + bars + state).map { name, value in
            filled(name, 12) + value
        }.joined(separator: "\n")
    }

    /// What the store holds and how: names and values, without a name where a value belongs to the one before.
    var facts: [(String, String)] {
        let model = statistics.model.map { "\($0.name) (fingerprint \($0.fingerprint))" } ?? "none recorded"
        var rows: [(String, String)] = [
            ("items", grouped(statistics.itemCount)),
            ("width", "\(statistics.bitWidth) bits"),
            ("codes", layout.description),
            ("model", model),
            ("file", "\(grouped(statistics.fileBytes)) bytes\(ownBytes), \(bytesPerCode) a code"),
            ("segments", "\(statistics.segments.count)"),
        ]
        if statistics.collections > 1 || statistics.collection != Store.defaultCollection {
            rows.insert(("collection", statistics.collection), at: 0)
        }
        for segment in statistics.segments {
            let index =
                segment.substrings == 0
                ? "scanned only, no substrings" : "\(segment.substrings) substrings of \(segment.substringBits) bits"
            rows.append(("", "\(grouped(segment.rows)) rows, \(grouped(segment.tombstones)) deleted, \(index)"))
            if segment.substrings > 0 {
                let load = "\(tenths(segment.entriesPerBucket)) in a bucket"
                let costs = "bucket \(Int(segment.bucketCost)) ns, scan \(grouped(Int(segment.scanCost / 1000))) µs"
                rows.append(("", "\(grouped(segment.distinctCodes)) different codes, \(load); planned costs: \(costs)"))
            }
        }
        rows.append(("delta", "\(grouped(statistics.deltaCount)) entries"))
        rows.append(("tombstones", grouped(statistics.tombstones)))
        return rows
    }

    /// How full the buckets are.
    private var bars: [(String, String)] {
        var rows = [("buckets", buckets.isEmpty ? "none" : "of all substrings, by the number of codes in them")]
        let most = max(1, buckets.map(\.count).max() ?? 1)
        for bucket in buckets {
            let bar = String(repeating: "#", count: (30 * bucket.count + most - 1) / most)
            rows.append(("", "\(padded(bucket.label, 13)) \(padded(grouped(bucket.count), 13))  \(bar)"))
        }
        return rows
    }

    /// Who uses the store, and what it is like on the disk.
    var state: [(String, String)] {
        var rows = [
            ("readers", statistics.readers == 1 ? "none but this one" : "\(statistics.readers), this one included"),
            ("commits", grouped(Int(clamping: statistics.commitNumber))),
        ]
        if let position = statistics.position { rows.append(("position", position.description)) }
        rows.append(("map", "\(grouped(statistics.mapBytes)) bytes of address space"))
        rows.append(("format", "version \(statistics.formatVersion)"))
        return rows
    }

    /// One object with the same values.
    var json: JSONValue {
        let segments = statistics.segments.map { segment -> JSONValue in
            [
                "rows": .integer(segment.rows), "tombstones": .integer(segment.tombstones),
                "substrings": .integer(segment.substrings), "substring_bits": .integer(segment.substringBits),
                "distinct_codes": .integer(segment.distinctCodes),
                "entries_per_bucket": .number(segment.entriesPerBucket),
                "bucket_cost_ns": .number(segment.bucketCost), "scan_cost_us": .number(segment.scanCost / 1000),
            ]
        }
        let histogram = buckets.map { bucket -> JSONValue in
            [
                "from": .integer(bucket.range.lowerBound), "to": .integer(bucket.range.upperBound),
                "buckets": .integer(bucket.count),
            ]
        }
        let model = statistics.model.map { model -> JSONValue in
            ["name": .string(model.name), "fingerprint": .string(model.fingerprint)]
        }
        return [
            "collection": .string(statistics.collection),
            "items": .integer(statistics.itemCount),
            "bits": .integer(statistics.bitWidth),
            "layout": [
                "bits": .integer(layout.bitCount), "order": .string(layout.order.rawValue),
                "padding": .string(layout.padding.rawValue),
            ],
            "model": model ?? .null,
            "file_bytes": .integer(statistics.fileBytes),
            "collection_bytes": .integer(statistics.collectionBytes),
            "bytes_per_code": .number((statistics.bytesPerCode * 1000).rounded() / 1000),
            "sizes": [
                "rows": .integer(sizes.rows), "tables": .integer(sizes.tables), "deletions": .integer(sizes.deletions),
                "delta": .integer(sizes.delta), "payloads": .integer(sizes.payloads),
                "attributes": .integer(sizes.attributes), "rest": .integer(sizes.rest),
            ],
            "segments": .array(segments),
            "delta": .integer(statistics.deltaCount),
            "tombstones": .integer(statistics.tombstones),
            "occupancy": .array(histogram),
            "readers": .integer(statistics.readers),
            "commits": .unsigned(statistics.commitNumber),
            "position": statistics.position.map { .string($0.description) } ?? .null,
            "map_bytes": .integer(statistics.mapBytes),
            "format_version": .integer(statistics.formatVersion),
        ]
    }

    /// How many buckets hold how many codes.
    private var buckets: [(range: ClosedRange<Int>, label: String, count: Int)] {
        let histogram = statistics.occupancy ?? []
        guard histogram.contains(where: { $0 > 0 }) else { return [] }
        return histogram.enumerated().map { index, count in
            let range = index < 2 ? index...index : 1 << (index - 1)...(1 << index) - 1
            let label = index < 2 ? "\(index)" : "\(range.lowerBound) to \(range.upperBound)"
            return (range, label, count)
        }
    }

    /// Where there are other collections too.
    private var ownBytes: String {
        statistics.collections > 1 ? ", \(grouped(statistics.collectionBytes)) of them this collection's" : ""
    }

    private var bytesPerCode: String { tenths(statistics.bytesPerCode) }

    private func tenths(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
