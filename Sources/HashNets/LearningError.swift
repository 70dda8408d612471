/// What can go wrong with training and evaluation, in cases that a caller can act on.
public enum LearningError: Error, Equatable, CustomStringConvertible {
    /// Pixels, labels and class names do not fit one another.
    case labelledImagesInvalid(reason: String)
    /// Supervised learning needs at least two classes.
    case tooFewClasses(found: Int)
    /// A class has fewer images than the split or the batch needs.
    case tooFewImages(className: String, needed: Int, found: Int)
    /// The data have no part for tests, or nothing but that.
    case testPartMissing
    /// An evaluation has no images to search among.
    case databaseEmpty
    /// A setting of the training is out of its range.
    case settingInvalid(name: String, reason: String)
    /// The checkpoint cannot be read, or is not one.
    case checkpointUnreadable(path: String, reason: String)
    /// The checkpoint belongs to a training with other settings or other images.
    case checkpointMismatch(path: String, what: String)
    /// The loss is no longer a number, or weights are too large to be written.
    case trainingDiverged(step: Int)

    /// Unlabelled images do not fit the training.
    case unlabelledInvalid(reason: String)

    /// A recipe or protocol needs one class an image, and images have several labels.
    case severalLabels(by: String)

    /// One line that names the thing and the way out.
    public var description: String {
        switch self {
        case .labelledImagesInvalid(let reason):
            "labelled images do not fit together: \(reason)"
        case .tooFewClasses(let found):
            "learning needs at least 2 classes, found \(found); give a directory with a folder of images for each class"
        case .tooFewImages(let className, let needed, let found):
            "class \"\(className)\" has \(found) images, \(needed) are needed; add images or ask for fewer per class"
        case .testPartMissing:
            "the data have no part for tests; give a directory with the folders train and test, or choose another protocol"
        case .databaseEmpty:
            "no images are left to search among; add images, or ask for fewer queries and labelled ones of each class"
        case .settingInvalid(let name, let reason):
            "training setting \(name) \(reason)"
        case .checkpointUnreadable(let path, let reason):
            "cannot read checkpoint \(path): \(reason); train anew, without it"
        case .checkpointMismatch(let path, let what):
            "checkpoint \(path) belongs to another training (\(what) differs); give the same settings and images, or train anew, without it"
        case .unlabelledInvalid(let reason):
            "unlabelled images cannot be used: \(reason)"
        case .severalLabels(let name):
            "\(name) takes one class an image, not several labels; recipes two-stage, cnnh and cnnh+ and protocol p1 take those"
        case .trainingDiverged(let step):
            "the loss or a weight is beyond all bounds at step \(step); train with a smaller learning rate"
        }
    }
}

extension LearningError {
    /// Throws `settingInvalid` where the condition does not hold.
    static func require(_ holds: Bool, _ name: String, _ reason: String) throws {
        guard holds else { throw LearningError.settingInvalid(name: name, reason: reason) }
    }
}
