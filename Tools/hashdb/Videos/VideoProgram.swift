import Foundation
import Synchronization

/// A video of which no frames can be taken; the message is one line that names it and says why.
struct UnreadableVideo: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// ffmpeg, which takes key frames out of videos: a program beside this one, so that a broken video can break nothing here.
final class VideoProgram: Sendable {
    /// Endings of the names of videos.
    static let endings = [
        "3gp", "asf", "avi", "flv", "m2ts", "m4v", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "ogv", "webm",
        "wmv",
    ]

    /// Where it is, if it is installed.
    static var path: String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { $0 + "/ffmpeg" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Containers of those endings. Lists of other files, which ffmpeg would follow, are not among them.
    private static let containers = "3gp,asf,avi,flv,matroska,mov,mp4,mpeg,mpegts,ogg,webm"

    let path: String
    /// The most pixels of a frame in either direction, and the least seconds between two frames.
    let side: Int
    let interval: Double
    private let running = Atomic<Int32>(0)
    private let isStopped = Atomic<Bool>(false)

    /// - Throws: `ToolError` where there is no ffmpeg.
    init(side: Int, interval: Double) throws {
        guard let path = Self.path else {
            throw ToolError(
                "ffmpeg, which takes videos apart, is not in any folder of PATH; install it, 5.1 or newer "
                    + "(apt-get install ffmpeg)")
        }
        (self.path, self.side, self.interval) = (path, side, interval)
    }

    /// Ends what runs or is just being started, on whatever thread.
    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        let process = running.load(ordering: .sequentiallyConsistent)
        if process > 0 { kill(process, SIGTERM) }
    }

    /// Writes the key frames of a video into a folder that is there and empty, as JPEG files called by their times: `00-01-02.500.jpg`.
    ///
    /// - Returns: how many there are.
    /// - Throws: `UnreadableVideo`, with ffmpeg's words, if there are none; `ToolError` where ffmpeg cannot be run.
    func extract(_ video: String, into folder: String) throws -> Int {
        let log = folder + "/.log"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let scale = "scale='min(\(side),iw)':'min(\(side),ih)':force_original_aspect_ratio=decrease"
        process.arguments =
            "-nostdin -v error -protocol_whitelist file -format_whitelist \(Self.containers) -skip_frame nokey -i"
            .split(separator: " ")
            .map(String.init) + [
                "file:" + video, "-map", "0:v:0", "-an", "-sn", "-dn",
                // Times in milliseconds, which become the names.
                "-vf", "select='isnan(prev_selected_t)+gte(t-prev_selected_t,\(interval))',\(scale),settb=1/1000",
                "-fps_mode", "passthrough", "-enc_time_base", "1:1000", "-frame_pts", "1", "-q:v", "3", "%d.jpg",
            ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        do {
            try Data().write(to: URL(fileURLWithPath: log))
            process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
            try process.run()
        } catch {
            throw ToolError("\(path): cannot be run: \(error.localizedDescription)")
        }
        running.store(process.processIdentifier, ordering: .sequentiallyConsistent)
        // Whoever stopped it right before has seen no process.
        if isStopped.load(ordering: .sequentiallyConsistent) { process.terminate() }
        process.waitUntilExit()
        running.store(0, ordering: .relaxed)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".jpg") }
        guard process.terminationStatus == 0, process.terminationReason == .exit, !names.isEmpty else {
            throw UnreadableVideo("\(video): \(Self.complaint(in: log, of: video) ?? "no frames in it")")
        }
        for name in names {
            guard let milliseconds = Int(name.dropLast(4)) else { continue }
            try FileManager.default.moveItem(
                atPath: "\(folder)/\(name)", toPath: "\(folder)/\(Self.clock(milliseconds)).jpg")
        }
        try FileManager.default.removeItem(atPath: log)
        return names.count
    }

    /// Hours, minutes, seconds and milliseconds, so that names sort by them.
    static func clock(_ milliseconds: Int) -> String {
        func digits(_ number: Int, _ count: Int) -> String {
            String(repeating: "0", count: max(0, count - "\(number)".count)) + "\(number)"
        }
        let seconds = milliseconds / 1000
        let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { digits($0, 2) }
        return parts.joined(separator: "-") + "." + digits(milliseconds % 1000, 3)
    }

    /// Whether a file is called as frames are: by such a time, and JPEG.
    static func isFrame(_ name: String) -> Bool {
        name.wholeMatch(of: #/[0-9]+-[0-9]+-[0-9]+\.[0-9]+\.jpg/#) != nil
    }

    /// What ffmpeg has said first, without the addresses and the name that it puts before.
    private static func complaint(in log: String, of video: String) -> String? {
        guard let bytes = try? FileHandle(forReadingAtPath: log)?.read(upToCount: 8000) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self).replacing("file:\(video): ", with: "")
        let line = text.split(whereSeparator: \.isNewline).first
        return line.map { line in
            let words = line.hasPrefix("[") ? line.drop { $0 != "]" }.dropFirst(2) : line
            return words.filter { $0 >= " " }
        }
    }
}
