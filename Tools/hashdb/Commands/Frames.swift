import ArgumentParser
import ImageCodes

struct Frames: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take the key frames out of videos, as images that can be ingested.",
        discussion: """
            Needs ffmpeg 5.1 or newer. Each video becomes a folder of its own name, with a JPEG file for each key frame that is \
            called by its time: holiday/beach.mp4/00-01-02.500.jpg. Videos that have not changed are not looked at again. Ingest \
            the folder of frames, and what is found in it names the video and the time. What is in a place for frames and is \
            none, or is of another video, is left alone, with exit status 1.
            """
    )

    @Argument(help: ArgumentHelp("Folders, or single videos.", valueName: "dir"))
    var directories: [PathArgument]

    @Option(
        help: ArgumentHelp("The folder for the frames; it is made if need be.", valueName: "dir"),
        completion: .directory)
    var into: String

    @Option(help: ArgumentHelp("At least so many seconds from one frame to the next.", valueName: "seconds"))
    var every = 1.0

    @Option(
        help: ArgumentHelp(
            "Make frames smaller that have more pixels than this in either direction.", valueName: "pixels"))
    var side = 640

    @OptionGroup(title: "Which files")
    var scan: ScanOptions

    @Flag(help: "Fail, after all the rest is done, if a video or folder could not be read.")
    var strict = false

    func validate() throws {
        guard every >= 0, every < 1e6 else {
            throw ValidationError("--every \(every): it must be 0 to a million seconds")
        }
        guard (16...16_384).contains(side) else { throw ValidationError("--side \(side): it must be 16 to 16384") }
    }

    func run() throws {
        let program = try VideoProgram(side: side, interval: every)
        let interrupt = Interrupt { program.stop() }
        var options = scan.walking
        options.endings = Set(VideoProgram.endings)
        var walker = try DirectoryWalker(roots: directories.map(\.path), options: options)
        let folder = try FrameFolder(into)
        let progress = ProgressReport(unit: "videos")
        defer { progress.clear() }
        var counts = (videos: 0, frames: 0, unchanged: 0, unreadable: 0, leftAlone: 0)
        var names: Set<String> = []
        while !interrupt.isRequested, let event = walker.next() {
            let done = counts.videos + counts.unchanged + counts.unreadable + counts.leftAlone
            progress.update(done: done, total: nil)
            guard case .file(let file) = event else {
                if case .skipped(let path, .unreadable) = event {
                    counts.unreadable += 1
                    warn("\(path): passed over, unreadable", progress)
                }
                continue
            }
            do {
                let name = try name(of: file.path, below: walker.roots)
                guard names.insert(name).inserted else {
                    throw TakenPlace(
                        "\(file.path): another video has the frames \(name) in \(into); take one of them alone into another folder"
                    )
                }
                let state =
                    "\(file.stamp.size) bytes, changed \(file.stamp.modificationTime), side \(side), every \(every)"
                let note = FrameNote(state: state, video: file.path.string)
                guard !folder.holds(name, note: note) else {
                    counts.unchanged += 1
                    continue
                }
                counts.frames += try folder.replace(name, note: note) {
                    try program.extract(file.path.string, into: $0)
                }
                counts.videos += 1
            } catch let error as TakenPlace {
                counts.leftAlone += 1
                warn(error.description, progress)
            } catch let error as UnreadableVideo where !interrupt.isRequested {
                counts.unreadable += 1
                warn(error.description, progress)
            } catch is UnreadableVideo {
                break
            }
        }
        progress.clear()
        StandardError.note(
            "\(into): \(counted(counts.frames, "frame")) of \(counted(counts.videos, "video")), \(counts.unchanged) unchanged, \(counts.unreadable) unreadable"
                + (counts.leftAlone > 0 ? ", \(counts.leftAlone) left alone" : ""))
        if interrupt.isRequested { throw Interrupted() }
        if strict, counts.unreadable > 0 {
            throw ToolError("\(counts.unreadable) of the videos and folders could not be read")
        }
        if counts.leftAlone > 0 { throw ExitCode(1) }
    }

    /// The folder's name and the path below it; of a single video its name.
    private func name(of path: ImagePath, below roots: [ImagePath]) throws -> String {
        guard String(validating: path.bytes, as: UTF8.self) != nil else {
            throw UnreadableVideo("\(path): its name is no UTF-8, which ffmpeg would have to be given; rename it")
        }
        let root = roots.first { path.isWithin($0) } ?? path
        return String(decoding: root.name + path.bytes.dropFirst(root.bytes.count), as: UTF8.self)
    }

    private func warn(_ text: String, _ progress: ProgressReport) {
        progress.clear()
        StandardError.warn(text)
    }
}
