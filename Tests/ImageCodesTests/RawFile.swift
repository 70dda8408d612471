/// A raw file as a camera would write it, in the DNG format: a mosaic of one colour a pixel, not compressed, and perhaps a JPEG preview.
struct RawFile {
    /// Pixels of the sensor.
    var width = 64
    var height = 48
    /// How the camera was held, as EXIF says it.
    var orientation: UInt16 = 1
    /// A JPEG, and its pixels.
    var preview: (jpeg: [UInt8], width: Int, height: Int)?
    /// The brightness of red, green and blue, of 65,535.
    var colour: [UInt16] = [8000, 8000, 8000]
    /// What the header says of the sensor, if that is to be a lie.
    var promised: (width: Int, height: Int)?
    /// Whether it says that it is a DNG file.
    var isDNG = true

    /// The file. Numbers are little-endian.
    var bytes: [UInt8] {
        var file: [UInt8] = [0x49, 0x49, 42, 0, 0, 0, 0, 0]
        let mosaic = (0..<height).flatMap { y in (0..<width).flatMap { x in Self.little(colour[y % 2 + x % 2], 2) } }
        let (shownWidth, shownHeight) = promised ?? (width, height)
        let sensor = Self.append(
            [
                Self.entry(254, 4, [0]), Self.entry(256, 4, [shownWidth]), Self.entry(257, 4, [shownHeight]),
                Self.entry(258, 3, [16]), Self.entry(259, 3, [1]), Self.entry(262, 3, [32_803]),
                Self.entry(273, 4, [Self.append(mosaic, to: &file)]), Self.entry(277, 3, [1]),
                Self.entry(278, 4, [shownHeight]),
                Self.entry(279, 4, [mosaic.count]), Self.entry(33_421, 3, [2, 2]), Self.entry(33_422, 1, [0, 1, 1, 2]),
            ], to: &file)
        var entries = [
            Self.entry(271, 2, Array("Nobody\0".utf8).map(Int.init)),
            Self.entry(272, 2, Array("Test\0".utf8).map(Int.init)),
            Self.entry(274, 3, [Int(orientation)]), Self.entry(330, 4, [sensor]),
        ]
        if isDNG {
            entries += [
                Self.entry(50_706, 1, [1, 4, 0, 0]), Self.entry(50_708, 2, Array("Nobody Test\0".utf8).map(Int.init)),
            ]
        }
        if let preview {
            entries += [
                Self.entry(254, 4, [1]), Self.entry(256, 4, [preview.width]), Self.entry(257, 4, [preview.height]),
                Self.entry(258, 3, [8, 8, 8]), Self.entry(259, 3, [7]), Self.entry(262, 3, [6]),
                Self.entry(273, 4, [Self.append(preview.jpeg, to: &file)]), Self.entry(277, 3, [3]),
                Self.entry(278, 4, [preview.height]), Self.entry(279, 4, [preview.jpeg.count]),
            ]
        }
        let start = Self.append(entries, to: &file)
        file.replaceSubrange(4..<8, with: Self.little(start, 4))
        return file
    }

    private typealias Entry = (tag: Int, type: Int, count: Int, data: [UInt8])

    private static func entry(_ tag: Int, _ type: Int, _ values: [Int]) -> Entry {
        (tag, type, values.count, values.flatMap { little($0, [1: 1, 2: 1, 3: 2][type] ?? 4) })
    }

    private static func little(_ value: some FixedWidthInteger, _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// Adds bytes at an even place, and returns it.
    private static func append(_ bytes: [UInt8], to file: inout [UInt8]) -> Int {
        if file.count % 2 == 1 { file.append(0) }
        defer { file += bytes }
        return file.count
    }

    /// Adds a directory and what does not fit into it.
    private static func append(_ entries: [Entry], to file: inout [UInt8]) -> Int {
        var directory = little(entries.count, 2)
        for entry in entries.sorted(by: { $0.tag < $1.tag }) {
            directory += little(entry.tag, 2) + little(entry.type, 2) + little(entry.count, 4)
            let data = entry.data.count <= 4 ? entry.data : little(append(entry.data, to: &file), 4)
            directory += data + [UInt8](repeating: 0, count: 4 - data.count)
        }
        return append(directory + little(0, 4), to: &file)
    }
}
