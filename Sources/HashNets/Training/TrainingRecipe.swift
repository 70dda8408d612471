/// What is trained: the papers' networks and losses, or forms of our own.
public enum TrainingRecipe: String, Sendable, CaseIterable {
    /// Our two-stage model: stage 1 gives each class a codeword far from all others, stage 2 turns the codes of a
    /// batch-normalised residual network towards them, and learns labels beside. Images with several labels get codes from CNNH's stage 1.
    case twoStage = "two-stage"
    /// Our triplet model: the same network, by all triplets of each batch with codewords and labels beside.
    case triplet
    /// Without labels: changed views of an image are the positives of the batch's triplets, other images the negatives.
    case views
    /// The two-stage model: codes from similarities, then a network that predicts them (Xia et al., AAAI 2014).
    case cnnh
    /// The same with label outputs that share the network's features; they are dropped at query time.
    case cnnhPlus = "cnnh+"
    /// The triplet network with divide-and-encode (Lai et al., CVPR 2015).
    case dnnh

    /// Whether labels are learned from.
    public var isSupervised: Bool { self != .views }

    /// Whether images may have several labels each.
    public var takesSeveralLabels: Bool { self != .triplet && self != .dnnh }

    /// Whether unlabelled images can be learned from.
    public var takesUnlabelled: Bool { self == .twoStage || self == .triplet || self == .views }
}
