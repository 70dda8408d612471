import ArgumentParser
import CodeFiles
import ImageCodes

struct Formats: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print which files are read and written here: images, codes, video.",
        discussion: """
            Images are decoded by the libvips that is installed, and raw files of cameras by LibRaw, if hashdb was built with it. Files \
            below a folder are taken by the endings of their names; formats that are not read are named too. Of videos the command `frames` takes the key frames, where ffmpeg is installed.
            """
    )

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        try StandardOutput.writeLine(json ? report.description : text)
    }

    private var text: String {
        let raw = ImageFormat.rawLibraryVersion.map { ", LibRaw \($0)" } ?? ""
        var lines = ["Images (libvips \(ImageFormat.libraryVersion)\(raw)):"]
        for format in ImageFormat.all {
            let state = format.missing.map { "  not read: \($0)" } ?? ""
            lines.append(
                row(
                    format.name, format.isRead ? "read" : "-",
                    format.suffixes.map { "." + $0 }.joined(separator: " ") + state))
        }
        lines.append("Codes:")
        for format in CodeFormat.allCases {
            lines.append(row(format.rawValue, format.isWritable ? "read, write" : "read", format.summary))
        }
        lines.append(
            row("ground truth", "read, write", "big-ann-benchmarks, k-NN and range (query --ground-truth, --expect)"))
        lines.append("Video:")
        let suffixes = VideoProgram.endings.map { "." + $0 }.joined(separator: " ")
        let program = VideoProgram.path
        lines.append(
            row(
                "key frames", program == nil ? "-" : "frames",
                suffixes + (program == nil ? "  not read: needs ffmpeg" : "")))
        return lines.joined(separator: "\n")
    }

    private func row(_ name: String, _ access: String, _ detail: String) -> String {
        "  " + filled(name, 14) + filled(access, 13) + detail
    }

    private var report: JSONValue {
        let images = ImageFormat.all.map { format -> JSONValue in
            [
                "name": .string(format.name), "suffixes": .array(format.suffixes.map { .string($0) }),
                "read": .bool(format.isRead),
            ]
        }
        let codes = CodeFormat.allCases.map { format -> JSONValue in
            [
                "name": .string(format.rawValue), "suffixes": .array(format.suffixes.map { .string($0) }),
                "read": .bool(true), "write": .bool(format.isWritable), "summary": .string(format.summary),
            ]
        }
        return [
            "libvips": .string(ImageFormat.libraryVersion),
            "libraw": ImageFormat.rawLibraryVersion.map { .string($0) } ?? .null, "images": .array(images),
            "codes": .array(codes),
            "ffmpeg": VideoProgram.path.map { .string($0) } ?? .null,
        ]
    }
}
