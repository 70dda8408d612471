import CodeFiles
import Foundation
import ImageCodes

/// A folder with a folder of frames for each video. Nobody else makes one there meanwhile, and one that is there is whole.
final class FrameFolder {
    /// Beside the frames of a video: which state of it they were taken from, and how.
    private static let note = ".video"

    private let path: String
    private let descriptor: Int32
    private var unfinished: String { path + "/.unfinished" }

    /// Makes the folder if there is none.
    ///
    /// - Throws: `ToolError` where it cannot be written, or another program makes frames there.
    init(_ path: String) throws {
        self.path = path
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw ToolError(
                "\(path): cannot be made: \((error as NSError).localizedFailureReason ?? "no folder can be there")")
        }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno == EWOULDBLOCK ? "another hashdb takes frames into it" : String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw ToolError("\(path): \(reason)")
        }
        // Of a run that was killed.
        try? FileManager.default.removeItem(atPath: unfinished)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: unfinished)
        close(descriptor)
    }

    /// Whether the frames of a video are there, from the state that `note` tells of.
    func holds(_ name: String, note: String) -> Bool {
        (try? String(contentsOfFile: "\(path)/\(name)/\(Self.note)", encoding: .utf8)) == note
    }

    /// Puts the frames that `make` writes into an empty folder in the place of those that were there.
    ///
    /// - Returns: what `make` returns.
    /// - Throws: `ToolError` where something else is in that place, which is left as it is; what `make` throws.
    func replace(_ name: String, note: String, _ make: (String) throws -> Int) throws -> Int {
        let files = FileManager.default
        let place = path + "/" + name
        let isTaken = files.fileExists(atPath: place)
        guard !isTaken || files.fileExists(atPath: "\(place)/\(Self.note)") else {
            throw ToolError("\(place): is there, and was not made by frames; it is left alone, choose another --into")
        }
        try? files.removeItem(atPath: unfinished)
        do {
            try files.createDirectory(atPath: unfinished, withIntermediateDirectories: true)
            let count = try make(unfinished)
            try Data(note.utf8).write(to: URL(fileURLWithPath: "\(unfinished)/\(Self.note)"))
            let parent = URL(fileURLWithPath: place).deletingLastPathComponent()
            try files.createDirectory(at: parent, withIntermediateDirectories: true)
            if isTaken { try files.removeItem(atPath: place) }
            try files.moveItem(atPath: unfinished, toPath: place)
            return count
        } catch let error as CocoaError {
            throw ToolError(
                "\(place): cannot be written: \((error as NSError).localizedFailureReason ?? "the folder refuses it")")
        }
    }
}
