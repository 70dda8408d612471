/// What a run of `Ingest` tells while it goes on.
public enum IngestEvent: Sendable {
    /// A few times a second.
    case progress(IngestProgress)
    /// A file that gave no code.
    case failed(ImageDecodingError)
    /// Something that was passed over though it may hold images: an unreadable directory, say.
    case passedOver(ImagePath, SkipReason)
    /// A directory that is gone or without any entry, whose images in the store were not removed: its disk is likely not mounted.
    case keptVanished(directory: ImagePath)
}
