/// What a notice of the system says about a watched tree.
package enum TreeChange: Hashable, Sendable {
    /// A file was written and closed, or has come to this name, or gone from it.
    case file(ImagePath)
    /// A file has come to be, or has other times or permissions: it may be being written still.
    case unfinishedFile(ImagePath)
    /// A directory has come to this name, or may be entered now: what lies below it is news.
    case directory(ImagePath)
    /// A directory has gone from this name, with all below it.
    case directoryGone(ImagePath)
    /// What was mounted at a directory, or above it, is not any more.
    case unmounted(ImagePath)
    /// A root was moved or removed.
    case root
    /// More has happened than the system had room to tell.
    case overflow
}
