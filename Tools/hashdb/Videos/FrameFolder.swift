import CodeFiles
import Foundation
import ImageCodes

/// Something else is where frames were to go, and stays; the message is one line that names it.
struct TakenPlace: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A folder with a folder of frames for each video. Nobody else makes one there meanwhile, and one that is there is whole.
final class FrameFolder {
    /// The file of a `FrameNote`.
    private static let note = ".video"

    private let path: String
    private let descriptor: Int32
    /// Frames that are being made, and those whose place they take.
    private var unfinished: String { path + "/.hashdb-unfinished" }
    private var replaced: String { path + "/.hashdb-replaced" }

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
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno == EWOULDBLOCK ? "another hashdb takes frames into it" : String(cString: strerror(errno))
            if descriptor >= 0 { close(descriptor) }
            throw ToolError("\(path): \(reason)")
        }
        // Not before: what throws above must not end as one that has made the folder its own.
        self.descriptor = descriptor
        // Of a run that was killed.
        clean()
    }

    deinit {
        clean()
        close(descriptor)
    }

    private func clean() {
        for path in [unfinished, replaced] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Whether the frames of a video are there, from the state that `note` tells of.
    func holds(_ name: String, note: FrameNote) -> Bool {
        textOfNote(at: path + "/" + name) == note.text
    }

    private func textOfNote(at place: String) -> String? {
        try? String(contentsOfFile: "\(place)/\(Self.note)", encoding: .utf8)
    }

    /// Puts the frames that `make` writes into an empty folder in the place of those that were there.
    ///
    /// - Returns: what `make` returns.
    /// - Throws: `TakenPlace` where something else is in that place, which is left as it is; `ToolError` where the folder cannot be written;
    ///   what `make` throws.
    func replace(_ name: String, note: FrameNote, _ make: (String) throws -> Int) throws -> Int {
        let files = FileManager.default
        let place = path + "/" + name
        let isTaken = files.fileExists(atPath: place)
        if isTaken { try checkFrames(at: place, of: note.video) }
        clean()
        do {
            try files.createDirectory(atPath: unfinished, withIntermediateDirectories: false)
            let count = try make(unfinished)
            try Data(note.text.utf8).write(to: URL(fileURLWithPath: "\(unfinished)/\(Self.note)"))
            let parent = URL(fileURLWithPath: place).deletingLastPathComponent()
            try files.createDirectory(at: parent, withIntermediateDirectories: true)
            // Removed in its place it would be half a set of frames for a while, with its note.
            if isTaken { try files.moveItem(atPath: place, toPath: replaced) }
            try files.moveItem(atPath: unfinished, toPath: place)
            if isTaken { try files.removeItem(atPath: replaced) }
            return count
        } catch let error as CocoaError {
            throw ToolError(
                "\(place): cannot be written: \((error as NSError).localizedFailureReason ?? "the folder refuses it")")
        }
    }

    /// - Throws: `TakenPlace` unless what is there is nothing but frames, of this video or of one that is there no more.
    private func checkFrames(at place: String, of video: String) throws(TakenPlace) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        guard let text = textOfNote(at: place), names.allSatisfy({ $0 == Self.note || VideoProgram.isFrame($0) }) else {
            throw TakenPlace(
                "\(place): is there, and was not made by frames alone; it is left alone, choose another --into")
        }
        if let other = FrameNote.video(in: text), other != video, FileManager.default.fileExists(atPath: other) {
            throw TakenPlace(
                "\(video): \(place) has the frames of \(ImagePath(other)); they are left alone, choose another --into")
        }
    }
}
