import CLMDB

/// What keeps a transaction from beginning, and can be overcome. Nobody else sees this.
enum Obstacle: Error {
    /// Another process has grown the map.
    case mapResized
    /// LMDB refuses to go on after it could not write the end of a commit.
    case failed
    /// The lock file counts the commits of another file.
    case miscounted
    /// The file's name stands for another file, or that of its lock file does.
    case replaced
    /// No file is open.
    case closed

    /// The obstacle that a return code of LMDB tells of.
    init?(_ code: Int32) {
        switch code {
        case MDB_MAP_RESIZED: self = .mapResized
        case MDB_PANIC: self = .failed
        default: return nil
        }
    }
}
